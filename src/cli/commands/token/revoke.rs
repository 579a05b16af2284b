//! `promote token revoke`: a token is taken back.

use clap::Args;

use crate::app::access::token::revoke;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::access::{recorded, with_desk};
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;

/// Flags of `token revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// Number of the token
    pub jti: String,
    /// A word to the record
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        visible_alias = "reason"
    )]
    pub comment: String,
    /// Signature by ops or risk
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Revokes a token.
///
/// # Errors
/// When a rule forbids it.
pub fn run(args: &RevokeArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let how = args.signing.how(context)?;
    let ((made, written), next) = with_desk(context, async |desk, world| {
        revoke(desk, &args.jti, &args.comment, &how, world).await
    })?;
    recorded(context, &made, &written, args.jti.clone(), (None, next))
}
