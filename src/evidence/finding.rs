//! What the gate saw while it derived the numbers again: not errors, but sentences for people.
//!
//! A fault says that the bundle contradicts itself; what rests on it is not judged. A note says
//! that a convention deviates, or that something could not be derived.

use serde::Serialize;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The bundle contradicts itself.
    Fault,
    /// Worth knowing; the verdict takes it into account.
    Note,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $name:literal $weight:ident;)*) => {
        /// Stable name of a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Code {
            /// The wire spelling.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// How much it weighs.
            #[must_use]
            pub fn weight(self) -> Weight {
                match self { $(Self::$variant => Weight::$weight),* }
            }
        }
    };
}

codes! {
    /// The equity column does not follow from the returns.
    Equity "equity" Fault;
    /// Weights x strategy returns do not give the portfolio's return.
    Weights "weights" Fault;
    /// The strategies of the series are not those of the configuration.
    Strategies "strategies" Fault;
    /// The out-of-sample series is not the full series at its times.
    Oos "oos" Fault;
    /// The sample ranges of the manifest are not those of the series.
    Samples "samples" Fault;
    /// The trades do not give the equity change of their strategy.
    Trades "trades" Fault;
    /// The orders do not give the trades.
    Orders "orders" Fault;
    /// The regime labels are not those of the series' bars.
    Regimes "regimes" Fault;
    /// A stated metric is off.
    Claim "claim" Fault;
    /// The last bar lies after the evaluation.
    Future "future" Fault;
    /// A stated metric cannot be derived from the bundle, or an import left trades out.
    Unsupported "unsupported" Note;
    /// Fees or slippage below the policy's minimum, or unstated.
    Costs "costs" Note;
    /// Orders filled at the price that triggered them.
    Fill "fill" Note;
    /// A figure that another tool printed is not what its series gives.
    Claimed "claimed" Note;
    /// The series does not value open positions.
    Valuation "valuation" Note;
    /// Some weekends in a series that is counted without them.
    Calendar "calendar" Note;
    /// Generated data.
    Synthetic "synthetic" Note;
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Finding {
    /// Stable name.
    pub code: Code,
    /// Fault or note.
    pub weight: Weight,
    /// One sentence: which file, which place, which values.
    pub message: String,
}

impl Finding {
    /// A finding.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            weight: code.weight(),
            message: message.into(),
        }
    }

    /// True when the bundle contradicts itself.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.weight == Weight::Fault
    }
}
