//! What reading commands show: portfolios, open work, one request with all that happened to it.

use serde::Serialize;

use super::answer::{due_text, missing_text};
use super::desk::Desk;
use super::shown::Shown;
use crate::evidence::bundle::is_research;
use crate::governance::audit::entry::Head;
use crate::governance::promotion::looks::Looks;
use crate::governance::promotion::missing::{Missing, hands, missing, missing_of, standing_of};
use crate::governance::promotion::safety::missing::{Flags, due, flags};
use crate::governance::promotion::state::{RequestRecord, Status};
use crate::governance::promotion::statement::{EvidenceRef, Request};
use crate::governance::promotion::tracks::assurance::{REDUCED, is_reduced, rests_on_less};
use crate::governance::stage::{Stage, Target};
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, ProfileId, RequestId};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::render::decision_log::{SignerLine, signers};
use crate::render::expectation::{self, Contract, contract};
use crate::render::register::inventory::{ClimbingVersion, climbing};
use crate::render::resemblance::{self, ResemblanceJson};

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

/// `promote/inbox/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct InboxJson {
    schema: &'static str,
    items: Vec<InboxItem>,
}

/// One thing that somebody can do.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct InboxItem {
    /// The request; null where it is about the portfolio, whatever is asked for.
    request: Option<RequestId>,
    portfolio: PortfolioId,
    stage: Stage,
    target: Option<Target>,
    status: Option<Status>,
    code: String,
    /// Who begins.
    role: Option<String>,
    /// Every role that it is work for: all that have to sign, where several do.
    roles: Vec<String>,
    text: String,
    command: Option<String>,
}

/// `promote/request-record/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct RequestJson {
    schema: &'static str,
    request: RequestId,
    portfolio: PortfolioId,
    profile: ProfileId,
    target: Target,
    status: Status,
    verdict: Option<String>,
    decision_sha256: Option<Digest>,
    strategy_sha256: Digest,
    limits_sha256: Digest,
    policy_sha256: Digest,
    book_sha256: Option<Digest>,
    /// What sessions are held to, for SHADOW.
    contract: Option<Contract>,
    evidence: Vec<EvidenceRef>,
    producers: Vec<PersonId>,
    /// True when it rests on a bundle that nobody can run again.
    reduced_assurance: bool,
    /// Session bundles, whose signals were not replayed.
    not_replayed: Vec<Digest>,
    summary: String,
    materiality: String,
    fallback: String,
    next: Vec<String>,
    reports: Vec<String>,
    revises: Option<RequestId>,
    supersedes: Option<RequestId>,
    superseded_by: Option<RequestId>,
    ended_at: Option<UtcTime>,
    signers: Vec<SignerLine>,
    /// Looks when it was judged, itself included; before that, what it would spend.
    looks: Looks,
    missing: Vec<Missing>,
    /// How closely its returns follow those of an earlier request that got no stage; null once it
    /// has ended.
    resemblance: Option<ResemblanceJson>,
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

/// What can be done, for one role or all: about portfolios first, then about open requests.
#[must_use]
pub fn inbox(shown: &Shown, role: Option<&str>) -> InboxJson {
    let state = &shown.state;
    let mut items: Vec<InboxItem> = Vec::new();
    for (id, held) in &state.portfolios {
        let mut lines = standing_of(state, id, shown.now);
        lines.extend(due(state, id, shown.now));
        for line in lines {
            // What stands in the way of several portfolios at once, as a global halt, is done once.
            let same = |item: &InboxItem| item.text == line.text && item.command == line.command;
            if !items.iter().any(same) {
                items.push(item(shown, id, held.stage, None, line));
            }
        }
    }
    for record in state.requests.values().filter(|r| r.status.is_open()) {
        let id = &record.request.portfolio;
        let held = state.portfolios.get(id);
        let stage = held.map_or(Stage::Research, |held| held.stage);
        let known = standing_of(state, id, shown.now);
        let lines = missing(state, record, shown.now).into_iter();
        let lines = lines.filter(|line| !known.contains(line));
        items.extend(lines.map(|line| item(shown, id, stage, Some(record), line)));
    }
    let wanted = |item: &InboxItem| role.is_none_or(|role| item.roles.iter().any(|r| r == role));
    items.retain(wanted);
    InboxJson {
        schema: "promote/inbox/v1",
        items,
    }
}

fn item(
    shown: &Shown,
    id: &PortfolioId,
    stage: Stage,
    record: Option<&RequestRecord>,
    line: Missing,
) -> InboxItem {
    InboxItem {
        request: record.map(|r| r.request.request.clone()),
        portfolio: id.clone(),
        stage,
        target: record.map(|r| r.request.target),
        status: record.map(|r| r.status),
        roles: hands(&shown.state, id, &line),
        code: line.code,
        role: line.role,
        text: line.text,
        command: line.command,
    }
}

