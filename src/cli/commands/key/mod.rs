//! `promote key`: keys: made, enrolled, replaced, revoked, listed.

pub mod enrol;
pub mod generate;
pub mod list;
pub mod revoke;
pub mod roots;
pub mod rotate;

use clap::{Args, Subcommand};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;

/// Flags of `key`.
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make an OpenSSH Ed25519 key file
    Generate(generate::GenerateArgs),
    /// Give a person a role and a key; signed by the root threshold and by the new key
    Enrol(Box<enrol::EnrolArgs>),
    /// Replace a key by another; signed by both
    Rotate(rotate::RotateArgs),
    /// Make a key stop counting; signed by its person, by risk and ops, or by the root threshold
    Revoke(revoke::RevokeArgs),
    /// Put other root keys in force; signed by the threshold of the old ones and of the new ones
    Roots(roots::RootsArgs),
    /// List the enrolled persons, the root keys and the machine keys
    List(list::ListArgs),
}

impl KeyArgs {
    pub(super) fn wants_json(&self) -> bool {
        matches!(&self.verb, Verb::List(args) if args.wants_json())
    }
}

/// Runs `key`.
///
/// # Errors
/// What the verb's own `run` says.
pub fn run(args: &KeyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Generate(args) => generate::run(args, context),
        Verb::Enrol(args) => enrol::run(args, context),
        Verb::Rotate(args) => rotate::run(args, context),
        Verb::Revoke(args) => revoke::run(args, context),
        Verb::Roots(args) => roots::run(args, context),
        Verb::List(args) => list::run(args, context),
    }
}
