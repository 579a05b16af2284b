//! Where every portfolio stands, and what is open about it.
//!
//! In: what is shown of a ledger. Out: the document of `status` and its text, one line per
//! portfolio.

use serde::Serialize;

use crate::app::gate::answer::{due_text, missing_text};
use crate::app::gate::shown::Shown;
use crate::governance::audit::entry::Head;
use crate::governance::promotion::looks::Looks;
use crate::governance::promotion::missing::{Missing, missing_of};
use crate::governance::promotion::safety::missing::{Flags, due, flags};
use crate::governance::promotion::state::Status;
use crate::governance::promotion::tracks::assurance::{REDUCED, rests_on_less};
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, ProfileId, RequestId};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::render::register::inventory::{ClimbingVersion, climbing};

/// `promote/status/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct StatusJson {
    schema: &'static str,
    ledger: String,
    sandbox: bool,
    head: Head,
    now: UtcTime,
    findings: usize,
    portfolios: Vec<PortfolioLine>,
}

/// One portfolio.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct PortfolioLine {
    portfolio: PortfolioId,
    profile: ProfileId,
    owner: PersonId,
    stage: Stage,
    since: Option<UtcTime>,
    flags: Flags,
    strategy_sha256: Option<Digest>,
    /// Changed versions on their way up.
    climbing: Vec<ClimbingVersion>,
    request: Option<RequestId>,
    request_status: Option<Status>,
    /// True when its stage rests on a bundle that nobody can run again.
    reduced_assurance: bool,
    /// How often out-of-sample data was judged, and the guard that follows.
    looks: Looks,
    /// What stands in the way: of a live session for LIVE, of any rise below, and of the open
    /// request; without one, what the last one left to be done.
    missing: Vec<Missing>,
    /// What stands in nobody's way yet and has to be done: a certificate that falls due, a review.
    due: Vec<Missing>,
}

/// The state of all portfolios, or of one.
#[must_use]
pub fn status(shown: &Shown, only: Option<&PortfolioId>) -> StatusJson {
    let state = &shown.state;
    let portfolios = state
        .portfolios
        .iter()
        .filter(|(id, _)| only.is_none_or(|only| only == *id))
        .map(|(id, held)| {
            let last = state.history(id).last();
            PortfolioLine {
                portfolio: id.clone(),
                profile: held.profile.clone(),
                owner: held.owner.clone(),
                stage: held.stage,
                since: held.since,
                flags: flags(state, id, shown.now),
                strategy_sha256: held.strategy,
                climbing: climbing(held),
                request: last.map(|r| r.request.request.clone()),
                request_status: last.map(|r| r.status),
                reduced_assurance: rests_on_less(state, id),
                looks: Looks::new(
                    &state.policy,
                    shown.looks.get(id).copied().unwrap_or_default(),
                ),
                missing: missing_of(state, id, shown.now),
                due: due(state, id, shown.now),
            }
        })
        .collect();
    StatusJson {
        schema: "promote/status/v1",
        ledger: state.ledger.clone(),
        sandbox: state.genesis.sandbox,
        head: shown.head,
        now: shown.now,
        findings: state.findings.len(),
        portfolios,
    }
}

/// The status as text.
#[must_use]
pub fn status_text(status: &StatusJson) -> String {
    let mark = if status.sandbox { "SANDBOX " } else { "" };
    let mut out = format!(
        "{mark}ledger {}, {} entries, {}\n",
        visible(&status.ledger, 100),
        status.head.size,
        status.now
    );
    if status.findings > 0 {
        out.push_str(&format!(
            "{} entries without effect: see `promote ledger verify`\n",
            status.findings
        ));
    }
    if status.portfolios.is_empty() {
        out.push_str(
            "no portfolio yet: `promote request PORTFOLIO --target shadow …` registers one\n",
        );
    }
    for line in &status.portfolios {
        let since = line
            .since
            .map(|t| format!(" since {t}"))
            .unwrap_or_default();
        out.push_str(&format!(
            "\n{} ({}, owner {}): {}{since}\n",
            line.portfolio, line.profile, line.owner, line.stage
        ));
        for version in &line.climbing {
            out.push_str(&format!(
                "a changed version climbs: {} since {}, strategy {}\n",
                version.stage,
                version.since,
                version.strategy_sha256.short()
            ));
        }
        if line.reduced_assurance {
            out.push_str(&format!("{REDUCED}\n"));
        }
        for word in line.flags.words() {
            out.push_str(&format!("flag: {word}\n"));
        }
        if let (Some(request), Some(status)) = (&line.request, line.request_status) {
            out.push_str(&format!("request {request}: {status}\n"));
        }
        out.push_str(&format!("{}\n", line.looks));
        out.push_str(&missing_text(&line.missing));
        out.push_str(&due_text(&line.due));
    }
    out
}
