//! `promote key rotate`: a person's key is replaced by another.

use clap::Args;

use crate::app::access::keys::rotate;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::access::{recorded, with_desk};
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;

/// Flags of `key rotate`.
#[derive(Debug, Args)]
pub struct RotateArgs {
    /// Signatures: --key twice, the old key, then the new one
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Replaces a key; exit 8 while the statement waits for signatures.
///
/// # Errors
/// When a rule forbids it.
pub fn run(args: &RotateArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let how = args.signing.how(context)?;
    let ((made, written, key), next) =
        with_desk(context, async |desk, world| rotate(desk, &how, world).await)?;
    let subject = key.map(|key| key.to_string()).unwrap_or_default();
    recorded(context, &made, &written, subject, (None, next))
}
