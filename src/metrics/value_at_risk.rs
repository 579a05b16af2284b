//! Value at risk: the loss per period that is exceeded with a given probability.
//!
//! # Formula
//! Historical: minus the quantile `tail` of the returns, of type 7 (linear between order
//! statistics). Gaussian: -(mean + Z(tail) std), std with n - 1; for comparison with tools that
//! report it by default. Source: Jorion 2006; Hyndman and Fan 1996 for the quantile.
//!
//! # Units
//! Fraction per period, a loss positive: 0.015 is a loss of 1.5 %. `tail` is a probability: 0.05 for
//! a confidence of 95 %. A negative value says that even the tail gains.
//!
//! # Degenerate cases
//! No returns (Gaussian: fewer than two): `too_few_observations`. A tail outside 0 to 1 (Gaussian:
//! also 0 and 1): `out_of_range`. A constant series: minus the constant.

use super::dispersion::spread;
use super::quantile::{Worst, quantile, sorted};
use super::{MetricResult, Undefined, defined, normal, returns::check};

/// Historical value at risk.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn value_at_risk(returns: &[f64], tail: f64) -> MetricResult {
    check(returns)?;
    check_tail(tail)?;
    let ascending = sorted(returns.iter().map(|r| Ok(*r)), Worst::Lowest);
    Ok(-quantile(&ascending, tail)?)
}

/// Gaussian value at risk.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn value_at_risk_gaussian(returns: &[f64], tail: f64) -> MetricResult {
    check(returns)?;
    check_tail(tail)?;
    let spread = spread(returns)?;
    let z = normal::quantile(tail).map_err(|_| Undefined::OutOfRange)?;
    defined(-(spread.mean + z * spread.std))
}

/// Checks that `tail` is a probability.
///
/// # Errors
/// `out_of_range`.
pub(super) fn check_tail(tail: f64) -> Result<(), Undefined> {
    if (0.0..=1.0).contains(&tail) {
        Ok(())
    } else {
        Err(Undefined::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Sorted -0.04, -0.02, 0.01, 0.03: h = 3 x 0.05 = 0.15, so -0.04 + 0.15 x 0.02.
        let r = [0.01, -0.04, 0.03, -0.02];
        assert!((value_at_risk(&r, 0.05).unwrap() - 0.037).abs() < 1e-15);
        assert_eq!(value_at_risk(&r, 0.0), Ok(0.04));
        assert_eq!(value_at_risk(&r, 1.0), Ok(-0.03));
        // Mean -0.005, squares 0.000225 + 0.001225 + 0.001225 + 0.000225 = 0.0029 over 3.
        let wanted = 0.005 + 1.644_853_626_951_473 * (0.0029_f64 / 3.0).sqrt();
        let gaussian = value_at_risk_gaussian(&r, 0.05).unwrap();
        assert!((gaussian - wanted).abs() < 1e-12);
        assert_eq!(value_at_risk_gaussian(&[0.001; 9], 0.05), Ok(-0.001));
    }

    #[test]
    fn no_value() {
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(value_at_risk(&[], 0.05), few);
        assert_eq!(value_at_risk_gaussian(&[0.1], 0.05), few);
        let outside = Err(Undefined::OutOfRange);
        assert_eq!(value_at_risk(&[0.1], 1.5), outside);
        assert_eq!(value_at_risk(&[0.1], f64::NAN), outside);
        assert_eq!(value_at_risk_gaussian(&[0.1, 0.2], 0.0), outside);
        assert_eq!(value_at_risk(&[f64::NAN], 0.05), Err(Undefined::NotANumber));
    }
}
