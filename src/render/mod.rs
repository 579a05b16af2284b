//! Render: values in, text out. Nothing here reads a file or decides anything.

pub mod amount;
pub mod decision_log;
pub mod markdown;
