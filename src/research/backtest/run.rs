//! Runs one strategy over history.
//!
//! The signal of a close is filled at the next bar's open; the last signal is never filled. What
//! is still held after the last bar is closed at its close, with costs like any other exit.

use super::executor::{Executor, Stops};
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
    let mut executor = Executor::new(stops);
    let mut legs = Vec::new();
    let mut signal = Signal::Flat;
    let mut entered_at = 0;
    for (index, (bar, next)) in bars.iter().zip(signals).enumerate() {
        let held = executor.position();
        let fills = executor.step(signal, bar);
        if let (Some(held), Some(exit)) = (held, fills.exit_at_open) {
            legs.push(Leg {
                side: held.side,
                entry_bar: entered_at,
                entry_price: held.entry_price,
                exit_bar: index,
                exit,
            });
        }
        if fills.entry.is_some() {
            entered_at = index;
        }
        // A leg that ends inside the bar is the one entered at its open, else the one held before.
        if let (Some(held), Some(exit)) = (fills.entry.or(held), fills.exit_inside) {
            legs.push(Leg {
                side: held.side,
                entry_bar: entered_at,
                entry_price: held.entry_price,
                exit_bar: index,
                exit,
            });
        }
        signal = *next;
    }
    if let (Some(held), Some(last)) = (executor.position(), bars.last()) {
        legs.push(Leg {
            side: held.side,
            entry_bar: entered_at,
            entry_price: held.entry_price,
            exit_bar: bars.len() - 1,
            exit: Exit {
                price: last.close,
                reason: Reason::EndOfData,
            },
        });
    }
    legs
}

#[cfg(test)]
mod tests;
