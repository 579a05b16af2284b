//! Rotation: a person's key is replaced by another, in one entry.
//!
//! The old key signs, and the new key signs the same bytes: nobody is given a key that they do not
//! hold, and nobody loses theirs by somebody else's word. The old key counts as superseded.

use super::super::event::Signed;
use super::super::guard::{self, Moment};
use super::super::refusal::Refusal;
use super::super::state::{EnrolledKey, Mark, State};
use super::acts::{KeyRotation, Reason};
use super::{Revoked, is_taken, not_revoked};

/// Checks the rotation inside `signed`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(
    state: &State,
    signed: &Signed,
    act: &KeyRotation,
    at: &Moment,
) -> Result<(), Refusal> {
    let envelopes = signed.check_signatures()?;
    let [old, new] = envelopes else {
        return Err(Refusal::SignersWanted {
            act: "key-rotation",
            wanted: "the old key and the new one".to_owned(),
        });
    };
    let fingerprint = old.key.fingerprint();
    let held = state.keys.get(&fingerprint);
    let held = held.filter(|held| held.key == old.key);
    let held = held.ok_or_else(|| Refusal::UnknownKey {
        key: fingerprint.clone(),
    })?;
    not_revoked(state, &fingerprint)?;
    let statement = &signed.statement;
    let named = std::iter::once(&statement.signer).chain(&statement.cosigners);
    for signer in named {
        if signer.person != held.person || held.person != act.person {
            return Err(Refusal::WrongPerson {
                named: signer.person.clone(),
                owner: held.person.clone(),
            });
        }
    }
    guard::frame(state, signed, at)?;
    guard::raises_risk(state)?;
    let refuse = |why: &str| Err(Refusal::EnrolmentRefused { why: why.into() });
    if fingerprint != act.old || new.key != act.new {
        return refuse("the statement names other keys than those that signed");
    }
    if is_taken(state, &act.new) {
        return refuse("the new key is or was used for something else");
    }
    Ok(())
}

/// Puts the new key in the old one's place.
pub fn effect(state: &mut State, act: &KeyRotation, mark: Mark) {
    let fingerprint = act.new.fingerprint();
    if let Some(person) = state.persons.get_mut(&act.person) {
        person.keys.push(fingerprint.clone());
        person.touched = mark.seq;
    }
    let enrolled = EnrolledKey {
        key: act.new,
        person: act.person.clone(),
        since: mark.seq,
    };
    state.keys.insert(fingerprint.clone(), enrolled);
    let came = (fingerprint, mark.seq);
    state.access.rotated.insert(act.old.clone(), came);
    let revoked = Revoked {
        reason: Some(Reason::Superseded),
        distrust_from: None,
        mark,
    };
    let list = state.access.revoked.entry(act.old.clone()).or_default();
    list.push(revoked);
}
