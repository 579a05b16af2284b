//! Sharpe ratio: annualised mean excess return over its sample standard deviation.
//!
//! # Formula
//! (mean(r) - rf_p) / std(r, n - 1) x sqrt(q), with the per-period rate
//! rf_p = (1 + rf)^(1/q) - 1. Source: Sharpe 1994; annualised by the square root of time, no
//! correction for autocorrelation.
//!
//! # Units
//! Ratio.
//!
//! # Degenerate cases
//! Fewer than two returns: `too_few_observations`. A constant series: `zero_variance`, also where
//! rounding leaves a spread of 1e-19 (libraries print 2.42e16 there).

use super::dispersion::spread;
use super::{MetricResult, Undefined, defined, returns::check};

/// The rate per period that compounds to `annual`.
///
/// # Errors
/// When the result is not finite.
pub fn rate_per_period(annual: f64, periods_per_year: f64) -> MetricResult {
    defined(libm::pow(1.0 + annual, 1.0 / periods_per_year) - 1.0)
}

/// Annualised Sharpe ratio; `risk_free` is an annual fraction.
///
/// # Errors
/// `too_few_observations`, `zero_variance`, or returns that are no returns.
pub fn sharpe(returns: &[f64], periods_per_year: f64, risk_free: f64) -> MetricResult {
    check(returns)?;
    let spread = spread(returns)?;
    if spread.is_zero() {
        return Err(Undefined::ZeroVariance);
    }
    let excess = spread.mean - rate_per_period(risk_free, periods_per_year)?;
    defined(excess / spread.std * libm::sqrt(periods_per_year))
}
