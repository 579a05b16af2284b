//! Volatility: annualised sample standard deviation of returns.
//!
//! # Formula
//! std(r, n - 1) sqrt(q). Its standard error is v sqrt((g4 - 1) / (4 n)) with the population raw
//! kurtosis g4 (3 for a normal distribution: v / sqrt(2 n)), for returns that do not depend on each
//! other. Source: Cramer 1946, Mathematical Methods of Statistics, 27.7 (delta method).
//!
//! # Units
//! Fraction per square root of a year.
//!
//! # Degenerate cases
//! Fewer than two returns: `too_few_observations`. A constant series: 0, a value like any other.

use super::psr::Estimate;
use super::{MetricResult, defined, dispersion::spread, returns::check};

/// Annualised volatility.
///
/// # Errors
/// `too_few_observations` for fewer than two returns; returns that are no returns.
pub fn volatility(returns: &[f64], periods_per_year: f64) -> MetricResult {
    check(returns)?;
    defined(spread(returns)?.std * libm::sqrt(periods_per_year))
}

/// Standard error of the annualised volatility `value` behind `estimate`.
///
/// # Errors
/// When the result is not finite.
pub fn volatility_error(value: f64, estimate: &Estimate) -> MetricResult {
    let share = (estimate.kurtosis - 1.0) / (4.0 * estimate.n);
    defined(value * libm::sqrt(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_normal_returns_is_the_known_one() {
        let normal = Estimate {
            n: 200.0,
            sharpe: 0.1,
            skewness: 0.0,
            kurtosis: 3.0,
        };
        // v / sqrt(2 n) = 0.3 / 20.
        let error = volatility_error(0.3, &normal).unwrap();
        assert!((error - 0.015).abs() < 1e-15);
        let none = Estimate { n: 0.0, ..normal };
        assert!(volatility_error(0.3, &none).is_err());
    }
}
