//! `promote instance`: installations that may run sessions: made, enrolled, listed.

pub mod enrol;
pub mod init;
pub mod list;

use clap::{Args, Subcommand};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;

/// Flags of `instance`.
#[derive(Debug, Args)]
pub struct InstanceArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do with instances.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make the key and the card of an instance, on its host
    Init(init::InitArgs),
    /// Let an instance in; signed by risk and ops
    Enrol(enrol::EnrolArgs),
    /// List the enrolled instances
    List(list::ListArgs),
}

impl InstanceArgs {
    pub(super) fn wants_json(&self) -> bool {
        matches!(&self.verb, Verb::List(args) if args.wants_json())
    }
}

/// Runs `instance`.
///
/// # Errors
/// What the verb's own `run` says.
pub fn run(args: &InstanceArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Init(args) => init::run(args, context),
        Verb::Enrol(args) => enrol::run(args, context),
        Verb::List(args) => list::run(args, context),
    }
}
