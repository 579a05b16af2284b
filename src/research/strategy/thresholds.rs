//! Rules that reduce to two thresholds on one indicator: long from where it is below one, until it is
//! back at another.
//!
//! What does not depend on a threshold is computed once for all rules that share it, which makes a
//! sweep cheap. Undefined values (NaN) fulfil no condition. The two never hold at once, since a rule
//! leaves at or above the level below which it enters.

use super::columns::Columns;
use super::indicators::average::sma;
use super::indicators::rsi::rsi;

/// An indicator over the closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Indicator {
    /// Relative strength index.
    Rsi {
        /// Changes in it.
        window: usize,
        /// Wilder's smoothing; otherwise plain means.
        wilder: bool,
    },
}

/// A rule of this form; long or flat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// What is compared.
    pub indicator: Indicator,
    /// Enter below.
    pub enter: f64,
    /// Leave at or above; at least `enter`.
    pub leave: f64,
    /// Bars of a moving average above which the close must be to enter.
    pub trend: Option<usize>,
}

impl Indicator {
    /// One value per bar.
    #[must_use]
    pub fn values(self, columns: &Columns<'_>) -> Vec<f64> {
        match self {
            Self::Rsi { window, wilder } => rsi(&columns.close, window, wilder),
        }
    }
}

impl Thresholds {
    /// Per bar, true where the rule would enter.
    #[must_use]
    pub fn entries(&self, values: &[f64], columns: &Columns<'_>) -> Vec<bool> {
        let below = values.iter().map(|value| *value < self.enter);
        match self.trend {
            None => below.collect(),
            Some(window) => {
                let means = sma(&columns.close, window);
                let above = columns.close.iter().zip(&means).map(|(c, mean)| c > mean);
                below
                    .zip(above)
                    .map(|(below, above)| below && above)
                    .collect()
            }
        }
    }

    /// Per bar, true where the rule would leave.
    #[must_use]
    pub fn exits(&self, values: &[f64]) -> Vec<bool> {
        values.iter().map(|value| *value >= self.leave).collect()
    }
}
