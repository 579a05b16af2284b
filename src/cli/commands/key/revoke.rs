//! `promote key revoke`: a key of a person or an instance stops counting.

use clap::Args;

use crate::app::access::keys::{Revocation, revoke};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::access::{recorded, with_desk};
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::governance::promotion::access::acts::Reason;

/// Flags of `key revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// Fingerprint of the key, or the person or instance that holds it
    #[arg(value_name = "KEY")]
    pub which: String,
    /// `left`, `superseded`, `lost` or `compromised`; none counts as compromised
    #[arg(long, value_name = "REASON")]
    pub reason: Option<Reason>,
    /// Position from which its signatures are not believed any more; decisions that needed them fall
    #[arg(long, value_name = "SEQ")]
    pub distrust_from_seq: Option<u64>,
    /// A word to the record
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub comment: String,
    /// Signatures: the key's own person, or risk and ops, or the root threshold
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Revokes a key; exit 8 while the statement waits for signatures.
///
/// # Errors
/// When a rule forbids it.
pub fn run(args: &RevokeArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let how = args.signing.how(context)?;
    let wish = Revocation {
        which: args.which.clone(),
        reason: args.reason,
        distrust_from_seq: args.distrust_from_seq,
        comment: args.comment.clone(),
    };
    let ((made, written, key, brought), next) = with_desk(context, async |desk, world| {
        revoke(desk, &wish, &how, world).await
    })?;
    let subject = key.to_string();
    recorded(context, &made, &written, subject, (Some(brought), next))
}
