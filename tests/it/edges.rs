//! The rules of promotion at their edges: what stands exactly on a limit, one step inside and one
//! step outside of it, and every half of a condition for itself.

use std::collections::BTreeMap;

use promote::evidence::facts::Fact;
use promote::evidence::manifest::EvidenceKind;
use promote::governance::audit::entry::{Entry, Leaf, leaf_hash};
use promote::governance::audit::tree::Frontier;
use promote::governance::policy::roles::Role;
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::apply::apply;
use promote::governance::promotion::basis::{RecheckError, compare_facts};
use promote::governance::promotion::chain::{Chain, REFUSALS_PER_DAY};
use promote::governance::promotion::decide::{Command, Proposal, decide};
use promote::governance::promotion::event::Signed;
use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::guard::request::check_fallback;
use promote::governance::promotion::looks::lineage;
use promote::governance::promotion::missing::missing;
use promote::governance::promotion::oversight::replay::again;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::state::{State, Status};
use promote::governance::promotion::statement::{
    Act, Approval, Enrolment, EvidenceRef, OosRange, Refusal as RefusalAct, Request, Statement,
};
use promote::governance::stage::{Stage, Target};
use promote::kernel::canonical;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, PortfolioId, RequestId};
use promote::kernel::sshsig::{Envelope, signed_bytes};
use promote::kernel::time::UtcTime;

use ed25519_dalek::{Signer as _, SigningKey};

use crate::machine::{Bench, facts, good, key, promoted, public, sealed, sign, slug};

/// The shipped set with the playbook's quorum for SHADOW replaced.
pub fn with_shadow_quorum(quorum: &str) -> Bench {
    let shadow =
        "shadow = { slots = { risk = 1 }, persons = 1, time_lock_hours = 0, witnesses = 0 }";
    with_roles(shadow, &format!("shadow = {{ {quorum} }}"))
}

/// The shipped set with the first `old` in its rules replaced by `new`.
pub fn with_roles(old: &str, new: &str) -> Bench {
    let mut files: BTreeMap<String, Vec<u8>> = embedded_files();
    let roles = String::from_utf8(files["roles.toml"].clone()).unwrap();
    let changed = roles.replacen(old, new, 1);
    assert_ne!(roles, changed, "{old}");
    files.insert("roles.toml".into(), changed.into_bytes());
    Bench::with(|_| {}, files)
}

/// Codes and texts of what is missing for a request.
fn wanted(bench: &Bench, id: &str) -> Vec<(String, String)> {
    let record = &bench.state.requests[&RequestId::new(id).unwrap()];
    missing(&bench.state, record, bench.now)
        .into_iter()
        .map(|line| (line.code, line.text))
        .collect()
}

fn codes(bench: &Bench, id: &str) -> Vec<String> {
    wanted(bench, id)
        .into_iter()
        .map(|(code, _)| code)
        .collect()
}

/// A request that is asked in a copy: its refusal, or `ok`.
fn asked(bench: &Bench, change: impl FnOnce(&mut Request)) -> &'static str {
    let mut request = bench.request("p", "s1");
    change(&mut request);
    bench
        .clone()
        .ask(request)
        .map_or_else(|refusal| refusal.slug(), |()| "ok")
}

fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

/// Enrols `key_of`'s key for `name` in `role`.
pub fn enrol(bench: &mut Bench, name: &str, role: Role, key_of: &str) -> Result<(), Refusal> {
    let act = Act::Enrolment(Enrolment {
        person: person(name),
        role,
        public_key: public(&key(key_of)),
        verified_by: "passport".into(),
        until: None,
    });
    let statement = bench.statement(act, "root", "root", &key("root-1"));
    let keys = [key("root-1"), key("root-2"), key(key_of)];
    bench.submit(sign(&statement, &keys.iter().collect::<Vec<_>>()))
}

#[test]
fn texts_and_lists_of_a_request_have_exact_limits() {
    let bench = Bench::new();
    let longest = "x".repeat(4096);
    let longer = "x".repeat(4097);
    let (most, more) = (vec![String::new(); 32], vec![String::new(); 33]);
    assert_eq!(asked(&bench, |r| r.summary = longest.clone()), "ok");
    assert_eq!(
        asked(&bench, |r| r.summary = longer.clone()),
        "text-too-long"
    );
    assert_eq!(asked(&bench, |r| r.fallback = longest.clone()), "ok");
    assert_eq!(
        asked(&bench, |r| r.fallback = longer.clone()),
        "text-too-long"
    );
    assert_eq!(asked(&bench, |r| r.next = most.clone()), "ok");
    assert_eq!(asked(&bench, |r| r.next = more.clone()), "text-too-long");
    assert_eq!(asked(&bench, |r| r.reports = vec![longest]), "ok");
    assert_eq!(asked(&bench, |r| r.reports = vec![longer]), "text-too-long");
    assert_eq!(asked(&bench, |r| r.reports = more), "text-too-long");
    assert_eq!(
        asked(&bench, |r| r.materiality = "small".into()),
        "materiality-unknown"
    );
}

