//! What holding from one bar to another comes to, whoever holds.
//!
//! In: a span. Out: a [`Passage`]: what one unit of equity goes through, from the purchase at the
//! entry's open to the sale. Runs that differ in their levels alone share it; one whose level is
//! reached inside asks for a shorter [`Outcome`] of its own.
//!
//! # Formula
//! Entry and exit at the open after the signal; slippage and fee per side. Inside, the equity follows
//! the price, so sums of returns over a span are differences of running sums, and the worst fall comes
//! from [`super::ranges`].

use super::ground::Ground;
use super::levels::End;
use super::ranges::{Course, smaller};
use super::tally::Span;

/// A span over the bars, as every holder sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passage {
    /// Bar of the entry.
    pub entry: usize,
    /// Last bar that is held to its close, unless a level ends it before.
    pub full: usize,
    /// Open of the entry, without costs.
    pub entry_price: f64,
    /// The bars from `entry` to `full`.
    pub held: Course,
    /// To the span's own end.
    pub outcome: Outcome,
}

/// What became of one unit of equity.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Outcome {
    /// Equity after the sale.
    pub after: f64,
    /// Equity just before it.
    pub gross: f64,
    /// Sum of the bars' returns.
    pub plain: f64,
    /// Sum of their squares.
    pub squares: f64,
    /// Sum of the squares of the negative ones.
    pub falls: f64,
    /// The lowest equity at a close.
    pub low: f64,
    /// The smallest ratio of the equity at a close to that at an earlier one.
    pub fall: f64,
    /// Equity after the sale over the highest at a close before; infinite when there was none.
    pub height: f64,
}

impl Outcome {
    /// One bar with an own return.
    #[inline]
    fn bar(&mut self, r: f64) {
        let fall = smaller(r, 0.0);
        self.plain += r;
        self.squares += r * r;
        self.falls += fall * fall;
    }
}

impl Ground<'_> {
    /// What `span` comes to; none when it holds no bar.
    #[inline]
    pub(super) fn passage(&self, span: Span) -> Option<Passage> {
        let bars = self.points.len();
        if span.entry >= bars || span.exit <= span.entry {
            return None;
        }
        let full = span.exit.min(bars) - 1;
        let held = self.courses.between(span.entry, full, Course::then);
        let end = match self.points.get(span.exit) {
            Some(exit) => End {
                bar: span.exit,
                price: exit.open,
            },
            None => End {
                bar: full,
                price: self.points.get(full)?.close,
            },
        };
        Some(Passage {
            entry: span.entry,
            full,
            entry_price: self.points.get(span.entry)?.open,
            held,
            outcome: self.outcome(span.entry, end, full, held),
        })
    }

    /// What a passage that ends early comes to.
    #[inline(never)]
    pub(super) fn cut_short(&self, passage: &Passage, end: End) -> Outcome {
        self.outcome(passage.entry, end, passage.full, passage.held)
    }

    /// From the open of `entry` to `end`, which is no earlier; `held` are the bars from `entry` to
    /// `full`.
    #[inline(always)]
    #[allow(clippy::indexing_slicing, reason = "bars are checked in `passage`")]
    fn outcome(&self, entry: usize, end: End, full: usize, held: Course) -> Outcome {
        let entered = self.points[entry];
        // The value of one unit of equity at the entry, per unit of price.
        let per_price = entered.inverse_open * self.bought;
        let gross = per_price * end.price;
        let after = gross * self.sold;
        if end.bar == entry {
            let mut outcome = Outcome {
                after,
                gross,
                low: after,
                fall: 1.0,
                height: f64::INFINITY,
                ..Outcome::default()
            };
            outcome.bar(after - 1.0);
            return outcome;
        }
        let last = end.bar - 1;
        let held = if last == full {
            held
        } else {
            self.courses.between(entry, last, Course::then)
        };
        let before = self.points[last];
        let mut outcome = Outcome {
            after,
            gross,
            plain: before.plain - entered.plain,
            squares: before.squares - entered.squares,
            falls: before.falls - entered.falls,
            low: per_price * held.min,
            fall: held.fall,
            height: end.price * self.sold * held.inverse_max,
        };
        outcome.bar(entered.close * per_price - 1.0);
        outcome.bar(end.price * before.inverse_close * self.sold - 1.0);
        outcome
    }
}
