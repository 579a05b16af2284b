//! Enrolment of instances: the guard, and what it changes.
//!
//! An instance is one installation that may run sessions. It made its key itself and signed a card
//! that names it, its host, its environment and the programs that may act for it; risk and ops,
//! two persons, let it in. A name counts once; it can be used again when its key was revoked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::governance::policy::roles::Role;
use crate::kernel::id::PersonId;
use crate::kernel::sshsig::Envelope;

use super::super::event::Signed;
use super::super::guard::{self, Moment};
use super::super::refusal::Refusal;
use super::super::state::{Mark, State};
use super::acts::{InstanceCard, InstanceEnrolment, POSSESSION_NAMESPACE};
use super::{Instance, is_taken};

/// Most builds that one card names.
const BUILDS_MAX: usize = 64;

/// True for a host name: letters, digits, dots and dashes, at most 253 of them.
#[must_use]
pub fn is_host(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    (1..=253).contains(&text.len())
        && text.bytes().all(plain)
        && !text.starts_with(['-', '.'])
        && !text.contains("..")
}

/// Checks that the instance holds the key that its card names.
///
/// # Errors
/// In words, when it has not signed the card.
pub fn check_possession(act: &InstanceEnrolment) -> Result<(), String> {
    let blob = STANDARD
        .decode(&act.possession)
        .map_err(|_| "the proof of possession is not base64".to_owned())?;
    if STANDARD.encode(&blob) != act.possession {
        return Err("the proof of possession is not base64".to_owned());
    }
    let envelope = Envelope::decode(&blob).map_err(|e| e.to_string())?;
    if envelope.key != act.card.public_key {
        return Err("the card is signed by another key than it names".to_owned());
    }
    let bytes = act.card.to_bytes().map_err(|e| e.to_string())?;
    envelope
        .verify(POSSESSION_NAMESPACE, &bytes)
        .map_err(|e| e.to_string())
}

/// Checks the enrolment of an instance inside `signed`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(
    state: &State,
    signed: &Signed,
    act: &InstanceEnrolment,
    at: &Moment,
) -> Result<(), Refusal> {
    let signers = guard::signers(state, signed)?;
    guard::frame(state, signed, at)?;
    guard::raises_risk(state)?;
    let has = |role: Role| signers.iter().any(|(_, held)| *held == role);
    if signers.len() != 2 || !has(Role::Risk) || !has(Role::Ops) {
        return Err(Refusal::SignersWanted {
            act: "instance-enrolment",
            wanted: "risk and ops".to_owned(),
        });
    }
    let refuse = |why: String| Refusal::EnrolmentRefused { why };
    check_card(state, &act.card).map_err(refuse)?;
    check_possession(act).map_err(refuse)
}

fn check_card(state: &State, card: &InstanceCard) -> Result<(), String> {
    if card.ledger != state.ledger {
        return Err("the card is for another ledger".to_owned());
    }
    if !is_host(&card.host) {
        return Err("the host is no host name".to_owned());
    }
    let sorted = card.builds.is_sorted_by(|a, b| a < b);
    if card.builds.is_empty() || card.builds.len() > BUILDS_MAX || !sorted {
        return Err(format!("1 to {BUILDS_MAX} builds are wanted, sorted"));
    }
    let reserved = ["root", "engine"].contains(&card.instance.as_str());
    let person = PersonId::new(card.instance.as_str());
    if reserved || person.is_ok_and(|p| state.persons.contains_key(&p)) {
        return Err(format!("`{}` is somebody's name", card.instance));
    }
    if is_taken(state, &card.public_key) {
        return Err("the key is or was used for something else".to_owned());
    }
    match state.access.instances.get(&card.instance) {
        Some(held)
            if state
                .access
                .revocation(&held.card.public_key.fingerprint())
                .is_none() =>
        {
            Err(format!(
                "`{}` is enrolled: revoke its key first",
                card.instance
            ))
        }
        _ => Ok(()),
    }
}

/// Lets the instance in.
pub fn effect(state: &mut State, act: &InstanceEnrolment, mark: Mark) {
    let card = act.card.clone();
    let name = card.instance.clone();
    state.access.instances.insert(name, Instance { card, mark });
}
