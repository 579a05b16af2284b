//! Legs: one position from its entry to its exit, at market prices, before costs and size.

use serde::{Deserialize, Serialize};

use super::fill::FillRule;
use crate::research::strategy::Signal;

/// Long or short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Bought first.
    Long,
    /// Sold first.
    Short,
}

impl Side {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Short => "short",
        }
    }

    /// 1 or -1.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Long => 1.0,
            Self::Short => -1.0,
        }
    }

    /// The side that a signal wants.
    #[must_use]
    pub fn wanted(signal: Signal) -> Option<Self> {
        match signal {
            Signal::Long => Some(Self::Long),
            Signal::Flat => None,
            Signal::Short => Some(Self::Short),
        }
    }
}

/// Why a position ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The signal changed; filled at the next open, or at its own close.
    Signal,
    /// The stop-loss was reached.
    Stop,
    /// The trailing stop was reached.
    TrailingStop,
    /// The take-profit was reached.
    TakeProfit,
    /// The data ended; closed at the last close.
    EndOfData,
}

impl Reason {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Stop => "stop",
            Self::TrailingStop => "trailing_stop",
            Self::TakeProfit => "take_profit",
            Self::EndOfData => "end_of_data",
        }
    }
}

/// An exit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exit {
    /// Market price, before slippage.
    pub price: f64,
    /// Why.
    pub reason: Reason,
}

/// A position from entry to exit. Under [`FillRule::NextOpen`](super::fill::FillRule) entries and
/// exits on a signal are at a bar's open, under `SameClose` at its close.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leg {
    /// Long or short.
    pub side: Side,
    /// Index of the bar of the entry.
    pub entry_bar: usize,
    /// Market price of the entry, before slippage.
    pub entry_price: f64,
    /// Index of the bar of the exit; at least `entry_bar`.
    pub exit_bar: usize,
    /// The exit.
    pub exit: Exit,
}

impl Leg {
    /// How many bars it was held in, under `rule`; the bar of an exit inside counts.
    #[must_use]
    pub fn bars_held(&self, rule: FillRule) -> usize {
        let on_signal = self.exit.reason == Reason::Signal;
        let whole = self.exit_bar - self.entry_bar;
        match rule {
            FillRule::NextOpen => whole + usize::from(!on_signal),
            FillRule::SameClose => whole,
        }
    }
}
