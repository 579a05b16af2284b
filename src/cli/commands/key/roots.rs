//! `promote key roots`: other root keys come into force.

use std::path::PathBuf;

use clap::Args;

use crate::adapters::keys::read_public_key;
use crate::app::access::roots::change;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::failures;
use crate::cli::commands::access::{recorded, with_desk};
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::governance::promotion::access::acts::RootChange;

/// Flags of `key roots`.
#[derive(Debug, Args)]
pub struct RootsArgs {
    /// Public key of a root of the new set; at least three, repeated
    #[arg(long, value_name = "FILE.pub", required = true)]
    pub root_key: Vec<PathBuf>,
    /// How many of the new roots must sign
    #[arg(long, value_name = "K")]
    pub root_threshold: u32,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Signatures: the threshold of the old roots, and that of the new ones
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Changes the root keys; exit 8 while the statement waits for signatures.
///
/// # Errors
/// When a rule forbids it.
pub fn run(args: &RootsArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let how = args.signing.how(context)?;
    let files: Vec<PathBuf> = args.root_key.iter().map(|f| context.path(f)).collect();
    let roots = files
        .iter()
        .map(|file| read_public_key(file).map_err(|e| failures::key(&e)))
        .collect::<Result<Vec<_>, _>>()?;
    let subject = format!("{} of {} root keys", args.root_threshold, roots.len());
    let wish = RootChange {
        roots,
        threshold: args.root_threshold,
        reason: args.reason.clone(),
    };
    let ((made, written), next) = with_desk(context, async |desk, world| {
        change(desk, (&wish, &files), &how, world).await
    })?;
    recorded(context, &made, &written, subject, (None, next))
}
