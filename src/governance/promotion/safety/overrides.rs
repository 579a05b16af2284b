//! Overrides: two risk persons let a soft criterion pass, once, for named evidence, for hours.
//!
//! Never a hard criterion, never at LIVE, and recorded before the request that uses it. It ends
//! with a halt in scope, and when a key that signed it may be somebody else's. Its
//! signers fill no risk slot of that request. How it is reviewed stands in [`super::review`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::halt::HaltScope;
use super::{Checked, exactly, rise, short};
use crate::governance::policy::roles::Role;
use crate::governance::policy::verdict::{Enforcement, Verdict, Zone};
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::expiry;
use crate::governance::promotion::guard::{self, Moment};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{Mark, State};
use crate::governance::promotion::statement::EvidenceRef;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{CriterionId, PersonId, PortfolioId, ProfileId, RequestId};
use crate::kernel::time::{HOUR_MS, UtcTime};

/// A soft criterion may be missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Whose.
    pub portfolio: PortfolioId,
    /// Its profile, whose policy has the criterion.
    pub profile: ProfileId,
    /// At this target only.
    pub target: Target,
    /// Which criterion.
    pub criterion: CriterionId,
    /// Digest of the bundle on which it is missed.
    pub evidence_sha256: Digest,
    /// Policy set that judges.
    pub policy_sha256: Digest,
    /// No request uses it from here on.
    pub until: UtcTime,
    /// Why, in words.
    pub reason: String,
}

/// An override and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideRecord {
    /// The entry.
    pub mark: Mark,
    /// Who signed it.
    pub signers: BTreeSet<PersonId>,
    /// What it says.
    pub act: Override,
    /// Requests whose verdict rests on it.
    pub used_by: Vec<RequestId>,
    /// When it ended before its time; no request uses it from there on.
    pub ended: Option<UtcTime>,
    /// When its review is missed; none before a decision rests on it.
    pub review_due: Option<UtcTime>,
    /// The review, and what it found.
    pub reviewed: Option<(Mark, String)>,
    /// When the review was missed.
    pub missed: Option<UtcTime>,
}

pub(super) fn check(
    state: &State,
    signed: &Signed,
    act: &Override,
    signers: &[(PersonId, Role)],
    at: &Moment,
) -> Checked {
    exactly(
        "override",
        signers,
        &[Role::Risk, Role::Risk],
        "two risk persons",
    )?;
    guard::raises_risk(state)?;
    short(&act.reason, "reason")?;
    rise::not_halted(state, &act.portfolio, &act.profile)?;
    let held = state.portfolios.get(&act.portfolio);
    if let Some(held) = held.filter(|held| held.profile != act.profile) {
        return Err(Refusal::ProfileChanged {
            held: held.profile.clone(),
        });
    }
    if act.policy_sha256 != state.policy.digest() {
        return Err(Refusal::PolicyNotInForce);
    }
    check_criterion(state, act)?;
    let hours = state.rules().overrides.hours_max;
    let most = at.now.plus_millis(i64::from(hours).saturating_mul(HOUR_MS));
    if act.until <= at.now || act.until > most {
        return Err(Refusal::OverrideTooLong { hours });
    }
    let head = &signed.statement.head;
    let rules = state.rules().approval.get(&act.target).copied();
    let rules = rules.ok_or(Refusal::StaleHead { hours_max: 0 })?;
    if !expiry::head_is_fresh(state, &rules, head, at.now) {
        return Err(Refusal::StaleHead {
            hours_max: rules.head_age_hours_max,
        });
    }
    let touched = held.map(|held| held.touched);
    match touched.into_iter().chain([state.policy_touched]).max() {
        Some(seq) if seq >= head.size => Err(Refusal::StateMoved { seq }),
        _ => Ok(()),
    }
}

fn check_criterion(state: &State, act: &Override) -> Checked {
    let policy = state.policy.policy(&act.profile);
    let policy = policy.ok_or_else(|| Refusal::NoPolicy {
        profile: act.profile.clone(),
    })?;
    let criterion = policy.criterion(&act.criterion);
    let criterion = criterion.ok_or_else(|| Refusal::UnknownCriterion {
        criterion: act.criterion.clone(),
    })?;
    if act.target == Target::Live {
        return Err(Refusal::OverrideAtLive);
    }
    match criterion.enforcement.at(act.target) {
        Enforcement::Soft => Ok(()),
        Enforcement::Hard | Enforcement::Advisory => Err(Refusal::OverrideNotSoft {
            criterion: act.criterion.clone(),
        }),
    }
}

