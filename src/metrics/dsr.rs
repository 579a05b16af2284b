//! Deflated Sharpe ratio: the probabilistic one after paying for every trial on the way.
//!
//! # Formula
//! The best of N trials without any skill is expected at
//! SR0 = sqrt(V) ((1 - g) Z(1 - 1/N) + g Z(1 - 1/(N e))), with V the variance of the trials' Sharpe
//! ratios per period, g = 0.5772156649 (Euler and Mascheroni) and Z the normal quantile; the value
//! is the probabilistic Sharpe ratio against SR0. With one trial SR0 = 0. Source: Bailey and Lopez
//! de Prado 2014, The Deflated Sharpe Ratio, Journal of Portfolio Management 40(5). The formula for
//! SR0 is theirs; against the exact expectation it is low by 8 % for two trials and high by 2.5 %
//! at most from five on.
//!
//! # Units
//! Fraction from 0 to 1. V is per period.
//!
//! # Degenerate cases
//! No trial, or V below 0: `out_of_range`. Several trials whose variance is not known:
//! `unsupported`. Otherwise as [`super::psr`].

use super::normal::quantile;
use super::psr::Estimate;
use super::{MetricResult, Undefined, defined};

/// Euler-Mascheroni constant, to f64.
const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// Sharpe ratio per period that the best of `trials` without skill is expected to show, when the
/// trials' Sharpe ratios have the variance `variance`.
///
/// # Errors
/// `out_of_range` without a trial or for a negative variance.
pub fn expected_best(trials: u64, variance: f64) -> MetricResult {
    let variance = defined(variance)?;
    if trials == 0 || variance < 0.0 {
        return Err(Undefined::OutOfRange);
    }
    if trials == 1 {
        return Ok(0.0);
    }
    let n = trials as f64;
    let first = quantile(1.0 - 1.0 / n)?;
    let second = quantile(1.0 - 1.0 / (n * std::f64::consts::E))?;
    let best = (1.0 - EULER_GAMMA) * first + EULER_GAMMA * second;
    defined(libm::sqrt(variance) * best)
}

/// Deflated Sharpe ratio of `estimate` after `trials` trials, whose Sharpe ratios per period have
/// the variance `variance`; it may be unknown for one trial only.
///
/// # Errors
/// As the degenerate cases say.
pub fn dsr(estimate: &Estimate, trials: u64, variance: Option<f64>) -> MetricResult {
    let variance = match (trials, variance) {
        (0 | 1, _) => 0.0,
        (_, known) => known.ok_or(Undefined::Unsupported)?,
    };
    estimate.probability_above(expected_best(trials, variance)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::psr::{estimate, psr};
    use proptest::prelude::*;

    #[test]
    fn the_example_of_the_paper() {
        // Bailey and Lopez de Prado 2014: 1,250 daily returns of five years of 250 days, annualised
        // Sharpe ratio 2.5, 100 trials with an annualised variance of 1/2, skewness -3, kurtosis
        // 10: SR0 0.1132 per day, deflated Sharpe ratio 0.9004.
        let paper = Estimate {
            n: 1250.0,
            sharpe: 2.5 / 250.0_f64.sqrt(),
            skewness: -3.0,
            kurtosis: 10.0,
        };
        let variance = 0.5 / 250.0;
        let best = expected_best(100, variance).unwrap();
        assert!((best - 0.1132).abs() < 5e-5, "{best}");
        let value = dsr(&paper, 100, Some(variance)).unwrap();
        assert!((value - 0.9004).abs() < 5e-5, "{value}");
        // The same paper: had there been only 46 independent trials, 0.9505.
        let fewer = dsr(&paper, 46, Some(variance)).unwrap();
        assert!((fewer - 0.9505).abs() < 5e-4, "{fewer}");
    }

    #[test]
    fn no_value() {
        let some = Estimate {
            n: 100.0,
            sharpe: 0.1,
            skewness: 0.0,
            kurtosis: 3.0,
        };
        assert_eq!(dsr(&some, 2, None), Err(Undefined::Unsupported));
        assert_eq!(dsr(&some, 0, None), Err(Undefined::OutOfRange));
        assert_eq!(dsr(&some, 5, Some(-1.0)), Err(Undefined::OutOfRange));
        assert_eq!(dsr(&some, 5, Some(f64::NAN)), Err(Undefined::NotANumber));
    }

    proptest! {
        #[test]
        fn one_trial_is_the_plain_ratio(r in prop::collection::vec(-0.05_f64..0.06, 3..60)) {
            if let Ok(estimate) = estimate(&r, 252.0, 0.0) {
                prop_assert_eq!(dsr(&estimate, 1, None), psr(&r, 252.0, 0.0));
            }
        }

        #[test]
        fn every_further_trial_costs(trials in 2_u64..10_000, sharpe in -0.2_f64..0.5, v in 0.0_f64..0.1) {
            let some = Estimate { n: 500.0, sharpe, skewness: -0.2, kurtosis: 4.0 };
            let at = |n| dsr(&some, n, Some(v)).unwrap();
            prop_assert!(at(trials + 1) <= at(trials));
            prop_assert!(at(trials) <= dsr(&some, 1, None).unwrap());
        }
    }
}
