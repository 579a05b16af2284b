//! How many independent trials a family of related ones is worth.
//!
//! # Formula
//! N_eff = 1 + (N - 1)(1 - mean rho), with mean rho the mean Pearson correlation over all pairs:
//! copies of one idea count once, unrelated ones all. With every series standardised (mean 0, sum of
//! squares 1) the correlations of all pairs add up to (|sum of the series|^2 - N) / 2, so the cost is
//! that of reading the series once. A mean rho below 0 counts as 0: nobody tries more often than he
//! tries. Source: Bailey and Lopez de Prado 2014, The Deflated Sharpe Ratio, appendix 3.
//!
//! # Units
//! Trials, with a fraction.
//!
//! # Degenerate cases
//! No trial, different lengths, or fewer than two bars: `too_few_observations`. One trial: 1. A
//! trial that never moves: `zero_variance`.

use super::dispersion::{count_of, spread};
use super::{MetricResult, Undefined, defined};

/// Effective number of trials behind `trials`, aligned returns of each.
///
/// # Errors
/// As the degenerate cases say; NaN and infinities.
pub fn effective_trials(trials: &[&[f64]]) -> MetricResult {
    let bars = trials.first().ok_or(Undefined::TooFewObservations)?.len();
    if trials.iter().any(|t| t.len() != bars) {
        return Err(Undefined::TooFewObservations);
    }
    let mut together = vec![0.0; bars];
    for trial in trials {
        let spread = spread(trial)?;
        if spread.is_zero() {
            return Err(Undefined::ZeroVariance);
        }
        let scale = spread.std * libm::sqrt(count_of(trial) - 1.0);
        for (sum, r) in together.iter_mut().zip(*trial) {
            *sum += (r - spread.mean) / scale;
        }
    }
    let n = count_of(trials);
    if n < 2.0 {
        return Ok(1.0);
    }
    let squares = together.iter().fold(0.0, |sum, x| sum + x * x);
    let mean = (squares - n) / (n * (n - 1.0));
    defined(1.0 + (n - 1.0) * (1.0 - mean.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::correlation::{Styled, correlations};
    use proptest::prelude::*;

    #[test]
    fn copies_count_once() {
        let a = [0.01, -0.02, 0.03, 0.0];
        let twice: Vec<f64> = a.iter().map(|x| 2.0 * x).collect();
        let same = effective_trials(&[&a, &twice, &a]).unwrap();
        assert!((same - 1.0).abs() < 1e-12, "{same}");
        assert_eq!(effective_trials(&[&a]), Ok(1.0));
        // Orthogonal: 1, -1, 1, -1 and 1, 1, -1, -1.
        let (x, y) = ([0.1, -0.1, 0.1, -0.1], [0.1, 0.1, -0.1, -0.1]);
        assert!((effective_trials(&[&x, &y]).unwrap() - 2.0).abs() < 1e-12);
        // Opposite ones are two, not three.
        let minus: Vec<f64> = x.iter().map(|x| -x).collect();
        assert_eq!(effective_trials(&[&x, &minus]), Ok(2.0));
    }

    #[test]
    fn no_value() {
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(effective_trials(&[]), few);
        assert_eq!(effective_trials(&[&[0.1, 0.2], &[0.1]]), few);
        let flat = effective_trials(&[&[0.1, 0.2], &[0.1, 0.1]]);
        assert_eq!(flat, Err(Undefined::ZeroVariance));
    }

    proptest! {
        #[test]
        fn the_shortcut_is_the_mean_over_all_pairs(
            rows in prop::collection::vec(prop::collection::vec(-0.05_f64..0.05, 20), 2..6),
        ) {
            let series: Vec<&[f64]> = rows.iter().map(|r| &r[..]).collect();
            let styled: Vec<Styled<'_>> =
                series.iter().map(|returns| Styled { style: "s", returns }).collect();
            let mean = correlations(&styled).mean.unwrap().max(0.0);
            let n = rows.len() as f64;
            let wanted = 1.0 + (n - 1.0) * (1.0 - mean);
            prop_assert!((effective_trials(&series).unwrap() - wanted).abs() < 1e-9);
        }
    }
}
