//! `promote session commit`: how far a session has come, while it runs.

use std::path::PathBuf;

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::tracking::{self, LogFiles};
use crate::cli::commands::gate::recorded::carry_out;
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::kernel::id::SessionId;

/// Flags of `session commit`.
#[derive(Debug, Args)]
pub struct CommitArgs {
    /// Session
    pub session: SessionId,
    /// Table of time and return of every bar of the session so far
    #[arg(long, value_name = "FILE.csv")]
    pub returns: PathBuf,
    /// Signature of ops
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Commits a session's log.
///
/// # Errors
/// When a file is unusable, or the commit is refused.
pub fn run(args: &CommitArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let returns = context.path(&args.returns);
    carry_out(context, &args.signing, |desk| {
        let log = LogFiles { returns: &returns };
        let deed = tracking::commit(desk, &args.session, &log)?;
        Ok((args.session.to_string(), deed))
    })
}