pub(super) fn effect(state: &mut State, act: &Override, signed: &Signed, mark: Mark) {
    let statement = &signed.statement;
    let signers = std::iter::once(&statement.signer).chain(&statement.cosigners);
    state.safety.overrides.push(OverrideRecord {
        signers: signers.map(|s| s.person.clone()).collect(),
        mark,
        act: act.clone(),
        used_by: Vec::new(),
        ended: None,
        review_due: None,
        reviewed: None,
        missed: None,
    });
}

/// What a request, or somebody who asks what it would get, is judged on.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Portfolio.
    pub portfolio: &'a PortfolioId,
    /// Stage asked for.
    pub target: Target,
    /// Bundles.
    pub evidence: &'a [EvidenceRef],
    /// Policy set.
    pub policy_sha256: Digest,
    /// Position of the request, or of the entry that it would be.
    pub seq: u64,
    /// Its time.
    pub time: UtcTime,
}

impl Subject<'_> {
    fn is_of(&self, record: &OverrideRecord) -> bool {
        let act = &record.act;
        act.portfolio == *self.portfolio
            && act.target == self.target
            && act.policy_sha256 == self.policy_sha256
            && record.mark.seq < self.seq
            && record.ended.is_none()
            && self.time < act.until
            && self
                .evidence
                .iter()
                .any(|e| e.evidence_sha256 == act.evidence_sha256)
    }
}

/// Overrides in `scope` end: what a halt stopped begins anew.
pub(super) fn end_in_scope(state: &mut State, scope: &HaltScope, time: UtcTime) {
    let inside = |o: &&mut OverrideRecord| scope.covers(&o.act.portfolio, &o.act.profile);
    for record in state.safety.overrides.iter_mut().filter(inside) {
        record.ended.get_or_insert(time);
    }
}

/// Overrides end that a key signed which somebody else may hold, after the revocation at `by`.
pub(in crate::governance::promotion) fn fall_with_keys(state: &mut State, by: &Mark) {
    for record in &mut state.safety.overrides {
        if state.access.is_dead(&record.mark) {
            record.ended.get_or_insert(by.time);
        }
    }
}

/// Criteria that overrides let pass for `subject`.
#[must_use]
pub fn in_force(state: &State, subject: &Subject<'_>) -> BTreeSet<CriterionId> {
    let all = state.safety.overrides.iter();
    all.filter(|record| subject.is_of(record))
        .map(|record| record.act.criterion.clone())
        .collect()
}

/// The subject that a recorded request is.
#[must_use]
pub fn subject(record: &crate::governance::promotion::state::RequestRecord) -> Subject<'_> {
    Subject {
        portfolio: &record.request.portfolio,
        target: record.request.target,
        evidence: &record.request.evidence,
        policy_sha256: record.request.policy_sha256,
        seq: record.mark.seq,
        time: record.mark.time,
    }
}

/// Remembers on which overrides the verdict of a request rests.
pub(in crate::governance::promotion) fn judged(
    state: &mut State,
    request: &RequestId,
    verdict: &Verdict,
) {
    let Some(record) = state.requests.get(request) else {
        return;
    };
    let passes = |criterion: &CriterionId| {
        let mut all = verdict.criteria.iter();
        all.any(|j| j.id == *criterion && j.zone == Zone::Overridden)
    };
    let subject = subject(record);
    for held in &mut state.safety.overrides {
        if subject.is_of(held) && passes(&held.act.criterion) {
            held.used_by.push(request.clone());
        }
    }
}

/// The reviews of what a decision rests on fall due.
pub(super) fn granted(state: &mut State, request: &RequestId, mark: &Mark) {
    let days = i64::from(state.rules().overrides.review_days);
    for held in &mut state.safety.overrides {
        if held.used_by.contains(request) {
            held.review_due = Some(mark.time.plus_days(days));
        }
    }
}

/// Refuses the risk slot of a request to the signers of an override that it uses.
///
/// # Errors
/// `override-signer-fills-slot`.
pub fn may_fill(state: &State, request: &RequestId, person: &PersonId, role: Role) -> Checked {
    let signed = |o: &OverrideRecord| o.used_by.contains(request) && o.signers.contains(person);
    if role == Role::Risk && state.safety.overrides.iter().any(signed) {
        return Err(Refusal::OverrideSignerFillsSlot {
            person: person.clone(),
        });
    }
    Ok(())
}
