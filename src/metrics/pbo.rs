//! Probability of backtest overfitting, by combinatorially symmetric cross-validation.
//!
//! # Formula
//! The returns of every trial are cut into 16 blocks of neighbouring bars (what does not divide is
//! dropped at the beginning). For each of the 12,870 ways to choose 8 blocks, the trial with the best
//! Sharpe ratio on them (the first of several equal ones) is looked up on the other 8: with its rank
//! there (1 is the worst, equal ones share their mean rank) w = rank / (N + 1). The value is the share
//! of choices with w <= 1/2, that is with a logit ln(w / (1 - w)) of at most 0. Source: Bailey,
//! Borwein, Lopez de Prado and Zhu 2017, The Probability of Backtest Overfitting, Journal of
//! Computational Finance 20(4). A Sharpe ratio of a half needs only the sums of the blocks' n, r and
//! r^2, see [`super::half_sharpes`].
//!
//! # Units
//! Fraction from 0 to 1.
//!
//! # Degenerate cases
//! Fewer than two trials, or a half with fewer than two returns: `too_few_observations`. A trial
//! without variance on a half has no Sharpe ratio there and counts as the worst; where all of them
//! are so, `zero_variance`. Trials that are all the same give 1: choosing among them is worth nothing.

use super::dispersion::spread;
pub use super::half_sharpes::Block;
use super::half_sharpes::HalfSharpes;
use super::{MetricResult, Undefined, defined};

/// Number of blocks.
pub const BLOCKS: usize = 16;

/// One trial.
pub type TrialBlocks = [Block; BLOCKS];

/// The blocks of one trial's returns.
///
/// # Errors
/// `too_few_observations` for fewer than 16 returns.
pub fn blocks_of(returns: &[f64]) -> Result<TrialBlocks, Undefined> {
    let per_block = returns.len() / BLOCKS;
    let n = u32::try_from(per_block).map_err(|_| Undefined::OutOfRange)?;
    if n == 0 {
        return Err(Undefined::TooFewObservations);
    }
    let used = returns.iter().skip(returns.len() % BLOCKS);
    let mut blocks = [Block::default(); BLOCKS];
    let mut left = used.copied();
    for block in &mut blocks {
        block.n = n;
        for r in left.by_ref().take(per_block) {
            block.sum += r;
            block.sumsq += r * r;
        }
    }
    Ok(blocks)
}

/// Probability of backtest overfitting over `trials`, whose blocks are of the same bars.
///
/// # Errors
/// As the degenerate cases say.
pub fn pbo(trials: &[TrialBlocks]) -> MetricResult {
    let returns = |blocks: &TrialBlocks| blocks.iter().all(|b| b.n >= 1);
    if trials.len() < 2 || !trials.iter().all(returns) {
        return Err(Undefined::TooFewObservations);
    }
    let tables = HalfSharpes::new(trials);
    let (mut choices, mut overfitted) = (0_u32, 0_u32);
    let mut inside = vec![0.0; trials.len()];
    let mut outside = vec![0.0; trials.len()];
    // Every choice together with its complement: both need the same two lists.
    for chosen in (0..=u16::MAX >> 1).filter(|mask| mask.count_ones() == 8) {
        tables.sharpes(u32::from(chosen), &mut inside);
        tables.sharpes(u32::from(!chosen), &mut outside);
        choices += 2;
        overfitted += u32::from(best_is_below_the_middle(&inside, &outside)?);
        overfitted += u32::from(best_is_below_the_middle(&outside, &inside)?);
    }
    defined(f64::from(overfitted) / f64::from(choices))
}

/// The first of the largest values, if any is above minus infinity.
pub(super) fn first_best(values: &[f64]) -> Option<usize> {
    // Eight lanes, each with its own best: several are compared at once.
    let mut lanes = [f64::NEG_INFINITY; 8];
    let mut chunks = values.chunks_exact(lanes.len());
    for chunk in &mut chunks {
        for (best, x) in lanes.iter_mut().zip(chunk) {
            *best = if *x > *best { *x } else { *best };
        }
    }
    let left = chunks.remainder().iter();
    let larger = |best: f64, x: &f64| if *x > best { *x } else { best };
    let best = lanes.iter().chain(left).fold(f64::NEG_INFINITY, larger);
    if best <= f64::NEG_INFINITY {
        return None;
    }
    values.iter().position(|x| *x >= best)
}

/// Number of values below `own`, and number equal to it (itself among them).
pub(super) fn rank(values: &[f64], own: f64) -> (u32, u32) {
    let (mut below, mut equal) = (0, 0);
    for other in values {
        below += u32::from(*other < own);
        equal += u32::from(other.to_bits() == own.to_bits());
    }
    (below, equal)
}

/// True when the trial that is best inside ranks in the lower half outside, or in its middle.
fn best_is_below_the_middle(inside: &[f64], outside: &[f64]) -> Result<bool, Undefined> {
    let own = first_best(inside).and_then(|i| outside.get(i)).copied();
    let (below, equal) = rank(outside, own.ok_or(Undefined::ZeroVariance)?);
    // rank = below + (equal + 1) / 2, and w <= 1/2 means 2 rank <= N + 1.
    Ok(2 * u64::from(below) + u64::from(equal) < outside.len() as u64 + 1)
}

