//! Correlations between the strategies of a portfolio as a table: over all bars, over a moving window,
//! and in the bars in which the portfolio lost most.
//!
//! # Formula
//! Pearson, see [`super::correlation`], over three choices of bars: all; the last `window` bars up to
//! every `step`-th one (rolling); the worst `tail` of the portfolio's bars, at least one, ties to the
//! earlier bar (tail). Diversification that is gone when it is needed shows in the tail table. Of each
//! table: mean and largest of the pairs.
//!
//! # Units
//! Ratio from -1 to 1. `tail` is a probability.
//!
//! # Degenerate cases
//! No strategy, different lengths, or fewer than two bars: `too_few_observations`, also a window
//! longer than the series, or below two. A tail of 0, or outside 0 to 1: `out_of_range`. A pair of
//! which one never moves in the bars chosen: that cell has no value, `zero_variance`, and with it mean
//! and largest. One strategy has no pair: mean and largest `too_few_observations`.

use super::correlation::pearson;
use super::dispersion::count_of;
use super::expected_shortfall::tail_weights;
use super::{MetricResult, Undefined};

/// Correlation of every strategy with every other one.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrelationMatrix {
    /// Row by row; the diagonal is 1, or has no value for a strategy that never moves.
    pub cells: Vec<Vec<MetricResult>>,
}

impl CorrelationMatrix {
    /// The table over all bars of `strategies`, aligned.
    ///
    /// # Errors
    /// `too_few_observations`.
    pub fn new(strategies: &[&[f64]]) -> Result<Self, Undefined> {
        let bars = bars_of(strategies)?;
        if bars < 2 {
            return Err(Undefined::TooFewObservations);
        }
        let row = |a: &&[f64]| strategies.iter().map(|b| pearson(a, b)).collect();
        Ok(Self {
            cells: strategies.iter().map(row).collect(),
        })
    }

    /// The pairs above the diagonal, row by row.
    fn pairs(&self) -> impl Iterator<Item = MetricResult> {
        let rows = self.cells.iter().enumerate();
        rows.flat_map(|(i, row)| row.iter().skip(i + 1).copied())
    }

    /// Mean over all pairs.
    ///
    /// # Errors
    /// The reason of a pair without a value; `too_few_observations` without a pair.
    pub fn mean(&self) -> MetricResult {
        let pairs: Vec<f64> = self.pairs().collect::<Result<_, _>>()?;
        if pairs.is_empty() {
            return Err(Undefined::TooFewObservations);
        }
        Ok(pairs.iter().fold(0.0, |sum, r| sum + r) / count_of(&pairs))
    }

    /// Largest over all pairs.
    ///
    /// # Errors
    /// As [`Self::mean`].
    pub fn max(&self) -> MetricResult {
        let mut largest = Err(Undefined::TooFewObservations);
        for r in self.pairs() {
            let r = r?;
            largest = Ok(largest.map_or(r, |most: f64| most.max(r)));
        }
        largest
    }
}

/// The table over the worst `tail` of the portfolio's bars.
///
/// # Errors
/// As the degenerate cases say.
pub fn tail_correlation(
    strategies: &[&[f64]],
    portfolio: &[f64],
    tail: f64,
) -> Result<CorrelationMatrix, Undefined> {
    if bars_of(strategies)? != portfolio.len() {
        return Err(Undefined::TooFewObservations);
    }
    let losses: Vec<f64> = portfolio.iter().map(|r| -r).collect();
    let mut bars: Vec<usize> = tail_weights(&losses, tail)?
        .iter()
        .map(|(bar, _)| *bar)
        .collect();
    bars.sort_unstable();
    let chosen: Vec<Vec<f64>> = strategies
        .iter()
        .map(|s| bars.iter().filter_map(|bar| s.get(*bar)).copied().collect())
        .collect();
    let chosen: Vec<&[f64]> = chosen.iter().map(|s| &s[..]).collect();
    CorrelationMatrix::new(&chosen)
}

/// One window of [`rolling_correlation`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rolling {
    /// Its last bar.
    pub bar: usize,
    /// Mean over all pairs.
    pub mean: MetricResult,
    /// Largest over all pairs.
    pub max: MetricResult,
}

