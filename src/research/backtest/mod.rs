//! Backtest: one strategy over one series of bars.
//!
//! `fill` says at which price a signal is filled, `executor` is the state of one position and decides every fill, bar by bar; `run` drives it over
//! history. Out come [`leg::Leg`]s: entries and exits at market prices, without money. What they
//! earn depends on the equity at their entry, and belongs to `portfolio::account`.

pub mod executor;
pub mod fill;
pub mod leg;
pub mod run;
