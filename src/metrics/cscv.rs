//! What combinatorially symmetric cross-validation shows besides the probability of overfitting.
//!
//! # Formula
//! As [`super::pbo`], with any even number S of blocks. Per choice of S/2 blocks the best trial's
//! Sharpe ratio on them (x), on the others (y), and its logit there, ln(w / (1 - w)) with
//! w = rank / (N + 1). Over all choices: the share of logits of at most 0 (the probability of
//! overfitting), their mean and median; the share of y below 0 (probability of loss out of sample);
//! and the line y = a + b x fitted by least squares with its r^2 (performance degradation: a negative
//! slope says that the better a trial looked, the worse it went on). Source: Bailey, Borwein, Lopez de
//! Prado and Zhu 2017, Journal of Computational Finance 20(4).
//!
//! # Units
//! Shares are fractions; Sharpe ratios per period.
//!
//! # Degenerate cases
//! Fewer than two trials, trials of different lengths, or fewer returns than blocks:
//! `too_few_observations`. S odd, below 2, or above 16: `out_of_range`. A half on which no trial has
//! a Sharpe ratio: `zero_variance`. A best trial without a Sharpe ratio on the other half, or one x
//! for all choices: no line, `zero_variance`.

use super::dispersion::{count_of, mean};
use super::half_sharpes::{Block, HalfSharpes};
use super::pbo::{first_best, rank};
use super::quantile::{Worst, quantile, sorted};
use super::{MetricResult, Undefined, defined};

/// Most blocks: 12,870 choices.
const BLOCKS_MOST: usize = 16;

/// The line through out-of-sample against in-sample Sharpe ratios.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Degradation {
    /// Slope b.
    pub slope: f64,
    /// Intercept a.
    pub intercept: f64,
    /// Share of the variance of y that the line explains.
    pub r_squared: f64,
}

/// The result over all choices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cscv {
    /// Number of choices.
    pub choices: usize,
    /// Probability of backtest overfitting.
    pub pbo: f64,
    /// Mean logit.
    pub logit_mean: f64,
    /// Median logit.
    pub logit_median: f64,
    /// Share of choices whose best trial lost on the other half.
    pub loss_share: f64,
    /// The line, if there is one.
    pub degradation: Result<Degradation, Undefined>,
}

/// Cross-validates `trials`, aligned returns of each, in `blocks` blocks.
///
/// # Errors
/// As the degenerate cases say.
pub fn cscv(trials: &[&[f64]], blocks: usize) -> Result<Cscv, Undefined> {
    if !(2..=BLOCKS_MOST).contains(&blocks) || !blocks.is_multiple_of(2) {
        return Err(Undefined::OutOfRange);
    }
    let bars = trials.first().map_or(0, |t| t.len());
    if trials.len() < 2 || bars < blocks || trials.iter().any(|t| t.len() != bars) {
        return Err(Undefined::TooFewObservations);
    }
    let cut: Vec<Vec<Block>> = trials.iter().map(|t| cut(t, blocks)).collect();
    let tables = HalfSharpes::new(&cut);
    let all = (1_u32 << blocks) - 1;
    let half = u32::try_from(blocks / 2).unwrap_or(0);
    let mut inside = vec![0.0; trials.len()];
    let mut outside = vec![0.0; trials.len()];
    let (mut logits, mut best, mut later) = (Vec::new(), Vec::new(), Vec::new());
    for chosen in (0..=all).filter(|mask| mask.count_ones() == half) {
        tables.sharpes(chosen, &mut inside);
        tables.sharpes(all ^ chosen, &mut outside);
        let at = first_best(&inside).ok_or(Undefined::ZeroVariance)?;
        let own = outside.get(at).copied().unwrap_or(f64::NEG_INFINITY);
        let (below, equal) = rank(&outside, own);
        let rank = f64::from(below) + f64::midpoint(f64::from(equal), 1.0);
        logits.push(libm::log(rank / (count_of(trials) + 1.0 - rank)));
        best.extend(inside.get(at));
        later.push(own);
    }
    let share = |of: &[f64], holds: fn(f64) -> bool| {
        of.iter().filter(|x| holds(**x)).count() as f64 / count_of(of)
    };
    let ascending = sorted(logits.iter().map(|x| Ok(*x)), Worst::Lowest);
    Ok(Cscv {
        choices: logits.len(),
        pbo: share(&logits, |x| x <= 0.0),
        logit_mean: mean(&logits)?,
        logit_median: quantile(&ascending, 0.5)?,
        loss_share: share(&later, |y| y < 0.0),
        degradation: line(&best, &later),
    })
}

