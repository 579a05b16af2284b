//! Sortino ratio: annualised mean return over downside deviation.
//!
//! # Formula
//! mean(r) sqrt(q) / sqrt(mean(min(r, 0)^2)): minimum acceptable return 0, the denominator over
//! all n returns. Source: Sortino and Price 1994.
//!
//! # Units
//! Ratio.
//!
//! # Degenerate cases
//! No returns: `too_few_observations`. No negative return: `zero_variance`.

use super::dispersion::{count_of, mean};
use super::{MetricResult, Undefined, defined, returns::check};

/// Downside deviation per period against 0, over all returns.
///
/// # Errors
/// `too_few_observations` without returns; returns that are no returns.
pub fn downside_deviation(returns: &[f64]) -> MetricResult {
    check(returns)?;
    if returns.is_empty() {
        return Err(Undefined::TooFewObservations);
    }
    let squares = returns
        .iter()
        .filter(|r| **r < 0.0)
        .fold(0.0, |sum, r| sum + r * r);
    defined(libm::sqrt(squares / count_of(returns)))
}

/// Annualised Sortino ratio.
///
/// # Errors
/// `too_few_observations`, `zero_variance`, or returns that are no returns.
pub fn sortino(returns: &[f64], periods_per_year: f64) -> MetricResult {
    let downside = downside_deviation(returns)?;
    if downside <= 0.0 {
        return Err(Undefined::ZeroVariance);
    }
    defined(mean(returns)? * libm::sqrt(periods_per_year) / downside)
}
