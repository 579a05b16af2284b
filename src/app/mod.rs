//! App: one file per use case: load, decide, append, render.

pub mod bare_metrics;
pub mod exit;
pub mod failure;
#[cfg(feature = "research")]
pub mod market;
pub mod policy;
pub mod settings;
pub mod workspace;
