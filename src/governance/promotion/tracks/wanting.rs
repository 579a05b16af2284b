//! What has to be filled until the decision: an independent rerun, registered data.
//!
//! In: the state and a request. Out: lines of `missing()`. Who counts is asked here and nowhere
//! else: nobody of the authors, and nobody who fills a risk or authoriser slot of the same request.
//! Whoever ran the evidence again or fetched its data fills no such slot ([`may_fill`]).

use crate::evidence::manifest::EvidenceKind;
use crate::governance::policy::roles::Role;
use crate::kernel::digest::Digest;
use crate::kernel::id::PersonId;
use crate::kernel::time::UtcTime;

use super::super::missing::Missing;
use super::super::refusal::Refusal;
use super::super::state::{RequestRecord, State};
use super::super::statement::EvidenceRef;
use super::Checked;
use super::dataset::{fetchers, registrations};
use super::rerun::{rerunners, reruns};

/// May `person` fill a `role` slot, after what the person vouched for?
///
/// # Errors
/// When the person ran the evidence again or registered its data.
pub fn may_fill(state: &State, record: &RequestRecord, person: &PersonId, role: Role) -> Checked {
    if !matches!(role, Role::Risk | Role::Authoriser) {
        return Ok(());
    }
    let request = &record.request;
    if rerunners(state, &request.evidence).contains(person)
        || fetchers(state, &request.grounds.data).contains(person)
    {
        return Err(Refusal::VoucherFillsSlot {
            person: person.clone(),
            role: role.to_string(),
        });
    }
    Ok(())
}

/// Whether what `person` vouched for counts for this request.
fn is_independent(state: &State, record: &RequestRecord, person: &PersonId, now: UtcTime) -> bool {
    let fills = record.approvals.iter().any(|approval| {
        matches!(approval.role, Role::Risk | Role::Authoriser)
            && approval.mark.person == *person
            && now < approval.valid_until
    });
    !fills && !state.author_set(record).contains(person)
}

/// Bundles of this request that nobody independent has run again.
#[must_use]
pub fn without_rerun(state: &State, record: &RequestRecord, now: UtcTime) -> Vec<EvidenceRef> {
    let request = &record.request;
    if request.target < state.rules().assurance.rerun_from {
        return Vec::new();
    }
    let ran = |evidence: &&EvidenceRef| {
        reruns(state, &evidence.evidence_sha256).any(|r| {
            r.rerun.result_sha256 == evidence.result_sha256
                && is_independent(state, record, &r.mark.person, now)
        })
    };
    request
        .evidence
        .iter()
        .filter(|e| e.kind == EvidenceKind::Robustness)
        .filter(|e| !ran(e))
        .cloned()
        .collect()
}

/// Bars of this request that nobody independent has registered.
#[must_use]
pub fn without_registration(state: &State, record: &RequestRecord, now: UtcTime) -> Vec<Digest> {
    let request = &record.request;
    if request.target < state.rules().assurance.registered_data_from {
        return Vec::new();
    }
    let registered = |sha256: &&Digest| {
        registrations(state, sha256).any(|r| is_independent(state, record, &r.mark.person, now))
    };
    let data = request.grounds.data.iter();
    data.filter(|d| !registered(d)).copied().collect()
}

/// Lines of `missing()`.
pub fn lines(state: &State, record: &RequestRecord, now: UtcTime, list: &mut Vec<Missing>) {
    for evidence in without_rerun(state, record, now) {
        let text = format!(
            "a rerun of {} to the same result, by somebody who is no author and fills no risk or authoriser slot",
            evidence.evidence_sha256
        );
        let command = "promote evidence verify DIR --rerun --data DIR --key KEY".to_owned();
        list.push(Missing::new("rerun", None, text, Some(command)));
    }
    for sha256 in without_registration(state, record, now) {
        let text = format!(
            "a registration of the bars {sha256}, by somebody who fetched them, is no author and fills no risk or authoriser slot"
        );
        let command = "promote dataset register DIR --evidence DIR --source TEXT --key KEY";
        let command = Some(command.to_owned());
        list.push(Missing::new("dataset", None, text, command));
    }
}
