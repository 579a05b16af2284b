//! `promote log attest`: the in-toto statement of a decision, for tools that read in-toto and SLSA.

use std::path::PathBuf;

use clap::Args;

use crate::app::audit::in_toto;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::desk::Desk;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::kernel::id::RequestId;

/// Flags of `log attest`.
#[derive(Debug, Args)]
pub struct AttestArgs {
    /// An ended request, such as rsi-0001
    pub request: RequestId,
    /// File for the envelope [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

pub(in crate::cli) fn run(
    args: &AttestArgs,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    let desk = open::read(context)?;
    let text = in_toto::seal(&desk, &args.request)?.encode();
    context.print_or_write(args.out.as_deref(), &text)?;
    Ok(Exit::Done)
}

/// True for what looks like an envelope and is no exported log.
#[must_use]
pub(in crate::cli) fn is_envelope(text: &str) -> bool {
    text.starts_with("{\"payload\"")
}

/// Checks an envelope against the ledger.
pub(in crate::cli) fn verify(
    desk: &Desk,
    text: &str,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    let seen = in_toto::verify(desk, text.as_bytes())?;
    if context.global.json {
        context.print_json(&seen)?;
    } else {
        context.print(&format!(
            "{}: {}; the in-toto statement is what the ledger gives at size {}, root {}\n",
            seen.request, seen.result, seen.head.size, seen.head.root
        ))?;
    }
    Ok(Exit::Done)
}
