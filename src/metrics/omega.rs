//! Omega ratio: what lies above a threshold over what lies below it.
//!
//! # Formula
//! sum(max(r - threshold, 0)) / sum(max(threshold - r, 0)). Source: Keating and Shadwick 2002.
//!
//! # Units
//! Ratio; the threshold is per period.
//!
//! # Degenerate cases
//! No returns: `too_few_observations`. Nothing below the threshold: `zero_denominator`.

use super::{MetricResult, Undefined, defined, returns::check};

/// Omega ratio against `threshold` per period.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn omega(returns: &[f64], threshold: f64) -> MetricResult {
    check(returns)?;
    let threshold = defined(threshold)?;
    if returns.is_empty() {
        return Err(Undefined::TooFewObservations);
    }
    let (mut above, mut below) = (0.0, 0.0);
    for r in returns {
        let d = r - threshold;
        if d > 0.0 {
            above += d;
        } else {
            below -= d;
        }
    }
    if below <= 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    defined(above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let r = [0.03, -0.01, 0.02, -0.01];
        assert!((omega(&r, 0.0).unwrap() - 2.5).abs() < 1e-12);
        // Against 1 %: 0.02 + 0.01 over 0.02 + 0.02.
        assert!((omega(&r, 0.01).unwrap() - 0.75).abs() < 1e-12);
        assert_eq!(omega(&[], 0.0), Err(Undefined::TooFewObservations));
        assert_eq!(omega(&[0.1], 0.0), Err(Undefined::ZeroDenominator));
        assert_eq!(omega(&r, f64::NAN), Err(Undefined::NotANumber));
    }
}
