//! Robustness: the backtest of a portfolio and how far it can be trusted.
//!
//! `options` is what the user asks, `backtest` runs the portfolio, `windows` cuts the
//! out-of-sample part, `trials` and `stressing` are the user's own Monte-Carlo and stress runs (the
//! gate does its own, under the policy's conventions), `draws` those on a single run, `outcome` does all of it, `parts` puts it into
//! evidence, `rerun` does it again from what a bundle says.

pub mod backtest;
pub mod draws;
pub mod options;
pub mod outcome;
pub mod parts;
pub mod rerun;
pub mod stressing;
pub mod trials;
pub mod windows;
