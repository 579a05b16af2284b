//! What every command does that records a person's act which is not about one request.

use super::signing::{SigningArgs, shown, told};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::World;
use crate::app::gate::desk::Desk;
use crate::app::gate::person::{Deed, record};
use crate::app::gate::signing::Made;
use crate::app::gate::tracking::{recorded, recorded_text};
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
        Ok((made, recorded(&written, &about)))
    });
    if !statement.is_empty() {
        context.say(&statement);
    }
    let (made, written) = outcome?;
    if matches!(made, Made::Written { .. }) {
        return told(context, &made, None);
    }
    for entry in &written {
        if context.global.json {
            context.print_json(entry)?;
        } else {
            context.print(&recorded_text(entry))?;
        }
    }
    Ok(Exit::Done)
}
