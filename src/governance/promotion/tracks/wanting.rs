//! What has to be filled until the decision: an independent rerun, registered data, and where the
//! policy set lets one stand in for the other, an independent attestation.
//!
//! In: the state and what is shown. Out: what is wanting, as lines of `missing()` for a request.
//! Who counts is asked here and nowhere else: nobody of the authors, and nobody who fills a risk or
//! authoriser slot of the same act. Whoever vouched for the evidence fills no such slot
//! ([`may_fill`]). A request whose producers' keys are not believed any more has ended already.

use std::collections::BTreeSet;

use crate::evidence::bundle::is_research;
use crate::evidence::manifest::EvidenceKind;
use crate::governance::policy::roles::Role;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::PersonId;
use crate::kernel::time::UtcTime;

use super::super::missing::Missing;
use super::super::refusal::Refusal;
use super::super::state::{Mark, RequestRecord, State};
use super::super::statement::EvidenceRef;
use super::Checked;
use super::assurance::{attestations, attesters};
use super::dataset::{fetchers, registrations};
use super::rerun::{rerunners, reruns};
use super::shown::Shown;

/// May `person` fill a `role` slot for this evidence, after what the person vouched for?
///
/// # Errors
/// When the person ran the evidence again, attested it or registered its data.
pub fn may_fill(state: &State, shown: &Shown<'_>, person: &PersonId, role: Role) -> Checked {
    if !matches!(role, Role::Risk | Role::Authoriser) {
        return Ok(());
    }
    if rerunners(state, shown.evidence).contains(person)
        || attesters(state, shown.evidence).contains(person)
        || fetchers(state, &shown.grounds.data).contains(person)
    {
        return Err(Refusal::VoucherFillsSlot {
            person: person.clone(),
            role: role.to_string(),
        });
    }
    Ok(())
}

/// Whose word does not count for this request: its authors, and who fills a risk or authoriser
/// slot.
fn partial(state: &State, record: &RequestRecord, now: UtcTime) -> BTreeSet<PersonId> {
    let fills = record.approvals.iter().filter(|approval| {
        matches!(approval.role, Role::Risk | Role::Authoriser) && now < approval.valid_until
    });
    let mut partial = state.author_set(record);
    partial.extend(fills.map(|approval| approval.mark.person.clone()));
    partial
}

/// Whether an act that vouches counts: by somebody outside `partial`, with keys that nobody else
/// may hold.
fn counts(state: &State, partial: &BTreeSet<PersonId>, mark: &Mark) -> bool {
    !state.access.is_dead(mark) && !partial.contains(&mark.person)
}

/// Each bundle that has to be run again, with the reruns that count.
fn rerun_wanted<'s>(
    state: &'s State,
    shown: &Shown<'s>,
    partial: &BTreeSet<PersonId>,
) -> Vec<(&'s EvidenceRef, Vec<&'s Mark>)> {
    if shown.target < state.rules().assurance.rerun_from {
        return Vec::new();
    }
    let bundles = shown.evidence.iter();
    bundles
        .filter(|e| e.kind == EvidenceKind::Robustness)
        .map(|evidence| {
            let all = reruns(state, &evidence.evidence_sha256);
            let same = all.filter(|r| r.rerun.result_sha256 == evidence.result_sha256);
            let marks = same.map(|r| &r.mark).filter(|m| counts(state, partial, m));
            (evidence, marks.collect())
        })
        .collect()
}

/// Bars that have to be registered, with the registrations that count.
fn registration_wanted<'s>(
    state: &'s State,
    shown: &Shown<'s>,
    partial: &BTreeSet<PersonId>,
) -> Vec<(Digest, Vec<&'s Mark>)> {
    if shown.target < state.rules().assurance.registered_data_from {
        return Vec::new();
    }
    let data = shown.grounds.data.iter();
    data.map(|sha256| {
        let marks = registrations(state, sha256).map(|r| &r.mark);
        let marks = marks.filter(|m| counts(state, partial, m));
        (*sha256, marks.collect())
    })
    .collect()
}

