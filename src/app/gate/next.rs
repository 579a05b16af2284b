//! The next possible command after entries that a command wrote.
//!
//! In: the desk as it stands now, what was written. Out: one command line: what the portfolio that
//! the first entry concerns waits for, or where an entry concerns everybody what follows from its
//! kind.

use super::desk::Desk;
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::next::{lift, next};
use crate::governance::promotion::state::Status;
use crate::governance::regulator::concern::{Concern, of_all};
use crate::governance::stage::Stage;
use crate::kernel::id::PortfolioId;

/// What is next after `written`.
#[must_use]
pub fn after(desk: &Desk, written: &[Entry]) -> String {
    let Some(first) = written.first() else {
        return "promote status".to_owned();
    };
    let at = usize::try_from(first.seq).unwrap_or(usize::MAX);
    if let Some(Concern::Of(ids)) = of_all(&desk.entries).get(at)
        && let Some(id) = ids.iter().next()
    {
        return of(desk, id);
    }
    let waiting = match first.leaf.kind.as_str() {
        "enrolment" | "key-rotation" | "key-revocation" | "root-change" => {
            Some("promote key list".to_owned())
        }
        "void" => Some("promote ledger verify".to_owned()),
        "instance-enrolment" => in_stage(desk, Stage::Testnet)
            .map(|id| of(desk, &id))
            .or_else(|| Some("promote instance list".to_owned())),
        "policy-publication" => published(desk),
        "halt" | "resume" => halted(desk),
        _ => None,
    };
    let asked = || open_request(desk).map(|id| of(desk, &id));
    waiting
        .or_else(asked)
        .unwrap_or_else(|| "promote status".to_owned())
}

/// What `id` waits for.
#[must_use]
pub fn of(desk: &Desk, id: &PortfolioId) -> String {
    next(&desk.state, id, desk.now)
}

fn in_stage(desk: &Desk, stage: Stage) -> Option<PortfolioId> {
    let mut all = desk.state.portfolios.iter();
    all.find(|(_, held)| held.stage == stage)
        .map(|(id, _)| id.clone())
}

fn open_request(desk: &Desk) -> Option<PortfolioId> {
    let mut all = desk.state.requests.values();
    let open = all.find(|record| record.status.is_open());
    open.map(|record| record.request.portfolio.clone())
}

/// A LIVE portfolio that fails the new set is certified again, a request that it ended asks anew.
fn published(desk: &Desk) -> Option<String> {
    let failing = desk.state.oversight.failing.keys().next();
    let ended = |id: &&PortfolioId| {
        let last = desk.state.history(id).last();
        last.is_some_and(|record| record.status == Status::Invalidated)
    };
    let id = failing.or_else(|| desk.state.portfolios.keys().find(ended))?;
    Some(of(desk, id))
}

/// A halt that is still in force: what its resume needs.
fn halted(desk: &Desk) -> Option<String> {
    let mut halts = desk.state.safety.halts.iter().rev();
    let standing = halts.find(|halt| halt.resumed.is_none());
    standing.map(|halt| lift(&desk.state, halt, desk.now))
}
