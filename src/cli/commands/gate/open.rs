//! Opening the ledger for a command: path, time, and what the reader has to know.

use crate::app::failure::Failure;
use crate::app::gate::desk::{Desk, When};
use crate::app::gate::moment::Moment;
use crate::app::gate::shown::Shown;
use crate::app::policy;
use crate::app::runtime::block_on;
use crate::cli::context::Context;
use crate::governance::policy::set::PolicySet;
use crate::governance::token::trust::Trust;

/// The time to act at, as the host and `--now` say.
///
/// # Errors
/// Exit 2 when `--now` is no time.
fn reading(context: &Context<'_, '_>) -> Result<When, Failure> {
    Ok(When {
        clock: context.ports.clock.now(),
        chosen: context.explicit_now()?,
        halts: None,
    })
}

/// The same with the host's halt directory, which every writer has to look into.
///
/// # Errors
/// Exit 2 when `--now` is no time.
pub(in crate::cli) fn when(context: &Context<'_, '_>) -> Result<When, Failure> {
    Ok(When {
        // A trust file that cannot be believed names nothing; live sessions refuse it themselves.
        halts: match context.ports.machine.trust() {
            Ok(Trust::Named(file)) => Some(file.halt_directory.clone()),
            Ok(Trust::Sandbox) | Err(_) => None,
        },
        ..reading(context)?
    })
}

/// The ledger, for reading.
///
/// # Errors
/// When there is none or it does not verify.
pub(in crate::cli) fn read(context: &Context<'_, '_>) -> Result<Desk, Failure> {
    let path = context.ledger_path()?;
    block_on(Desk::read(&path, reading(context)?))
}

/// What the ledger shows: from the kept view where there is one that fits.
///
/// # Errors
/// When there is no ledger or it does not verify.
pub(in crate::cli) fn shown(context: &Context<'_, '_>) -> Result<Shown, Failure> {
    let path = context.ledger_path()?;
    block_on(Shown::read(&path, reading(context)?))
}

/// The time for what is not written to the ledger: research, imports, reports. Everything that
/// could ask the clock for it asks here, so that a sandbox has one time.
///
/// # Errors
/// When the ledger of the workspace does not verify, or `--now` may not be chosen.
pub(in crate::cli) fn moment(context: &Context<'_, '_>) -> Result<Moment, Failure> {
    let named = context.global.ledger.is_some() || context.workspace().is_ok();
    let path = named.then(|| context.ledger_path()).transpose()?;
    block_on(Moment::at(path.as_deref(), reading(context)?))
}

/// The set in the files of the workspace, where there is one that loads: drafts, to be compared
/// with what is published.
pub(in crate::cli) fn drafts(context: &Context<'_, '_>) -> Option<PolicySet> {
    let workspace = context.workspace().ok()?;
    policy::load(Some(&workspace)).ok()
}
