//! `promote instance enrol`: risk and ops let an instance in.

use std::path::PathBuf;

use clap::Args;

use crate::app::access::instance::{enrol, read_card};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::access::{recorded, with_desk};
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;

/// Flags of `instance enrol`.
#[derive(Debug, Args)]
pub struct EnrolArgs {
    /// Card of the instance, as `instance init` wrote it
    #[arg(long, value_name = "FILE")]
    pub card: PathBuf,
    /// Signatures: risk and ops
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Enrols an instance; exit 8 while the statement waits for signatures.
///
/// # Errors
/// When the card's proof does not fit, or a rule forbids it.
pub fn run(args: &EnrolArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let card = read_card(&context.path(&args.card))?;
    let subject = card.card.instance.to_string();
    let how = args.signing.how(context)?;
    let ((made, written), next) = with_desk(context, async |desk, world| {
        enrol(desk, card.clone(), &how, world).await
    })?;
    recorded(context, &made, &written, subject, (None, next))
}
