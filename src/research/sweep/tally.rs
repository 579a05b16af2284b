//! One run of a sweep: holding spans become figures, without a series in between.
//!
//! In: the spans in which a long-or-flat rule holds, in order. Out: [`Figures`]. The whole equity is
//! in the position from entry to exit, so the equity follows the price there: sums of returns over
//! a span are differences of running sums, and the worst fall comes from [`super::ranges`]. A run
//! costs time by its trades, not by its bars.
//!
//! # Formula
//! As `backtest` and `portfolio::account` with weight 1 and position fraction 1: entry and exit at
//! the open after the signal, stop-loss and take-profit inside the bar, slippage and fee per side.
//! Sharpe and Sortino as in `metrics`, over all bars, flat ones included. The equity before the
//! first bar is 1.
//!
//! # Degenerate cases
//! As in `metrics`: undefined is none.

use super::ground::Ground;
use super::levels::End;
use super::ranges::Closes;
use crate::research::backtest::executor::Stops;

/// From the bar at whose open a position is entered to the one at whose open it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Bar of the entry.
    pub entry: usize,
    /// Bar of the exit, later than `entry`; the number of bars when the data ends first.
    pub exit: usize,
}

/// What one run came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Fraction.
    pub total_return: f64,
    /// Per year; none without variance.
    pub sharpe: Option<f64>,
    /// Per year; none without a falling bar.
    pub sortino: Option<f64>,
    /// Fraction, positive.
    pub max_drawdown: f64,
    /// Closed trades.
    pub trades: u32,
    /// Wins of all that were decided; none when none was.
    pub hit_ratio: Option<f64>,
    /// Won over lost; none when nothing was lost.
    pub profit_factor: Option<f64>,
    /// Fees and slippage, as a multiple of the capital.
    pub costs: f64,
}

/// A run as it goes along.
#[derive(Debug, Clone)]
pub struct Tally<'g, 'b> {
    ground: &'g Ground<'b>,
    stops: Stops,
    equity: f64,
    /// Equity over its own peak.
    height: f64,
    lowest: f64,
    plain: f64,
    squares: f64,
    falls: f64,
    trades: u32,
    wins: u32,
    losses: u32,
    won: f64,
    lost: f64,
    costs: f64,
}

impl<'g, 'b> Tally<'g, 'b> {
    /// A run that has not begun.
    #[must_use]
    pub fn new(ground: &'g Ground<'b>, stops: Stops) -> Self {
        Self {
            ground,
            stops,
            equity: 1.0,
            height: 1.0,
            lowest: 1.0,
            plain: 0.0,
            squares: 0.0,
            falls: 0.0,
            trades: 0,
            wins: 0,
            losses: 0,
            won: 0.0,
            lost: 0.0,
            costs: 0.0,
        }
    }

    /// Takes the next span over the history: what of it lies where the ground lets runs hold.
    #[inline]
    pub fn follow(&mut self, span: Span) {
        match self.ground.parts() {
            None => self.hold(span),
            Some(parts) => parts.held(span).for_each(|span| self.hold(span)),
        }
    }

    /// Takes the next span; spans come in order and do not overlap. One whose entry is no bar is
    /// none.
    #[inline]
    #[allow(clippy::indexing_slicing, reason = "bars are checked at the top")]
    pub fn hold(&mut self, span: Span) {
        let ground = self.ground;
        let bars = ground.points.len();
        if span.entry >= bars || span.exit <= span.entry {
            return;
        }
        let entered = ground.points[span.entry];
        let end = self.end(span);
        // The value of one unit of equity at the entry, per unit of price.
        let per_price = entered.inverse_open * ground.bought;
        let after = per_price * end.price * ground.sold;
        if end.bar == span.entry {
            self.bar(after - 1.0);
            self.height *= after;
        } else {
            let last = end.bar - 1;
            let held = ground.closes.between(span.entry, last, Closes::then);
            let before = ground.points[last];
            self.plain += before.plain - entered.plain;
            self.squares += before.squares - entered.squares;
            self.falls += before.falls - entered.falls;
            self.bar(entered.close * per_price - 1.0);
            self.bar(end.price * before.inverse_close * ground.sold - 1.0);
            // Below the old peak, or below one that came while it was held: the lower counts.
            let height = self.height * per_price;
            self.lowest = smaller(smaller(self.lowest, height * held.min), held.fall);
            self.height = if height * held.max > 1.0 {
                end.price * ground.sold * held.inverse_max
            } else {
                self.height * after
            };
        }
        self.lowest = smaller(self.lowest, self.height);
        self.height = smaller(self.height, 1.0);
        self.book(after, per_price * end.price);
    }

    /// One bar with an own return.
    #[inline]
    fn bar(&mut self, r: f64) {
        self.plain += r;
        self.squares += r * r;
        self.falls += if r < 0.0 { r * r } else { 0.0 };
    }

    /// A closed trade; `gross` is what one unit of equity was worth before selling.
    #[inline]
    fn book(&mut self, after: f64, gross: f64) {
        let ground = self.ground;
        self.trades += 1;
        let result = self.equity * (after - 1.0);
        self.costs += self.equity * ((1.0 - ground.bought) + gross * (1.0 - ground.sold));
        self.wins += u32::from(result > 0.0);
        self.losses += u32::from(result < 0.0);
        self.won += if result > 0.0 { result } else { 0.0 };
        self.lost -= if result < 0.0 { result } else { 0.0 };
        self.equity *= after;
    }

    /// Where the span ends: at its own exit, or before it at a stop.
    #[inline]
    #[allow(clippy::indexing_slicing, reason = "the span is checked by the caller")]
    fn end(&self, span: Span) -> End {
        let ground = self.ground;
        let bars = ground.points.len();
        let last = span.exit.min(bars) - 1;
        if let Some(end) = ground.first_exit(self.stops, span.entry, last) {
            return end;
        }
        if span.exit < bars {
            End {
                bar: span.exit,
                price: ground.points[span.exit].open,
            }
        } else {
            End {
                bar: last,
                price: ground.points[last].close,
            }
        }
    }

    /// What the run came to; `periods_per_year` is the number of bars in a year.
    #[must_use]
    pub fn figures(&self, periods_per_year: f64) -> Figures {
        let n = self.ground.points.len() as f64;
        let mean = self.plain / n;
        let variance = (self.squares - self.plain * mean) / (n - 1.0);
        let annual = libm::sqrt(periods_per_year);
        let downside = libm::sqrt(self.falls / n);
        let decided = self.wins + self.losses;
        let ratio = |top: f64, bottom: f64| (bottom > 0.0).then(|| top / bottom);
        Figures {
            total_return: self.equity - 1.0,
            sharpe: ratio(mean * annual, libm::sqrt(variance.max(0.0))),
            sortino: ratio(mean * annual, downside),
            max_drawdown: 1.0 - self.lowest,
            trades: self.trades,
            hit_ratio: ratio(f64::from(self.wins), f64::from(decided)),
            profit_factor: ratio(self.won, self.lost),
            costs: self.costs,
        }
    }
}

#[inline]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests;
