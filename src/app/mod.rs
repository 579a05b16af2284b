//! App: one file per use case: load, decide, append, render.

pub mod exit;
pub mod failure;
#[cfg(feature = "research")]
pub mod market;
pub mod settings;
pub mod workspace;
