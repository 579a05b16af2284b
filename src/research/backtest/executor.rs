//! The executor: the position of one strategy, and every decision about its fills.
//!
//! In, per bar: the signal of the previous close, then the bar. Out: what was filled. The order
//! inside a bar:
//! 1. at the open, a changed signal ends the position, and a new one is entered;
//! 2. inside the bar, the stop-loss and the take-profit of whatever is held. A bar that opens
//!    beyond a level is filled at the open. Where one bar touches both, the stop counts: the order
//!    inside the bar is unknown, so the worse one is assumed.
//!
//! After a stop or take-profit, the same direction is entered again only when the signal has once
//! been something else. Levels are distances from the market price of the entry. Costs and sizes
//! are not known here.

use super::leg::{Exit, Reason, Side};
use crate::research::market::bar::Bar;
use crate::research::strategy::Signal;

/// Distances of the exits from the entry price, fractions; none switches one off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stops {
    /// Stop-loss.
    pub stop: Option<f64>,
    /// Take-profit.
    pub take_profit: Option<f64>,
}

/// What is held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Long or short.
    pub side: Side,
    /// Market price of the entry.
    pub entry_price: f64,
}

/// What one bar filled, in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Fills {
    /// Exit at the open, because the signal changed.
    pub exit_at_open: Option<Exit>,
    /// Entry at the open.
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
        let wanted = Side::wanted(signal);
        if wanted != self.barred {
            self.barred = None;
        }
        let mut fills = Fills::default();
        if let Some(held) = self.position
            && wanted != Some(held.side)
        {
            self.position = None;
            fills.exit_at_open = Some(Exit {
                price: bar.open,
                reason: Reason::Signal,
            });
        }
        if let Some(side) = wanted
            && self.position.is_none()
            && self.barred != Some(side)
        {
            let entered = Position {
                side,
                entry_price: bar.open,
            };
            self.position = Some(entered);
            fills.entry = Some(entered);
        }
        if let Some(held) = self.position
            && let Some(exit) = self.stops.reached(held, bar)
        {
            self.position = None;
            self.barred = Some(held.side);
            fills.exit_inside = Some(exit);
        }
        fills
    }
}

impl Stops {
    /// The exit that `bar` forces on `held`, if any.
    #[must_use]
    pub fn reached(&self, held: Position, bar: &Bar) -> Option<Exit> {
        let sign = held.side.sign();
        // The prices that are worst and best for this side.
        let (worst, best) = match held.side {
            Side::Long => (bar.low, bar.high),
            Side::Short => (bar.high, bar.low),
        };
        let stop = self.stop.map(|d| held.entry_price * (1.0 - sign * d));
        let target = self
            .take_profit
            .map(|d| held.entry_price * (1.0 + sign * d));
        let beyond_stop = |price: f64| stop.is_some_and(|level| sign * (price - level) <= 0.0);
        let beyond_target = |price: f64| target.is_some_and(|level| sign * (price - level) >= 0.0);
        let exit = |price: f64, reason: Reason| Some(Exit { price, reason });
        if beyond_stop(bar.open) {
            return exit(bar.open, Reason::Stop);
        }
        if beyond_target(bar.open) {
            return exit(bar.open, Reason::TakeProfit);
        }
        match (stop, target) {
            (Some(level), _) if beyond_stop(worst) => exit(level, Reason::Stop),
            (_, Some(level)) if beyond_target(best) => exit(level, Reason::TakeProfit),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
