//! What every run of a sweep shares: the bars, their costs, and sums over any stretch of them.
//!
//! In: clean bars of one symbol, and costs. Out: a [`Ground`], whose size grows with the bars and
//! not with the runs. It never changes afterwards, so threads share it. Signals come from a whole
//! history; the bars that runs are tallied on are all of it, or parts of it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use super::parts::Parts;
use super::passage::Passage;
use super::ranges::{Course, Falls, Ranges};
use super::tally::Span;
use crate::research::market::bar::Bar;
use crate::research::portfolio::account::Costs;

/// Prices of one bar, and sums of the bar returns up to it, itself included; one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Point {
    pub open: f64,
    pub close: f64,
    /// 1 / open, 1 / close.
    pub inverse_open: f64,
    pub inverse_close: f64,
    /// Sum of r.
    pub plain: f64,
    /// Sum of r^2.
    pub squares: f64,
    /// Sum of r^2 where r < 0.
    pub falls: f64,
}

/// Bars, ready for many runs.
#[derive(Debug, Clone)]
pub struct Ground<'b> {
    history: &'b [Bar],
    parts: Option<Parts>,
    /// The whole history, for rules that follow levels of their own; made when one asks.
    whole: OnceLock<Box<Ground<'b>>>,
    pub(super) bars: Cow<'b, [Bar]>,
    pub(super) points: Vec<Point>,
    pub(super) courses: Ranges<Course>,
    falls: OnceLock<Ranges<Falls>>,
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
        let (parts, bars) = Parts::of(history, ranges);
        Self::over(history, Some(parts), bars, costs)
    }

    fn over(history: &'b [Bar], parts: Option<Parts>, bars: Cow<'b, [Bar]>, costs: Costs) -> Self {
        let mut points = Vec::with_capacity(bars.len());
        let (mut plain, mut squares, mut falls, mut last) = (0.0, 0.0, 0.0, None);
        for bar in bars.iter() {
            let r: f64 = last.map_or(0.0, |last| bar.close / last - 1.0);
            plain += r;
            squares += r * r;
            falls += if r < 0.0 { r * r } else { 0.0 };
            points.push(Point {
                open: bar.open,
                close: bar.close,
                inverse_open: 1.0 / bar.open,
                inverse_close: 1.0 / bar.close,
                plain,
                squares,
                falls,
            });
            last = Some(bar.close);
        }
        Self {
            history,
            parts,
            whole: OnceLock::new(),
            points,
            courses: Ranges::new(bars.iter().map(Course::of).collect(), Course::then),
            falls: OnceLock::new(),
            bought: 1.0 / ((1.0 + costs.slippage) * (1.0 + costs.fee)),
            sold: (1.0 - costs.slippage) * (1.0 - costs.fee),
            bars,
        }
    }

    /// Falls below earlier highs: only trailing stops ask for them, so they are made when one does.
    pub(super) fn falls(&self) -> &Ranges<Falls> {
        self.falls.get_or_init(|| {
            let bars = self.bars.iter().map(Falls::of);
            Ranges::new(bars.collect(), Falls::then)
        })
    }

    /// The ground that signals are followed on: the whole history.
    pub(super) fn whole(&self) -> &Ground<'b> {
        if self.parts.is_none() {
            return self;
        }
        // Levels know no costs.
        let free = Costs {
            fee: 0.0,
            slippage: 0.0,
        };
        self.whole
            .get_or_init(|| Box::new(Self::new(self.history, free)))
    }

    /// What every holder of `span`, over the history, goes through: one passage per part that it
    /// touches.
    #[inline]
    pub(super) fn pass(&self, span: Span, mut each: impl FnMut(&Passage)) {
        let mut one = |span| {
            if let Some(passage) = self.passage(span) {
                each(&passage);
            }
        };
        match &self.parts {
            None => one(span),
            Some(parts) => parts.held(span).for_each(one),
        }
    }

    /// What gives the signals.
    #[must_use]
    pub fn history(&self) -> &'b [Bar] {
        self.history
    }

    /// Where runs may hold something; none: everywhere.
    #[must_use]
    pub fn parts(&self) -> Option<&Parts> {
        self.parts.as_ref()
    }
}
