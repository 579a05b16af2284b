//! One run of a sweep: holding spans become figures, without a series in between.
//!
//! In: the spans in which a long-or-flat rule holds, in order. Out: [`Figures`]. The whole equity is
//! in the position from entry to exit (see [`super::passage`]), so that a run costs time by its trades,
//! not by its bars.
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
use super::levels::Reach;
use super::passage::{Outcome, Passage};
use super::ranges::{larger, smaller};
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
    reach: Reach,
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
            reach: Reach::of(stops),
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

    /// Takes the next span, as a run of its own would; one whose entry is no bar is none.
    #[cfg(test)]
    pub fn hold(&mut self, span: Span) {
        if let Some(passage) = self.ground.passage(span) {
            self.take(&passage);
        }
    }

    /// Takes the next passage; they come in order and do not overlap.
    #[inline]
    pub(super) fn take(&mut self, passage: &Passage) {
        let early = if self.reach.may_end(passage.entry_price, passage.held) {
            self.cut_short(passage)
        } else {
            None
        };
        let outcome = early.as_ref().unwrap_or(&passage.outcome);
        self.plain += outcome.plain;
        self.squares += outcome.squares;
        self.falls += outcome.falls;
        // Below the old peak, or below one that came while it was held: the lower counts.
        let low = smaller(self.height * outcome.low, outcome.fall);
        let height = smaller(self.height * outcome.after, outcome.height);
        self.lowest = smaller(smaller(self.lowest, low), height);
        self.height = smaller(height, 1.0);
        self.book(outcome);
    }

    /// The outcome where a level ends the passage before its own end.
    #[inline(never)]
    fn cut_short(&self, passage: &Passage) -> Option<Outcome> {
        let ground = self.ground;
        let end = ground.first_exit(&self.reach, passage.entry, passage.full)?;
        Some(ground.cut_short(passage, end))
    }

    /// A closed trade.
    #[inline]
    fn book(&mut self, outcome: &Outcome) {
        let ground = self.ground;
        let Outcome { after, gross, .. } = *outcome;
        self.trades += 1;
        let result = self.equity * (after - 1.0);
        self.costs += self.equity * ((1.0 - ground.bought) + gross * (1.0 - ground.sold));
        self.wins += u32::from(result > 0.0);
        self.losses += u32::from(result < 0.0);
        self.won += larger(result, 0.0);
        self.lost -= smaller(result, 0.0);
        self.equity *= after;
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

#[cfg(test)]
mod tests;