#[test]
fn a_request_for_live_names_its_way_back_and_no_other_has_to() {
    let (mut bench, _) = promoted();
    bench.place("p", Stage::Testnet);
    let asks = |target, fallback: &str| {
        let mut request = bench.request("p", "s1");
        request.target = target;
        request.fallback = fallback.into();
        slug(bench.clone().ask(request))
    };
    for blank in ["", " ", "\n \u{a0}"] {
        assert_eq!(asks(Target::Live, blank), "fallback-wanted", "{blank:?}");
        // Below, the rules after this one answer.
        assert_eq!(asks(Target::Shadow, blank), "stage-order");
    }
    let named = asks(Target::Live, "halt");
    assert_ne!(named, "fallback-wanted");
    assert_eq!(named, "dwell-not-over");
    bench.place("p", Stage::Shadow);
    let mut request = bench.request("p", "s1");
    request.target = Target::Testnet;
    assert_eq!(check_fallback(&request), Ok(()));
    assert_eq!(slug(bench.ask(request)), "dwell-not-over");
}

#[test]
fn bundles_and_producers_are_sorted_and_named_once() {
    let bench = Bench::new();
    let bundle = |kind, of: &[u8]| EvidenceRef {
        kind,
        evidence_sha256: Digest::of(of),
        result_sha256: Digest::of(of),
    };
    let shadow_twice = asked(&bench, |r| {
        r.target = Target::Testnet;
        r.evidence.push(bundle(EvidenceKind::Shadow, b"a"));
        r.evidence.push(bundle(EvidenceKind::Shadow, b"b"));
    });
    assert_eq!(shadow_twice, "evidence-list");
    let producers = |names: &[&str]| {
        let named: Vec<PersonId> = names.iter().map(|name| person(name)).collect();
        asked(&bench, |r| r.producers = named)
    };
    // Each is one who sealed a bundle.
    assert_eq!(producers(&["research-2"]), "ok");
    assert_eq!(producers(&["research-1", "research-2"]), "evidence-list");
    assert_eq!(producers(&["research-2", "research-1"]), "evidence-list");
    assert_eq!(producers(&["research-2", "research-2"]), "evidence-list");
    assert_eq!(producers(&["nobody"]), "evidence-list");
    // Unsigned evidence is for sandboxes.
    let unsigned = |r: &mut Request| {
        r.producers.clear();
        r.grounds.seals.clear();
    };
    assert_eq!(asked(&bench, unsigned), "ok");
    let mut real = bench.clone();
    real.state.genesis.sandbox = false;
    assert_eq!(asked(&real, |_| {}), "ok");
    assert_eq!(asked(&real, unsigned), "unsigned-evidence");
}

#[test]
fn a_request_bears_the_next_number_and_no_other() {
    let bench = Bench::new();
    for (id, answer) in [
        ("p-0001", "ok"),
        ("p-0002", "request-id-not-next"),
        ("q-0001", "request-id-not-next"),
    ] {
        let id = RequestId::new(id).unwrap();
        assert_eq!(asked(&bench, |r| r.request = id), answer);
    }
}

#[test]
fn what_was_withdrawn_after_a_revise_does_not_take_its_place() {
    let mut bench = Bench::new();
    let first = bench.judged("p", "s1", facts("0.79", "0.18", "0.26"));
    let mut second = bench.request("p", "s2");
    second.revises = Some(RequestId::new(&first).unwrap());
    bench.ask(second).unwrap();
    bench.withdraw("p-0002", "research-1", "research").unwrap();
    assert_eq!(asked(&bench, |_| {}), "must-revise");
    let first = RequestId::new(&first).unwrap();
    assert_eq!(asked(&bench, |r| r.revises = Some(first)), "ok");
}

