//! Commands of the gate: init, check, request, approve, deny, withdraw, decide, evaluate, status,
//! inbox, show, explain, as-of, log.

pub mod approve;
pub mod as_of;
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

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::promotion::state::State;
use crate::kernel::id::PortfolioId;

/// Output formats of reading commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text.
    Table,
    /// JSON.
    Json,
}

/// Refuses a portfolio that no request has named.
///
/// # Errors
/// Exit 7 when it is not registered.
fn registered(state: &State, portfolio: &PortfolioId) -> Result<(), Failure> {
    if state.portfolios.contains_key(portfolio) {
        return Ok(());
    }
    let text = format!("`{portfolio}` is not registered: no request has named it yet");
    Err(Failure::new(Exit::Conflict, "portfolio.unknown", text)
        .hint("`promote status` lists the portfolios"))
}
