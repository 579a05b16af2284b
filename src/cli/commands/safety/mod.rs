//! Commands that lower risk, and that bring a portfolio back.

pub mod clock;
pub mod halt;
pub mod incident;
pub mod lower;
pub mod overrides;
pub mod recertify;
pub mod resume;
pub mod unapprove;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::World;
use crate::app::gate::deeds;
use crate::app::gate::desk::Desk;
use crate::app::gate::person::{Deed, record};
use crate::app::gate::signing::{How, Made, read_back};
use crate::app::runtime::block_on;
use crate::cli::commands::gate::open::when;
use crate::cli::commands::gate::signing::{SigningArgs, shown};
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::safety::halt::HaltScope;
use crate::governance::promotion::safety::{self, SafetyAct};
use crate::governance::promotion::statement::Act;
use crate::kernel::text::{check_free_text, visible};

/// An act with its blobs, the roles that sign it, and what it is about.
pub(super) struct Wanted {
    /// The act.
    pub act: SafetyAct,
    /// Roles that sign, in the order of the keys.
    pub roles: Vec<Role>,
    /// What it is about.
    pub scope: HaltScope,
    /// What the ledger keeps for it.
    pub blobs: Vec<Vec<u8>>,
}

/// Has what `word` gives signed and recorded, and tells what came of it.
///
/// # Errors
/// When it is refused.
pub(super) fn carry_out(
    context: &mut Context<'_, '_>,
    signing: &SigningArgs,
    word: impl FnOnce(&Desk) -> Result<Wanted, Failure>,
) -> Result<Exit, Failure> {
    carry_out_at(context, signing, false, word)
}

/// The same; `trust_clock` takes a clock that lies ahead as it is.
///
/// # Errors
/// When it is refused.
pub(super) fn carry_out_at(
    context: &mut Context<'_, '_>,
    signing: &SigningArgs,
    trust_clock: bool,
    word: impl FnOnce(&Desk) -> Result<Wanted, Failure>,
) -> Result<Exit, Failure> {
    let how = signing.how(context)?;
    let path = context.ledger_path()?;
    let when = when(context)?;
    let mut statement = String::new();
    let entropy = &mut *context.ports.entropy;
    let outcome = block_on(async {
        let mut desk = Desk::write(&path, when).await?;
        if trust_clock {
            desk.trust_clock().await?;
        }
        let wanted = word(&desk)?;
        let before = desk.state.clone();
        let name = wanted.act.kind();
        let mut deed = Deed::plain(Act::Safety(Box::new(wanted.act)), &wanted.roles);
        deed.blobs = wanted.blobs;
        let mut show = |bytes: &str| statement = shown(bytes);
        let show = &mut show;
        let world = World { entropy, show };
        let (made, written) = record(&mut desk, deed, &how, world).await?;
        let portfolios = &desk.state.portfolios;
        let concerns = |id: &_| {
            let held = portfolios.get(id);
            held.is_some_and(|held| wanted.scope.covers(id, &held.profile))
        };
        let answer = deeds::answer(&desk, name, (&before, &written), &concerns);
        desk.close().await?;
        Ok((made, answer))
    });
    if !statement.is_empty() {
        context.say(&statement);
    }
    let (made, answer) = outcome?;
    if let Made::Written { file, namespace } = &made {
        return Ok(waits(context, file, namespace));
    }
    if context.global.json {
        context.print_json(&answer)?;
    } else {
        context.print(&deeds::text(&answer))?;
    }
    Ok(Exit::Done)
}

/// Says that a statement waits for its signatures.
fn waits(context: &mut Context<'_, '_>, file: &std::path::Path, namespace: &str) -> Exit {
    let name = visible(&file.display().to_string(), 200);
    context.say(&format!(
        "statement written to `{name}`, nothing recorded\nnext: ssh-keygen -Y sign -f KEY -n {namespace} {}\n  every signer; then the same command with --signature FILE for each signature",
        word(&name)
    ));
    Exit::Pending
}

/// The act of a statement that was signed elsewhere, if one comes back.
///
/// # Errors
/// When its files cannot be read.
pub(super) fn brought(
    context: &Context<'_, '_>,
    signing: &SigningArgs,
) -> Result<Option<SafetyAct>, Failure> {
    let how = signing.how(context)?;
    let How::Back { .. } = how else {
        return Ok(None);
    };
    match read_back(&how)? {
        Made::Signed(signed) => Ok(safety::of(&signed.statement.act).cloned()),
        Made::Written { .. } => Ok(None),
    }
}

/// A text that may be stored.
///
/// # Errors
/// Exit 2 when it is empty, too long, or holds what no text may hold.
pub(super) fn words(field: &str, text: &str) -> Result<(), Failure> {
    if text.trim().is_empty() {
        let text = format!("--{field} is empty");
        return Err(Failure::new(Exit::Usage, "usage.text", text));
    }
    check_free_text(field, text).map_err(|e| Failure::from_error(Exit::Usage, "usage.text", "", &e))
}
