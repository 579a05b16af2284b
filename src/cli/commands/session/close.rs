//! `promote session close`: a session ends, as planned or not.

use clap::{Args, ValueEnum};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::tracking;
use crate::cli::commands::gate::recorded::carry_out;
use crate::cli::commands::session::by::ByArgs;
use crate::cli::context::Context;
use crate::governance::promotion::tracks::session::Ending;
use crate::kernel::id::SessionId;

/// Flags of `session close`.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// Session
    pub session: SessionId,
    /// How it ended
    #[arg(long, value_name = "HOW")]
    pub status: How,
    /// A word to the record
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub comment: String,
    /// Who signs
    #[command(flatten)]
    pub by: ByArgs,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum How {
    /// As planned.
    Completed,
    /// Stopped by somebody.
    Aborted,
    /// Broken down.
    Failed,
}

/// Closes a session.
///
/// # Errors
/// When it is refused.
pub fn run(args: &CloseArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let ending = match args.status {
        How::Completed => Ending::Completed,
        How::Aborted => Ending::Aborted,
        How::Failed => Ending::Failed,
    };
    let signing = args.by.signing(context)?;
    carry_out(context, &signing, |desk| {
        let deed = tracking::close(desk, &args.session, ending, &args.comment)?;
        Ok((args.session.to_string(), deed))
    })
}