#[test]
fn a_window_that_only_moved_is_nothing_new() {
    let mut bench = Bench::new();
    bench.judged("p", "s1", facts("0.7", "0.22", "0.31"));
    bench.days(14);
    let moved = |front: i64, back: i64| {
        asked(&bench, |r| {
            r.oos = r.oos.map(|oos| OosRange {
                first: oos.first.plus_days(front),
                last: oos.last.plus_days(back),
            });
        })
    };
    assert_eq!(moved(14, 14), "nothing-new");
    assert_eq!(moved(1, 14), "nothing-new");
    assert_eq!(moved(0, 13), "nothing-new");
    assert_eq!(moved(0, 14), "ok");
    assert_eq!(asked(&bench, |r| r.oos = None), "nothing-new");
}

#[test]
fn a_person_with_two_keys_fills_one_slot() {
    let mut bench =
        with_shadow_quorum("slots = { risk = 2 }, persons = 2, time_lock_hours = 0, witnesses = 0");
    enrol(&mut bench, "risk-1", Role::Risk, "risk-1b").unwrap();
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    let second = key("risk-1b");
    let act = Act::Approval(Box::new(bench.approval(&id)));
    let statement = bench.statement(act, "risk-1", "risk", &second);
    assert_eq!(
        slug(bench.submit(sign(&statement, &[&second]))),
        "already-approved"
    );
    bench.approve(&id, "risk-2", "risk").unwrap();
    bench.decide(&id).unwrap();
}

#[test]
fn what_is_missing_counts_who_is_left() {
    let two = "slots = { risk = 2 }, persons = 2, time_lock_hours = 0, witnesses = 0";
    let mut bench = with_shadow_quorum(two);
    let id = bench.judged("p", "s1", good());
    // Exactly as many are left as are wanted.
    assert_eq!(codes(&bench, &id), ["approval", "approval"]);
    bench.approve(&id, "risk-1", "risk").unwrap();
    assert_eq!(codes(&bench, &id), ["approval"]);
    // The one who approved is not counted again while the approval stands.
    let mut bench = with_shadow_quorum(two);
    let mut request = bench.request("p", "s1");
    request.producers = vec![person("risk-2")];
    request.grounds = sealed(&["s1"], "risk-2");
    let id = request.request.to_string();
    bench.ask(request).unwrap();
    bench.evaluate(&id, good()).unwrap();
    let unreachable = |bench: &Bench| {
        let lines = wanted(bench, &id);
        let line = lines
            .into_iter()
            .find(|(code, _)| code == "quorum_unreachable");
        line.map(|(_, text)| text).unwrap_or_default()
    };
    assert!(
        unreachable(&bench).contains("only 1 enrolled"),
        "{}",
        unreachable(&bench)
    );
    bench.approve(&id, "risk-1", "risk").unwrap();
    assert!(
        unreachable(&bench).contains("only 0 enrolled"),
        "{}",
        unreachable(&bench)
    );
    // To the millisecond: an approval that ends now no longer fills a slot.
    let until = bench.state.requests[&RequestId::new(&id).unwrap()].approvals[0].valid_until;
    bench.now = until.plus_millis(-1);
    assert!(
        unreachable(&bench).contains("only 0 enrolled"),
        "{}",
        unreachable(&bench)
    );
    bench.now = until;
    assert!(
        unreachable(&bench).contains("only 1 enrolled"),
        "{}",
        unreachable(&bench)
    );
}

#[test]
fn persons_witnesses_and_the_time_lock_are_named() {
    let one = "slots = { risk = 1 }, persons = 1, time_lock_hours = 0, witnesses = 0";
    let more_persons = one.replace("persons = 1", "persons = 2");
    let witnessed = one.replace("witnesses = 0", "witnesses = 1");
    let locked = one.replace("hours = 0", "hours = 12");
    for (quorum, left) in [
        (more_persons, "persons"),
        (witnessed, "witnesses"),
        (locked, "time_lock"),
    ] {
        let mut bench = with_shadow_quorum(&quorum);
        let id = bench.judged("p", "s1", good());
        bench.approve(&id, "risk-1", "risk").unwrap();
        assert_eq!(codes(&bench, &id), [left]);
        assert_eq!(slug(bench.decide(&id)), "pending", "{left}");
        if left == "time_lock" {
            bench.now = bench.now.plus_millis(12 * 3_600_000 - 1);
            assert_eq!(codes(&bench, &id), [left]);
            bench.now = bench.now.plus_millis(1);
            assert!(codes(&bench, &id).is_empty());
            bench.decide(&id).unwrap();
        }
    }
}

