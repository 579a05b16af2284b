//! Cost jitter: the same trades at costs that nobody knows exactly.
//!
//! # Formula
//! Every run draws one level of costs, uniform from `low` to `high` times those assumed, and for
//! every trade a factor uniform from 1/2 to 3/2 besides: fees move for all trades at once, slippage
//! for each. The trade's result is pnl + costs - level x factor x costs, and results add up; where each
//! trade took the whole equity, result and costs are fractions of it and the equity is
//! prod(1 + result), never below 0. Stream `chacha8/stream-v1` of
//! [`super::bootstrap`], one per run. What is asked of the runs: how many are left with a profit, and
//! the quantiles of the return on the capital.
//!
//! # Units
//! Fraction of the capital; levels are multiples of the costs assumed.
//!
//! # Degenerate cases
//! No trade: `no_trades`. No capital, or levels that are negative or the wrong way round:
//! `out_of_range`.

use super::bootstrap::Seed;
use super::quantile::{Worst, sorted};
use super::{MetricResult, Undefined, defined};

/// Closed trades, ready for other costs.
#[derive(Debug, Clone, Copy)]
pub struct CostJitter<'a> {
    trades: &'a [(f64, f64)],
    capital: f64,
    compounded: bool,
    low: f64,
    high: f64,
    seed: Seed,
}

impl<'a> CostJitter<'a> {
    /// Makes `trades`, each as (net result, costs) in money, ready.
    ///
    /// # Errors
    /// As the degenerate cases say; NaN and infinities.
    pub fn new(
        trades: &'a [(f64, f64)],
        capital: f64,
        levels: (f64, f64),
        seed: Seed,
    ) -> Result<Self, Undefined> {
        if trades.is_empty() {
            return Err(Undefined::NoTrades);
        }
        for (pnl, costs) in trades {
            defined(*pnl)?;
            defined(*costs)?;
        }
        let (low, high) = (defined(levels.0)?, defined(levels.1)?);
        if defined(capital)? <= 0.0 || low < 0.0 || high < low {
            return Err(Undefined::OutOfRange);
        }
        Ok(Self {
            trades,
            capital,
            compounded: false,
            low,
            high,
            seed,
        })
    }

    /// Makes `trades` ready that each took the whole equity, each as (net return, costs), fractions
    /// of the equity before it.
    ///
    /// # Errors
    /// As the degenerate cases say; NaN and infinities.
    pub fn compounded(
        trades: &'a [(f64, f64)],
        levels: (f64, f64),
        seed: Seed,
    ) -> Result<Self, Undefined> {
        let added = Self::new(trades, 1.0, levels, seed)?;
        Ok(Self {
            compounded: true,
            ..added
        })
    }

    /// Return on the capital in run `run`.
    #[must_use]
    pub fn run(&self, run: u64) -> f64 {
        let mut stream = self.seed.stream(run);
        let level = self.low + (self.high - self.low) * stream.unit();
        let mut result = |(pnl, costs): &(f64, f64)| {
            let factor = 0.5 + stream.unit();
            pnl + costs - level * factor * costs
        };
        if self.compounded {
            let grow = |equity: f64, trade| equity * (1.0 + result(trade)).max(0.0);
            return self.trades.iter().fold(1.0, grow) - 1.0;
        }
        let net = self
            .trades
            .iter()
            .fold(0.0, |sum, trade| sum + result(trade));
        net / self.capital
    }

    /// The returns of the first `runs` runs, ascending.
    #[must_use]
    pub fn ascending(&self, runs: u32) -> Vec<MetricResult> {
        sorted(
            (0..u64::from(runs)).map(|run| defined(self.run(run))),
            Worst::Lowest,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::cost_breakeven::cost_breakeven;
    use crate::metrics::quantile::quantile;

    const TRADES: [(f64, f64); 3] = [(28.0, 2.0), (-9.0, 4.0), (3.0, 5.0)];

    fn jitter(low: f64, high: f64) -> CostJitter<'static> {
        CostJitter::new(&TRADES, 100.0, (low, high), Seed::from_int(5)).unwrap()
    }

    #[test]
    fn around_the_result_at_the_costs_assumed() {
        // 22 of 100 at the costs assumed; the factors move 11 of costs by half at most.
        let found = jitter(1.0, 1.0).ascending(2000);
        let middle = quantile(&found, 0.5).unwrap();
        assert!((middle - 0.22).abs() < 0.003, "{middle}");
        let (low, high) = (quantile(&found, 0.0), quantile(&found, 1.0));
        assert!(low.unwrap() >= 0.165 && high.unwrap() <= 0.275);
        // Free of costs nothing is left to chance.
        let free = jitter(0.0, 0.0).run(3);
        assert!((free - 0.33).abs() < 1e-12);
    }

    #[test]
    fn compounded_by_hand() {
        let seed = Seed::from_int(5);
        let trades = [(0.28, 0.02), (-0.09, 0.04)];
        let found = |levels| CostJitter::compounded(&trades, levels, seed).unwrap();
        // Free of costs: 1.3 x 0.95.
        assert!((found((0.0, 0.0)).run(1) - 0.235).abs() < 1e-12);
        // Between half and one and a half of the costs assumed.
        let (low, high) = (1.27 * 0.89 - 1.0, 1.29 * 0.93 - 1.0);
        for run in 0..200 {
            let net = found((1.0, 1.0)).run(run);
            assert!((low..=high).contains(&net), "{net}");
        }
        // Costs that eat everything leave nothing, not less.
        let gone = CostJitter::compounded(&[(0.0, 0.9)], (9.0, 9.0), seed).unwrap();
        assert_eq!(gone.run(0).to_bits(), (-1.0_f64).to_bits());
    }

    #[test]
    fn half_of_the_runs_around_the_break_even_are_left_with_a_profit() {
        // Break-even at three times the costs.
        let multiple = cost_breakeven(&TRADES).unwrap();
        let found = jitter(multiple - 1.0, multiple + 1.0).ascending(4000);
        let above = found.iter().filter(|x| x.unwrap() > 0.0).count();
        assert!((1800..2200).contains(&above), "{above}");
        assert_eq!(
            jitter(1.0, 2.0).run(7).to_bits(),
            jitter(1.0, 2.0).run(7).to_bits()
        );
    }

    #[test]
    fn no_value() {
        let seed = Seed::from_int(5);
        let none =
            |trades, capital, levels| CostJitter::new(trades, capital, levels, seed).unwrap_err();
        assert_eq!(none(&[], 1.0, (1.0, 2.0)), Undefined::NoTrades);
        assert_eq!(none(&TRADES, 0.0, (1.0, 2.0)), Undefined::OutOfRange);
        assert_eq!(none(&TRADES, 1.0, (2.0, 1.0)), Undefined::OutOfRange);
        assert_eq!(none(&TRADES, 1.0, (-1.0, 1.0)), Undefined::OutOfRange);
        assert_eq!(
            none(&[(f64::NAN, 1.0)], 1.0, (0.0, 1.0)),
            Undefined::NotANumber
        );
    }
}
