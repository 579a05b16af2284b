//! `promote decide` and `promote evaluate`: what the engine does when nobody's act triggers it.

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act;
use crate::app::gate::answer::{self, answer};
use crate::app::gate::desk::Desk;
use crate::app::gate::judging;
use crate::app::runtime::block_on;
use crate::cli::context::Context;
use crate::kernel::id::RequestId;

/// Flags of `decide` and `evaluate`.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// Request
    pub request: RequestId,
}

/// Decides a request whose slots are filled.
///
/// # Errors
/// Exit 8 while something is missing.
pub fn decide(args: &DecideArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    run(args, context, false)
}

/// Judges a request that is still SUBMITTED.
///
/// # Errors
/// When it ended or has been judged, when it could not be submitted any more, or when it cannot be
/// judged, which is recorded.
pub fn evaluate(args: &DecideArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    run(args, context, true)
}

fn run(args: &DecideArgs, context: &mut Context<'_, '_>, judge: bool) -> Result<Exit, Failure> {
    let path = context.ledger_path()?;
    let when = super::open::when(context)?;
    let id = &args.request;
    let answer = block_on(async {
        let mut desk = Desk::write(&path, when).await?;
        let written = if judge {
            judging::judge(&mut desk, id).await?
        } else {
            act::decide(&mut desk, id).await?
        };
        answer(&desk, "promote/request-state/v1", id, &written)
    })?;
    if context.global.json {
        context.print_json(&answer)?;
    } else {
        context.print(&answer::text(&answer))?;
    }
    Ok(answer::exit(&answer))
}
