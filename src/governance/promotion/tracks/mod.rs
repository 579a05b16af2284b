//! Tracks: what work leaves behind in the ledger before a portfolio may rise above SHADOW.
//!
//! One file per family of acts (sessions, datasets, reruns, trials, revoked evidence), each with
//! its statements, its guard and its effect; [`Tracks`] is their part of the state. [`rise`] says
//! what a request for TESTNET or LIVE has to bring, [`wanting`] what is still to come before the
//! decision. None of these acts raises a stage by itself.

pub mod assurance;
pub mod beside;
pub mod covered;
pub mod dataset;
pub mod grounds;
pub mod rerun;
pub mod revocation;
pub mod rise;
pub mod session;
mod session_key;
pub mod shown;
pub mod trial;
pub mod wanting;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, SessionId};

use super::event::Signed;
use super::guard::{self, Moment};
use super::refusal::Refusal;
use super::state::{Mark, State};

type Checked = Result<(), Refusal>;

/// An act of this family; tagged by its own `type`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum TrackAct {
    /// A session begins.
    #[serde(rename = "promote/session-open/v1")]
    SessionOpen(session::SessionOpen),
    /// A session has come further.
    #[serde(rename = "promote/session-commit/v1")]
    SessionCommit(session::SessionCommit),
    /// A session ends.
    #[serde(rename = "promote/session-close/v1")]
    SessionClose(session::SessionClose),
    /// Bars were fetched.
    #[serde(rename = "promote/dataset/v1")]
    Dataset(dataset::Dataset),
    /// A bundle was run again.
    #[serde(rename = "promote/rerun/v1")]
    Rerun(rerun::Rerun),
    /// A bundle was examined by somebody independent.
    #[serde(rename = "promote/evidence-attestation/v1")]
    EvidenceAttestation(assurance::EvidenceAttestation),
    /// A trial starts.
    #[serde(rename = "promote/trial-start/v1")]
    TrialStart(trial::TrialStart),
    /// A trial ends.
    #[serde(rename = "promote/trial-end/v1")]
    TrialEnd(trial::TrialEnd),
    /// A bundle is not believed any more.
    #[serde(rename = "promote/evidence-revocation/v1")]
    EvidenceRevocation(revocation::EvidenceRevocation),
}

/// What these acts add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracks {
    /// Sessions by id.
    pub sessions: BTreeMap<SessionId, session::SessionRecord>,
    /// Their ids, in the order of opening.
    pub order: Vec<SessionId>,
    /// Registrations by the digest of the bars.
    pub datasets: BTreeMap<Digest, Vec<dataset::DatasetRecord>>,
    /// Reruns by bundle.
    pub reruns: BTreeMap<Digest, Vec<rerun::RerunRecord>>,
    /// Independent attestations by bundle.
    pub attestations: BTreeMap<Digest, Vec<assurance::AttestationRecord>>,
    /// Trials by the digest of their record.
    pub trials: BTreeMap<Digest, trial::TrialRecord>,
    /// Revoked bundles, with the entry that revoked each.
    pub revoked: BTreeMap<Digest, Mark>,
    /// Results of revoked bundles, with the entry that revoked the first bundle of each.
    pub revoked_results: BTreeMap<Digest, Mark>,
}

impl TrackAct {
    /// Entry kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SessionOpen(_) => "session-open",
            Self::SessionCommit(_) => "session-commit",
            Self::SessionClose(_) => "session-close",
            Self::Dataset(_) => "dataset",
            Self::Rerun(_) => "rerun",
            Self::EvidenceAttestation(_) => "evidence-attestation",
            Self::TrialStart(_) => "trial-start",
            Self::TrialEnd(_) => "trial-end",
            Self::EvidenceRevocation(_) => "evidence-revocation",
        }
    }
}

/// Everything about a person's act of this family.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(state: &State, signed: &Signed, act: &TrackAct, at: &Moment) -> Checked {
    if let TrackAct::SessionOpen(_) | TrackAct::SessionCommit(_) | TrackAct::SessionClose(_) = act {
        let by = session_key::signer(state, signed)?;
        guard::frame(state, signed, at)?;
        return match act {
            TrackAct::SessionOpen(act) => session::check_open(state, act, &by),
            TrackAct::SessionCommit(act) => session::check_commit(state, act, &by, at),
            TrackAct::SessionClose(act) => session::check_close(state, act, &by),
            _ => Ok(()),
        };
    }
    let signers = guard::signers(state, signed)?;
    guard::frame(state, signed, at)?;
    match act {
        // Above, by whoever runs the session.
        TrackAct::SessionOpen(_) | TrackAct::SessionCommit(_) | TrackAct::SessionClose(_) => Ok(()),
        TrackAct::Dataset(act) => dataset::check(state, act, &signers, at),
        TrackAct::Rerun(act) => rerun::check(state, act, &signers),
        TrackAct::EvidenceAttestation(act) => assurance::check(state, act, &signers),
        TrackAct::TrialStart(act) => trial::check_start(state, act, &signers),
        TrackAct::TrialEnd(act) => trial::check_end(state, act, &signers),
        TrackAct::EvidenceRevocation(act) => revocation::check(state, act, &signers),
    }
}

/// What an accepted act changes.
pub(super) fn effect(state: &mut State, act: &TrackAct, mark: Mark) {
    match act {
        TrackAct::SessionOpen(act) => session::opened(state, act, mark),
        TrackAct::SessionCommit(act) => session::committed(state, act, mark),
        TrackAct::SessionClose(act) => session::closed(state, act, mark),
        TrackAct::Dataset(act) => dataset::effect(state, act, mark),
        TrackAct::Rerun(act) => rerun::effect(state, act, mark),
        TrackAct::EvidenceAttestation(act) => assurance::effect(state, act, mark),
        TrackAct::TrialStart(act) => trial::started(state, act, mark),
        TrackAct::TrialEnd(act) => trial::ended(state, act, mark),
        TrackAct::EvidenceRevocation(act) => revocation::effect(state, act, mark),
    }
}

/// One person signs, in one of `roles`.
fn one_of(act: &'static str, signers: &[(PersonId, Role)], roles: &[Role]) -> Checked {
    match signers {
        [(_, role)] if roles.contains(role) => Ok(()),
        [(_, role)] => Err(Refusal::ActNotForRole {
            act,
            role: role.to_string(),
        }),
        more => Err(Refusal::BadSignature {
            why: format!("one signature is wanted, {} found", more.len()),
        }),
    }
}
