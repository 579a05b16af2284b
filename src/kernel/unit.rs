//! Units of metrics and limits. A number without one of these never crosses a folder boundary.

use serde::{Deserialize, Serialize};

/// What a metric's number counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A share of one: a drawdown of 18 % is 0.18. Drawdowns are positive.
    Fraction,
    /// A dimensionless ratio, such as a Sharpe ratio.
    Ratio,
    /// A whole number of things.
    Count,
    /// Days of 24 hours.
    Days,
}

impl Unit {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fraction => "fraction",
            Self::Ratio => "ratio",
            Self::Count => "count",
            Self::Days => "days",
        }
    }
}
