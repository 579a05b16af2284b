//! What a decision, a certificate and a policy set are worth once a key behind them is not believed:
//! each rule for itself.

use std::sync::Arc;

use promote::governance::promotion::access::distrust::standing_on;
use promote::governance::promotion::access::fallout::{policy_in_doubt, producer_is_disbelieved};
use promote::governance::promotion::access::missing_token::{live_decision, missing_token};
use promote::governance::promotion::access::{Revoked, Signature, supports};
use promote::governance::promotion::oversight::Published;
use promote::governance::promotion::safety::due::times;
use promote::governance::promotion::state::{EnrolledKey, Person, State, Status};
use promote::governance::stage::{Stage, Target};
use promote::kernel::id::RequestId;
use promote::kernel::pubkey::Fingerprint;

use crate::crafted::{asked, bare, digest, mark, overridden, person, portfolio, registers};
use crate::machine::{Bench, good, key, promoted, public};
use crate::safety::RISK;
use crate::token::{live, name, with_instance};

fn fingerprint(of: &str) -> Fingerprint {
    public(&key(of)).fingerprint()
}

/// The key of `of` is not believed from position `from` on, says the entry at `seq`.
fn distrusted(bench: &mut Bench, of: &str, from: u64, seq: u64) {
    let revoked = Revoked {
        reason: None,
        distrust_from: Some(from),
        mark: mark(seq, "ops-1", bench.now),
    };
    let list = &mut bench.state.access.revoked;
    list.entry(fingerprint(of)).or_default().push(revoked);
}

#[test]
fn a_stage_rests_on_what_was_granted_to_the_version_that_holds_it() {
    let mut bench = bare();
    registers(&mut bench, "p", Stage::Testnet, "s1");
    let granted = |target| (target, Status::Promoted);
    let first = asked(&mut bench, ("p", "s1"), granted(Target::Shadow), 3);
    let second = asked(&mut bench, ("p", "s1"), granted(Target::Testnet), 4);
    // Neither what only asked nor what another version was granted.
    let withdrawn = (Target::Testnet, Status::Withdrawn);
    asked(&mut bench, ("p", "s1"), withdrawn, 5);
    asked(&mut bench, ("p", "s2"), granted(Target::Testnet), 6);
    let chain = standing_on(&bench.state, &portfolio("p"));
    assert_eq!(chain, [(Target::Testnet, second), (Target::Shadow, first)]);
}

#[test]
fn what_falls_goes_to_the_stage_below_with_its_version_or_to_research_without() {
    let (mut bench, id) = promoted();
    // As if TESTNET had been granted to it since, on something that risk-2 signed.
    let first = RequestId::new(&id).unwrap();
    let granted = (Target::Testnet, Status::Promoted);
    let seq = bench.state.size();
    let second = asked(&mut bench, ("p", "s1"), granted, seq - 1);
    bench.place("p", Stage::Testnet);
    let decisions = &mut bench.state.access.decisions;
    let mut decided = decisions[&first].clone();
    let approvals = bench.state.requests[&first].approvals.clone();
    bench.state.requests.get_mut(&second).unwrap().approvals = approvals;
    decided.supports = vec![vec![Signature {
        key: fingerprint("risk-2"),
        seq: seq - 1,
    }]];
    decided.quorum.as_mut().unwrap().persons = 1;
    decisions.insert(second, decided);
    let held = |bench: &Bench| {
        let held = &bench.state.portfolios[&portfolio("p")];
        (held.stage, held.strategy)
    };
    let mut one = bench.clone();
    one.compromised("risk-2", Some(seq - 1)).unwrap();
    assert_eq!(held(&one), (Stage::Shadow, Some(digest("s1"))));
    bench.compromised("risk-1", Some(1)).unwrap();
    assert_eq!(held(&bench), (Stage::Research, None));
}

#[test]
fn a_set_is_in_doubt_when_who_let_it_loose_last_is_not_believed() {
    let mut bench = bare();
    let doubt = |state: &State| policy_in_doubt(state);
    assert_eq!(doubt(&bench.state), None);
    let set = Arc::clone(&bench.state.policy);
    let mut publish = |seq: u64, who: &str, loosening: bool| {
        let published = Published {
            seq,
            set: Arc::clone(&set),
            mark: Some(mark(seq, who, bench.now)),
            loosening,
        };
        bench.state.oversight.history.push(published);
    };
    publish(5, "risk-1", true);
    publish(6, "risk-2", false);
    assert_eq!(doubt(&bench.state), None);
    let mut later = bench.clone();
    distrusted(&mut later, "risk-1", 6, 9);
    distrusted(&mut later, "risk-2", 6, 9);
    assert_eq!(doubt(&later.state), None);
    distrusted(&mut bench, "risk-1", 5, 9);
    assert_eq!(doubt(&bench.state), Some(5));
}

