//! Research: from bars to a robustness result. Pure computation, parallel with rayon.

pub mod backtest;
pub mod market;
pub mod portfolio;
pub mod robustness;
pub mod strategy;
pub mod sweep;
pub mod walk_forward;
