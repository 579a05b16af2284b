//! `promote withdraw`: takes a request back.

use clap::Args;

use super::signing::SigningArgs;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::Wish;
use crate::cli::confirm::Given;
use crate::cli::context::Context;
use crate::kernel::id::RequestId;

/// Flags of `withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// Request
    pub request: RequestId,
    /// Signature: the requester's, or risk's
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Withdraws.
///
/// # Errors
/// When it is refused.
pub fn run(args: &WithdrawArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let how = args.signing.how(context)?;
    super::approve::carry_out(
        context,
        &args.request,
        &Wish::Withdraw,
        None,
        &how,
        &Given::default(),
    )
}
