//! Trade shuffle: the same trades in another order.
//!
//! # Formula
//! Every run puts the net results of the closed trades into a random order (Fisher and Yates, stream
//! `chacha8/stream-v1` of [`super::bootstrap`], one per run) and walks the equity C + sum(pnl) along
//! it, C being the capital; or, for trades that each took the whole equity, prod(1 + r) of their
//! returns. The end is the same in every run; what differs is how deep it goes on
//! the way, and how many losses come in a row. It asks whether the history was lucky in its order, and
//! knows nothing of trades that depend on each other or overlap.
//!
//! # Units
//! Drawdown a positive fraction of the peak; a streak in trades.
//!
//! # Degenerate cases
//! No trade: `no_trades`. No capital, or a return below -1: `out_of_range`. An equity at or below 0:
//! drawdown 1.

use super::bootstrap::Seed;
use super::{MetricResult, Undefined, defined};

/// One order's figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shuffled {
    /// Maximum drawdown, positive.
    pub max_drawdown: f64,
    /// Most losing trades in a row.
    pub losing_streak: u32,
}

/// Closed trades, ready for shuffling.
#[derive(Debug, Clone, Copy)]
pub struct TradeShuffle<'a> {
    pnl: &'a [f64],
    capital: f64,
    compounded: bool,
    seed: Seed,
}

impl<'a> TradeShuffle<'a> {
    /// Makes the net results `pnl` ready, both in money.
    ///
    /// # Errors
    /// As the degenerate cases say; NaN and infinities.
    pub fn new(pnl: &'a [f64], capital: f64, seed: Seed) -> Result<Self, Undefined> {
        if pnl.is_empty() {
            return Err(Undefined::NoTrades);
        }
        for result in pnl {
            defined(*result)?;
        }
        if defined(capital)? <= 0.0 {
            return Err(Undefined::OutOfRange);
        }
        Ok(Self {
            pnl,
            capital,
            compounded: false,
            seed,
        })
    }

    /// Makes the net `returns` of trades ready that each took the whole equity, fractions of it.
    ///
    /// # Errors
    /// As the degenerate cases say; NaN and infinities.
    pub fn compounded(returns: &'a [f64], seed: Seed) -> Result<Self, Undefined> {
        let added = Self::new(returns, 1.0, seed)?;
        if returns.iter().any(|r| *r < -1.0) {
            return Err(Undefined::OutOfRange);
        }
        Ok(Self {
            compounded: true,
            ..added
        })
    }

    /// The order that the trades had.
    #[must_use]
    pub fn as_traded(&self) -> Shuffled {
        self.walk(self.pnl)
    }

    /// Order number `run`.
    #[must_use]
    pub fn run(&self, run: u64) -> Shuffled {
        let mut stream = self.seed.stream(run);
        let mut order = self.pnl.to_vec();
        for left in (2..=order.len()).rev() {
            order.swap(left - 1, stream.below(left));
        }
        self.walk(&order)
    }

    fn walk(&self, order: &[f64]) -> Shuffled {
        let (mut equity, mut peak, mut lowest) = (self.capital, self.capital, 1.0_f64);
        let (mut streak, mut longest) = (0, 0);
        for pnl in order {
            equity += if self.compounded { equity * pnl } else { *pnl };
            peak = peak.max(equity);
            lowest = lowest.min(equity / peak);
            streak = if *pnl < 0.0 { streak + 1 } else { 0 };
            longest = longest.max(streak);
        }
        Shuffled {
            max_drawdown: 1.0 - lowest.max(0.0),
            losing_streak: longest,
        }
    }

    /// Share of the orders that fall less deep than the trades did: near 0 says that the history was
    /// lucky in its order.
    ///
    /// # Errors
    /// `too_few_observations` without runs.
    pub fn share_better(&self, runs: u32) -> MetricResult {
        if runs == 0 {
            return Err(Undefined::TooFewObservations);
        }
        let own = self.as_traded().max_drawdown;
        let better = |run: &u64| self.run(*run).max_drawdown < own;
        let count = (0..u64::from(runs)).filter(better).count();
        defined(count as f64 / f64::from(runs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shuffle(pnl: &[f64]) -> TradeShuffle<'_> {
        TradeShuffle::new(pnl, 100.0, Seed::from_int(1)).unwrap()
    }

    #[test]
    fn by_hand() {
        // 100, 110, 99, 88, 108: from 110 to 88.
        let found = shuffle(&[10.0, -11.0, -11.0, 20.0]).as_traded();
        assert!((found.max_drawdown - 0.2).abs() < 1e-15);
        assert_eq!(found.losing_streak, 2);
        let broke = shuffle(&[-150.0, 10.0]).as_traded();
        assert_eq!(broke.max_drawdown.to_bits(), 1.0_f64.to_bits());
    }

    #[test]
    fn compounded_by_hand() {
        let seed = Seed::from_int(1);
        // 1.1 x 0.8 x 0.5 x 2: from 1.1 to 0.44.
        let returns = [0.1, -0.2, -0.5, 1.0];
        let found = TradeShuffle::compounded(&returns, seed).unwrap();
        assert!((found.as_traded().max_drawdown - 0.6).abs() < 1e-15);
        // The losses come in a row (60 %), around the gain of 10 % (56 %), or around that of 100 %.
        for run in 0..50 {
            let deep = found.run(run).max_drawdown;
            let known = [0.5, 0.56, 0.6]
                .into_iter()
                .any(|x: f64| (x - deep).abs() < 1e-12);
            assert!(known, "{deep}");
        }
        let broken = TradeShuffle::compounded(&[-1.5], seed).unwrap_err();
        assert_eq!(broken, Undefined::OutOfRange);
    }

    #[test]
    fn two_trades_come_in_either_order_equally_often() {
        // Loss first: 10 %; gain first: 10 of 150.
        let trades = [50.0, -10.0];
        let both = shuffle(&trades);
        let deep = (0..2000)
            .filter(|run| both.run(*run).max_drawdown > 0.09)
            .count();
        assert!((900..1100).contains(&deep), "{deep}");
        // As traded is the lucky order: no order is better.
        assert_eq!(both.share_better(500), Ok(0.0));
    }

    #[test]
    fn no_value() {
        let seed = Seed::from_int(1);
        let none = |pnl: &[f64], capital| TradeShuffle::new(pnl, capital, seed).unwrap_err();
        assert_eq!(none(&[], 1.0), Undefined::NoTrades);
        assert_eq!(none(&[1.0], 0.0), Undefined::OutOfRange);
        assert_eq!(none(&[f64::NAN], 1.0), Undefined::NotANumber);
        let few = shuffle(&[1.0]).share_better(0);
        assert_eq!(few, Err(Undefined::TooFewObservations));
    }

    proptest! {
        #[test]
        fn the_best_and_the_worst_order_hold_every_other_one(
            pnl in prop::collection::vec(-5.0_f64..6.0, 1..30), run in any::<u64>(),
        ) {
            let found = shuffle(&pnl).run(run);
            let mut losses_first = pnl.clone();
            losses_first.sort_by(f64::total_cmp);
            let mut gains_first = losses_first.clone();
            gains_first.reverse();
            // All losses in a row from the lowest possible peak are the deepest fall.
            let deepest = shuffle(&losses_first).as_traded().max_drawdown;
            prop_assert!(found.max_drawdown <= deepest + 1e-12);
            let losses = pnl.iter().filter(|x| **x < 0.0).count();
            prop_assert!(found.losing_streak as usize <= losses);
            prop_assert_eq!(shuffle(&gains_first).as_traded().losing_streak as usize, losses);
        }
    }
}
