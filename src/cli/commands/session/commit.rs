//! `promote session commit`: how far a session has come, while it runs.

use std::path::PathBuf;

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::tracking;
use crate::cli::commands::gate::recorded::carry_out;
use crate::cli::commands::session::by::ByArgs;
use crate::cli::context::Context;
use crate::kernel::id::SessionId;

/// Flags of `session commit`.
#[derive(Debug, Args)]
pub struct CommitArgs {
    /// Session
    pub session: SessionId,
    /// Folder with the session's log so far: full.csv (or returns.csv: time and return of every bar),
    /// and as far as there are any trades.csv, orders.csv and events.csv
    #[arg(long, value_name = "DIR")]
    pub log: PathBuf,
    /// Who signs
    #[command(flatten)]
    pub by: ByArgs,
}

/// Commits a session's log.
///
/// # Errors
/// When a file is unusable, or the commit is refused.
pub fn run(args: &CommitArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let log = context.path(&args.log);
    let signing = args.by.signing(context)?;
    carry_out(context, &signing, |desk| {
        let deed = tracking::commit(desk, &args.session, &log)?;
        Ok((args.session.to_string(), deed))
    })
}