#[test]
fn entries_without_effect_are_named_among_what_is_missing() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    assert_eq!(codes(&bench, &id), ["approval"]);
    let act = Act::Approval(Box::new(bench.approval(&id)));
    let signed = bench.signed(act, "research-1", "research");
    assert!(!bench.append(&signed));
    assert_eq!(codes(&bench, &id), ["ledger_findings", "approval"]);
}

/// Appends `signed` as an entry whose leaf `change` spoiled; the finding that it leaves.
fn spoiled(bench: &Bench, signed: &Signed, change: impl FnOnce(&mut Leaf)) -> &'static str {
    let mut good = bench.clone();
    assert!(good.append(signed));
    let mut leaf = good.entries.last().unwrap().leaf.clone();
    change(&mut leaf);
    let entry = Entry::read(canonical::encode(&leaf).unwrap()).unwrap();
    finding(bench, &entry)
}

fn finding(bench: &Bench, entry: &Entry) -> &'static str {
    let mut state = bench.state.clone();
    let applied = apply(&mut state, entry);
    let finding = state.findings.last().map(|finding| finding.code);
    assert_eq!(applied, finding.is_none());
    // Without effect, it still takes its place.
    assert_eq!(state.size(), bench.state.size() + 1);
    finding.unwrap_or("ok")
}

#[test]
fn an_entry_out_of_place_has_no_effect() {
    let mut bench = Bench::new();
    let request = bench.request("p", "s1");
    let signed = bench.signed(Act::Request(Box::new(request)), "research-1", "research");
    assert_eq!(spoiled(&bench, &signed, |_| {}), "ok");
    assert_eq!(spoiled(&bench, &signed, |leaf| leaf.seq += 1), "position");
    assert_eq!(spoiled(&bench, &signed, |leaf| leaf.seq = 3), "position");
    assert_eq!(
        spoiled(&bench, &signed, |leaf| leaf.ledger = "other".into()),
        "foreign-ledger"
    );
    let before = bench.state.last_time().plus_millis(-1);
    assert_eq!(
        spoiled(&bench, &signed, |leaf| leaf.time = before),
        "time-backwards"
    );
    assert_eq!(
        spoiled(&bench, &signed, |leaf| leaf.kind = "genesis".into()),
        "second-genesis"
    );
    // Kind and actor are those of the statement, both.
    assert_eq!(
        spoiled(&bench, &signed, |leaf| leaf.kind = "approval".into()),
        "not-a-statement"
    );
    assert_eq!(
        spoiled(&bench, &signed, |leaf| leaf.actor.id = "risk-1".into()),
        "not-a-statement"
    );
    // Position and leaf are held against each other.
    let mut good = bench.clone();
    assert!(good.append(&signed));
    let mut entry = (**good.entries.last().unwrap()).clone();
    entry.leaf.seq += 1;
    assert_eq!(finding(&bench, &entry), "position");
}

#[test]
fn a_ledger_begins_with_a_genesis_entry_and_nothing_else() {
    let bench = Bench::founded(|_| {}, embedded_files());
    let policy = || PolicySet::load(embedded_files()).unwrap();
    let begins = |change: fn(&mut Leaf)| {
        let mut leaf = bench.entries[0].leaf.clone();
        change(&mut leaf);
        let entry = Entry::read(canonical::encode(&leaf).unwrap()).unwrap();
        State::begin(&entry, policy()).is_ok()
    };
    assert!(begins(|_| {}));
    assert!(!begins(|leaf| leaf.seq = 1));
    assert!(!begins(|leaf| leaf.kind = "request".into()));
    assert!(!begins(
        |leaf| leaf.prev_root = Digest::of(b"something before")
    ));
    assert!(!begins(
        |leaf| leaf.body["schema"] = "promote/genesis/v2".into()
    ));
}

/// An evaluation as `decide` makes it at `now`, appended at `at`: whether it has effect.
fn evaluated(bench: &Bench, now: UtcTime, at: UtcTime) -> bool {
    let mut bench = bench.clone();
    let command = Command::Evaluate {
        request: RequestId::new("p-0001").unwrap(),
        facts: good(),
        beside: Default::default(),
        now,
    };
    let Ok(Proposal::Engine(act)) = decide(&bench.state, command, &bench.moment()) else {
        panic!("an evaluation was wanted");
    };
    bench.now = at;
    let signed = bench.signed(*act, "engine", "engine");
    bench.append(&signed)
}

