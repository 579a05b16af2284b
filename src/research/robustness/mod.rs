//! Robustness: the backtest of a portfolio and how far it can be trusted.
//!
//! `options` is what the user asks, `backtest` runs the portfolio, `windows` cuts the
//! out-of-sample part, `monte_carlo` and `stress` are the user's own runs (the gate does its own,
//! under the policy's conventions), `parts` puts everything into an evidence bundle.

pub mod backtest;
pub mod options;
pub mod windows;
