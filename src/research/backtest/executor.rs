//! The executor: the position of one strategy, and every decision about its fills.
//!
//! In, per bar: the signal of the previous close, then the bar. Out: what was filled. The order
//! inside a bar (where signals are filled at their own close, the first step comes last, at the
//! close):
//! 1. at the open, a changed signal ends the position, and a new one is entered;
//! 2. inside the bar, the stop-loss, the trailing stop and the take-profit of whatever is held. A
//!    bar that opens beyond a level is filled at the open. Where one bar touches both a stop and the
//!    take-profit, the stop counts: the order inside the bar is unknown, so the worse one is assumed.
//!
//! The trailing stop is a distance from the best price of the earlier bars since the entry, and of
//! the entry itself: what the bar at hand reaches moves the level of the next one only. Of stop-loss
//! and trailing stop, the nearer one counts.
//!
//! After an exit inside a bar, the same direction is entered again only when the signal has once
//! been something else. Levels are distances from the market price of the entry. Costs and sizes
//! are not known here.

use super::leg::{Exit, Reason, Side};
use crate::research::market::bar::Bar;
use crate::research::strategy::Signal;

/// Distances of the exits, fractions of a price; none switches one off.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stops {
    /// Stop-loss, from the entry price.
    pub stop: Option<f64>,
    /// Take-profit, from the entry price.
    pub take_profit: Option<f64>,
    /// Trailing stop, from the best price since the entry.
    pub trailing: Option<f64>,
}

/// What is held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Long or short.
    pub side: Side,
    /// Market price of the entry.
    pub entry_price: f64,
    /// Best price for this side up to the previous bar, the entry included.
    pub best_price: f64,
}

impl Position {
    /// A position entered at the market price `price`.
    #[must_use]
    pub fn entered(side: Side, price: f64) -> Self {
        Self {
            side,
            entry_price: price,
            best_price: price,
        }
    }

    /// Takes a bar at whose end it is still held.
    pub fn outlast(&mut self, bar: &Bar) {
        self.best_price = match self.side {
            Side::Long => self.best_price.max(bar.high),
            Side::Short => self.best_price.min(bar.low),
        };
    }
}

/// What one bar filled: in this order, or with the exit inside first where signals are filled at
/// their own close.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Fills {
    /// Exit because the signal changed.
    pub exit_on_signal: Option<Exit>,
    /// Entry because the signal wants it.
    pub entry: Option<Position>,
    /// Exit inside the bar.
    pub exit_inside: Option<Exit>,
}

/// The position of one strategy.
#[derive(Debug, Clone)]
pub struct Executor {
    stops: Stops,
    position: Option<Position>,
    barred: Option<Side>,
}

impl Executor {
    /// Nothing held.
    #[must_use]
    pub fn new(stops: Stops) -> Self {
        Self {
            stops,
            position: None,
            barred: None,
        }
    }

    /// What is held now.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// Takes `signal`, given at the close of the previous bar, and then `bar`.
    pub fn step(&mut self, signal: Signal, bar: &Bar) -> Fills {
        let fills = self.turn(signal, bar.open);
        Fills {
            exit_inside: self.outlast(bar),
            ..fills
        }
    }

    /// Takes `bar`, and then `signal`, given at its close and filled there.
    pub fn step_at_close(&mut self, signal: Signal, bar: &Bar) -> Fills {
        let exit_inside = self.outlast(bar);
        Fills {
            exit_inside,
            ..self.turn(signal, bar.close)
        }
    }

    /// Fills `signal` at `price`.
    fn turn(&mut self, signal: Signal, price: f64) -> Fills {
        let wanted = Side::wanted(signal);
        if wanted != self.barred {
            self.barred = None;
        }
        let mut fills = Fills::default();
        if let Some(held) = self.position
            && wanted != Some(held.side)
        {
            self.position = None;
            fills.exit_on_signal = Some(Exit {
                price,
                reason: Reason::Signal,
            });
        }
        if let Some(side) = wanted
            && self.position.is_none()
            && self.barred != Some(side)
        {
            let entered = Position::entered(side, price);
            self.position = Some(entered);
            fills.entry = Some(entered);
        }
        fills
    }

    /// Holds what is held against the levels that `bar` reaches.
    pub(super) fn outlast(&mut self, bar: &Bar) -> Option<Exit> {
        let held = self.position.as_mut()?;
        let exit = self.stops.reached(*held, bar);
        if exit.is_some() {
            self.barred = Some(held.side);
            self.position = None;
        } else {
            held.outlast(bar);
        }
        exit
    }
}

impl Stops {
    /// These levels and `other`'s; where both have one, the nearer counts.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let nearer = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, none) => one.or(none),
        };
        Self {
            stop: nearer(self.stop, other.stop),
            take_profit: nearer(self.take_profit, other.take_profit),
            trailing: nearer(self.trailing, other.trailing),
        }
    }

    /// The distance of the stop that is nearest to a position at its entry; none without a stop.
    #[must_use]
    pub fn nearest(self) -> Option<f64> {
        let both = self.stop.into_iter().chain(self.trailing);
        both.min_by(f64::total_cmp)
    }

    /// True when there is no level.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.stop.or(self.take_profit).or(self.trailing).is_none()
    }

    /// The stop-loss or trailing stop of `held`, whichever is nearer to the price.
    fn stop_level(&self, held: Position) -> Option<(f64, Reason)> {
        let sign = held.side.sign();
        let below = |price: f64, distance: f64| price * (1.0 - sign * distance);
        let stop = self
            .stop
            .map(|d| (below(held.entry_price, d), Reason::Stop));
        let trail = self
            .trailing
            .map(|d| (below(held.best_price, d), Reason::TrailingStop));
        match (stop, trail) {
            (Some(stop), Some(trail)) if sign * (trail.0 - stop.0) > 0.0 => Some(trail),
            (stop, trail) => stop.or(trail),
        }
    }

    /// The exit that `bar` forces on `held`, if any.
    #[must_use]
    pub fn reached(&self, held: Position, bar: &Bar) -> Option<Exit> {
        let sign = held.side.sign();
        // The prices that are worst and best for this side.
        let (worst, best) = match held.side {
            Side::Long => (bar.low, bar.high),
            Side::Short => (bar.high, bar.low),
        };
        let stop = self.stop_level(held);
        let target = self
            .take_profit
            .map(|d| held.entry_price * (1.0 + sign * d));
        let beyond_stop = |price: f64| stop.is_some_and(|(level, _)| sign * (price - level) <= 0.0);
        let beyond_target = |price: f64| target.is_some_and(|level| sign * (price - level) >= 0.0);
        let exit = |price: f64, reason: Reason| Some(Exit { price, reason });
        if let Some((_, reason)) = stop
            && beyond_stop(bar.open)
        {
            return exit(bar.open, reason);
        }
        if beyond_target(bar.open) {
            return exit(bar.open, Reason::TakeProfit);
        }
        match (stop, target) {
            (Some((level, reason)), _) if beyond_stop(worst) => exit(level, reason),
            (_, Some(level)) if beyond_target(best) => exit(level, Reason::TakeProfit),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
