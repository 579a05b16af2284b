//! Against a benchmark: tracking error, information ratio, beta.
//!
//! # Formula
//! With d = r - b: tracking error std(d) sqrt(q); information ratio mean(d) / std(d), per period;
//! beta cov(r, b) / var(b); deviations with n - 1. Source: Grinold and Kahn 2000.
//!
//! # Units
//! Fraction per year; ratio per period; ratio.
//!
//! # Degenerate cases
//! Different lengths, or fewer than two bars: `too_few_observations`. A benchmark that never moves
//! (beta), or a constant difference (information ratio): `zero_variance`.

use super::correlation::covariance;
use super::dispersion::{Spread, spread};
use super::{MetricResult, Undefined, defined, returns::check};

/// Annualised standard deviation of what differs from the benchmark.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn tracking_error(returns: &[f64], benchmark: &[f64], periods_per_year: f64) -> MetricResult {
    let difference = difference(returns, benchmark)?;
    defined(difference.std * libm::sqrt(periods_per_year))
}

/// Information ratio per period.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn information_ratio(returns: &[f64], benchmark: &[f64]) -> MetricResult {
    let difference = difference(returns, benchmark)?;
    if difference.is_zero() {
        return Err(Undefined::ZeroVariance);
    }
    defined(difference.mean / difference.std)
}

/// Beta: what a move of the benchmark by one adds.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn beta(returns: &[f64], benchmark: &[f64]) -> MetricResult {
    check(returns)?;
    check(benchmark)?;
    let together = covariance(returns, benchmark)?;
    let own = spread(benchmark)?;
    if own.is_zero() {
        return Err(Undefined::ZeroVariance);
    }
    defined(together / (own.std * own.std))
}

fn difference(returns: &[f64], benchmark: &[f64]) -> Result<Spread, Undefined> {
    check(returns)?;
    check(benchmark)?;
    if returns.len() != benchmark.len() {
        return Err(Undefined::TooFewObservations);
    }
    let difference: Vec<f64> = returns.iter().zip(benchmark).map(|(r, b)| r - b).collect();
    spread(&difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Differences 0.01, -0.01, 0.03: mean 0.01, std 0.02.
        let (r, b) = ([0.02, -0.01, 0.04], [0.01, 0.0, 0.01]);
        let error = tracking_error(&r, &b, 4.0).unwrap();
        assert!((error - 0.04).abs() < 1e-15);
        let ratio = information_ratio(&r, &b).unwrap();
        assert!((ratio - 0.5).abs() < 1e-12);
        // Twice the benchmark.
        let twice: Vec<f64> = b.iter().map(|b| 2.0 * b + 0.001).collect();
        assert!((beta(&twice, &b).unwrap() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn no_value() {
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(tracking_error(&[0.1, 0.2], &[0.1], 4.0), few);
        assert_eq!(information_ratio(&[0.1], &[0.1]), few);
        assert_eq!(beta(&[0.1, 0.2], &[0.1]), few);
        let flat = Err(Undefined::ZeroVariance);
        assert_eq!(beta(&[0.1, 0.2], &[0.1; 2]), flat);
        assert_eq!(information_ratio(&[0.1, 0.2], &[0.1, 0.2]), flat);
    }
}
