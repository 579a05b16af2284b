//! Reruns: somebody else ran a bundle again on bars of their own and came to the same result.
//!
//! In: a statement that names the bundle and the result. Out: for that bundle the persons who ran
//! it. The order of rerun and request does not matter: who counts is asked when it is needed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::kernel::digest::Digest;
use crate::kernel::id::PersonId;

use super::super::refusal::Refusal;
use super::super::state::{Mark, State};
use super::super::statement::EvidenceRef;
use super::{Checked, one_of};

/// A rerun that came to the same result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerun {
    /// The bundle.
    pub evidence_sha256: Digest,
    /// The result, reached again.
    pub result_sha256: Digest,
    /// Digests of the bars that it ran on, sorted.
    pub data: Vec<Digest>,
    /// Version of the program that ran it.
    pub version: String,
    /// Its source revision.
    pub commit: String,
}

/// One rerun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RerunRecord {
    /// The entry.
    pub mark: Mark,
    /// What was reached.
    pub rerun: Rerun,
}

/// May this be recorded?
///
/// # Errors
/// The first rule that it breaks.
pub(super) fn check(state: &State, act: &Rerun, signers: &[(PersonId, Role)]) -> Checked {
    one_of("rerun", signers, &Role::ALL)?;
    let refuse = |why: &'static str| Err(Refusal::RerunRefused { why });
    if !act.data.is_sorted_by(|a, b| a < b) {
        return refuse("its data are not sorted, each once");
    }
    if act.version.is_empty() || act.version.len() > 64 || act.commit.len() > 64 {
        return refuse("it does not say which build ran it");
    }
    let Some((person, _)) = signers.first() else {
        return Ok(());
    };
    let of = |record: &&RerunRecord| record.mark.person == *person;
    if reruns(state, &act.evidence_sha256).any(|r| of(&r)) {
        return refuse("the same person ran this bundle again already");
    }
    no_author(state, &act.evidence_sha256, person)
}

/// An author of a request that is there already does not count, and is told at once.
///
/// # Errors
/// When `person` belongs to the authors of a request on this bundle.
pub(super) fn no_author(state: &State, evidence_sha256: &Digest, person: &PersonId) -> Checked {
    let mut requests = state.requests.values().filter(|record| {
        let mut evidence = record.request.evidence.iter();
        evidence.any(|e| e.evidence_sha256 == *evidence_sha256)
    });
    if requests.any(|record| state.author_set(record).contains(person)) {
        return Err(Refusal::AuthorReruns {
            person: person.clone(),
        });
    }
    Ok(())
}

/// Remembers a rerun.
pub(super) fn effect(state: &mut State, act: &Rerun, mark: Mark) {
    let list = state.tracks.reruns.entry(act.evidence_sha256).or_default();
    list.push(RerunRecord {
        mark,
        rerun: act.clone(),
    });
}

/// Every rerun of a bundle.
pub fn reruns<'s>(state: &'s State, evidence: &Digest) -> impl Iterator<Item = &'s RerunRecord> {
    state.tracks.reruns.get(evidence).into_iter().flatten()
}

/// Persons who ran any of these bundles to the same result.
#[must_use]
pub fn rerunners(state: &State, evidence: &[EvidenceRef]) -> BTreeSet<PersonId> {
    evidence
        .iter()
        .flat_map(|e| {
            reruns(state, &e.evidence_sha256)
                .filter(|r| r.rerun.result_sha256 == e.result_sha256)
                .map(|r| r.mark.person.clone())
        })
        .collect()
}
