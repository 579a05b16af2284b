//! Total return: growth over the whole sample.
//!
//! # Formula
//! E\[n\] - 1 with E\[t\] = E\[t-1\] (1 + r\[t\]) and E\[0\] = 1. Source: geometric linking, GIPS.
//!
//! # Units
//! Fraction: 0.25 is 25 %.
//!
//! # Degenerate cases
//! No returns: 0. A return of -1: -1 for good. Growth beyond f64: `infinite`.

use super::{MetricResult, defined, returns::check};

/// Growth factor E\[n\].
///
/// # Errors
/// Returns that are no returns; `infinite` beyond f64.
pub fn growth(returns: &[f64]) -> MetricResult {
    check(returns)?;
    defined(returns.iter().fold(1.0, |equity, r| equity * (1.0 + r)))
}

/// Total return.
///
/// # Errors
/// As [`growth`].
pub fn total_return(returns: &[f64]) -> MetricResult {
    Ok(growth(returns)? - 1.0)
}
