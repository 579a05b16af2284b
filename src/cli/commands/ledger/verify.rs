//! `promote ledger verify`: is everything as it was written, and does it follow?

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::ledger_verify;
use crate::app::runtime::block_on;
use crate::cli::commands::gate::Format;
use crate::cli::context::Context;

/// Flags of `ledger verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl VerifyArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Verifies the ledger: exit 0, or 9 with every finding.
///
/// # Errors
/// When there is no ledger.
pub fn run(args: &VerifyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let path = context.ledger_path()?;
    let report = block_on(ledger_verify::verify(&path))?;
    if context.global.json || args.wants_json() {
        context.print_json(&report)?;
    } else {
        context.print(&ledger_verify::text(&report))?;
    }
    Ok(if report.ok {
        Exit::Done
    } else {
        Exit::Integrity
    })
}
