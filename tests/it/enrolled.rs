//! A policy set is published only where the persons who are enrolled can fill its quorums: by role,
//! by roles together, and as different persons.

use std::collections::{BTreeMap, BTreeSet};

use promote::governance::policy::roles::{Role, Rules};
use promote::governance::promotion::oversight::eligible::check;
use promote::governance::promotion::state::State;
use promote::governance::stage::Target;
use promote::kernel::id::PersonId;

use crate::machine::Bench;

use Role::{Ops, Research, Risk};

/// The rules in force with another quorum for LIVE.
fn with_live(state: &State, slots: &[(Role, u32)], persons: u32) -> Rules {
    let mut rules = state.rules().clone();
    let preset = rules.quorum.get_mut("playbook").unwrap();
    let live = preset.get_mut(&Target::Live).unwrap();
    live.slots = slots.iter().copied().collect();
    live.persons = persons;
    rules
}

fn reach(state: &State, slots: &[(Role, u32)], persons: u32) -> Result<(), String> {
    check(state, &with_live(state, slots, persons))
}

/// As [`reach`], where the requester may fill a slot.
fn reach_with_requester(state: &State, slots: &[(Role, u32)], persons: u32) -> Result<(), String> {
    let mut rules = with_live(state, slots, persons);
    rules.separation.requester_fills_no_slot = false;
    check(state, &rules)
}

#[track_caller]
fn refused(found: Result<(), String>, wanted: &str) {
    let why = found.expect_err("a refusal was wanted");
    assert!(why.contains(wanted), "{why}");
}

/// Three persons of research, two of risk, three of ops.
fn crowd() -> Bench {
    let mut bench = Bench::new();
    bench.enrol("ops-2", Ops);
    bench.enrol("ops-3", Ops);
    bench
}

#[test]
fn each_role_has_as_many_persons_as_slots_and_research_the_requester_beside() {
    let bench = Bench::new();
    let state = &bench.state;
    reach(state, &[(Research, 2), (Risk, 1)], 3).unwrap();
    reach(state, &[(Research, 1), (Risk, 2)], 3).unwrap();
    reach(state, &[(Risk, 2)], 2).unwrap();
    refused(
        reach(state, &[(Research, 3), (Risk, 1)], 4),
        "live: 4 persons are wanted as research (the requester among them), 3 are enrolled",
    );
    refused(
        reach(state, &[(Research, 1), (Risk, 3)], 4),
        "live: 3 persons are wanted as risk",
    );
    refused(
        reach(state, &[(Risk, 1), (Ops, 2)], 3),
        "live: 2 persons are wanted as ops",
    );
    // Where the requester fills a slot, nobody stands beside.
    reach_with_requester(state, &[(Research, 3), (Risk, 1)], 4).unwrap();
    refused(
        reach_with_requester(state, &[(Research, 4), (Risk, 1)], 5),
        "4 persons are wanted as research",
    );
}

#[test]
fn plenty_in_other_roles_makes_up_for_nobody() {
    let bench = crowd();
    refused(
        reach(&bench.state, &[(Research, 3), (Risk, 1), (Ops, 1)], 5),
        "4 persons are wanted as research (",
    );
    refused(
        reach(&bench.state, &[(Research, 1), (Risk, 3), (Ops, 1)], 5),
        "3 persons are wanted as risk, 2 are enrolled",
    );
    reach(&bench.state, &[(Research, 2), (Risk, 2), (Ops, 3)], 7).unwrap();
}

#[test]
fn who_holds_several_roles_fills_one_slot() {
    let mut bench = Bench::new();
    let roles = |bench: &mut Bench, all: &[(&str, &[Role])]| {
        let given: BTreeMap<&str, &[Role]> = all.iter().copied().collect();
        for (id, person) in &mut bench.state.persons {
            let held = given.get(id.as_str()).copied().unwrap_or_default();
            person.roles = held.iter().copied().collect::<BTreeSet<_>>();
        }
    };
    let one_each = [(Research, 1), (Risk, 1), (Ops, 1)];
    let all: &[Role] = &[Research, Risk, Ops];
    // Any two slots could be filled, not all three.
    roles(&mut bench, &[("research-1", all), ("risk-1", all)]);
    refused(
        reach_with_requester(&bench.state, &one_each, 2),
        "3 persons are wanted as research or risk or ops",
    );
    // Any one slot could be filled, not these two; whoever holds the third.
    let both: &[Role] = &[Risk, Ops];
    let research: &[Role] = &[Research];
    roles(&mut bench, &[("research-1", research), ("risk-1", both)]);
    refused(
        reach_with_requester(&bench.state, &one_each, 2),
        "2 persons are wanted as risk or ops",
    );
    roles(
        &mut bench,
        &[("research-1", research), ("risk-1", both), ("risk-2", both)],
    );
    reach_with_requester(&bench.state, &one_each, 3).unwrap();
}

#[test]
fn different_persons_are_counted_over_all_roles_of_the_quorum() {
    let bench = crowd();
    let state = &bench.state;
    // Three of research and two of risk, one of whom asks.
    reach(state, &[(Research, 1), (Risk, 1)], 4).unwrap();
    refused(
        reach(state, &[(Research, 1), (Risk, 1)], 5),
        "live: 6 different persons are wanted, 5 are enrolled",
    );
    reach_with_requester(state, &[(Research, 1), (Risk, 1)], 5).unwrap();
    refused(
        reach_with_requester(state, &[(Research, 1), (Risk, 1)], 6),
        "6 different persons are wanted, 5 are enrolled",
    );
}

#[test]
fn a_person_without_a_key_that_counts_fills_nothing() {
    let mut bench = Bench::new();
    let two = [(Research, 2), (Risk, 1)];
    reach(&bench.state, &two, 3).unwrap();
    bench.compromised("research-3", None).unwrap();
    refused(
        reach(&bench.state, &two, 3),
        "3 persons are wanted as research (the requester among them), 2 are enrolled",
    );
    // Nor does one who held a key and no role any more.
    let mut bench = Bench::new();
    let id = PersonId::new("research-3").unwrap();
    bench.state.persons.get_mut(&id).unwrap().roles.clear();
    refused(
        reach(&bench.state, &two, 3),
        "3 persons are wanted as research (the requester among them), 2 are enrolled",
    );
}
