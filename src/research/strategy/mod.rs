//! Strategies: rules that turn closed bars into a wanted direction.
//!
//! Every rule has forms that agree bar by bar. The incremental one ([`Strategy`]) sees one closed
//! bar at a time, in order, and nothing else: looking ahead is impossible by construction, and it is
//! what a session runs. The batch one takes the columns of a whole history and is what research
//! runs; tests hold it to the incremental one, and to giving the same past when the future is cut
//! off. Both share the decision and differ in how the indicators are computed. A third, [`form`], says what
//! is compared with what, so that a sweep computes it once for many rules.
//!
//! A rule knows neither money nor costs; those belong to `backtest`. One file per rule; [`kind`]
//! says what a rule declares about itself, [`registry`] lists them all.

pub mod bollinger;
pub mod breakout;
pub mod columns;
pub mod composite;
pub mod donchian;
pub mod form;
pub mod held;
pub mod indicators;
pub mod kind;
pub mod ma_crossover;
pub mod macd;
pub mod mean_reversion;
pub mod momentum;
pub mod registry;
pub mod resampled;
pub mod rsi_reversion;
pub mod trend_following;
pub mod values;
pub mod vol_regime_filter;

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

#[cfg(test)]
mod agreement;
#[cfg(test)]
pub(crate) mod testing;
