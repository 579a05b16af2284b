//! Backtest: one strategy over one series of bars.
//!
//! `executor` is the state of one position and decides every fill, bar by bar; `run` drives it over
//! history. Out come [`leg::Leg`]s: entries and exits at market prices, without money. What they
//! earn depends on the equity at their entry, and belongs to `portfolio::account`.

pub mod executor;
pub mod leg;
pub mod run;