/// Bundles beyond a rerun, with the independent attestations that count.
fn attestation_wanted<'s>(
    state: &'s State,
    shown: &Shown<'s>,
    partial: &BTreeSet<PersonId>,
) -> Vec<(&'s EvidenceRef, Vec<&'s Mark>)> {
    let beyond = beyond_rerun(state, shown.target, shown.evidence);
    beyond
        .map(|evidence| {
            let all = attestations(state, &evidence.evidence_sha256);
            let same = all.filter(|r| r.act.result_sha256 == evidence.result_sha256);
            let marks = same.map(|r| &r.mark).filter(|m| counts(state, partial, m));
            (evidence, marks.collect())
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
    let shown = &Shown::by(&record.request, record.mark.seq);
    let partial = &partial(state, record, now);
    let reruns = rerun_wanted(state, shown, partial).into_iter();
    let data = registration_wanted(state, shown, partial).into_iter();
    let attested = attestation_wanted(state, shown, partial).into_iter();
    let by_bundle = reruns.chain(attested).map(|(_, marks)| marks);
    by_bundle.chain(data.map(|(_, marks)| marks)).collect()
}

/// Bundles that nobody outside `partial` has run again.
#[must_use]
pub fn without_rerun(
    state: &State,
    shown: &Shown<'_>,
    partial: &BTreeSet<PersonId>,
) -> Vec<EvidenceRef> {
    let wanted = rerun_wanted(state, shown, partial).into_iter();
    let open = wanted.filter(|(_, marks)| marks.is_empty());
    open.map(|(evidence, _)| evidence.clone()).collect()
}

/// Bars that nobody outside `partial` has registered.
#[must_use]
pub fn without_registration(
    state: &State,
    shown: &Shown<'_>,
    partial: &BTreeSet<PersonId>,
) -> Vec<Digest> {
    let wanted = registration_wanted(state, shown, partial).into_iter();
    let open = wanted.filter(|(_, marks)| marks.is_empty());
    open.map(|(sha256, _)| sha256).collect()
}

/// Bundles that nobody can check by doing it again: an import above SHADOW, and sessions at LIVE
/// whose signals were not replayed. A sandbox holds no one's money, so its sessions may stand.
pub fn beyond_rerun<'e>(
    state: &State,
    target: Target,
    evidence: &'e [EvidenceRef],
) -> impl Iterator<Item = &'e EvidenceRef> {
    let sessions = target == Target::Live && !state.genesis.sandbox;
    evidence.iter().filter(move |e| match e.kind {
        EvidenceKind::Import => target != Target::Shadow,
        EvidenceKind::Robustness => false,
        EvidenceKind::Shadow | EvidenceKind::Testnet | EvidenceKind::Live => sessions,
    })
}

/// Bundles beyond a rerun that nobody outside `partial` has attested.
#[must_use]
pub fn without_attestation(
    state: &State,
    shown: &Shown<'_>,
    partial: &BTreeSet<PersonId>,
) -> Vec<EvidenceRef> {
    let wanted = attestation_wanted(state, shown, partial).into_iter();
    let open = wanted.filter(|(_, marks)| marks.is_empty());
    open.map(|(evidence, _)| evidence.clone()).collect()
}

/// A certificate has no time to wait: what would be missing for a request refuses it.
///
/// # Errors
/// The first thing that is wanting.
pub fn check_now(state: &State, shown: &Shown<'_>, partial: &BTreeSet<PersonId>) -> Checked {
    if let Some(evidence) = without_rerun(state, shown, partial).first() {
        return Err(Refusal::RerunWanted {
            evidence: evidence.evidence_sha256,
        });
    }
    if let Some(data) = without_registration(state, shown, partial).first() {
        return Err(Refusal::DatasetWanted { data: *data });
    }
    match without_attestation(state, shown, partial).first() {
        Some(evidence) => Err(Refusal::AttestationWanted {
            evidence: evidence.evidence_sha256,
        }),
        None => Ok(()),
    }
}

/// Lines of `missing()`.
pub fn lines(state: &State, record: &RequestRecord, now: UtcTime, list: &mut Vec<Missing>) {
    let shown = &Shown::by(&record.request, record.mark.seq);
    let partial = &partial(state, record, now);
    let independent = "by somebody who is no author and fills no risk or authoriser slot";
    for evidence in without_rerun(state, shown, partial) {
        let text = format!(
            "a rerun of {} to the same result, {independent}",
            evidence.evidence_sha256
        );
        let command = "promote evidence verify DIR --rerun --data DIR --key KEY".to_owned();
        list.push(Missing::new("rerun", None, text, Some(command)));
    }
    for sha256 in without_registration(state, shown, partial) {
        let text = format!(
            "a registration of the bars {sha256}, by somebody who fetched them, is no author and fills no risk or authoriser slot"
        );
        let command = "promote dataset register DIR --evidence DIR --source TEXT --key KEY";
        let command = Some(command.to_owned());
        list.push(Missing::new("dataset", None, text, command));
    }
    for evidence in without_attestation(state, shown, partial) {
        let what = match is_research(evidence.kind) {
            true => "an import that nobody can run again",
            false => "sessions whose signals were not replayed",
        };
        let digest = evidence.evidence_sha256;
        let text =
            format!("an independent attestation of the bundle {digest} ({what}), {independent}");
        let command = "promote evidence attest DIR --method TEXT --key KEY".to_owned();
        list.push(Missing::new("attestation", None, text, Some(command)));
    }
}
