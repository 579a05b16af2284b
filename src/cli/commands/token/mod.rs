//! `promote token`: live-session tokens: issued, looked at, taken back, listed.

pub mod inspect;
pub mod issue;
pub mod list;
pub mod revoke;

use clap::{Args, Subcommand};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;

/// Flags of `token`.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Issue a token for a portfolio that is LIVE; signed by ops
    Issue(issue::IssueArgs),
    /// Show what a token claims and where it stands
    Inspect(inspect::InspectArgs),
    /// Take a token back; signed by ops or risk
    Revoke(revoke::RevokeArgs),
    /// List the tokens that were issued
    List(list::ListArgs),
}

impl TokenArgs {
    pub(super) fn wants_json(&self) -> bool {
        match &self.verb {
            Verb::Inspect(args) => args.wants_json(),
            Verb::List(args) => args.wants_json(),
            Verb::Issue(_) | Verb::Revoke(_) => false,
        }
    }
}

/// Runs `token`.
///
/// # Errors
/// What the verb's own `run` says.
pub fn run(args: &TokenArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Issue(args) => issue::run(args, context),
        Verb::Inspect(args) => inspect::run(args, context),
        Verb::Revoke(args) => revoke::run(args, context),
        Verb::List(args) => list::run(args, context),
    }
}
