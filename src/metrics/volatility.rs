//! Volatility: annualised sample standard deviation of returns.
//!
//! # Formula
//! std(r, n - 1) sqrt(q).
//!
//! # Units
//! Fraction per square root of a year.
//!
//! # Degenerate cases
//! Fewer than two returns: `too_few_observations`. A constant series: 0, a value like any other.

use super::{MetricResult, defined, dispersion::spread, returns::check};

/// Annualised volatility.
///
/// # Errors
/// `too_few_observations` for fewer than two returns; returns that are no returns.
pub fn volatility(returns: &[f64], periods_per_year: f64) -> MetricResult {
    check(returns)?;
    defined(spread(returns)?.std * libm::sqrt(periods_per_year))
}
