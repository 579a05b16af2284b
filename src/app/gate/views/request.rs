//! One request with all that happened to it.
//!
//! In: the desk, the request. Out: the document of `show` and its text.

use serde::Serialize;

use crate::app::gate::answer::missing_text;
use crate::app::gate::desk::Desk;
use crate::evidence::bundle::is_research;
use crate::governance::promotion::looks::Looks;
use crate::governance::promotion::missing::{Missing, missing};
use crate::governance::promotion::state::{RequestRecord, Status};
use crate::governance::promotion::statement::{EvidenceRef, Request};
use crate::governance::promotion::tracks::assurance::{REDUCED, is_reduced};
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, ProfileId, RequestId};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::render::decision_log::{SignerLine, signers};
use crate::render::expectation::{self, Contract, contract};
use crate::render::resemblance::{self, ResemblanceJson};

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
