//! One ended request as the log shows it: values only, no words.

use serde::Serialize;

use crate::evidence::facts::Fact;
use crate::governance::policy::verdict::Judgement;
use crate::governance::promotion::state::{Mark, RequestRecord, State, Status};
use crate::governance::promotion::statement::{EvidenceRef, WorkspaceState};
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, ProfileId, RequestId};
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;

/// A criterion with everything that `explain` needs.
pub type CriterionLine = Judgement;

/// Somebody who signed for or against the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct SignerLine {
    /// `request`, `evaluation`, `approval`, `denial`, `withdrawal`, `decision` or `superseded`.
    pub act: &'static str,
    /// Who.
    pub person: PersonId,
    /// Role acted in.
    pub role: String,
    /// Key.
    pub key: Fingerprint,
    /// Position.
    pub seq: u64,
    /// Leaf hash.
    pub leaf: Digest,
    /// Time of the entry.
    pub time: UtcTime,
    /// Reason code of a denial.
    pub reason: String,
    /// A word to the record.
    pub comment: String,
}

/// An ended request.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct DecisionEntry {
    /// Request.
    pub request: RequestId,
    /// Portfolio; the preset has the same name.
    pub portfolio: PortfolioId,
    /// Risk profile.
    pub profile: ProfileId,
    /// Stage asked for.
    pub target: Target,
    /// `PROMOTE_TO_X`, `REJECT`, `REVISE`, `DENIED`, `WITHDRAWN`, `EXPIRED`, `SUPERSEDED` or
    /// `INVALIDATED`.
    pub status: String,
    /// What the policy said, where it was asked.
    pub verdict: Option<String>,
    /// When it ended.
    pub ended_at: UtcTime,
    /// Every criterion, where it was judged.
    pub criteria: Vec<CriterionLine>,
    /// Every judged value.
    pub facts: Vec<Fact>,
    /// Guard in force where it is not the policy's.
    pub guard: Option<crate::kernel::decimal::Decimal>,
    /// Why the requester asked.
    pub summary: String,
    /// `material` or `immaterial`.
    pub materiality: String,
    /// What happens if it goes wrong.
    pub fallback: String,
    /// Next steps as the requester named them.
    pub next: Vec<String>,
    /// Report folders as given.
    pub reports: Vec<String>,
    /// Bundles.
    pub evidence: Vec<EvidenceRef>,
    /// Configuration.
    pub strategy_sha256: Digest,
    /// Execution limits.
    pub limits_sha256: Digest,
    /// Policy set.
    pub policy_sha256: Digest,
    /// Digest of the canonical decision record.
    pub decision_sha256: Option<Digest>,
    /// State of the requester's workspace.
    pub workspace: WorkspaceState,
    /// The request that replaced it.
    pub superseded_by: Option<RequestId>,
    /// Who signed, in ledger order.
    pub signers: Vec<SignerLine>,
}

/// Every ended request (of `portfolio`), in the order of their ends.
#[must_use]
pub fn decisions(state: &State, portfolio: Option<&PortfolioId>) -> Vec<DecisionEntry> {
    let mut ended: Vec<&RequestRecord> = state
        .requests
        .values()
        .filter(|r| r.end.is_some())
        .filter(|r| portfolio.is_none_or(|p| r.request.portfolio == *p))
        .collect();
    ended.sort_by_key(|r| {
        let end = r.end.as_ref();
        (
            end.map(|e| e.time),
            end.and_then(|e| e.by.as_ref()).map_or(u64::MAX, |m| m.seq),
            r.request.request.clone(),
        )
    });
    ended.into_iter().map(entry).collect()
}

fn entry(record: &RequestRecord) -> DecisionEntry {
    let request = &record.request;
    let judged = record.judged.as_ref();
    DecisionEntry {
        request: request.request.clone(),
        portfolio: request.portfolio.clone(),
        profile: request.profile.clone(),
        target: request.target,
        status: status(record).to_owned(),
        verdict: judged.map(|j| j.verdict.status().to_owned()),
        ended_at: record.end.as_ref().map_or(record.mark.time, |e| e.time),
        criteria: judged
            .map(|j| j.verdict.criteria.clone())
            .unwrap_or_default(),
        facts: judged
            .map(|j| j.evaluation.facts.clone())
            .unwrap_or_default(),
        guard: judged.and_then(|j| j.evaluation.guard.clone()),
        summary: request.summary.clone(),
        materiality: request.materiality.clone(),
        fallback: request.fallback.clone(),
        next: request.next.clone(),
        reports: request.reports.clone(),
        evidence: request.evidence.clone(),
        strategy_sha256: request.strategy_sha256,
        limits_sha256: request.limits_sha256,
        policy_sha256: request.policy_sha256,
        decision_sha256: judged.map(|j| j.evaluation.decision_sha256),
        workspace: request.workspace.clone(),
        superseded_by: record.superseded_by.clone(),
        signers: signers(record),
    }
}

/// The playbook's word for how a request ended.
#[must_use]
pub fn status(record: &RequestRecord) -> &'static str {
    match record.status {
        Status::Promoted => record.request.target.promotion(),
        Status::Rejected => "REJECT",
        other => other.as_str(),
    }
}

/// Everybody who signed for or against a request, in ledger order.
#[must_use]
pub fn signers(record: &RequestRecord) -> Vec<SignerLine> {
    let mut lines = vec![line("request", &record.mark)];
    lines.extend(
        record
            .approvals
            .iter()
            .map(|approved| line("approval", &approved.mark)),
    );
    if let Some(by) = record.end.as_ref().and_then(|end| end.by.as_ref()) {
        let act = match record.status {
            Status::Rejected | Status::Revise => "evaluation",
            Status::Promoted => "decision",
            Status::Denied => "denial",
            Status::Withdrawn => "withdrawal",
            Status::Superseded => "superseded",
            Status::Submitted
            | Status::AwaitingApproval
            | Status::Approved
            | Status::Expired
            | Status::Invalidated => "end",
        };
        lines.push(line(act, by));
    }
    lines.sort_by_key(|l| l.seq);
    lines
}

fn line(act: &'static str, mark: &Mark) -> SignerLine {
    SignerLine {
        act,
        person: mark.person.clone(),
        role: mark.role.clone(),
        key: mark.key.clone(),
        seq: mark.seq,
        leaf: mark.leaf,
        time: mark.time,
        reason: mark.reason.clone(),
        comment: mark.comment.clone(),
    }
}
