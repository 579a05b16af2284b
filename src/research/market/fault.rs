//! The faults of market data: a closed list, each with what happens to it.
//!
//! Three are recorded and harmless: `gap`, `zero_volume`, `duplicate` (a row repeated word by
//! word). All others refuse the file unless they are accepted by name; what an acceptance does is
//! [`FaultCode::remedy`], always the choice that invents nothing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::kernel::text::visible;

/// What is wrong with a file of bars.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// A step longer than the interval: bars are missing.
    Gap,
    /// A bar in which nothing was traded.
    ZeroVolume,
    /// A row that repeats another one word by word.
    Duplicate,
    /// The range does not hold open and close.
    InvalidBar,
    /// Two rows of one time that differ.
    ConflictingDuplicate,
    /// Times that go back (or, in a newest-first file, forth).
    OrderBreak,
    /// Bars that are not one interval apart, or off its grid.
    IntervalMismatch,
    /// Volume columns that changed their meaning.
    ColumnSwap,
    /// A value that is missing, NaN, infinite or beyond 1e18.
    NonFinite,
    /// A price of zero or less, or a negative volume.
    NonPositive,
    /// A jump that looks like a split that was not adjusted for.
    SplitSuspect,
    /// No row for the symbol, or none that can be kept.
    Empty,
}

/// A text that names no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a fault")]
pub struct FaultCodeError(String);

impl FaultCode {
    /// Every fault, in the order in which reports list them.
    pub const ALL: [Self; 12] = [
        Self::Gap,
        Self::ZeroVolume,
        Self::Duplicate,
        Self::InvalidBar,
        Self::ConflictingDuplicate,
        Self::OrderBreak,
        Self::IntervalMismatch,
        Self::ColumnSwap,
        Self::NonFinite,
        Self::NonPositive,
        Self::SplitSuspect,
        Self::Empty,
    ];

    /// The wire spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::ZeroVolume => "zero_volume",
            Self::Duplicate => "duplicate",
            Self::InvalidBar => "invalid_bar",
            Self::ConflictingDuplicate => "conflicting_duplicate",
            Self::OrderBreak => "order_break",
            Self::IntervalMismatch => "interval_mismatch",
            Self::ColumnSwap => "column_swap",
            Self::NonFinite => "non_finite",
            Self::NonPositive => "non_positive",
            Self::SplitSuspect => "split_suspect",
            Self::Empty => "empty",
        }
    }

    /// True when the fault is only recorded and never refuses a file.
    #[must_use]
    pub const fn is_recorded_only(self) -> bool {
        matches!(self, Self::Gap | Self::ZeroVolume | Self::Duplicate)
    }

    /// What happens to the rows concerned once the fault is recorded or accepted.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Gap => "left open, nothing is filled in",
            Self::ZeroVolume | Self::SplitSuspect => "kept as it is",
            Self::Duplicate => "one of the rows is kept",
            Self::InvalidBar | Self::NonFinite | Self::NonPositive => "the row is dropped",
            Self::ConflictingDuplicate => "all rows of that time are dropped",
            Self::OrderBreak => "the rows are sorted by time",
            Self::IntervalMismatch => "rows off the interval's grid are dropped",
            Self::ColumnSwap => "repaired where the prices decide it, else the volume becomes 0",
            Self::Empty => "nothing is written",
        }
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for FaultCode {
    type Err = FaultCodeError;
    fn from_str(text: &str) -> Result<Self, FaultCodeError> {
        Self::ALL
            .into_iter()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| FaultCodeError(visible(text, 40)))
    }
}

/// How often one fault was found, and where first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRecord {
    /// Which fault.
    pub code: FaultCode,
    /// Rows concerned (for gaps: steps).
    pub count: i64,
    /// Smallest line number concerned; rows of a Parquet file count from 1. None for `empty`.
    pub first_line: Option<i64>,
    /// Recorded only, accepted by name, or repaired by a sure rule.
    pub accepted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_read_back_and_agree_with_the_wire() {
        for code in FaultCode::ALL {
            assert_eq!(code.as_str().parse::<FaultCode>().unwrap(), code);
            let wire = serde_json::to_string(&code).unwrap();
            assert_eq!(wire, format!("\"{code}\""));
        }
        assert!("Gap".parse::<FaultCode>().is_err());
        assert!(FaultCode::ALL.is_sorted());
    }
}
