//! What every run of a sweep shares: the bars, their costs, and sums over any stretch of them.
//!
//! In: clean bars of one symbol, and costs. Out: a [`Ground`], whose size grows with the bars and
//! not with the runs. It never changes afterwards, so threads share it. Signals come from a whole
//! history; the bars that runs are tallied on are all of it, or stretches of it.

use std::borrow::Cow;
use std::ops::Range;

use super::ranges::{Closes, Ranges, Wicks};
use super::stretch::Stretches;
use crate::research::market::bar::Bar;
use crate::research::portfolio::account::Costs;

/// Sums of the bar returns up to a bar, that bar included.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// Of r.
    pub plain: f64,
    /// Of r^2.
    pub squares: f64,
    /// Of r^2 where r < 0.
    pub falls: f64,
}

/// Prices of one bar, and what a position entered at its open pays for one unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prices {
    pub open: f64,
    pub close: f64,
    /// 1 / open, 1 / close.
    pub inverse_open: f64,
    pub inverse_close: f64,
}

/// Bars, ready for many runs.
#[derive(Debug, Clone)]
pub struct Ground<'b> {
    history: &'b [Bar],
    stretches: Option<Stretches>,
    pub(super) bars: Cow<'b, [Bar]>,
    pub(super) prices: Vec<Prices>,
    pub(super) sums: Vec<Sums>,
    pub(super) closes: Ranges<Closes>,
    pub(super) extremes: Ranges<Wicks>,
    /// What is left of 1 after buying: 1 / ((1 + slippage) (1 + fee)).
    pub(super) bought: f64,
    /// What is left of 1 after selling: (1 - slippage) (1 - fee).
    pub(super) sold: f64,
}

impl<'b> Ground<'b> {
    /// Prepares `bars`; nothing of them is left out.
    #[must_use]
    pub fn new(bars: &'b [Bar], costs: Costs) -> Self {
        Self::over(bars, None, Cow::Borrowed(bars), costs)
    }

    /// Prepares `ranges` of `history`, in order and without overlap: the bars before and between them
    /// give signals and are not held.
    #[must_use]
    pub fn within(history: &'b [Bar], ranges: &[Range<usize>], costs: Costs) -> Self {
        let (stretches, bars) = Stretches::of(history, ranges);
        Self::over(history, Some(stretches), bars, costs)
    }

    fn over(
        history: &'b [Bar],
        stretches: Option<Stretches>,
        bars: Cow<'b, [Bar]>,
        costs: Costs,
    ) -> Self {
        let mut sums = Vec::with_capacity(bars.len());
        let (mut so_far, mut last) = (Sums::default(), None);
        for bar in bars.iter() {
            let r: f64 = last.map_or(0.0, |last| bar.close / last - 1.0);
            so_far.plain += r;
            so_far.squares += r * r;
            so_far.falls += if r < 0.0 { r * r } else { 0.0 };
            sums.push(so_far);
            last = Some(bar.close);
        }
        let wicks = bars.iter().map(|bar| Wicks {
            low: bar.low,
            high: bar.high,
        });
        Self {
            history,
            stretches,
            prices: bars
                .iter()
                .map(|bar| Prices {
                    open: bar.open,
                    close: bar.close,
                    inverse_open: 1.0 / bar.open,
                    inverse_close: 1.0 / bar.close,
                })
                .collect(),
            sums,
            closes: Ranges::new(
                bars.iter().map(|bar| Closes::of(bar.close)).collect(),
                Closes::then,
            ),
            extremes: Ranges::new(wicks.collect(), Wicks::then),
            bought: 1.0 / ((1.0 + costs.slippage) * (1.0 + costs.fee)),
            sold: (1.0 - costs.slippage) * (1.0 - costs.fee),
            bars,
        }
    }

    /// What gives the signals.
    #[must_use]
    pub fn history(&self) -> &'b [Bar] {
        self.history
    }

    /// Where runs may hold something; none: everywhere.
    #[must_use]
    pub fn stretches(&self) -> Option<&Stretches> {
        self.stretches.as_ref()
    }
}
