//! Trades per month: how busy a portfolio is.
//!
//! # Formula
//! closed trades / (history in days / 30.4375); a month is a twelfth of 365.25 days.
//!
//! # Units
//! Ratio, per month.
//!
//! # Degenerate cases
//! No history: `too_few_observations`. No trades: 0.

use super::{MetricResult, Undefined, defined};

/// Days in a month: 365.25 / 12.
pub const MONTH_DAYS: f64 = 30.4375;

/// Closed trades per month.
///
/// # Errors
/// `too_few_observations` when the history is empty.
pub fn trades_per_month(trades: usize, history_days: f64) -> MetricResult {
    if history_days <= 0.0 {
        return Err(Undefined::TooFewObservations);
    }
    defined(trades as f64 * MONTH_DAYS / history_days)
}
