//! `promote session`: what runs in a stage, and what it leaves in the ledger.

pub mod by;
pub mod close;
pub mod commit;
pub mod evidence;
pub mod list;
pub mod open;

use clap::{Args, Subcommand};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;

/// Flags of `session`.
#[derive(Debug, Args)]
pub struct SessionArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do with sessions.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Open a session of a portfolio in its present stage
    Open(open::OpenArgs),
    /// Commit how far a session has come
    Commit(commit::CommitArgs),
    /// Close a session
    Close(close::CloseArgs),
    /// Join all sessions of the present stage into one bundle
    Evidence(Box<evidence::EvidenceArgs>),
    /// Sessions and what they cover
    List(list::ListArgs),
}

impl SessionArgs {
    pub(super) fn wants_json(&self) -> bool {
        matches!(&self.verb, Verb::List(args) if args.wants_json())
    }
}

/// Runs `session`.
///
/// # Errors
/// What the verb's own `run` says.
pub fn run(args: &SessionArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Open(args) => open::run(args, context),
        Verb::Commit(args) => commit::run(args, context),
        Verb::Close(args) => close::run(args, context),
        Verb::Evidence(args) => evidence::run(args, context),
        Verb::List(args) => list::run(args, context),
    }
}
