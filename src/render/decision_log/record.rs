//! One ended request as the log shows it: values only, no words.

use std::collections::BTreeMap;

use serde::Serialize;

use super::checklist::{ChecklistLines, checklist};
use crate::evidence::facts::Fact;
use crate::governance::policy::verdict::Judgement;
use crate::governance::promotion::ending::{self, Ending};
use crate::governance::promotion::safety::halt::{Cause, severity};
use crate::governance::promotion::safety::incident::Severity;
use crate::governance::promotion::state::{Mark, RequestRecord, State, Status};
use crate::governance::promotion::statement::{EvidenceRef, WorkspaceState};
use crate::governance::promotion::tracks::rise::USUAL_DAYS;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PersonId, PortfolioId, ProfileId, RequestId};
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;
use crate::render::expectation::{Contract, contract};
use crate::render::register::incidents::IncidentLine;
use crate::render::register::overrides::OverrideLine;
use crate::render::register::reviews::taken_back;

/// A criterion with everything that `explain` needs.
pub type CriterionLine = Judgement;

/// Somebody who signed for or against the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct SignerLine {
    /// `request`, `evaluation-error`, `evaluation`, `approval`, `denial`, `withdrawal`, `decision`,
    /// `superseded` or `end`.
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
    /// Reason code of a denial, code of an evaluation error.
    pub reason: String,
    /// A word to the record.
    pub comment: String,
    /// True for an approval that its signer took back.
    pub taken_back: bool,
}

/// The halt that ended a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct HaltNote {
    /// Position of the entry that it stands on.
    pub seq: u64,
    /// Why.
    pub cause: Cause,
    /// In the words of who halted; null where the engine did.
    pub reason: Option<String>,
    /// How bad the incident was, where one halted.
    pub severity: Option<Severity>,
    /// By whom; null where time alone did it.
    pub by: Option<PersonId>,
}

/// How long things last under the policy set that judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Terms {
    /// Days that the granted stage lasts at least; null for LIVE.
    pub dwell_days: Option<u32>,
    /// Days that it lasts usually.
    pub usual_days: Option<u32>,
    /// Days until its certificate is overdue.
    pub certificate_days: Option<u32>,
    /// Days after a REJECT before the portfolio may ask again.
    pub cool_off_days: u32,
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
    /// What sessions are held to, where SHADOW was granted.
    pub contract: Option<Contract>,
    /// State of the requester's workspace.
    pub workspace: WorkspaceState,
    /// The request that replaced it.
    pub superseded_by: Option<RequestId>,
    /// What it gave way to, where it was invalidated.
    pub ended_by: Option<Ending>,
    /// The halt that ended it.
    pub halted_by: Option<HaltNote>,
    /// Position of the revocation by which its approvals fell below the quorum afterwards.
    pub fallen_by: Option<u64>,
    /// Overrides on which its verdict rests.
    pub overrides: Vec<OverrideLine>,
    /// Incidents of the portfolio between its request before and its own end.
    pub incidents: Vec<IncidentLine>,
    /// Instance that LIVE was granted for.
    pub instance: Option<InstanceId>,
    /// How long things last.
    pub terms: Terms,
    /// Who signed, in ledger order.
    pub signers: Vec<SignerLine>,
    /// The checklist of the transition as it stood when the request was decided or denied; null for
    /// every other end.
    pub checklist: Option<ChecklistLines>,
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
    let mut last: BTreeMap<&PortfolioId, UtcTime> = BTreeMap::new();
    let mut entries = Vec::new();
    for record in ended {
        let end = record.end.as_ref().map_or(record.mark.time, |e| e.time);
        let before = last.insert(&record.request.portfolio, end);
        entries.push(entry(state, record, before));
    }
    entries
}

/// `before` is the end of the portfolio's request before.
fn entry(state: &State, record: &RequestRecord, before: Option<UtcTime>) -> DecisionEntry {
    let request = &record.request;
    let judged = record.judged.as_ref();
    let ended_at = record.end.as_ref().map_or(record.mark.time, |e| e.time);
    let decided = state.access.decisions.get(&request.request);
    DecisionEntry {
        request: request.request.clone(),
        portfolio: request.portfolio.clone(),
        profile: request.profile.clone(),
        target: request.target,
        status: status(record).to_owned(),
        verdict: judged.map(|j| j.verdict.status().to_owned()),
        ended_at,
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
        contract: match record.status {
            Status::Promoted => contract(state, record),
            _ => None,
        },
        workspace: request.workspace.clone(),
        superseded_by: record.superseded_by.clone(),
        ended_by: ending::ending(state, record),
        halted_by: halted_by(state, record),
        fallen_by: decided.and_then(|decided| decided.fallen),
        overrides: overrides(state, record),
        incidents: incidents(state, record, before, ended_at),
        instance: request.instance.clone(),
        terms: terms(state, record),
        signers: signers(state, record),
        checklist: checklist(state, record),
    }
}

/// The halt that ended the request.
fn halted_by(state: &State, record: &RequestRecord) -> Option<HaltNote> {
    let halt = ending::halted_by(state, record)?;
    Some(HaltNote {
        seq: halt.seq,
        cause: halt.cause,
        reason: halt.reason.clone(),
        severity: severity(state, halt),
        by: halt.by.as_ref().map(|mark| mark.person.clone()),
    })
}

fn overrides(state: &State, record: &RequestRecord) -> Vec<OverrideLine> {
    let all = state.safety.overrides.iter();
    all.filter(|o| o.used_by.contains(&record.request.request))
        .map(|o| OverrideLine::new(o, state.last_time()))
        .collect()
}

fn incidents(
    state: &State,
    record: &RequestRecord,
    before: Option<UtcTime>,
    ended_at: UtcTime,
) -> Vec<IncidentLine> {
    let by = record.end.as_ref().and_then(|end| end.by.as_ref());
    let end = by.map_or(u64::MAX, |mark| mark.seq);
    let between = |mark: &Mark| {
        before.is_none_or(|before| mark.time > before) && mark.time <= ended_at && mark.seq < end
    };
    let all = state.safety.incidents.iter();
    all.filter(|i| i.opening.portfolio == record.request.portfolio && between(&i.mark))
        .map(|i| IncidentLine::new(state, i, state.last_time()))
        .collect()
}

fn terms(state: &State, record: &RequestRecord) -> Terms {
    let target = record.request.target;
    let end = record.end.as_ref().and_then(|end| end.by.as_ref());
    let set = state
        .oversight
        .policy_at(end.map_or(record.mark.seq, |mark| mark.seq));
    let rules = set.map_or(state.rules(), |set| set.rules());
    let usual = USUAL_DAYS
        .into_iter()
        .find(|(stage, _)| *stage == target.stage());
    Terms {
        dwell_days: match target {
            Target::Shadow => Some(rules.request.shadow_dwell_days),
            Target::Testnet => Some(rules.request.testnet_dwell_days),
            Target::Live => None,
        },
        usual_days: usual.map(|(_, days)| days),
        certificate_days: rules.certificate.get(&target).map(|c| c.days),
        cool_off_days: rules.request.cool_off_days,
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
pub fn signers(state: &State, record: &RequestRecord) -> Vec<SignerLine> {
    let mut lines = vec![line("request", &record.mark)];
    let unjudged = record.unjudged.iter();
    lines.extend(unjudged.map(|mark| line("evaluation-error", mark)));
    lines.extend(record.approvals.iter().map(|approved| SignerLine {
        taken_back: taken_back(state, &approved.mark.leaf),
        ..line("approval", &approved.mark)
    }));
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
        taken_back: false,
    }
}
