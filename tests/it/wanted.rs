//! What a request and a portfolio are told that they lack: a policy set in doubt, persons, witnesses.

use promote::governance::promotion::access::Revoked;
use promote::governance::promotion::access::acts::Reason;
use promote::governance::promotion::missing::{missing, missing_of};
use promote::governance::promotion::oversight::Published;
use promote::governance::promotion::state::Mark;
use promote::kernel::id::RequestId;

use crate::edges::with_shadow_quorum;
use crate::machine::{Bench, good};
use crate::pasteable::refused;
use crate::safety::portfolio;

fn codes(bench: &Bench, id: &str) -> Vec<String> {
    let record = &bench.state.requests[&RequestId::new(id).unwrap()];
    let lines = missing(&bench.state, record, bench.now);
    lines.into_iter().map(|line| line.code).collect()
}

/// Mark of the only request.
pub fn first(bench: &Bench) -> Mark {
    let record = bench.state.requests.values().next().unwrap();
    record.mark.clone()
}

/// As if its requester had published the set in force there, and the key had been lost.
pub fn doubted(bench: &mut Bench, loosening: bool, from: u64) {
    let mark = first(bench);
    let published = Published {
        seq: mark.seq,
        set: bench.state.policy.clone(),
        mark: Some(mark.clone()),
        loosening,
    };
    bench.state.oversight.history.push(published);
    let revoked = Revoked {
        reason: Some(Reason::Compromised),
        distrust_from: Some(from),
        mark: mark.clone(),
    };
    let access = &mut bench.state.access;
    access.revoked.insert(mark.key.clone(), vec![revoked]);
}

#[test]
fn a_policy_set_in_doubt_is_named_and_who_mends_it() {
    let mut bench = Bench::new();
    bench.brief = true;
    let id = bench.judged("p", "s1", good());
    assert_eq!(codes(&bench, &id), ["approval"]);
    let seq = first(&bench).seq;
    // Signed before the key was lost, or no loosening: it is believed.
    for (loosening, from) in [(true, seq + 1), (false, seq)] {
        let mut believed = bench.clone();
        doubted(&mut believed, loosening, from);
        assert_eq!(codes(&believed, &id), ["approval"]);
    }
    doubted(&mut bench, true, seq);
    assert_eq!(codes(&bench, &id), ["policy_in_doubt", "approval"]);
    // The portfolio is told once, with the command that brings another set into force.
    let lines = missing_of(&bench.state, &portfolio("p"), bench.now);
    let mut doubts = lines.iter().filter(|line| line.code == "policy_in_doubt");
    let line = doubts.next().unwrap();
    assert_eq!(doubts.next(), None);
    assert_eq!(line.role.as_deref(), Some("root"));
    let command = line.command.as_deref().unwrap();
    assert_eq!(
        command,
        "promote policy publish DIR --reason TEXT --key KEY"
    );
    assert_eq!(refused(command), None);
}

#[test]
fn persons_and_witnesses_are_wanted_where_the_quorum_wants_them() {
    let mut bench =
        with_shadow_quorum("slots = { risk = 1 }, persons = 2, time_lock_hours = 0, witnesses = 1");
    bench.brief = true;
    let id = bench.judged("p", "s1", good());
    // Persons are counted once the slots are filled.
    assert_eq!(codes(&bench, &id), ["approval", "witnesses"]);
    bench.approve(&id, "risk-1", "risk").unwrap();
    assert_eq!(codes(&bench, &id), ["persons", "witnesses"]);
}

#[test]
fn a_request_whose_slots_are_filled_wants_nobody_else() {
    let mut bench = Bench::new();
    bench.brief = true;
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    assert_eq!(codes(&bench, &id), [""; 0]);
}
