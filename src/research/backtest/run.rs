//! Runs one strategy over history.
//!
//! The signal of a close is filled at the next bar's open, or where [`FillRule::SameClose`] is asked
//! for at that close; the last signal never enters anything. What is still held after the last bar
//! is closed at its close, with costs like any other exit.

use super::executor::{Executor, Fills, Position, Stops};
use super::fill::FillRule;
use super::leg::{Exit, Leg, Reason};
use crate::research::market::bar::Bar;
use crate::research::strategy::{Signal, Strategy};

/// All legs of `strategy` over `bars`, in order; they never overlap.
pub fn run(strategy: &mut dyn Strategy, stops: Stops, bars: &[Bar]) -> Vec<Leg> {
    let signals: Vec<Signal> = bars.iter().map(|bar| strategy.on_close(bar)).collect();
    legs(&signals, stops, bars)
}

/// All legs over `bars` of a strategy that gave `signals`, one at the close of each.
#[must_use]
pub fn legs(signals: &[Signal], stops: Stops, bars: &[Bar]) -> Vec<Leg> {
    legs_filled(signals, stops, bars, FillRule::NextOpen)
}

/// As [`legs`], filled as `rule` says.
#[must_use]
pub fn legs_filled(signals: &[Signal], stops: Stops, bars: &[Bar], rule: FillRule) -> Vec<Leg> {
    let mut executor = Executor::new(stops);
    let mut legs = Vec::new();
    let mut signal = Signal::Flat;
    let mut entered_at = 0;
    let last = bars.len().saturating_sub(1);
    for (index, (bar, next)) in bars.iter().zip(signals).enumerate() {
        let held = executor.position();
        let fills = match rule {
            FillRule::NextOpen => executor.step(signal, bar),
            // An entry at the last close would be nothing but its costs.
            FillRule::SameClose if index == last => Fills {
                exit_inside: executor.outlast(bar),
                ..Fills::default()
            },
            FillRule::SameClose => executor.step_at_close(*next, bar),
        };
        signal = *next;
        let ended = |held: Position, entry_bar: usize, exit: Exit| Leg {
            side: held.side,
            entry_bar,
            entry_price: held.entry_price,
            exit_bar: index,
            exit,
        };
        if let (Some(held), Some(exit)) = (held, fills.exit_on_signal) {
            legs.push(ended(held, entered_at, exit));
        }
        match rule {
            // A leg that ends inside the bar is the one entered at its open, else the one held
            // before.
            FillRule::NextOpen => {
                if fills.entry.is_some() {
                    entered_at = index;
                }
                if let (Some(held), Some(exit)) = (fills.entry.or(held), fills.exit_inside) {
                    legs.push(ended(held, entered_at, exit));
                }
            }
            FillRule::SameClose => {
                if let (Some(held), Some(exit)) = (held, fills.exit_inside) {
                    legs.push(ended(held, entered_at, exit));
                }
                if fills.entry.is_some() {
                    entered_at = index;
                }
            }
        }
    }
    if let (Some(held), Some(bar)) = (executor.position(), bars.last()) {
        legs.push(Leg {
            side: held.side,
            entry_bar: entered_at,
            entry_price: held.entry_price,
            exit_bar: last,
            exit: Exit {
                price: bar.close,
                reason: Reason::EndOfData,
            },
        });
    }
    legs
}

#[cfg(test)]
mod tests;
