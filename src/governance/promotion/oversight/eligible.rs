//! Can the quorums of a policy set be met by the persons who are enrolled?
//!
//! Different persons must fill different slots, so this is a matching; by Hall's theorem it exists
//! when every set of roles has at least as many holders as slots. Where the requester fills no slot,
//! one research person more is wanted.

use std::collections::BTreeSet;

use super::super::access;
use super::super::state::State;
use crate::governance::policy::roles::{Quorum, Role, Rules};
use crate::governance::stage::Target;
use crate::kernel::id::PersonId;

/// Checks the quorums of the ledger's preset in `rules`.
///
/// # Errors
/// In words, which one cannot be met.
pub fn check(state: &State, rules: &Rules) -> Result<(), String> {
    let preset = &state.genesis.preset;
    for target in Target::ALL {
        let quorum = rules.quorum.get(preset).and_then(|q| q.get(&target));
        let Some(quorum) = quorum else {
            return Err(format!("there is no quorum `{preset}` for {target}"));
        };
        let usable = quorum.persons > 0
            && !quorum.slots.is_empty()
            && quorum.slots.values().all(|count| *count > 0);
        if !usable {
            return Err(format!(
                "the quorum `{preset}` for {target} asks for nobody"
            ));
        }
        met(state, rules, quorum).map_err(|why| format!("{target}: {why}"))?;
    }
    Ok(())
}

fn met(state: &State, rules: &Rules, quorum: &Quorum) -> Result<(), String> {
    let requester = u32::from(rules.separation.requester_fills_no_slot);
    let wanted = |role: &Role| {
        let slots = quorum.slots.get(role).copied().unwrap_or(0);
        slots.saturating_add(if *role == Role::Research {
            requester
        } else {
            0
        })
    };
    let mut roles: BTreeSet<Role> = quorum.slots.keys().copied().collect();
    roles.insert(Role::Research);
    let roles: Vec<Role> = roles.into_iter().collect();
    for mask in 1_u32..(1 << roles.len()) {
        let chosen: Vec<Role> = roles
            .iter()
            .enumerate()
            .filter(|(at, _)| mask & (1 << at) != 0)
            .map(|(_, role)| *role)
            .collect();
        let need: u32 = chosen.iter().map(wanted).sum();
        let have = holders(state, &chosen).len();
        if have < need as usize {
            let names: Vec<&str> = chosen.iter().map(|r| r.as_str()).collect();
            let beside = match requester > 0 && chosen.contains(&Role::Research) {
                true => " (the requester among them)",
                false => "",
            };
            return Err(format!(
                "{need} persons are wanted as {}{beside}, {have} are enrolled",
                names.join(" or ")
            ));
        }
    }
    let all = holders(state, &roles).len();
    let need = quorum.persons.saturating_add(requester) as usize;
    if all < need {
        return Err(format!(
            "{need} different persons are wanted, {all} are enrolled"
        ));
    }
    Ok(())
}

fn holders<'s>(state: &'s State, roles: &[Role]) -> BTreeSet<&'s PersonId> {
    state
        .persons
        .iter()
        .filter(|(id, person)| {
            roles.iter().any(|role| person.roles.contains(role)) && access::can_sign(state, id)
        })
        .map(|(id, _)| id)
        .collect()
}
