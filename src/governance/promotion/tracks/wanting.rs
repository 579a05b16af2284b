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
use super::super::state::{Mark, RequestRecord, State};
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

/// Whether an act that vouches counts for this request: by somebody independent, with keys that
/// nobody else may hold.
fn counts(state: &State, record: &RequestRecord, mark: &Mark, now: UtcTime) -> bool {
    !state.access.is_dead(mark) && is_independent(state, record, &mark.person, now)
}

/// Each bundle that has to be run again, with the reruns that count.
fn rerun_wanted<'s>(
    state: &'s State,
    record: &'s RequestRecord,
    now: UtcTime,
) -> Vec<(&'s EvidenceRef, Vec<&'s Mark>)> {
    let request = &record.request;
    if request.target < state.rules().assurance.rerun_from {
        return Vec::new();
    }
    let bundles = request.evidence.iter();
    bundles
        .filter(|e| e.kind == EvidenceKind::Robustness)
        .map(|evidence| {
            let all = reruns(state, &evidence.evidence_sha256);
            let same = all.filter(|r| r.rerun.result_sha256 == evidence.result_sha256);
            let marks = same.map(|r| &r.mark);
            (
                evidence,
                marks.filter(|m| counts(state, record, m, now)).collect(),
            )
        })
        .collect()
}

/// Bars that have to be registered, with the registrations that count.
fn registration_wanted<'s>(
    state: &'s State,
    record: &'s RequestRecord,
    now: UtcTime,
) -> Vec<(Digest, Vec<&'s Mark>)> {
    let request = &record.request;
    if request.target < state.rules().assurance.registered_data_from {
        return Vec::new();
    }
    let data = request.grounds.data.iter();
    data.map(|sha256| {
        let marks = registrations(state, sha256).map(|r| &r.mark);
        (
            *sha256,
            marks.filter(|m| counts(state, record, m, now)).collect(),
        )
    })
    .collect()
}

/// Who vouches for this request: of each group one has to be believed.
#[must_use]
pub fn vouchers<'s>(
    state: &'s State,
    record: &'s RequestRecord,
    now: UtcTime,
) -> Vec<Vec<&'s Mark>> {
    let reruns = rerun_wanted(state, record, now).into_iter().map(|(_, m)| m);
    let data = registration_wanted(state, record, now).into_iter();
    reruns.chain(data.map(|(_, m)| m)).collect()
}

/// Bundles of this request that nobody independent has run again.
#[must_use]
pub fn without_rerun(state: &State, record: &RequestRecord, now: UtcTime) -> Vec<EvidenceRef> {
    let wanted = rerun_wanted(state, record, now).into_iter();
    let open = wanted.filter(|(_, marks)| marks.is_empty());
    open.map(|(evidence, _)| evidence.clone()).collect()
}

/// Bars of this request that nobody independent has registered.
#[must_use]
pub fn without_registration(state: &State, record: &RequestRecord, now: UtcTime) -> Vec<Digest> {
    let wanted = registration_wanted(state, record, now).into_iter();
    let open = wanted.filter(|(_, marks)| marks.is_empty());
    open.map(|(sha256, _)| sha256).collect()
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
