//! Correlation between the strategies of a portfolio.
//!
//! # Formula
//! Pearson on aligned bars: sum((x - mx)(y - my)) / sqrt(sum((x - mx)^2) sum((y - my)^2)). The
//! mean is over all pairs; the maximum only over pairs of different style, because two strategies
//! of one style on two markets that move together correlate by nature.
//!
//! # Units
//! Ratio from -1 to 1.
//!
//! # Degenerate cases
//! Fewer than two strategies (for the maximum: styles), or fewer than two bars:
//! `too_few_observations`. A strategy that never moves: `zero_variance`, for the mean and for every
//! maximum that it would take part in.

use super::dispersion::{count_of, mean, spread};
use super::{MetricResult, Undefined, defined};

/// Pearson correlation of two aligned series.
///
/// # Errors
/// `too_few_observations`, also for different lengths; `zero_variance`; NaN and infinities.
pub fn pearson(x: &[f64], y: &[f64]) -> MetricResult {
    if x.len() != y.len() {
        return Err(Undefined::TooFewObservations);
    }
    let (sx, sy) = (spread(x)?, spread(y)?);
    if sx.is_zero() || sy.is_zero() {
        return Err(Undefined::ZeroVariance);
    }
    let r = covariance_about(x, y, sx.mean, sy.mean) / (sx.std * sy.std);
    Ok(defined(r)?.clamp(-1.0, 1.0))
}

/// Sample covariance (n - 1) of two aligned series.
///
/// # Errors
/// `too_few_observations` for fewer than two bars or different lengths.
pub fn covariance(x: &[f64], y: &[f64]) -> MetricResult {
    if x.len() != y.len() || x.len() < 2 {
        return Err(Undefined::TooFewObservations);
    }
    defined(covariance_about(x, y, mean(x)?, mean(y)?))
}

fn covariance_about(x: &[f64], y: &[f64], mx: f64, my: f64) -> f64 {
    let sum = x
        .iter()
        .zip(y)
        .fold(0.0, |sum, (x, y)| sum + (x - mx) * (y - my));
    sum / (count_of(x) - 1.0)
}

/// One strategy's returns with its style.
#[derive(Debug, Clone, Copy)]
pub struct Styled<'a> {
    /// Style, such as `mean_reversion`.
    pub style: &'a str,
    /// Returns per bar.
    pub returns: &'a [f64],
}

/// Mean correlation over all pairs, and largest one between strategies of different style.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlations {
    /// Mean over all pairs.
    pub mean: MetricResult,
    /// Largest between different styles.
    pub max: MetricResult,
}

/// Both figures over all pairs.
#[must_use]
pub fn correlations(strategies: &[Styled<'_>]) -> Correlations {
    let (mut sum, mut pairs) = (Ok(0.0), 0_u32);
    let mut max: MetricResult = Err(Undefined::TooFewObservations);
    let mut unknown = None;
    for (i, a) in strategies.iter().enumerate() {
        for b in strategies.iter().skip(i + 1) {
            let r = pearson(a.returns, b.returns);
            pairs += 1;
            sum = sum.and_then(|s: f64| Ok(s + r?));
            if a.style != b.style {
                match r {
                    Ok(r) => max = Ok(max.map_or(r, |m: f64| m.max(r))),
                    Err(reason) => unknown = unknown.or(Some(reason)),
                }
            }
        }
    }
    let mean = match pairs {
        0 => Err(Undefined::TooFewObservations),
        _ => sum.map(|s| s / f64::from(pairs)),
    };
    // One pair without a value leaves the largest one unknown.
    let max = unknown.map_or(max, Err);
    Correlations { mean, max }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_decide_which_pairs_count() {
        let a = [0.01, -0.01, 0.02, 0.0];
        let b = [0.01, -0.01, 0.02, 0.001];
        let c = [-0.01, 0.01, -0.02, 0.0];
        let s = |style, returns| Styled { style, returns };
        let one = correlations(&[s("rsi", &a), s("rsi", &b)]);
        assert!(one.mean.unwrap() > 0.99);
        assert_eq!(one.max, Err(Undefined::TooFewObservations));
        let two = correlations(&[s("rsi", &a), s("rsi", &b), s("trend", &c)]);
        assert!(two.max.unwrap() < -0.98);
        let flat = correlations(&[s("rsi", &a), s("trend", &[0.0; 4]), s("vol", &c)]);
        assert_eq!(flat.max, Err(Undefined::ZeroVariance));
        assert_eq!(flat.mean, Err(Undefined::ZeroVariance));
        assert_eq!(
            correlations(&[s("rsi", &a)]).mean,
            Err(Undefined::TooFewObservations)
        );
    }
}
