//! What every command does that records a person's act which is not about one request.

use super::signing::{SigningArgs, shown, told};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::World;
use crate::app::gate::desk::Desk;
use crate::app::gate::next::after;
use crate::app::gate::person::{Deed, record};
use crate::app::gate::tracking::{RecordedJson, entries, recorded, recorded_text};
use crate::app::runtime::block_on;
use crate::cli::context::Context;

/// Makes the deed from the present ledger, has it signed and recorded, and tells what came of it.
///
/// # Errors
/// When it cannot be made, or is refused.
pub(in crate::cli) fn carry_out(
    context: &mut Context<'_, '_>,
    signing: &SigningArgs,
    make: impl FnOnce(&Desk) -> Result<(String, Deed), Failure>,
) -> Result<Exit, Failure> {
    match recorded_by(context, signing, make)? {
        Some(recorded) => told_recorded(context, &recorded),
        None => Ok(Exit::Pending),
    }
}

/// Prints what was recorded.
///
/// # Errors
/// When stdout is broken.
pub(in crate::cli) fn told_recorded(
    context: &mut Context<'_, '_>,
    recorded: &RecordedJson,
) -> Result<Exit, Failure> {
    if context.global.json {
        context.print_json(recorded)?;
    } else {
        context.print(&recorded_text(recorded))?;
    }
    Ok(Exit::Done)
}

/// The same without printing what came of it: none when the statement waits for its signatures,
/// which is told.
///
/// # Errors
/// When it cannot be made, or is refused.
pub(in crate::cli) fn recorded_by(
    context: &mut Context<'_, '_>,
    signing: &SigningArgs,
    make: impl FnOnce(&Desk) -> Result<(String, Deed), Failure>,
) -> Result<Option<RecordedJson>, Failure> {
    let how = signing.how(context)?;
    let path = context.ledger_path()?;
    let when = super::open::when(context)?;
    let mut statement = String::new();
    let entropy = &mut *context.ports.entropy;
    let outcome = block_on(async {
        let mut desk = Desk::write(&path, when).await?;
        let (about, deed) = make(&desk)?;
        let mut show = |bytes: &str| statement = shown(bytes);
        let show = &mut show;
        let (made, written) = record(&mut desk, deed, &how, World { entropy, show }).await?;
        let next = after(&desk, &written);
        Ok((made, recorded(entries(&written, &about), next)))
    });
    if !statement.is_empty() {
        context.say(&statement);
    }
    let (made, recorded) = outcome?;
    if recorded.is_none() {
        told(context, &made, None)?;
    }
    Ok(recorded)
}
