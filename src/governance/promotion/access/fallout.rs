//! Fallout: what becomes of everything that a distrusted key signed, decisions aside.
//!
//! In: the state right after a revocation that kills. Out: the state in which no act that raised
//! risk counts any more if one of its keys is not believed at its position. What lowered risk
//! stays, whoever signed it. Nothing is rewritten: the records stay, marked for what they are
//! worth. Settling twice changes nothing.

use super::super::oversight;
use super::super::safety::{certificate, halt, incident, lowering, overrides, review};
use super::super::state::{Mark, RequestRecord, State};
use super::acts::Reason;
use super::{Revoked, Signature};
use crate::kernel::id::{InstanceId, PersonId, PortfolioId, RequestId};
use crate::kernel::pubkey::Fingerprint;

/// Takes away what rests on acts that are dead, after the revocation at `mark`.
pub fn settle(state: &mut State, mark: &Mark) {
    instances(state, mark);
    overrides::fall_with_keys(state, mark);
    open_requests(state, mark);
    certificate::disbelieve(state, mark);
    halt::reinstate(state, mark);
    incident::reopen(state, mark);
    review::due_again(state, mark);
    sessions(state);
    if let Some(accepted) = &state.safety.clock_behind
        && state.access.is_disbelieved(&accepted.by)
    {
        state.safety.clock_behind = None;
    }
}

/// An instance that a distrusted key let in signs nothing any more.
fn instances(state: &mut State, mark: &Mark) {
    let lost: Vec<InstanceId> = state
        .access
        .instances
        .iter()
        .filter(|(_, held)| state.access.is_disbelieved(&Signature::from(&held.mark)))
        .map(|(name, _)| name.clone())
        .collect();
    for name in lost {
        let Some(held) = state.access.instances.get(&name) else {
            continue;
        };
        let key = held.card.public_key.fingerprint();
        let revoked = Revoked {
            reason: Some(Reason::Compromised),
            distrust_from: Some(held.mark.seq),
            mark: mark.clone(),
        };
        let list = state.access.revoked.entry(key).or_default();
        if list.is_empty() {
            list.push(revoked);
        }
    }
}

/// True when evidence that the ledger first heard of at `seq` was signed by a key that is not
/// believed there. Requests and certificates name persons, not keys: any distrusted key of a
/// producer that could still sign then counts.
#[must_use]
pub fn producer_is_disbelieved(state: &State, producers: &[PersonId], seq: u64) -> bool {
    producers_keys(state, producers, seq, |state, key, seq| {
        let until = state.access.revocation(key).map(|first| first.mark.seq);
        state.access.distrusted(key, seq) && until.is_some_and(|until| seq < until)
    })
}

fn producer_is_dead(state: &State, record: &RequestRecord) -> bool {
    let seq = record.mark.seq;
    producers_keys(state, &record.request.producers, seq, |state, key, seq| {
        state.access.killed_after(key, seq)
    })
}

fn producers_keys(
    state: &State,
    producers: &[PersonId],
    seq: u64,
    counts: impl Fn(&State, &Fingerprint, u64) -> bool,
) -> bool {
    let mut keys = producers
        .iter()
        .filter_map(|person| state.persons.get(person))
        .flat_map(|person| &person.keys);
    // A key that came after the request has signed nothing of it.
    keys.any(|key| state.keys.get(key).is_some_and(|k| k.since <= seq) && counts(state, key, seq))
}

/// Open requests end that were made, produced or judged with what is dead.
fn open_requests(state: &mut State, mark: &Mark) {
    let rests = |id: &RequestId, record: &RequestRecord| {
        let overridden = state.safety.overrides.iter();
        let sessions = record.request.grounds.sessions.iter();
        state.access.is_dead(&record.mark)
            || producer_is_dead(state, record)
            || overridden
                .filter(|o| o.used_by.contains(id))
                .any(|o| state.access.is_dead(&o.mark))
            || sessions
                .filter_map(|held| state.tracks.sessions.get(&held.session))
                .any(|session| session_is_disbelieved(state, session))
    };
    let ended: Vec<PortfolioId> = state
        .requests
        .iter()
        .filter(|(id, record)| record.status.is_open() && rests(id, record))
        .map(|(_, record)| record.request.portfolio.clone())
        .collect();
    for portfolio in ended {
        lowering::invalidate(state, &portfolio, mark.time, Some(mark));
        if let Some(held) = state.portfolios.get_mut(&portfolio) {
            held.touched = mark.seq;
        }
    }
}

fn session_is_disbelieved(
    state: &State,
    session: &super::super::tracks::session::SessionRecord,
) -> bool {
    let commits = session.commits.iter().map(|(mark, _)| mark);
    let mut marks = std::iter::once(&session.mark).chain(commits);
    marks.any(|mark| state.access.is_disbelieved(&Signature::from(mark)))
}

/// A session that a distrusted key opened or committed covers no time any more.
fn sessions(state: &mut State) {
    let lost: Vec<_> = state
        .tracks
        .sessions
        .iter()
        .filter(|(_, session)| session_is_disbelieved(state, session))
        .map(|(id, _)| id.clone())
        .collect();
    for id in lost {
        if let Some(session) = state.tracks.sessions.get_mut(&id) {
            session.covered.clear();
        }
    }
}

/// The publication that brought the set in force into doubt: the last one that raised risk was
/// signed by a key that is not believed. Nothing rises until the LIVE quorum and the root threshold
/// publish a set again.
#[must_use]
pub fn policy_in_doubt(state: &State) -> Option<u64> {
    let mut history = state.oversight.history.iter().rev();
    let last: Option<&oversight::Published> = history.find(|p| p.loosening);
    let mark = last?.mark.as_ref()?;
    state
        .access
        .is_disbelieved(&Signature::from(mark))
        .then_some(mark.seq)
}