#[test]
fn ages_are_taken_at_most_ten_minutes_before_the_entry() {
    let mut bench = Bench::new();
    let request = bench.request("p", "s1");
    bench.ask(request).unwrap();
    let start = bench.now;
    assert!(evaluated(&bench, start, start));
    assert!(evaluated(&bench, start, start.plus_millis(600_000)));
    assert!(!evaluated(&bench, start, start.plus_millis(600_001)));
    assert!(!evaluated(&bench, start.plus_millis(1), start));
    assert!(evaluated(&bench, start.plus_millis(-600_000), start));
    assert!(!evaluated(&bench, start.plus_days(-20), start));
}

#[test]
fn the_engine_signs_as_itself_with_its_own_key() {
    let mut bench = Bench::new();
    let request = bench.request("p", "s1");
    bench.ask(request).unwrap();
    let command = Command::Evaluate {
        request: RequestId::new("p-0001").unwrap(),
        facts: good(),
        beside: Default::default(),
        now: bench.now,
    };
    let Ok(Proposal::Engine(act)) = decide(&bench.state, command, &bench.moment()) else {
        panic!("an evaluation was wanted");
    };
    for (person, role, by, counts) in [
        ("engine", "engine", "engine", true),
        ("risk-1", "engine", "engine", false),
        ("engine", "risk", "engine", false),
        ("engine", "engine", "token", false),
        ("engine", "engine", "risk-1", false),
    ] {
        let mut bench = bench.clone();
        let statement = bench.statement((*act).clone(), person, role, &key(by));
        let effect = bench.append(&sign(&statement, &[&key(by)]));
        assert_eq!(effect, counts, "{person} {role} {by}");
        let judged = bench.status("p-0001") == Status::AwaitingApproval;
        assert_eq!(judged, counts, "{person} {role} {by}");
    }
}

#[test]
fn the_record_keeps_words_refusals_and_ends() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    let record =
        |bench: &Bench, id: &str| bench.state.requests[&RequestId::new(id).unwrap()].clone();
    assert_eq!(record(&bench, &id).end, None);
    let said = Approval {
        comment: "drawdown is well inside".into(),
        ..bench.approval(&id)
    };
    let signed = bench.signed(Act::Approval(Box::new(said)), "risk-1", "risk");
    bench.submit(signed).unwrap();
    let mark = record(&bench, &id).approvals[0].mark.clone();
    assert_eq!(
        (mark.reason.as_str(), mark.comment.as_str()),
        ("", "drawdown is well inside")
    );
    let rejected = bench.judged("q", "s2", facts("0.7", "0.22", "0.31"));
    let end = record(&bench, &rejected).end.unwrap();
    assert_eq!(end.time, bench.now);
    // A recorded refusal is remembered under the person whose key signed.
    let act = Act::Approval(Box::new(bench.approval(&id)));
    let refused = bench.signed(act, "research-1", "research");
    let act = Act::Refusal(RefusalAct {
        statement: refused.body.statement.clone(),
        signatures: refused.body.signatures.clone(),
        reason: "requester-fills-slot".into(),
    });
    let signed = bench.signed(act, "engine", "engine");
    assert!(bench.append(&signed));
    assert_eq!(bench.state.refusals[&person("research-1")], [bench.now]);
}

#[test]
fn a_person_has_twenty_refusals_recorded_in_any_day() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    let mut statement: Statement = {
        let act = Act::Approval(Box::new(bench.approval(&id)));
        bench.statement(act, "research-1", "research", &key("research-1"))
    };
    statement.expires_at = bench.now.plus_days(9);
    let refusal = bench.submit(sign(&statement, &[&key("research-1")]));
    let refusal = refusal.unwrap_err();
    let engine: SigningKey = key("engine");
    let seal = |namespace: &str, message: &[u8]| Envelope {
        key: public(&engine),
        namespace: namespace.to_owned(),
        signature: engine.sign(&signed_bytes(namespace, message)).to_bytes(),
    };
    let mut frontier = Frontier::default();
    for entry in &bench.entries {
        assert_eq!(entry.leaf_hash, leaf_hash(&entry.data));
        frontier.append(entry.leaf_hash);
    }
    let (start, mut state) = (bench.now, bench.state.clone());
    let mut number = 0_u64;
    let mut at = |now: UtcTime| {
        // A refused statement is spent: each is another one.
        number += 1;
        statement.nonce = format!("{number:a>32}");
        let refused = sign(&statement, &[&key("research-1")]);
        let mut chain = Chain::new(state.clone(), frontier.clone(), now);
        let entry = chain
            .refuse(&refused, &refusal, public(&engine), &seal)
            .unwrap();
        if let Some(entry) = &entry {
            frontier.append(entry.leaf_hash);
        }
        state = chain.state;
        entry.is_some()
    };
    for n in 0..REFUSALS_PER_DAY {
        assert!(at(start), "{n}");
    }
    assert!(!at(start));
    assert!(!at(start.plus_days(1).plus_millis(-1)));
    assert!(at(start.plus_days(1)));
}

