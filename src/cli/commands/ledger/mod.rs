//! `promote ledger`: verify everything, show entries.

pub mod show;
pub mod verify;

use clap::{Args, Subcommand};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;

/// Flags of `ledger`.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do with the ledger.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Check every row, signature, approval count and verdict
    Verify(verify::VerifyArgs),
    /// Show the entries, or one of them
    Show(show::ShowArgs),
}

impl LedgerArgs {
    pub(super) fn wants_json(&self) -> bool {
        match &self.verb {
            Verb::Verify(args) => args.wants_json(),
            Verb::Show(args) => args.wants_json(),
        }
    }
}

/// Runs `ledger`.
///
/// # Errors
/// What the verb's own `run` says.
pub fn run(args: &LedgerArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Verify(args) => verify::run(args, context),
        Verb::Show(args) => show::run(args, context),
    }
}
