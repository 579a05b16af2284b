//! Who stands behind a statement: keys, the persons that hold them, the roles they act in.
//!
//! In: the state, a signed statement. Out: enrolled keys, or persons and roles, the signer first;
//! or the one reason why not. Every signature is checked, every key is enrolled and not revoked,
//! and nobody stands there twice.

use crate::governance::policy::roles::Role;
use crate::governance::promotion::access::not_revoked;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{EnrolledKey, State};
use crate::governance::promotion::statement::{Signer, Statement};
use crate::kernel::id::PersonId;
use crate::kernel::sshsig::Envelope;

/// The enrolled key behind a person's statement, if its signature is valid. An act refused after
/// this point is worth an entry.
///
/// # Errors
/// When the signature does not fit, or the key is nobody's here.
pub fn authenticate<'s>(state: &'s State, signed: &Signed) -> Result<&'s EnrolledKey, Refusal> {
    let held = authenticate_all(state, signed)?;
    // `check_signatures` wants one signature at least.
    held.into_iter()
        .next()
        .ok_or_else(|| Refusal::BadSignature {
            why: "no signature".to_owned(),
        })
}

/// The enrolled keys behind every signature of a statement, the signer's first.
///
/// # Errors
/// When a signature does not fit, or a key is nobody's here.
pub fn authenticate_all<'s>(
    state: &'s State,
    signed: &Signed,
) -> Result<Vec<&'s EnrolledKey>, Refusal> {
    let envelopes = signed.check_signatures()?;
    let held = |envelope: &Envelope| {
        let fingerprint = envelope.key.fingerprint();
        state
            .keys
            .get(&fingerprint)
            .filter(|held| held.key == envelope.key)
            .ok_or(Refusal::UnknownKey {
                key: fingerprint.clone(),
            })
            .and_then(|held| not_revoked(state, &fingerprint).map(|()| held))
    };
    envelopes.iter().map(held).collect()
}

/// The persons behind a statement and the roles they act in, the signer first: every key belongs
/// to the person that the statement names, every person holds the role, nobody stands there twice.
///
/// # Errors
/// The first of these that does not hold.
pub fn signers(state: &State, signed: &Signed) -> Result<Vec<(PersonId, Role)>, Refusal> {
    signers_in(state, signed, role_of)
}

/// As [`signers`], also in roles that ended: what somebody takes back was given while they held one.
///
/// # Errors
/// As [`signers`].
pub fn present_or_former_signers(
    state: &State,
    signed: &Signed,
) -> Result<Vec<(PersonId, Role)>, Refusal> {
    signers_in(state, signed, |state, signer| {
        match role_of(state, signer) {
            Err(Refusal::RoleEnded { role, .. }) => Ok(role),
            other => other,
        }
    })
}

fn signers_in(
    state: &State,
    signed: &Signed,
    role_of: impl Fn(&State, &Signer) -> Result<Role, Refusal>,
) -> Result<Vec<(PersonId, Role)>, Refusal> {
    let held = authenticate_all(state, signed)?;
    let Statement {
        signer, cosigners, ..
    } = &signed.statement;
    let mut list: Vec<(PersonId, Role)> = Vec::new();
    for (named, held) in std::iter::once(signer).chain(cosigners).zip(held) {
        if held.person != named.person {
            return Err(Refusal::WrongPerson {
                named: named.person.clone(),
                owner: held.person.clone(),
            });
        }
        if list.iter().any(|(person, _)| *person == named.person) {
            return Err(Refusal::SignsTwice {
                person: named.person.clone(),
            });
        }
        list.push((named.person.clone(), role_of(state, named)?));
    }
    Ok(list)
}

/// The role that `signer` acts in, if the person holds it.
pub(in crate::governance::promotion) fn role_of(
    state: &State,
    signer: &Signer,
) -> Result<Role, Refusal> {
    let refuse = || Refusal::RoleNotHeld {
        person: signer.person.clone(),
        role: crate::kernel::text::visible(&signer.role, 40),
    };
    let role: Role = signer.role.parse().map_err(|_| refuse())?;
    let person = state.persons.get(&signer.person).ok_or_else(refuse)?;
    if person.roles.contains(&role) {
        return Ok(role);
    }
    match person.ended.get(&role) {
        Some(ended) => Err(Refusal::RoleEnded {
            person: signer.person.clone(),
            role,
            ended: *ended,
        }),
        None => Err(refuse()),
    }
}
