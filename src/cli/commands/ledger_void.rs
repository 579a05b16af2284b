//! `promote ledger void`: entries without effect are set aside.

use clap::Args;

use crate::app::access::roots::void;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::access::{recorded, with_desk};
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;

/// Flags of `ledger void`.
#[derive(Debug, Args)]
pub struct VoidArgs {
    /// Position of an entry without effect; several may be named
    #[arg(value_name = "SEQ", required = true)]
    pub seq: Vec<u64>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Signatures: the root threshold
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Sets entries aside; exit 8 while the statement waits for signatures.
///
/// # Errors
/// When a rule forbids it.
pub fn run(args: &VoidArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let how = args.signing.how(context)?;
    let ((made, written), next) = with_desk(context, async |desk, world| {
        void(desk, (&args.seq, &args.reason), &how, world).await
    })?;
    let named: Vec<String> = args.seq.iter().map(u64::to_string).collect();
    let subject = format!("entry {}", named.join(", "));
    recorded(context, &made, &written, subject, (None, next))
}
