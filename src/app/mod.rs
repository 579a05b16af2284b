//! App: one file per use case: load, decide, append, render.

pub mod access;
pub mod audit;
pub mod bare_metrics;
pub mod config;
pub mod entries;
pub mod evidence;
pub mod exit;
pub mod failure;
pub mod gate;
pub mod init;
pub mod kept_view;
#[cfg(feature = "research")]
pub mod market;
pub mod policy;
#[cfg(feature = "research")]
pub mod robustness;
pub mod runtime;
pub mod settings;
pub mod snippet;
pub mod workspace;
pub mod written;
