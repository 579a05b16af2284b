//! The decision log of a ledger: exported, and a copy checked against it.

use super::desk::Desk;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::audit::entry::Head;
use crate::governance::promotion::state::State;
use crate::governance::promotion::verify::fold_again;
use crate::render::decision_log::{DecisionLog, Scope, collect, read_seal, render};

/// The log at the present head. What only time has ended since the last entry is not in it: the
/// same head gives the same bytes.
#[must_use]
pub fn log(desk: &Desk, scope: &Scope) -> DecisionLog {
    collect(&desk.folded, desk.head(), scope)
}

/// The log as Markdown.
///
/// # Errors
/// When the template does not render.
pub fn markdown(log: &DecisionLog, scope: &Scope) -> Result<String, Failure> {
    render(log, scope).map_err(|e| Failure::from_error(Exit::Internal, "render", "", &e))
}

/// Checks an exported log: the head that it names must be a prefix of this ledger, and a fresh
/// export for that head must give the same bytes. Gives head and scope of the copy.
///
/// # Errors
/// Exit 3 when the text is no exported log; exit 9 when it differs, with the first such line.
pub fn verify(desk: &Desk, text: &str) -> Result<(Head, Scope), Failure> {
    let (head, scope) = read_seal(text).ok_or_else(|| {
        Failure::new(
            Exit::Invalid,
            "log.no-seal",
            "this is no exported decision log: its last line names no head",
        )
        .hint("`promote log export` writes one")
    })?;
    let foreign = || {
        let text = format!(
            "the head of size {} that the log names is not a prefix of this ledger",
            head.size
        );
        Failure::new(Exit::Integrity, "log.foreign-head", text)
    };
    if !desk.folded.is_prefix(&head, &desk.head()) {
        return Err(foreign());
    }
    let size = usize::try_from(head.size).map_err(|_| foreign())?;
    let state = fold(desk, size).ok_or_else(foreign)?;
    let fresh = markdown(&collect(&state, head, &scope), &scope)?;
    if fresh == text {
        return Ok((head, scope));
    }
    let line = 1 + fresh
        .lines()
        .zip(text.lines())
        .take_while(|(a, b)| a == b)
        .count();
    let text = format!("the log differs from the ledger in line {line}");
    Err(Failure::new(Exit::Integrity, "log.differs", text)
        .hint("`promote log export` writes the log as the ledger has it"))
}

/// The fold of the first `size` entries; none when there are not so many.
#[must_use]
pub fn fold(desk: &Desk, size: usize) -> Option<State> {
    fold_again(desk.entries.get(..size)?, &desk.folded)
}