#[test]
fn a_key_and_a_person_may_have_more_than_one_role_where_that_is_allowed() {
    let mut bench = Bench::new();
    // A second key in the same role, the same key in a role that keeps no other out, and the other
    // way round.
    enrol(&mut bench, "risk-1", Role::Risk, "risk-1b").unwrap();
    enrol(&mut bench, "risk-1", Role::Authoriser, "risk-1").unwrap();
    enrol(&mut bench, "authoriser-1", Role::Ops, "authoriser-1").unwrap();
    let refused = enrol(&mut bench, "risk-1", Role::Ops, "risk-1");
    assert_eq!(slug(refused), "enrolment-refused");
    let apart = "one_role_per_person = true";
    let mut together = with_roles(apart, "one_role_per_person = false");
    enrol(&mut together, "risk-1", Role::Ops, "risk-1").unwrap();
}

#[test]
fn what_was_never_judged_is_no_look() {
    let mut bench = Bench::new();
    for strategy in ["a", "b", "c"] {
        let request = bench.request("p", strategy);
        let id = request.request.to_string();
        bench.ask(request).unwrap();
        bench.withdraw(&id, "research-1", "research").unwrap();
    }
    let id = bench.judged("p", "d", good());
    let record = bench.state.requests[&RequestId::new(&id).unwrap()].clone();
    assert_eq!(record.judged.unwrap().evaluation.guard, None);
}

#[test]
fn a_predecessor_once_declared_is_kept() {
    let mut bench = Bench::new();
    let old = PortfolioId::new("old").unwrap();
    let new = PortfolioId::new("new").unwrap();
    let mut request = bench.request("new", "a");
    request.grounds.predecessors = vec![old.clone()];
    let declared = bench.state.size();
    let known = bench.judged("old", "b", good());
    assert_eq!(known, "old-0001");
    bench.ask(request).unwrap();
    let found = |before: u64| lineage(&bench.state, &new, &[], before);
    assert_eq!(
        found(u64::MAX).into_iter().collect::<Vec<_>>(),
        [new.clone(), old]
    );
    assert_eq!(
        found(declared).into_iter().collect::<Vec<_>>(),
        std::slice::from_ref(&new)
    );
}

#[test]
fn an_enrolment_is_signed_in_the_name_of_root_alone() {
    let bench = Bench::new();
    let act = Act::Enrolment(Enrolment {
        person: person("eve"),
        role: Role::Risk,
        public_key: public(&key("eve")),
        verified_by: "passport".into(),
        until: None,
    });
    for (name, role, cosigned, counts) in [
        ("root", "root", false, true),
        ("root", "risk", false, false),
        ("risk-1", "root", false, false),
        ("root", "root", true, false),
    ] {
        let mut bench = bench.clone();
        let mut statement = bench.statement(act.clone(), name, role, &key("root-1"));
        if cosigned {
            let more = bench.statement(act.clone(), "root", "root", &key("root-2"));
            statement.cosigners = vec![more.signer];
        }
        let keys = [key("root-1"), key("root-2"), key("eve")];
        let signed = sign(&statement, &keys.iter().collect::<Vec<_>>());
        let outcome = bench.submit(signed).map_err(|refusal| refusal.slug());
        let wanted = if counts {
            Ok(())
        } else {
            Err("enrolment-refused")
        };
        assert_eq!(outcome, wanted, "{name} {role} {cosigned}");
    }
}

