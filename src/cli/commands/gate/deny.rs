//! `promote deny`: a role holder's refusal; ends the request.

use clap::Args;

use super::signing::SigningArgs;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::Wish;
use crate::cli::confirm::Given;
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::kernel::id::{RequestId, is_identifier};
use crate::kernel::text::visible;

/// Flags of `deny`.
#[derive(Debug, Args)]
pub struct DenyArgs {
    /// Request
    pub request: RequestId,
    /// Role that denies: `risk`
    #[arg(long, value_name = "ROLE")]
    pub role: Role,
    /// Reason code, such as `overfit`
    #[arg(long, value_name = "CODE")]
    pub reason: String,
    /// A word to the record
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub comment: String,
    /// Signature
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Denies.
///
/// # Errors
/// When it is refused.
pub fn run(args: &DenyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    if !is_identifier(&args.reason) {
        let shown = visible(&args.reason, 64);
        let text = format!("`{shown}` is no reason code: a-z, 0-9, `_`, `-`, at most 64");
        return Err(Failure::new(Exit::Usage, "usage.reason", text)
            .hint("put the words into --comment TEXT"));
    }
    let how = args.signing.how(context)?;
    let wish = Wish::Deny {
        reason: args.reason.clone(),
        comment: args.comment.clone(),
    };
    super::approve::carry_out(
        context,
        &args.request,
        &wish,
        Some(args.role),
        &how,
        &Given::default(),
    )
}
