//! What the commands about keys, instances and tokens share: an open desk, and the answer.

use crate::app::access::records::AccessJson;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::World;
use crate::app::gate::desk::Desk;
use crate::app::gate::next::after;
use crate::app::gate::signing::Made;
use crate::app::runtime::block_on;
use crate::cli::commands::gate::{open, signing};
use crate::cli::context::Context;
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::consequences::Consequences;

/// Opens the ledger for writing, does `work` with it, and shows the statement that was signed. Also gives
/// the next possible command.
///
/// # Errors
/// What `work` says.
pub(super) fn with_desk<T>(
    context: &mut Context<'_, '_>,
    work: impl AsyncFnOnce(&mut Desk, World<'_>) -> Result<T, Failure>,
) -> Result<(T, String), Failure> {
    let ledger = context.ledger_path()?;
    let when = open::when(context)?;
    let mut statement = String::new();
    let mut show = |bytes: &str| statement = signing::shown(bytes);
    let entropy = &mut *context.ports.entropy;
    let outcome = block_on(async {
        let mut desk = Desk::write(&ledger, when).await?;
        let before = desk.entries.len();
        let world = World {
            entropy,
            show: &mut show,
        };
        let done = work(&mut desk, world).await?;
        let next = after(&desk, desk.entries.get(before..).unwrap_or_default());
        desk.close().await?;
        Ok((done, next))
    });
    if !statement.is_empty() {
        context.say(&statement);
    }
    outcome
}

/// Says what was recorded about `subject`, or that the statement waits for its signatures (exit 8).
///
/// # Errors
/// When stdout is broken.
pub(super) fn recorded(
    context: &mut Context<'_, '_>,
    made: &Made,
    written: &[Entry],
    subject: String,
    (consequences, next): (Option<Consequences>, String),
) -> Result<Exit, Failure> {
    let Some(entry) = written.first() else {
        return signing::told(context, made, None);
    };
    let json = AccessJson::new(entry, subject, consequences, next);
    if context.global.json {
        context.print_json(&json)?;
    } else {
        context.print(&json.text())?;
    }
    Ok(Exit::Done)
}
