//! Why a request became INVALIDATED: nobody ended it, something that it stood on gave way.
//!
//! In: the state and the request. Out: the cause, from a closed list, so that every export says it in
//! its own language. It follows from the entry at which the request ended; where time alone did it,
//! from what time did at that moment.

use serde::Serialize;

use super::safety::halt::{Cause, HaltRecord};
use super::state::{Mark, RequestRecord, State, Status};

/// What a request gave way to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Something in whose scope it lay was halted.
    Halt,
    /// A bundle that it names was revoked, or one that its stage rests on.
    EvidenceRevoked,
    /// A key was revoked that it rests on, or by which a halt had been lifted.
    KeyRevoked,
    /// Another policy set came into force.
    PolicyPublished,
    /// A person demoted or retired the portfolio.
    Lowered,
    /// The certificate was overdue for too long, and the stage fell.
    CertificateOverdue,
    /// The review of an override was missed, and the stage fell.
    ReviewMissed,
    /// The changed version did not rise in time, and began anew.
    ClimbedTooLong,
}

/// Why `record` was invalidated; none for every other status.
#[must_use]
pub fn ending(state: &State, record: &RequestRecord) -> Option<Ending> {
    if record.status != Status::Invalidated {
        return None;
    }
    if halted_by(state, record).is_some() {
        return Some(Ending::Halt);
    }
    let end = record.end.as_ref()?;
    Some(match &end.by {
        Some(by) => by_act(state, by),
        None => {
            let id = &record.request.portfolio;
            let mut derived = state.safety.derived.iter();
            let fell = derived.find(|d| d.portfolio == *id && d.time == end.time);
            match fell.map(|derived| derived.cause) {
                Some(Cause::MissedReview) => Ending::ReviewMissed,
                Some(_) => Ending::CertificateOverdue,
                None => Ending::ClimbedTooLong,
            }
        }
    })
}

fn by_act(state: &State, by: &Mark) -> Ending {
    let here = |mark: &Mark| mark.seq == by.seq;
    let mut keys = state.access.revoked.values().flatten();
    let mut sets = state.oversight.history.iter();
    if state.tracks.revoked.values().any(here) {
        Ending::EvidenceRevoked
    } else if keys.any(|revoked| here(&revoked.mark)) {
        Ending::KeyRevoked
    } else if sets.any(|set| set.mark.as_ref().is_some_and(here)) {
        Ending::PolicyPublished
    } else {
        Ending::Lowered
    }
}

/// The halt at the moment in which a request was invalidated.
#[must_use]
pub fn halted_by<'s>(state: &'s State, record: &RequestRecord) -> Option<&'s HaltRecord> {
    if record.status != Status::Invalidated {
        return None;
    }
    let end = record.end.as_ref()?;
    let request = &record.request;
    let mut halts = state.safety.halts.iter();
    halts.find(|h| {
        h.time == end.time
            && h.scope.covers(&request.portfolio, &request.profile)
            && end.by.as_ref().is_none_or(|by| by.seq == h.seq)
    })
}