/// The blocks of one trial; what does not divide is dropped at the beginning.
fn cut(returns: &[f64], blocks: usize) -> Vec<Block> {
    let used = returns.get(returns.len() % blocks..).unwrap_or_default();
    let parts = used.chunks_exact(used.len() / blocks);
    parts
        .map(|part| Block {
            n: u32::try_from(part.len()).unwrap_or(u32::MAX),
            sum: part.iter().fold(0.0, |sum, r| sum + r),
            sumsq: part.iter().fold(0.0, |sum, r| sum + r * r),
        })
        .collect()
}

fn line(x: &[f64], y: &[f64]) -> Result<Degradation, Undefined> {
    let (mx, my): (f64, MetricResult) = (mean(x)?, mean(y));
    let my = my.map_err(|_| Undefined::ZeroVariance)?;
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        xx += (x - mx) * (x - mx);
        xy += (x - mx) * (y - my);
        yy += (y - my) * (y - my);
    }
    if xx <= 0.0 || yy <= 0.0 {
        return Err(Undefined::ZeroVariance);
    }
    let slope = defined(xy / xx)?;
    Ok(Degradation {
        slope,
        intercept: defined(my - slope * mx)?,
        r_squared: defined(xy * xy / xx / yy)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::pbo::{blocks_of, pbo};

    fn trial(seed: usize, drift: f64) -> Vec<f64> {
        (0..330)
            .map(|i| drift + 0.01 * (((i + 7 * seed) * (i + 3) % 23) as f64 / 11.0 - 1.0))
            .collect()
    }

    #[test]
    fn by_hand() {
        // Two blocks of two bars. A: SR sqrt(2) x 2 then -sqrt(2)/2; B: -sqrt(2)/2, then 2 sqrt(2).
        let a = [0.01, 0.03, -0.02, 0.0];
        let b = [-0.02, 0.0, 0.01, 0.03];
        let found = cscv(&[&a, &b], 2).unwrap();
        // The best of one half is the worst of the other: rank 1 of 2, logit ln(1/2).
        assert_eq!(found.choices, 2);
        assert!((found.pbo - 1.0).abs() < 1e-15);
        assert!((found.logit_mean + 2.0_f64.ln()).abs() < 1e-12);
        assert!((found.loss_share - 1.0).abs() < 1e-15);
        // Both choices have the same x: nothing to fit.
        assert_eq!(found.degradation, Err(Undefined::ZeroVariance));
    }

    #[test]
    fn sixteen_blocks_are_the_judged_figure() {
        let rows: Vec<Vec<f64>> = (0..6).map(|i| trial(i, 0.0003 * i as f64)).collect();
        let series: Vec<&[f64]> = rows.iter().map(|r| &r[..]).collect();
        let blocks: Vec<_> = rows.iter().map(|r| blocks_of(r).unwrap()).collect();
        let found = cscv(&series, 16).unwrap();
        assert_eq!(found.choices, 12_870);
        assert_eq!(pbo(&blocks), Ok(found.pbo));
    }

    #[test]
    fn no_value() {
        let (a, b) = (trial(1, 0.0), trial(2, 0.0));
        let two: [&[f64]; 2] = [&a, &b];
        for blocks in [0, 1, 3, 18] {
            assert_eq!(cscv(&two, blocks), Err(Undefined::OutOfRange));
        }
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(cscv(&two[..1], 4), few);
        assert_eq!(cscv(&[&a, &b[1..]], 4), few);
        assert_eq!(cscv(&[&a[..3], &b[..3]], 4), few);
        let flat = [0.0; 40];
        assert_eq!(cscv(&[&flat, &flat], 4), Err(Undefined::ZeroVariance));
    }
}
