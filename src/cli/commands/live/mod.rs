//! `promote live`: live sessions.

pub mod start;

use clap::{Args, Subcommand};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;

/// Flags of `live`.
#[derive(Debug, Args)]
pub struct LiveArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do with live sessions.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Redeem a token and begin, up to the point where trading would begin
    Start(start::StartArgs),
}

/// Runs `live`.
///
/// # Errors
/// What the verb's own `run` says.
pub fn run(args: &LiveArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Start(args) => start::run(args, context),
    }
}
