//! Commands of the gate: init, check, request, approve, deny, withdraw, decide, evaluate, status,
//! inbox, show, explain, log.

pub mod approve;
pub mod check;
pub mod checklist;
pub mod decide;
pub mod deny;
pub mod init;
pub mod log;
pub mod open;
pub mod recorded;
pub mod request;
pub mod show;
pub mod signing;
pub mod status;
pub mod withdraw;

use clap::ValueEnum;

/// Output formats of reading commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text.
    Table,
    /// JSON.
    Json,
}
