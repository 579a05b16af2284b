//! Expected maximum of N independent standard normal variables, exactly.
//!
//! # Formula
//! integral of x N phi(x) Phi(x)^(N-1) dx, by the trapezoidal rule with a step of 1/64 from -9 to 40:
//! for an analytic integrand that vanishes at both ends the rule converges exponentially, and here it
//! is good to 14 digits. Phi^(N-1) is exp((N-1) ln(1 - Q)), which keeps its digits for large N. The
//! expected Sharpe ratio of the best of N trials without skill is sqrt(V) times it. The closed formula
//! that [`super::dsr`] judges by (Bailey and Lopez de Prado 2014) is low by 8 % for two trials and
//! high by up to 2.5 % from five on. N may have a fraction, as [`super::effective_trials`] has.
//!
//! # Units
//! Standard deviations.
//!
//! # Degenerate cases
//! N of 1: 0. N below 1, or above 1e12: `out_of_range`.

use super::normal::density;
use super::{MetricResult, Undefined, defined};

const STEP: f64 = 1.0 / 64.0;
const FIRST: i32 = -9 * 64;
const LAST: i32 = 40 * 64;
const MOST: f64 = 1e12;

/// Expected maximum of `n` standard normal variables.
///
/// # Errors
/// `out_of_range`, `not_a_number`.
pub fn expected_maximum(n: f64) -> MetricResult {
    let n = defined(n)?;
    if !(1.0..=MOST).contains(&n) {
        return Err(Undefined::OutOfRange);
    }
    if n <= 1.0 {
        return Ok(0.0);
    }
    let sum = (FIRST..=LAST).fold(0.0, |sum, i| {
        let x = f64::from(i) * STEP;
        // Probability above x.
        let upper = 0.5 * libm::erfc(x / std::f64::consts::SQRT_2);
        sum + x * density(x) * libm::exp((n - 1.0) * libm::log1p(-upper))
    });
    defined(n * sum * STEP)
}

/// Expected Sharpe ratio per period of the best of `trials` without skill, when their Sharpe ratios
/// have the variance `variance`.
///
/// # Errors
/// As [`expected_maximum`]; `out_of_range` for a negative variance.
pub fn expected_best_exact(trials: f64, variance: f64) -> MetricResult {
    let variance = defined(variance)?;
    if variance < 0.0 {
        return Err(Undefined::OutOfRange);
    }
    defined(libm::sqrt(variance) * expected_maximum(trials)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::dsr::expected_best;

    #[test]
    fn closed_forms() {
        // One, two and three: 0, 1 / sqrt(pi), 3 / (2 sqrt(pi)); David and Nagaraja 2003.
        let root = std::f64::consts::PI.sqrt();
        for (n, wanted) in [(1.0, 0.0), (2.0, 1.0 / root), (3.0, 1.5 / root)] {
            let found = expected_maximum(n).unwrap();
            assert!((found - wanted).abs() < 1e-13, "{n}: {found}");
        }
        // Tables of order statistics (Harter 1961) and a quadrature with scipy.
        for (n, wanted) in [
            (5.0, 1.162_964_473_64),
            (10.0, 1.538_752_730_84),
            (12.0, 1.629_227_639_87),
            (100.0, 2.507_593_636_44),
            (1000.0, 3.241_435_769_13),
        ] {
            let found = expected_maximum(n).unwrap();
            assert!((found / wanted - 1.0).abs() < 1e-11, "{n}: {found}");
        }
    }

    #[test]
    fn the_closed_formula_of_the_paper_is_near() {
        for (n, error) in [(2_u32, 0.08), (5, 0.026), (100, 0.01), (1000, 0.005)] {
            let exact = expected_best_exact(f64::from(n), 4.0).unwrap();
            let paper = expected_best(u64::from(n), 4.0).unwrap();
            assert!((paper / exact - 1.0).abs() < error, "{n}");
        }
    }

    #[test]
    fn grows_with_every_trial_also_with_very_many() {
        let mut last = -1.0;
        for n in [1.0, 1.5, 2.0, 7.3, 1e3, 1e6, 1e9, 1e12] {
            let value = expected_maximum(n).unwrap();
            assert!(value > last, "{n}");
            last = value;
        }
        assert!(last < (2.0 * 1e12_f64.ln()).sqrt());
        for n in [0.0, 0.99, 2e12] {
            assert_eq!(expected_maximum(n), Err(Undefined::OutOfRange));
        }
        assert_eq!(expected_maximum(f64::NAN), Err(Undefined::NotANumber));
        let negative = expected_best_exact(2.0, -1.0);
        assert_eq!(negative, Err(Undefined::OutOfRange));
    }
}
