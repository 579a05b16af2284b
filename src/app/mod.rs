//! App: one file per use case: load, decide, append, render.

pub mod evidence;
pub mod exit;
pub mod failure;
pub mod settings;
pub mod workspace;
