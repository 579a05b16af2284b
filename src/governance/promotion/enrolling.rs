//! The guard of an enrolment: after its signatures (root threshold and proof of possession), who
//! may become what.
//!
//! Keeps: a key belongs to one person; root and machine keys are nobody's role keys; nobody holds
//! two of research, risk and ops unless the policy set switches that rule off.

use crate::governance::policy::roles::Role;
use crate::kernel::id::InstanceId;
use crate::kernel::time::UtcTime;

use super::enrolment::check_enrolment;
use super::event::Signed;
use super::guard::{self, Moment};
use super::refusal::Refusal;
use super::state::State;
use super::statement::Enrolment;

/// Checks an enrolment.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(
    state: &State,
    signed: &Signed,
    enrolment: &Enrolment,
    at: &Moment,
) -> Result<(), Refusal> {
    let refuse = |why: String| Refusal::EnrolmentRefused { why };
    check_enrolment(&state.access.roots, &signed.body).map_err(|e| refuse(e.to_string()))?;
    guard::frame(state, signed, at)?;
    guard::raises_risk(state)?;
    check_key(state, enrolment).map_err(refuse)?;
    check_until(enrolment, at.now).map_err(refuse)?;
    check_role(state, enrolment).map_err(refuse)
}

fn check_key(state: &State, enrolment: &Enrolment) -> Result<(), String> {
    let genesis = &state.genesis;
    let machine = [&genesis.log_key, &genesis.engine_key, &genesis.token_key];
    let key = &enrolment.public_key;
    if machine.contains(&key) || state.access.roots.ever.contains(&key.fingerprint()) {
        return Err("root and machine keys are nobody's role keys".to_owned());
    }
    super::access::check_new_key(state, enrolment)?;
    match state.keys.get(&enrolment.public_key.fingerprint()) {
        Some(held) if held.person != enrolment.person => {
            Err(format!("the key belongs to `{}`", held.person))
        }
        _ => Ok(()),
    }
}

/// A role that ends by itself ends later than now.
fn check_until(enrolment: &Enrolment, now: UtcTime) -> Result<(), String> {
    match enrolment.until {
        Some(until) if until <= now => Err(format!("the role would end at {until}, before now")),
        _ => Ok(()),
    }
}

fn check_role(state: &State, enrolment: &Enrolment) -> Result<(), String> {
    let Enrolment { person, role, .. } = enrolment;
    let instance = InstanceId::new(person.as_str());
    let taken = instance.is_ok_and(|name| state.access.instances.contains_key(&name));
    if taken || ["root", "engine"].contains(&person.as_str()) {
        return Err(format!("`{person}` is a reserved name"));
    }
    if *role == Role::Root {
        return Err("root keys stand in the genesis entry, not in an enrolment".to_owned());
    }
    let Some(held) = state.persons.get(person) else {
        return Ok(());
    };
    let fingerprint = enrolment.public_key.fingerprint();
    let same_end = held.until.get(role) == enrolment.until.as_ref();
    if held.roles.contains(role) && held.keys.contains(&fingerprint) && same_end {
        return Err(format!("`{person}` holds that role with that key already"));
    }
    let daily = [Role::Research, Role::Risk, Role::Ops];
    let other = held
        .roles
        .iter()
        .find(|h| *h != role && daily.contains(h) && daily.contains(role));
    match other {
        Some(other) if state.rules().separation.one_role_per_person => Err(format!(
            "`{person}` holds {other}, and nobody holds two of research, risk and ops"
        )),
        _ => Ok(()),
    }
}
