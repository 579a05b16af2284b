//! `promote clock acknowledge`: risk and ops say that a clock that is off may be used.

use clap::{Args, Subcommand};

use super::{Wanted, words};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::safety::SafetyAct;
use crate::governance::promotion::safety::clock_off::ClockAcknowledgement;
use crate::governance::promotion::safety::halt::HaltScope;

/// Flags of `clock`.
#[derive(Debug, Args)]
pub struct ClockArgs {
    /// What to do
    #[command(subcommand)]
    pub command: ClockCommand,
}

/// Verbs of `clock`.
#[derive(Debug, Subcommand)]
pub enum ClockCommand {
    /// A clock far ahead of, or behind, the last entry may be used
    Acknowledge(AcknowledgeArgs),
}

/// Flags of `clock acknowledge`.
#[derive(Debug, Args)]
pub struct AcknowledgeArgs {
    /// Why it is right
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Signatures: of risk and of ops
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Acknowledges.
///
/// # Errors
/// When it is refused, or the clock is in order.
pub fn run(args: &ClockArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let ClockCommand::Acknowledge(args) = &args.command;
    words("reason", &args.reason)?;
    let brought = super::brought(context, &args.signing)?;
    super::carry_out_at(context, &args.signing, true, |desk| {
        let act = match brought {
            Some(act @ SafetyAct::ClockAcknowledgement(_)) => act,
            _ => SafetyAct::ClockAcknowledgement(ClockAcknowledgement {
                clock: desk.clock(),
                last: desk.folded.last_time(),
                reason: args.reason.clone(),
            }),
        };
        Ok(Wanted {
            act,
            roles: vec![Role::Risk, Role::Ops],
            scope: HaltScope::Global,
            blobs: Vec::new(),
        })
    })
}
