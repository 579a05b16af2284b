//! App: one file per use case: load, decide, append, render.

pub mod config;
pub mod exit;
pub mod failure;
#[cfg(feature = "research")]
pub mod market;
#[cfg(feature = "research")]
pub mod robustness;
pub mod bare_metrics;
pub mod policy;
pub mod settings;
pub mod snippet;
pub mod workspace;
