//! Independent attestations of bundles: somebody examined what nobody can run again.
//!
//! In: a statement that names the bundle, its result and what was done to examine it. Out: for
//! that bundle the persons who attest it. It stands in for a rerun only where the policy set allows
//! reduced assurance, and whoever reads an export is told so ([`is_marked`]).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};

use super::super::access::distrust::standing_on;
use super::super::guard::words;
use super::super::refusal::Refusal;
use super::super::state::{Mark, State};
use super::super::statement::{EvidenceRef, Request};
use super::{Checked, one_of, wanting};

/// What is printed about a request, a portfolio or a ledger on which less was checked.
pub const REDUCED: &str = "reduced assurance";

/// A bundle was examined by somebody independent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceAttestation {
    /// The bundle.
    pub evidence_sha256: Digest,
    /// Its result.
    pub result_sha256: Digest,
    /// What was examined and how, in words.
    pub method: String,
}

/// One independent attestation of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttestationRecord {
    /// The entry.
    pub mark: Mark,
    /// What was attested.
    pub act: EvidenceAttestation,
}

/// May this be recorded?
///
/// # Errors
/// The first rule that it breaks.
pub(super) fn check(
    state: &State,
    act: &EvidenceAttestation,
    signers: &[(PersonId, Role)],
) -> Checked {
    one_of("evidence-attestation", signers, &Role::ALL)?;
    if !state.rules().assurance.reduced_allowed {
        return Err(Refusal::ReducedNotAllowed);
    }
    words(&act.method, "method")?;
    let Some((person, _)) = signers.first() else {
        return Ok(());
    };
    let own = |record: &AttestationRecord| record.mark.person == *person;
    if attestations(state, &act.evidence_sha256).any(own) {
        return Err(Refusal::AlreadyAttested {
            person: person.clone(),
        });
    }
    super::rerun::no_author(state, &act.evidence_sha256, person)
}

/// Remembers an independent attestation.
pub(super) fn effect(state: &mut State, act: &EvidenceAttestation, mark: Mark) {
    let attested = &mut state.tracks.attestations;
    let list = attested.entry(act.evidence_sha256).or_default();
    list.push(AttestationRecord {
        mark,
        act: act.clone(),
    });
}

/// Every independent attestation of a bundle.
pub fn attestations<'s>(
    state: &'s State,
    evidence: &Digest,
) -> impl Iterator<Item = &'s AttestationRecord> {
    state
        .tracks
        .attestations
        .get(evidence)
        .into_iter()
        .flatten()
}

/// Persons who attested any of these bundles with the same result.
#[must_use]
pub fn attesters(state: &State, evidence: &[EvidenceRef]) -> BTreeSet<PersonId> {
    let of = |e: &EvidenceRef| {
        let same = e.result_sha256;
        attestations(state, &e.evidence_sha256)
            .filter(move |r| r.act.result_sha256 == same)
            .map(|r| r.mark.person.clone())
            .collect::<Vec<_>>()
    };
    evidence.iter().flat_map(of).collect()
}

/// True when an export has to say so: the set in force lets an independent attestation stand in, or a stage
/// rests on one.
#[must_use]
pub fn is_marked(state: &State) -> bool {
    let mut portfolios = state.portfolios.keys();
    state.rules().assurance.reduced_allowed || portfolios.any(|id| rests_on_less(state, id))
}

/// True when what a portfolio was granted rests on something that nobody could run again.
#[must_use]
pub fn rests_on_less(state: &State, id: &PortfolioId) -> bool {
    let mut granted = standing_on(state, id).into_iter();
    granted.any(|(_, request)| {
        let record = state.requests.get(&request);
        record.is_some_and(|record| is_reduced(state, &record.request))
    })
}

/// True when a request rests on something that nobody could run again.
#[must_use]
pub fn is_reduced(state: &State, request: &Request) -> bool {
    let mut beyond = wanting::beyond_rerun(state, request.target, &request.evidence);
    beyond.next().is_some()
}