/// Variance (n - 1) of the trials' Sharpe ratios per period over all their blocks.
///
/// # Errors
/// `too_few_observations` for fewer than two trials; `zero_variance` when one has no Sharpe ratio.
pub fn sharpe_variance(trials: &[TrialBlocks]) -> MetricResult {
    let mut all = vec![0.0; trials.len()];
    HalfSharpes::new(trials).sharpes(u32::from(u16::MAX), &mut all);
    if all.iter().any(|sharpe| sharpe.is_infinite()) {
        return Err(Undefined::ZeroVariance);
    }
    let std = spread(&all)?.std;
    defined(std * std)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A series with its own mean and a wave that differs between trials.
    fn trial(seed: usize, drift: f64) -> Vec<f64> {
        (0..330)
            .map(|i| drift + 0.01 * (((i + 7 * seed) * (i + 3) % 23) as f64 / 11.0 - 1.0))
            .collect()
    }

    fn of(series: &[Vec<f64>]) -> Vec<TrialBlocks> {
        series.iter().map(|s| blocks_of(s).unwrap()).collect()
    }

    #[test]
    fn edges() {
        // One trial stands out in every block: it is the best everywhere.
        let honest: Vec<_> = (0..6)
            .map(|i| trial(i, if i == 2 { 0.02 } else { 0.0 }))
            .collect();
        assert_eq!(pbo(&of(&honest)), Ok(0.0));
        // All the same: nothing to choose from.
        let same = vec![trial(1, 0.001); 5];
        assert_eq!(pbo(&of(&same)), Ok(1.0));
        assert_eq!(pbo(&of(&same[..1])), Err(Undefined::TooFewObservations));
        let flat = vec![vec![0.0; 160]; 3];
        assert_eq!(pbo(&of(&flat)), Err(Undefined::ZeroVariance));
        assert_eq!(sharpe_variance(&of(&flat)), Err(Undefined::ZeroVariance));
        assert_eq!(blocks_of(&[0.1; 15]), Err(Undefined::TooFewObservations));
    }

    #[test]
    fn blocks_drop_the_first_rows_and_hold_the_sums() {
        let series: Vec<f64> = (0..35).map(f64::from).collect();
        let blocks = blocks_of(&series).unwrap();
        assert_eq!(
            blocks[0],
            Block {
                n: 2,
                sum: 7.0,
                sumsq: 25.0
            }
        );
        assert_eq!(blocks[15].sum.to_bits(), 67.0_f64.to_bits());
    }

    /// The definition word by word, over the series themselves.
    fn naive(series: &[Vec<f64>]) -> f64 {
        let cut: Vec<&[f64]> = series.iter().map(|s| &s[s.len() % BLOCKS..]).collect();
        let per = cut[0].len() / BLOCKS;
        let half = |s: &[f64], mask: u16| {
            let rows = s
                .iter()
                .enumerate()
                .filter(|(i, _)| mask >> (i / per) & 1 == 1);
            let rows: Vec<f64> = rows.map(|(_, r)| *r).collect();
            crate::metrics::sharpe::sharpe(&rows, 1.0, 0.0).unwrap()
        };
        let (mut all, mut bad) = (0.0, 0.0);
        for mask in (0..=u16::MAX).filter(|m| m.count_ones() == 8).step_by(29) {
            let inside: Vec<f64> = cut.iter().map(|s| half(s, mask)).collect();
            let outside: Vec<f64> = cut.iter().map(|s| half(s, !mask)).collect();
            let best = (0..cut.len())
                .max_by(|a, b| inside[*a].total_cmp(&inside[*b]))
                .unwrap();
            let below = outside.iter().filter(|x| **x < outside[best]).count();
            let w = (below + 1) as f64 / (cut.len() + 1) as f64;
            all += 1.0;
            bad += f64::from(u8::from((w / (1.0 - w)).ln() <= 0.0));
        }
        bad / all
    }

    #[test]
    fn agrees_with_the_definition() {
        let series: Vec<_> = (0..7).map(|i| trial(i, 0.0003 * i as f64)).collect();
        let tables = HalfSharpes::new(&of(&series));
        let sharpes = |mask: u16| {
            let mut all = vec![0.0; series.len()];
            tables.sharpes(u32::from(mask), &mut all);
            all
        };
        let (mut all, mut bad) = (0.0, 0.0);
        for mask in (0..=u16::MAX).filter(|m| m.count_ones() == 8).step_by(29) {
            let (inside, outside) = (sharpes(mask), sharpes(!mask));
            all += 1.0;
            bad += f64::from(u8::from(
                best_is_below_the_middle(&inside, &outside).unwrap(),
            ));
        }
        assert!((bad / all - naive(&series)).abs() < 1e-12);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn order_and_leverage_do_not_matter(shift in 1_usize..5, scale in 0.5_f64..4.0) {
            let series: Vec<_> = (0..5).map(|i| trial(i + shift, 0.0004 * i as f64)).collect();
            let value = pbo(&of(&series)).unwrap();
            let reversed: Vec<_> = series.iter().rev().cloned().collect();
            prop_assert!((pbo(&of(&reversed)).unwrap() - value).abs() < 1e-12);
            let scaled: Vec<Vec<f64>> =
                series.iter().map(|s| s.iter().map(|r| r * scale).collect()).collect();
            prop_assert!((pbo(&of(&scaled)).unwrap() - value).abs() < 0.01);
        }
    }
}
