//! What acts beside requests answer: the entries, and where the portfolios that they touch stand.

use serde::Serialize;

use super::answer::Made;
use super::desk::Desk;
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::consequences::{Consequences, consequences};
use crate::governance::promotion::safety::missing::{Flags, flags};
use crate::governance::promotion::state::{State, Status};
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, RequestId};
use crate::kernel::text::visible;
use crate::render;

/// `promote/deed/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct DeedJson {
    schema: &'static str,
    /// What was done.
    pub act: String,
    /// Position of its entry.
    pub seq: Option<u64>,
    /// Its leaf hash.
    pub leaf: Option<Digest>,
    /// Every entry that was made.
    pub entries: Vec<Made>,
    /// Portfolios that it is about, as they stand now.
    pub portfolios: Vec<Standing>,
    /// What it brought about.
    pub consequences: Consequences,
    /// The next possible command.
    pub next: String,
}

/// A portfolio after the act.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Standing {
    /// Portfolio.
    pub portfolio: PortfolioId,
    /// Stage.
    pub stage: Stage,
    /// What stands on top of it.
    pub flags: Flags,
    /// Its last request.
    pub request: Option<RequestId>,
    /// Where that stands.
    pub request_status: Option<Status>,
}

/// The answer after `written`, about the portfolios that `concerns` holds for; `before` is the state
/// before it.
#[must_use]
pub fn answer(
    desk: &Desk,
    act: &str,
    (before, written): (&State, &[Entry]),
    concerns: &dyn Fn(&PortfolioId) -> bool,
) -> DeedJson {
    let state = &desk.state;
    let held = state.portfolios.iter().filter(|(id, _)| concerns(id));
    let portfolios = held.map(|(id, held)| {
        let last = state.history(id).last();
        Standing {
            portfolio: id.clone(),
            stage: held.stage,
            flags: flags(state, id, desk.now),
            request: last.map(|r| r.request.request.clone()),
            request_status: last.map(|r| r.status),
        }
    });
    let entries = written.iter().map(|e| Made {
        kind: e.leaf.kind.clone(),
        seq: e.seq,
        leaf: e.leaf_hash,
    });
    DeedJson {
        schema: "promote/deed/v1",
        act: act.to_owned(),
        seq: written.first().map(|e| e.seq),
        leaf: written.first().map(|e| e.leaf_hash),
        portfolios: portfolios.collect(),
        entries: entries.collect(),
        consequences: consequences(before, state, desk.now),
        next: super::next::after(desk, written),
    }
}

/// The answer as text.
#[must_use]
pub fn text(answer: &DeedJson) -> String {
    let mut out = String::new();
    for made in &answer.entries {
        out.push_str(&format!(
            "{} recorded: seq {}, leaf {}\n",
            made.kind, made.seq, made.leaf
        ));
    }
    for line in &answer.portfolios {
        let mut words = line.flags.words();
        words.insert(0, line.stage.to_string());
        if let (Some(request), Some(status)) = (&line.request, line.request_status) {
            words.push(format!("request {request} {status}"));
        }
        out.push_str(&format!("{}: {}\n", line.portfolio, words.join(", ")));
    }
    out.push_str(&render::consequences::text(&answer.consequences));
    out.push_str(&format!("next: {}\n", visible(&answer.next, 400)));
    out
}