#[test]
fn evidence_falls_with_a_key_that_its_producer_could_still_sign_with() {
    let mut bench = bare();
    let producer = Person {
        roles: Default::default(),
        until: Default::default(),
        ended: Default::default(),
        keys: vec![fingerprint("research-2")],
        touched: 2,
    };
    bench.state.persons.insert(person("research-2"), producer);
    let enrolled = EnrolledKey {
        key: public(&key("research-2")),
        person: person("research-2"),
        since: 2,
    };
    bench.state.keys.insert(fingerprint("research-2"), enrolled);
    let falls = |bench: &Bench, seq: u64| {
        producer_is_disbelieved(&bench.state, &[person("research-2")], seq)
    };
    assert!(!falls(&bench, 5));
    distrusted(&mut bench, "research-2", 4, 9);
    // From where it is not believed until it was revoked, from both sides.
    let at = [3, 4, 8, 9, 10].map(|seq| falls(&bench, seq));
    assert_eq!(at, [false, true, true, false, false]);
    let other = producer_is_disbelieved(&bench.state, &[person("research-3")], 5);
    assert!(!other);
}

#[test]
fn an_instance_signs_nothing_once_a_key_that_let_it_in_is_not_believed() {
    let mut bench = with_instance(Bench::new());
    let seq = bench.state.access.instances[&name("live-1")].mark.seq;
    let revoked = |bench: &Bench| {
        let key = fingerprint("live-1");
        bench.state.access.revocation(&key).map(|r| r.distrust_from)
    };
    // Who signed second counts as well.
    bench.compromised("ops-1", Some(seq + 1)).unwrap();
    assert_eq!(revoked(&bench), None);
    bench.compromised("ops-1", Some(seq)).unwrap();
    assert_eq!(revoked(&bench), Some(Some(seq)));
}

#[test]
fn a_decision_rests_on_the_overrides_that_its_verdict_used() {
    let mut bench = bare();
    registers(&mut bench, "p", Stage::Research, "s1");
    let open = (Target::Shadow, Status::Approved);
    let id = asked(&mut bench, ("p", "s1"), open, 5);
    let none: Vec<Vec<Signature>> = Vec::new();
    assert_eq!(supports::of(&bench.state, &id, bench.now), none);
    for (seq, who, used) in [(3, "risk-1", true), (4, "risk-2", false)] {
        let mut word = overridden(&bench, "p", seq, who);
        if used {
            word.used_by.push(id.clone());
        }
        bench.state.safety.overrides.push(word);
    }
    let one = Signature {
        key: fingerprint("risk-1"),
        seq: 3,
    };
    assert_eq!(supports::of(&bench.state, &id, bench.now), [[one]]);
}

#[test]
fn a_live_session_wants_a_decision_for_live_that_stands() {
    let (shadow, _) = promoted();
    assert!(live_decision(&shadow.state, &portfolio("p")).is_none());
    let mut bench = live(Bench::new());
    let codes = |bench: &Bench| -> Vec<String> {
        let lines = missing_token(&bench.state, &portfolio("p"), bench.now);
        lines.into_iter().map(|line| line.code).collect()
    };
    assert!(live_decision(&bench.state, &portfolio("p")).is_some());
    assert_eq!(codes(&bench), [""; 0]);
    let mut regulated = bench.clone();
    regulated.state.genesis.preset = "regulated".into();
    assert_eq!(codes(&regulated), ["service_mode", "witnesses"]);
    for decided in bench.state.access.decisions.values_mut() {
        decided.fallen = Some(9);
    }
    assert!(live_decision(&bench.state, &portfolio("p")).is_none());
    assert_eq!(codes(&bench), ["stage"]);
}

#[test]
fn a_stage_on_a_later_certificate_keeps_it_when_an_earlier_one_is_not_believed() {
    let (mut bench, _) = promoted();
    bench.days(80);
    let first = bench.state.size();
    for signers in [RISK, &[("risk-2", "risk")]] {
        let act = bench.certificate("p", good());
        bench.certifies(act, signers).unwrap();
        bench.days(1);
    }
    let due = |bench: &Bench| times(&bench.state, &portfolio("p")).unwrap().overdue;
    let kept = due(&bench);
    bench.compromised("risk-1", Some(first)).unwrap();
    assert_eq!(due(&bench), kept);
    bench.compromised("risk-2", Some(first)).unwrap();
    assert_eq!(due(&bench), bench.now);
}
