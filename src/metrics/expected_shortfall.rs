//! Expected shortfall (CVaR): the mean loss in the worst tail.
//!
//! # Formula
//! With the losses sorted, largest first, and k = tail x n: the sum of the floor(k) largest losses
//! plus the fraction k - floor(k) of the next one, over k. So the tail weighs exactly `tail`, also
//! where it ends inside an observation. Source: Rockafellar and Uryasev 2000, Optimization of
//! Conditional Value-at-Risk, Journal of Risk 2(3). Other conventions differ in the third digit:
//! [`shortfall_below_quantile`] (the mean of what is at or below the type 7 quantile: empyrical,
//! quantstats) and [`shortfall_gaussian`] (-(mean) + std phi(Z(tail)) / tail).
//!
//! # Units
//! Fraction per period, a loss positive. `tail` is a probability: 0.05 for a confidence of 95 %.
//!
//! # Degenerate cases
//! No values (Gaussian: fewer than two): `too_few_observations`. A tail of 0, or outside 0 to 1:
//! `out_of_range`. A tail of less than one observation: the largest loss. A constant series: minus
//! the constant.

use super::dispersion::{count_of, mean, spread};
use super::value_at_risk::{check_tail, value_at_risk};
use super::{MetricResult, Undefined, defined, normal, returns::check};

/// Expected shortfall of `returns`, with a tail of exactly `tail`.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn expected_shortfall(returns: &[f64], tail: f64) -> MetricResult {
    check(returns)?;
    let losses: Vec<f64> = returns.iter().map(|r| -r).collect();
    tail_mean(&losses, tail)
}

/// Mean of the largest `tail` of `losses`.
///
/// # Errors
/// As the degenerate cases say; NaN and infinities.
pub fn tail_mean(losses: &[f64], tail: f64) -> MetricResult {
    let weights = tail_weights(losses, tail)?;
    let sum = weights
        .iter()
        .filter_map(|(at, share)| losses.get(*at).map(|loss| loss * share))
        .fold(0.0, |sum, part| sum + part);
    defined(sum)
}

/// Which of `losses` are in the tail, largest first, each with its share of it; the shares add up
/// to 1. Among equal losses the earlier one comes first.
///
/// # Errors
/// As [`tail_mean`].
pub fn tail_weights(losses: &[f64], tail: f64) -> Result<Vec<(usize, f64)>, Undefined> {
    check_tail(tail)?;
    if losses.is_empty() {
        return Err(Undefined::TooFewObservations);
    }
    let wanted = tail * count_of(losses);
    if wanted <= 0.0 {
        return Err(Undefined::OutOfRange);
    }
    let mut order: Vec<(usize, f64)> = Vec::with_capacity(losses.len());
    for (at, loss) in losses.iter().enumerate() {
        order.push((at, defined(*loss)?));
    }
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    // A tail below one observation is that observation.
    let wanted = wanted.max(1.0);
    let mut left = wanted;
    let mut weights = Vec::new();
    for (at, _) in order {
        if left <= 0.0 {
            break;
        }
        weights.push((at, left.min(1.0) / wanted));
        left -= 1.0;
    }
    Ok(weights)
}

/// Mean of the returns at or below the historical quantile, as a loss.
///
/// # Errors
/// As [`value_at_risk`].
pub fn shortfall_below_quantile(returns: &[f64], tail: f64) -> MetricResult {
    let edge = -value_at_risk(returns, tail)?;
    let below: Vec<f64> = returns.iter().copied().filter(|r| *r <= edge).collect();
    Ok(-mean(&below)?)
}

/// Expected shortfall of a normal distribution with the returns' mean and deviation.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn shortfall_gaussian(returns: &[f64], tail: f64) -> MetricResult {
    check(returns)?;
    check_tail(tail)?;
    let spread = spread(returns)?;
    let z = normal::quantile(tail).map_err(|_| Undefined::OutOfRange)?;
    defined(-spread.mean + spread.std * normal::density(z) / tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const R: [f64; 5] = [0.01, -0.04, 0.03, -0.02, -0.01];

    #[test]
    fn by_hand() {
        // 30 % of five is one and a half: (0.04 + 0.02 / 2) / 1.5.
        let half = expected_shortfall(&R, 0.3).unwrap();
        assert!((half - 0.05 / 1.5).abs() < 1e-15);
        assert_eq!(expected_shortfall(&R, 0.2), Ok(0.04));
        // Less than one observation is one.
        assert_eq!(expected_shortfall(&R, 0.05), Ok(0.04));
        let all = expected_shortfall(&R, 1.0).unwrap();
        assert!((all - 0.006).abs() < 1e-15);
        // Quantile 0.3: h = 1.2, -0.02 + 0.2 x 0.01 = -0.018; below it -0.04 and -0.02.
        let below = shortfall_below_quantile(&R, 0.3).unwrap();
        assert!((below - 0.03).abs() < 1e-15);
    }

    #[test]
    fn gaussian_by_hand() {
        // At one half the density is 1 / sqrt(2 pi): mean 0, std sqrt(0.0002): 2 x 0.3989 x std.
        let r = [0.01, -0.01];
        let wanted = 0.0002_f64.sqrt() * 2.0 / (2.0 * std::f64::consts::PI).sqrt();
        let found = shortfall_gaussian(&r, 0.5).unwrap();
        assert!((found - wanted).abs() < 1e-15);
        assert_eq!(shortfall_gaussian(&[0.001; 9], 0.05), Ok(-0.001));
    }

    #[test]
    fn no_value() {
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(expected_shortfall(&[], 0.05), few);
        assert_eq!(shortfall_gaussian(&[0.1], 0.05), few);
        assert_eq!(shortfall_below_quantile(&[], 0.05), few);
        for tail in [0.0, -0.1, 1.1, f64::NAN] {
            let found = expected_shortfall(&R, tail);
            assert_eq!(found, Err(Undefined::OutOfRange), "{tail}");
        }
        let found = expected_shortfall(&[f64::NAN], 0.5);
        assert_eq!(found, Err(Undefined::NotANumber));
    }

    proptest! {
        #[test]
        fn the_tail_weighs_one_and_is_worse_than_its_edge(
            r in prop::collection::vec(-0.2_f64..0.2, 1..80), tail in 0.01_f64..1.0,
        ) {
            let losses: Vec<f64> = r.iter().map(|r| -r).collect();
            let shares: f64 = tail_weights(&losses, tail).unwrap().iter().map(|(_, s)| s).sum();
            prop_assert!((shares - 1.0).abs() < 1e-12);
            let shortfall = expected_shortfall(&r, tail).unwrap();
            prop_assert!(shortfall >= value_at_risk(&r, tail).unwrap() - 1e-12);
            // Rockafellar and Uryasev: the minimum over v of v + E[(loss - v)+] / tail.
            if tail * r.len() as f64 >= 1.0 {
                let n = r.len() as f64;
                let at = |v: f64| v + losses.iter().map(|l| (l - v).max(0.0)).sum::<f64>() / n / tail;
                let least = losses.iter().map(|v| at(*v)).fold(f64::INFINITY, f64::min);
                prop_assert!((least - shortfall).abs() < 1e-12);
            }
        }
    }
}
