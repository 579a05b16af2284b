//! What the gate's commands print: one JSON shape for every act on a request, and its text.

use serde::Serialize;

use super::desk::Desk;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::looks::Looks;
use crate::governance::promotion::missing::{Missing, missing};
use crate::governance::promotion::state::Status;
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, RequestId};
use crate::kernel::text::visible;
use crate::render::resemblance::ResemblanceJson;

/// `promote/request/v1`, and with another `schema` what every act on a request answers.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Answer {
    /// Which answer this is.
    pub schema: &'static str,
    /// The request.
    pub request: RequestId,
    /// Its portfolio.
    pub portfolio: PortfolioId,
    /// Where it stands.
    pub status: Status,
    /// Stage of the portfolio.
    pub stage: Stage,
    /// What the policy said.
    pub verdict: Option<String>,
    /// Position of the entry that the act made; none when it made none.
    pub seq: Option<u64>,
    /// Its leaf hash.
    pub leaf: Option<Digest>,
    /// After a request: the looks so far, itself included; null after other acts.
    pub looks: Option<Looks>,
    /// What is still missing.
    pub missing: Vec<Missing>,
    /// Every entry that was made: kind and position.
    pub entries: Vec<Made>,
    /// What an approver was shown before signing: how closely the returns follow those of an earlier
    /// request that got no stage. Left out for every other act.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resemblance: Option<ResemblanceJson>,
    /// The next possible command.
    pub next: String,
}

/// One entry that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Made {
    /// Kind of entry.
    pub kind: String,
    /// Position.
    pub seq: u64,
    /// Leaf hash.
    pub leaf: Digest,
}

impl Made {
    /// What stands in the ledger since.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self {
            kind: entry.leaf.kind.clone(),
            seq: entry.seq,
            leaf: entry.leaf_hash,
        }
    }

    /// As a line.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { kind, seq, leaf } = self;
        format!("{kind} recorded: seq {seq}, leaf {leaf}\n")
    }
}

/// The answer about `id` after `written`.
///
/// # Errors
/// When there is no such request.
pub fn answer(
    desk: &Desk,
    schema: &'static str,
    id: &RequestId,
    written: &[Entry],
) -> Result<Answer, Failure> {
    let record = desk.request(id)?;
    let portfolio = &record.request.portfolio;
    let stage = desk.state.portfolios.get(portfolio);
    let first = written.first();
    Ok(Answer {
        schema,
        request: id.clone(),
        portfolio: portfolio.clone(),
        status: record.status,
        stage: stage.map_or(Stage::Research, |held| {
            // A version that climbs below the running one is told by its own stage.
            match held.stage_of(record.request.strategy_sha256) {
                Stage::Research => held.stage,
                own => own,
            }
        }),
        verdict: record
            .judged
            .as_ref()
            .map(|j| j.verdict.status().to_owned()),
        seq: first.map(|e| e.seq),
        leaf: first.map(|e| e.leaf_hash),
        looks: None,
        missing: missing(&desk.state, record, desk.now),
        entries: written.iter().map(Made::of).collect(),
        resemblance: None,
        next: super::next::of(desk, portfolio),
    })
}

/// The answer as text.
#[must_use]
pub fn text(answer: &Answer) -> String {
    let mut out = String::new();
    for made in &answer.entries {
        out.push_str(&made.text());
    }
    out.push_str(&format!(
        "request {}: {}, portfolio {} in {}\n",
        answer.request, answer.status, answer.portfolio, answer.stage
    ));
    if let Some(verdict) = &answer.verdict {
        out.push_str(&format!("verdict: {verdict}\n"));
    }
    if let Some(looks) = &answer.looks {
        out.push_str(&format!("{looks}\n"));
    }
    out.push_str(&missing_text(&answer.missing));
    // What is missing says its commands itself.
    if answer.missing.iter().all(|line| line.command.is_none()) {
        out.push_str(&format!("next: {}\n", visible(&answer.next, 400)));
    }
    out
}

/// What is missing, a line each, with the command that supplies it.
#[must_use]
pub fn missing_text(missing: &[Missing]) -> String {
    lines("missing", missing)
}

/// What has to be done before it is missing, in the same way.
#[must_use]
pub fn due_text(due: &[Missing]) -> String {
    lines("due", due)
}

fn lines(word: &str, list: &[Missing]) -> String {
    let mut out = String::new();
    for line in list {
        out.push_str(&format!("{word}: {}\n", visible(&line.text, 400)));
        if let Some(command) = &line.command {
            out.push_str(&format!("  next: {}\n", visible(command, 400)));
        }
    }
    out
}

/// Exit code by where a request stands.
#[must_use]
pub fn exit(answer: &Answer) -> Exit {
    match answer.status {
        Status::Rejected => Exit::Reject,
        Status::Revise => Exit::Revise,
        Status::Submitted | Status::AwaitingApproval | Status::Approved => {
            if answer.missing.is_empty() {
                Exit::Done
            } else {
                Exit::Pending
            }
        }
        Status::Promoted
        | Status::Denied
        | Status::Withdrawn
        | Status::Expired
        | Status::Superseded
        | Status::Invalidated => Exit::Done,
    }
}