#[test]
fn a_role_ends_at_its_time_and_takes_no_other_along() {
    let mut bench = Bench::new();
    let until = bench.now.plus_days(10);
    let act = Act::Enrolment(Enrolment {
        person: person("risk-3"),
        role: Role::Risk,
        public_key: public(&key("risk-3")),
        verified_by: "passport".into(),
        until: Some(until),
    });
    let statement = bench.statement(act, "root", "root", &key("root-1"));
    let keys = [key("root-1"), key("root-2"), key("risk-3")];
    let signed = sign(&statement, &keys.iter().collect::<Vec<_>>());
    bench.submit(signed).unwrap();
    enrol(&mut bench, "risk-3", Role::Authoriser, "risk-3").unwrap();
    let roles = |bench: &Bench, now: UtcTime| {
        let mut state = bench.state.clone();
        settle(&mut state, now);
        let held = state.persons[&person("risk-3")].roles.clone();
        held.into_iter().collect::<Vec<_>>()
    };
    let both = roles(&bench, until.plus_millis(-1));
    assert_eq!(both.len(), 2);
    assert_eq!(roles(&bench, until), [Role::Authoriser]);
    let id = bench.judged("p", "s1", good());
    bench.now = until.plus_millis(-1);
    bench.clone().approve(&id, "risk-3", "risk").unwrap();
    bench.now = until;
    assert_eq!(slug(bench.approve(&id, "risk-3", "risk")), "role-ended");
}

/// Enrols `who` once more in a role that ends by itself.
fn ends(bench: &mut Bench, who: &str, role: Role, until: Option<UtcTime>) {
    let act = Act::Enrolment(Enrolment {
        person: person(who),
        role,
        public_key: public(&key(who)),
        verified_by: "passport".into(),
        until,
    });
    let statement = bench.statement(act, "root", "root", &key("root-1"));
    let keys = [key("root-1"), key("root-2"), key(who)];
    let signed = sign(&statement, &keys.iter().collect::<Vec<_>>());
    bench.submit(signed).unwrap();
}

/// Until when the approvals of a request count.
fn counting(bench: &Bench, id: &str) -> Vec<UtcTime> {
    let record = &bench.state.requests[&RequestId::new(id).unwrap()];
    record.approvals.iter().map(|a| a.valid_until).collect()
}

