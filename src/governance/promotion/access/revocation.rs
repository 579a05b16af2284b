//! Revocation of a key, of a person or an instance: the guard, and what it changes.
//!
//! Who may: the key's own person (or the instance itself), risk and ops together, or the root
//! threshold. It lowers risk, so no fresh head and no ledger without findings is wanted. A revoked
//! key signs nothing any more. For a reason that is harmless what it signed before stays; otherwise
//! what is open and the tokens that rest on it are dead. With a position of distrust what it
//! signed from there on is void too, and decisions that needed it fall (see `distrust`). A key that
//! took its place by a rotation goes with it: whoever held the one chose the other.

use crate::governance::policy::roles::Role;
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::text::FREE_TEXT_MAX_BYTES;

use super::super::event::Signed;
use super::super::guard::{self, Moment};
use super::super::refusal::Refusal;
use super::super::state::{Mark, State};
use super::acts::KeyRevocation;
use super::{Revoked, distrust, kills, not_revoked, root_threshold};

/// Checks the revocation inside `signed`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(
    state: &State,
    signed: &Signed,
    act: &KeyRevocation,
    at: &Moment,
) -> Result<(), Refusal> {
    let own = check_signers(state, signed, act)?;
    guard::frame(state, signed, at)?;
    if act.comment.len() > FREE_TEXT_MAX_BYTES {
        return Err(Refusal::TextTooLong { field: "comment" });
    }
    if !is_known(state, &act.revoked) {
        return Err(Refusal::UnknownKey {
            key: act.revoked.clone(),
        });
    }
    match act.distrust_from_seq {
        Some(_) if own => {
            return Err(Refusal::SignersWanted {
                act: "revocation with distrust",
                wanted: "risk and ops, or the root threshold".to_owned(),
            });
        }
        Some(from) if from == 0 || from > state.size() => {
            return Err(Refusal::StatementDiffers {
                field: "distrust_from_seq",
            });
        }
        _ => {}
    }
    if adds(state, act) {
        Ok(())
    } else {
        not_revoked(state, &act.revoked)
    }
}

/// True when the signer is the key's own person or instance.
fn check_signers(state: &State, signed: &Signed, act: &KeyRevocation) -> Result<bool, Refusal> {
    let signer = &signed.statement.signer;
    if signer.person.as_str() == "root" {
        return root_threshold(state, signed).map(|()| false);
    }
    if signer.role == "instance" {
        let envelope = signed.check_single_signature()?;
        let own = envelope.key.fingerprint() == act.revoked;
        let mut instances = state.access.instances.values();
        let instance = instances.find(|i| i.card.public_key == envelope.key);
        let named = instance.is_some_and(|i| i.card.instance.as_str() == signer.person.as_str());
        not_revoked(state, &act.revoked)?;
        return if own && named {
            Ok(true)
        } else {
            Err(Refusal::UnknownKey {
                key: signer.key.clone(),
            })
        };
    }
    let signers = guard::signers(state, signed)?;
    let has = |role: Role| signers.iter().any(|(_, held)| *held == role);
    if signers.len() == 2 && has(Role::Risk) && has(Role::Ops) {
        return Ok(false);
    }
    let owner = state.keys.get(&act.revoked).map(|held| &held.person);
    match signers.as_slice() {
        [(person, _)] if Some(person) == owner => Ok(true),
        _ => Err(Refusal::SignersWanted {
            act: "key-revocation",
            wanted: "the key's own person, risk and ops together, or the root threshold".to_owned(),
        }),
    }
}

/// A person's key, an instance's, or one that was revoked before: the name of an instance whose key
/// went may stand for a new key by now, and the old one can still be distrusted.
fn is_known(state: &State, key: &Fingerprint) -> bool {
    let mut instances = state.access.instances.values();
    state.keys.contains_key(key)
        || state.access.revoked.contains_key(key)
        || instances.any(|i| i.card.public_key.fingerprint() == *key)
}

/// True when it says more than the revocations that stand already.
fn adds(state: &State, act: &KeyRevocation) -> bool {
    let standing = state.access.revoked.get(&act.revoked);
    let standing = standing.map(Vec::as_slice).unwrap_or_default();
    let kills_more =
        kills(act.reason, act.distrust_from_seq) && standing.iter().all(|r| !r.kills());
    let earlier = |from: u64| {
        standing
            .iter()
            .all(|r| r.distrust_from.is_none_or(|held| from < held))
    };
    standing.is_empty() || kills_more || act.distrust_from_seq.is_some_and(earlier)
}

/// Revokes the key, and voids what falls with it.
pub fn effect(state: &mut State, act: &KeyRevocation, mark: Mark) {
    if let Some(held) = state.keys.get(&act.revoked)
        && let Some(person) = state.persons.get_mut(&held.person)
    {
        person.touched = mark.seq;
    }
    for (key, revoked) in followed(state, act, &mark) {
        if revoked.kills() {
            void_open_slots(state, &key, &mark);
        }
        state.access.revoked.entry(key).or_default().push(revoked);
    }
    if kills(act.reason, act.distrust_from_seq) {
        distrust::settle(state, &mark);
    }
}

/// The key, and every key that took its place by a rotation that is believed no more than it: made
/// at or after the position of distrust, or at any time where somebody else may hold the key and
/// nobody says since when.
fn followed(state: &State, act: &KeyRevocation, mark: &Mark) -> Vec<(Fingerprint, Revoked)> {
    let mut list = Vec::new();
    let mut key = act.revoked.clone();
    let mut distrust_from = act.distrust_from_seq;
    loop {
        let revoked = Revoked {
            reason: act.reason,
            distrust_from,
            mark: mark.clone(),
        };
        let kills = revoked.kills();
        list.push((key.clone(), revoked));
        // A key is rotated once, and only to a new one: this ends.
        let Some((next, at)) = state.access.rotated.get(&key) else {
            return list;
        };
        if !kills || distrust_from.is_some_and(|from| from > *at) {
            return list;
        }
        distrust_from = distrust_from.map(|_| *at);
        key.clone_from(next);
    }
}

/// Approvals by `key` for requests that are still open stop counting.
fn void_open_slots(state: &mut State, key: &Fingerprint, mark: &Mark) {
    let open = state.requests.values_mut().filter(|r| r.status.is_open());
    for record in open {
        let own = record.approvals.iter_mut().filter(|a| a.mark.key == *key);
        for approval in own {
            approval.valid_until = approval.valid_until.min(mark.time);
        }
    }
}