/// The inbox as text.
#[must_use]
pub fn inbox_text(inbox: &InboxJson) -> String {
    if inbox.items.is_empty() {
        return "nothing to do\n".to_owned();
    }
    let mut out = String::new();
    for item in &inbox.items {
        let about = match (&item.request, item.target) {
            (Some(request), Some(target)) => format!("{request} ({target} for {})", item.portfolio),
            _ => format!("{} ({})", item.portfolio, item.stage),
        };
        out.push_str(&format!("{about}: {}\n", visible(&item.text, 400)));
        if let Some(command) = &item.command {
            out.push_str(&format!("  next: {}\n", visible(command, 400)));
        }
    }
    out
}

/// One request with all that happened to it.
#[must_use]
pub fn request(
    desk: &Desk,
    record: &RequestRecord,
    resemblance: Option<ResemblanceJson>,
) -> RequestJson {
    let Request {
        request,
        portfolio,
        profile,
        target,
        evidence,
        producers,
        strategy_sha256,
        limits_sha256,
        policy_sha256,
        summary,
        materiality,
        fallback,
        next,
        reports,
        revises,
        supersedes,
        ..
    } = record.request.clone();
    let judged = record.judged.as_ref();
    RequestJson {
        schema: "promote/request-record/v1",
        request,
        portfolio,
        profile,
        target,
        status: record.status,
        verdict: judged.map(|j| j.verdict.status().to_owned()),
        decision_sha256: judged.map(|j| j.evaluation.decision_sha256),
        strategy_sha256,
        limits_sha256,
        policy_sha256,
        book_sha256: judged.and_then(|j| j.evaluation.beside.book),
        contract: contract(&desk.state, record),
        not_replayed: not_replayed(&evidence),
        evidence,
        producers,
        reduced_assurance: is_reduced(&desk.state, &record.request),
        summary,
        materiality,
        fallback,
        next,
        reports,
        revises,
        supersedes,
        superseded_by: record.superseded_by.clone(),
        ended_at: record.end.as_ref().map(|e| e.time),
        signers: signers(&desk.state, record),
        looks: Looks::of(&desk.state, record),
        missing: missing(&desk.state, record, desk.now),
        resemblance,
    }
}

/// Bundles of sessions: this version replays no signals.
fn not_replayed(evidence: &[EvidenceRef]) -> Vec<Digest> {
    let sessions = evidence.iter().filter(|e| !is_research(e.kind));
    sessions.map(|e| e.evidence_sha256).collect()
}

/// The request as text; every foreign text escaped.
#[must_use]
pub fn request_text(view: &RequestJson, width: usize) -> String {
    let mut out = format!(
        "request {}: {}\nportfolio {} ({}), target {}\n",
        view.request, view.status, view.portfolio, view.profile, view.target
    );
    if let Some(verdict) = &view.verdict {
        out.push_str(&format!("verdict: {verdict}\n"));
    }
    out.push_str(&format!("summary: {}\n", visible(&view.summary, 2000)));
    for (name, text) in [
        ("fallback", &view.fallback),
        ("materiality", &view.materiality),
    ] {
        if !text.is_empty() {
            out.push_str(&format!("{name}: {}\n", visible(text, 2000)));
        }
    }
    for evidence in &view.evidence {
        let digest = evidence.evidence_sha256;
        let replayed = match view.not_replayed.contains(&digest) {
            true => " (signals not replayed)",
            false => "",
        };
        let kind = evidence.kind.as_str();
        out.push_str(&format!("evidence {kind}: {digest}{replayed}\n"));
    }
    if view.reduced_assurance {
        out.push_str(&format!("{REDUCED}: nobody can run all of it again\n"));
    }
    for (name, digest) in [
        ("strategy", view.strategy_sha256),
        ("limits", view.limits_sha256),
        ("policy set", view.policy_sha256),
    ] {
        out.push_str(&format!("{name}: {digest}\n"));
    }
    out.push_str(&format!("{}\n", view.looks));
    if let Some(book) = view.book_sha256 {
        out.push_str(&format!("book: {book}\n"));
    }
    if let Some(contract) = &view.contract {
        out.push_str(&expectation::text(contract, width));
    }
    for line in &view.signers {
        let reason = if line.reason.is_empty() {
            String::new()
        } else {
            format!(", reason {}", visible(&line.reason, 64))
        };
        let comment = if line.comment.is_empty() {
            String::new()
        } else {
            format!(", \"{}\"", visible(&line.comment, 400))
        };
        out.push_str(&format!(
            "seq {}: {} by {} ({}) at {}{reason}{comment}\n",
            line.seq, line.act, line.person, line.role, line.time
        ));
    }
    if let Some(found) = &view.resemblance {
        out.push_str(&resemblance::text(found));
    }
    out.push_str(&missing_text(&view.missing));
    out
}
