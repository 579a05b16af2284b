//! Strategies: rules that turn closed bars into a wanted direction.
//!
//! A strategy sees one closed bar at a time, in order, and nothing else: looking ahead is
//! impossible by construction, and the same code runs over history and in a session. It knows
//! neither money nor stops nor costs; those belong to `backtest`. One file per rule; `registry`
//! maps kinds and typed parameters to them.

pub mod indicators;
pub mod registry;
pub mod rsi_reversion;

use crate::research::market::bar::Bar;

/// The direction that a rule wants to hold from the next bar's open on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Own the symbol.
    Long,
    /// Hold nothing.
    Flat,
    /// Be short of the symbol.
    Short,
}

/// A running rule.
pub trait Strategy: Send {
    /// Takes the next closed bar and says what to hold from now on.
    fn on_close(&mut self, bar: &Bar) -> Signal;
}