#[test]
fn a_role_that_is_given_an_end_afterwards_opens_its_slots_then() {
    let mut bench =
        with_shadow_quorum("slots = { risk = 2 }, persons = 2, time_lock_hours = 0, witnesses = 0");
    // Decided already: that stays as it was.
    let done = bench.judged("q", "s9", good());
    for risk in ["risk-1", "risk-2"] {
        bench.approve(&done, risk, "risk").unwrap();
    }
    bench.decide(&done).unwrap();
    let decided = counting(&bench, &done);
    let id = bench.judged("p", "s1", good());
    for risk in ["risk-1", "risk-2"] {
        bench.approve(&id, risk, "risk").unwrap();
    }
    let before = counting(&bench, &id);
    // Another role of the same person, and an end later than the approval's own, change nothing.
    let until = bench.now.plus_millis(3_600_000);
    ends(&mut bench, "risk-1", Role::Authoriser, Some(until));
    ends(
        &mut bench,
        "risk-1",
        Role::Risk,
        Some(before[0].plus_millis(1)),
    );
    assert_eq!(counting(&bench, &id), before);
    ends(&mut bench, "risk-1", Role::Risk, Some(until));
    assert_eq!(counting(&bench, &id), [until, before[1]]);
    assert_eq!(counting(&bench, &done), decided);
    bench.now = until.plus_millis(-1);
    bench.clone().decide(&id).unwrap();
    bench.now = until;
    assert_eq!(slug(bench.decide(&id)), "pending");
    // Holding the role again fills no slot by itself.
    ends(&mut bench, "risk-1", Role::Risk, None);
    assert_eq!(slug(bench.decide(&id)), "pending");
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn an_approval_is_taken_back_after_its_role_ended_too() {
    let mut bench =
        with_shadow_quorum("slots = { risk = 2 }, persons = 2, time_lock_hours = 0, witnesses = 0");
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    let given = *bench.state.safety.approvals.keys().next().unwrap();
    let until = bench.now.plus_millis(3_600_000);
    ends(&mut bench, "risk-1", Role::Risk, Some(until));
    bench.now = until;
    // In no role that was never held, and nothing else in one that ended.
    let never = bench.unapproves(&id, given, "risk-1", "authoriser");
    assert_eq!(slug(never), "role-not-held");
    let halt = bench.halts(crate::safety::scope("p"), "risk-1", "risk");
    assert_eq!(slug(halt), "role-ended");
    let other = bench.unapproves(&id, given, "risk-2", "risk");
    assert_eq!(slug(other), "not-own-approval");
    bench.unapproves(&id, given, "risk-1", "risk").unwrap();
    let voided = &bench.state.safety.voided;
    assert!(voided.contains(&(given, person("risk-1"))));
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn the_first_fact_that_differs_is_named() {
    let logged = good();
    let name = |logged: &[Fact], derived: &[Fact]| match compare_facts(logged, derived) {
        Ok(()) => "same".to_owned(),
        Err(RecheckError::Fact(name)) => name,
        Err(other) => panic!("{other}"),
    };
    assert_eq!(name(&logged, &logged), "same");
    // Another value, one that is logged alone, one that the evidence gives alone, another order.
    let second = logged[1].key().to_string();
    let mut other = logged.clone();
    other[1].value = Some("0.19".parse().unwrap());
    assert_eq!(name(&logged, &other), second);
    other.remove(1);
    assert_eq!(name(&logged, &other), second);
    assert_eq!(name(&other, &logged), second);
    let mut turned = logged.clone();
    turned.reverse();
    assert_eq!(name(&logged, &turned), "order");
}

#[test]
fn independence_is_full_with_both_rules_of_separation() {
    assert!(Bench::new().state.full_independence());
    for rule in ["requester_fills_no_slot", "one_role_per_person"] {
        let bench = with_roles(&format!("{rule} = true"), &format!("{rule} = false"));
        assert!(!bench.state.full_independence(), "{rule}");
    }
}

#[test]
fn looks_are_counted_as_they_stood_at_the_verdict() {
    let mut bench = Bench::new();
    let mut ids = Vec::new();
    for strategy in ["a", "b", "c"] {
        let id = bench.judged("p", strategy, good());
        bench.withdraw(&id, "research-1", "research").unwrap();
        ids.push(RequestId::new(&id).unwrap());
    }
    // Under a budget of two, the third look is one too many, and the second is not.
    let mut files = embedded_files();
    let roles = String::from_utf8(files["roles.toml"].clone()).unwrap();
    let fewer = roles.replacen("looks_max = 3", "looks_max = 2", 1);
    assert_ne!(roles, fewer);
    files.insert("roles.toml".into(), fewer.into_bytes());
    let set = PolicySet::load(files).unwrap();
    let verdicts: Vec<&str> = ids
        .iter()
        .map(|id| {
            again(&bench.state, &bench.state.requests[id], &set)
                .unwrap()
                .status()
        })
        .collect();
    assert_eq!(
        verdicts,
        ["PROMOTE_TO_SHADOW", "PROMOTE_TO_SHADOW", "REVISE"]
    );
    let third = again(&bench.state, &bench.state.requests[&ids[2]], &set).unwrap();
    assert_eq!(third.to_string(), "REVISE");
}

#[test]
fn a_predecessor_named_later_was_not_one_before() {
    let mut bench = Bench::new();
    for strategy in ["a", "b"] {
        let id = bench.judged("old", strategy, good());
        bench.withdraw(&id, "research-1", "research").unwrap();
    }
    let mut ids = Vec::new();
    for (n, strategy) in ["c", "d"].into_iter().enumerate() {
        let mut request = bench.request("new", strategy);
        let id = request.request.clone();
        if n == 1 {
            request.grounds.predecessors = vec![PortfolioId::new("old").unwrap()];
        }
        bench.ask(request).unwrap();
        bench.evaluate(id.as_str(), good()).unwrap();
        let evaluation = bench.state.requests[&id].judged.clone().unwrap().evaluation;
        // Two looks at the predecessor and two of its own are one more than three.
        assert_eq!(evaluation.guard.is_some(), n == 1);
        if bench.status(id.as_str()) == Status::AwaitingApproval {
            bench
                .withdraw(id.as_str(), "research-1", "research")
                .unwrap();
        }
        ids.push(id);
    }
    // Judged again, the first one still has one look.
    let mut files = embedded_files();
    let roles = String::from_utf8(files["roles.toml"].clone()).unwrap();
    files.insert(
        "roles.toml".into(),
        roles
            .replacen("looks_max = 3", "looks_max = 1", 1)
            .into_bytes(),
    );
    let set = PolicySet::load(files).unwrap();
    let first = again(&bench.state, &bench.state.requests[&ids[0]], &set).unwrap();
    assert_eq!(first.status(), "PROMOTE_TO_SHADOW");
    let second = again(&bench.state, &bench.state.requests[&ids[1]], &set).unwrap();
    assert_eq!(second.status(), "REVISE");
}
