//! The replicates of [`super::monte_carlo`], quickly.
//!
//! # Formula
//! The same runs of the same random stream (looked up, see [`super::run_lengths`]), each taken as a
//! whole from a table (see [`super::run_table`]) instead of bar by bar: Sharpe ratio from the sums,
//! maximum drawdown 1 - exp(-deepest fall of the log-equity), total return exp(log-equity) - 1. A
//! replicate costs as much as it has runs. The values agree with the plain ones to 1e-10, not to the
//! last bit, so the gate judges the plain ones; these are the producer's own.
//!
//! # Units
//! As [`super::monte_carlo`].
//!
//! # Degenerate cases
//! Where rounding could show, the plain replicate is taken: bar-by-bar methods and blocks below 3, no
//! table, a replicate with less than a thousandth of the series' squares, or growth beyond e^500 in
//! either direction.

use super::MetricResult;
use super::bootstrap::{Method, Resampling};
use super::defined;
use super::monte_carlo::{MonteCarlo, Replicate};
use super::run_lengths::RunLengths;
use super::run_table::RunTable;

/// Below this share of the series' squares a replicate is computed bar by bar.
const SQUARES_SHARE: f64 = 1e-3;
/// Largest log-equity that is trusted.
const LOG_MOST: f64 = 500.0;

/// A series made ready for quick resampling.
#[derive(Debug, Clone)]
pub struct QuickReplicates<'a> {
    plain: MonteCarlo<'a>,
    table: Option<RunTable>,
    lengths: Option<RunLengths>,
}

impl<'a> QuickReplicates<'a> {
    /// Makes `plain` quick.
    #[must_use]
    pub fn new(plain: MonteCarlo<'a>) -> Self {
        let Resampling { method, block, .. } = *plain.resampling();
        let in_blocks = method != Method::Simple && block >= 3;
        let table = in_blocks
            .then(|| RunTable::new(plain.returns(), plain.centre(), block))
            .flatten();
        let lengths = match method {
            Method::Stationary => RunLengths::new(block),
            Method::Simple | Method::MovingBlock => None,
        };
        Self {
            plain,
            table,
            lengths,
        }
    }

    /// Replicate number `index`.
    #[must_use]
    pub fn replicate(&self, index: u64) -> Replicate {
        let quick = self.table.as_ref().and_then(|t| self.quick(t, index));
        quick.unwrap_or_else(|| self.plain.replicate(index))
    }

    fn quick(&self, table: &RunTable, index: u64) -> Option<Replicate> {
        let n = self.plain.returns().len();
        let resampling = self.plain.resampling();
        let runs = match &self.lengths {
            Some(lengths) => resampling.runs_by(lengths, n, index),
            None => resampling.runs(n, index),
        };
        // First all draws, then all look-ups: the processor overlaps the latter.
        let short = |x: usize| u32::try_from(x).unwrap_or(u32::MAX);
        // Hardly any replicate has more runs.
        let usual = n / resampling.block.max(1) * 5 / 4 + 16;
        let mut drawn = Vec::with_capacity(usual);
        drawn.extend(runs.map(|run| (short(run.start), short(run.len))));
        let curve = table.walk(&drawn);
        let squares = curve.second - curve.first * curve.first / n as f64;
        let low = curve.peak - curve.fall;
        let trusted =
            squares > SQUARES_SHARE * table.second() && curve.peak < LOG_MOST && low > -LOG_MOST;
        if !trusted {
            return None;
        }
        let total_return: MetricResult = defined(libm::expm1(curve.log));
        Some(Replicate {
            sharpe: self.plain.sharpe(curve.first, curve.second),
            max_drawdown: defined(-libm::expm1(-curve.fall)),
            total_return,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::bootstrap::Seed;
    use proptest::prelude::*;

    fn near(a: MetricResult, b: MetricResult, floor: f64) -> bool {
        match (a, b) {
            (Ok(a), Ok(b)) => (a - b).abs() <= 1e-10 * b.abs().max(floor),
            (a, b) => a == b,
        }
    }

    fn agree(returns: &[f64], method: Method, block: usize, seed: i64) {
        let resampling = Resampling {
            method,
            block,
            seed: Seed::from_int(seed),
        };
        let plain = MonteCarlo::new(returns, 8760.0, 0.02, resampling).unwrap();
        let quick = QuickReplicates::new(plain.clone());
        for index in 0..8 {
            let (a, b) = (quick.replicate(index), plain.replicate(index));
            // Relative to the value; below one per mille of the scale, to that.
            let told = format!("{method:?} {block}: {a:?} {b:?}");
            assert!(near(a.sharpe, b.sharpe, 1e-3), "{told}");
            assert!(near(a.max_drawdown, b.max_drawdown, 1e-3), "{told}");
            let growth = |x: MetricResult| x.map(|x| 1.0 + x);
            assert!(
                near(growth(a.total_return), growth(b.total_return), 1e-9),
                "{told}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn agrees_with_the_plain_replicates(
            returns in prop::collection::vec(-0.08_f64..0.08, 1..800), block in 1_usize..60,
            seed in any::<i64>(),
        ) {
            for method in Method::ALL {
                agree(&returns, method, block, seed);
            }
        }
    }

    #[test]
    fn series_that_rounding_could_spoil() {
        let quiet_part: Vec<f64> = (0..300).map(|i| if i < 3 { 0.3 } else { 0.001 }).collect();
        let ruin: Vec<f64> = (0..200)
            .map(|i| if i == 77 { -1.0 } else { 0.01 })
            .collect();
        for returns in [
            vec![0.0; 100],
            vec![0.001; 100],
            quiet_part,
            ruin,
            vec![9.0; 400],
            vec![-0.9; 400],
            vec![0.01],
        ] {
            for block in [3, 24, 1000] {
                agree(&returns, Method::Stationary, block, 1);
                agree(&returns, Method::MovingBlock, block, 1);
            }
        }
    }
}