/// Mean and largest correlation over windows of `window` bars that end `step` bars apart, the last
/// one at the last bar.
///
/// # Errors
/// As the degenerate cases say; `out_of_range` for a step of 0.
pub fn rolling_correlation(
    strategies: &[&[f64]],
    window: usize,
    step: usize,
) -> Result<Vec<Rolling>, Undefined> {
    let bars = bars_of(strategies)?;
    if window < 2 || window > bars {
        return Err(Undefined::TooFewObservations);
    }
    if step == 0 {
        return Err(Undefined::OutOfRange);
    }
    let first = window + (bars - window) % step;
    (first..=bars)
        .step_by(step)
        .map(|end| {
            let part: Vec<&[f64]> = strategies
                .iter()
                .map(|s| s.get(end - window..end).unwrap_or_default())
                .collect();
            let table = CorrelationMatrix::new(&part)?;
            Ok(Rolling {
                bar: end - 1,
                mean: table.mean(),
                max: table.max(),
            })
        })
        .collect()
}

fn bars_of(strategies: &[&[f64]]) -> Result<usize, Undefined> {
    let bars = strategies
        .first()
        .ok_or(Undefined::TooFewObservations)?
        .len();
    if strategies.iter().any(|s| s.len() != bars) {
        return Err(Undefined::TooFewObservations);
    }
    Ok(bars)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f64; 6] = [0.01, -0.01, 0.02, -0.02, 0.01, -0.03];
    const B: [f64; 6] = [-0.01, 0.01, -0.02, -0.02, 0.01, -0.03];

    #[test]
    fn by_hand() {
        let flat = [0.0; 6];
        let table = CorrelationMatrix::new(&[&A, &B, &flat]).unwrap();
        assert_eq!(table.cells[0][0], Ok(1.0));
        assert_eq!(table.cells[0][1], table.cells[1][0]);
        assert_eq!(table.cells[0][2], Err(Undefined::ZeroVariance));
        assert_eq!(table.mean(), Err(Undefined::ZeroVariance));
        let pair = CorrelationMatrix::new(&[&A, &B]).unwrap();
        assert_eq!(pair.mean(), pearson(&A, &B));
        assert_eq!(pair.max(), pearson(&A, &B));
        let alone = CorrelationMatrix::new(&[&A]).unwrap();
        assert_eq!(alone.mean(), Err(Undefined::TooFewObservations));
        assert_eq!(alone.max(), Err(Undefined::TooFewObservations));
    }

    #[test]
    fn together_when_it_hurts() {
        // Opposite in the first half, the same in the second, where the portfolio loses.
        let portfolio: Vec<f64> = A.iter().zip(&B).map(|(a, b)| (a + b) / 2.0).collect();
        let all = CorrelationMatrix::new(&[&A, &B]).unwrap().mean().unwrap();
        let tail = tail_correlation(&[&A, &B], &portfolio, 0.34).unwrap();
        // 2.04 bars of six: the two worst and a bit of the third.
        assert!(tail.mean().unwrap() > all);
        let two = tail_correlation(&[&A, &B], &portfolio, 2.0 / 6.0).unwrap();
        assert!((two.mean().unwrap() - 1.0).abs() < 1e-12);
        let none = tail_correlation(&[&A, &B], &portfolio, 0.0);
        assert_eq!(none, Err(Undefined::OutOfRange));
        let one = tail_correlation(&[&A, &B], &portfolio, 0.01);
        assert_eq!(one, Err(Undefined::TooFewObservations));
    }

    #[test]
    fn windows_end_at_the_last_bar() {
        let found = rolling_correlation(&[&A, &B], 3, 2).unwrap();
        let bars: Vec<usize> = found.iter().map(|w| w.bar).collect();
        assert_eq!(bars, [3, 5]);
        assert_eq!(found[1].mean, pearson(&A[3..], &B[3..]));
        assert!((found[1].max.unwrap() - 1.0).abs() < 1e-12);
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(rolling_correlation(&[&A, &B], 7, 1), few);
        assert_eq!(rolling_correlation(&[&A, &B], 1, 1), few);
        assert_eq!(rolling_correlation(&[], 3, 1), few);
        assert_eq!(
            rolling_correlation(&[&A, &B], 3, 0),
            Err(Undefined::OutOfRange)
        );
    }
}
