//! Who is let in and who may say so: hosts, instances, keys, roots and tokens, each rule for itself.

use promote::governance::policy::roles::Role;
use promote::governance::policy::set::embedded_files;
use promote::governance::promotion::access::acts::{
    KeyRevocation, KeyRotation, Place, Reason, Void,
};
use promote::governance::promotion::access::instance::is_host;
use promote::governance::promotion::access::roots::Roots;
use promote::governance::promotion::access::{
    Access, Instance, Revoked, can_sign, check_instance, check_new_key, instance_missing,
};
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::state::{NoEffect, Person};
use promote::governance::promotion::statement::{Act, Enrolment, Signer, Statement};
use promote::governance::stage::Target;
use promote::governance::token::environment::Environment;
use promote::kernel::pubkey::Fingerprint;

use crate::crafted::{bare, digest, mark, person};
use crate::machine::{Bench, key, public, sign};
use crate::roots::{by_roots, roots};
use crate::safety::{halt, scope};
use crate::token::{JTI, card, enrolment, issue_act, live, name};

fn fingerprint(of: &str) -> Fingerprint {
    public(&key(of)).fingerprint()
}

/// `decide` on `act` by these persons: the slug of its refusal.
fn told(bench: &Bench, act: &Act, signers: &[(&str, &str)]) -> Option<&'static str> {
    let mut bench = bench.clone();
    let signed = bench.together(act.clone(), signers);
    bench.asks(&signed).err().map(|refusal| refusal.slug())
}

#[test]
fn a_host_is_named_by_letters_digits_dots_and_dashes_up_to_253() {
    let longest = "a".repeat(253);
    for good in ["a", "9", "trading-1.example", longest.as_str()] {
        assert!(is_host(good), "{good}");
    }
    let longer = "a".repeat(254);
    for bad in [
        "",
        "Trading",
        "a_b",
        "a b",
        "-a",
        ".a",
        "a..b",
        longer.as_str(),
    ] {
        assert!(!is_host(bad), "{bad}");
    }
}

/// Who signs, and whether that is risk and ops, two persons and nobody else.
const TOGETHER: [(&[(&str, &str)], bool); 6] = [
    (&[("risk-1", "risk"), ("ops-1", "ops")], true),
    (&[("ops-1", "ops"), ("risk-1", "risk")], true),
    (&[("ops-1", "ops"), ("research-1", "research")], false),
    (&[("risk-1", "risk"), ("research-1", "research")], false),
    (&[("risk-1", "risk"), ("risk-2", "risk")], false),
    (
        &[("risk-1", "risk"), ("ops-1", "ops"), ("risk-2", "risk")],
        false,
    ),
];

#[test]
fn risk_and_ops_let_an_instance_in_and_revoke_the_key_of_another_person() {
    let bench = Bench::new();
    let let_in = card(&bench.state.ledger, "live-1", Environment::Simulated);
    let let_in = enrolment(let_in, "live-1");
    let revoked = Act::KeyRevocation(KeyRevocation {
        revoked: fingerprint("research-2"),
        reason: Some(Reason::Left),
        distrust_from_seq: None,
        comment: String::new(),
    });
    for (signers, fits) in TOGETHER {
        let wanted = (!fits).then_some("signers-wanted");
        assert_eq!(told(&bench, &let_in, signers), wanted, "{signers:?}");
        assert_eq!(told(&bench, &revoked, signers), wanted, "{signers:?}");
    }
    let own = [("research-2", "research")];
    assert_eq!(told(&bench, &revoked, &own), None);
}

#[test]
fn the_number_of_a_token_is_thirty_two_hexadecimal_digits() {
    let bench = live(Bench::new());
    let asks = |jti: &str| {
        let mut bench = bench.clone();
        // Everything else fits: what it claims was derived with that number.
        let act = issue_act(&bench, jti, 15).unwrap();
        let signed = bench.signed(Act::TokenIssue(Box::new(act)), "ops-1", "ops");
        bench.asks(&signed)
    };
    assert_eq!(asks(JTI), Ok(()));
    let differs = Err(Refusal::StatementDiffers { field: "jti" });
    for jti in [
        &JTI[1..],
        &format!("{JTI}0"),
        &JTI.to_uppercase(),
        &"x".repeat(32),
    ] {
        assert_eq!(asks(jti), differs, "{jti}");
    }
}

#[test]
fn a_request_for_live_without_its_instance_is_told_what_is_missing() {
    let bench = bare();
    let mut request = bench.request("p", "s1");
    assert_eq!(check_instance(&bench.state, &request), Ok(()));
    assert_eq!(instance_missing(&bench.state, &request), None);
    // Below LIVE there is no card either.
    request.instance_card = Some(digest("card"));
    let wanted = check_instance(&bench.state, &request);
    assert_eq!(wanted, Err(Refusal::InstanceWanted));
    (request.target, request.instance_card) = (Target::Live, None);
    let line = instance_missing(&bench.state, &request).unwrap();
    assert_eq!(line.code, "instance");
    let command = line.command.unwrap();
    assert!(
        command.starts_with("promote request p --target live"),
        "{command}"
    );
}

#[test]
fn a_new_key_was_never_revoked_and_is_no_instances() {
    let mut bench = bare();
    let card = card("bench", "live-1", Environment::Simulated);
    let held = Instance {
        card,
        mark: mark(3, "ops-1", bench.now),
    };
    bench.state.access.instances.insert(name("live-1"), held);
    let gone = Revoked {
        reason: Some(Reason::Lost),
        distrust_from: None,
        mark: mark(4, "risk-1", bench.now),
    };
    let revoked = &mut bench.state.access.revoked;
    revoked.insert(fingerprint("risk-9"), vec![gone]);
    let check = |of: &str| {
        let enrolment = Enrolment {
            person: person("eve"),
            role: Role::Risk,
            public_key: public(&key(of)),
            verified_by: "passport".into(),
            until: None,
        };
        check_new_key(&bench.state, &enrolment)
    };
    assert_eq!(check("eve"), Ok(()));
    assert_eq!(check("risk-9"), Err("the key was revoked".to_owned()));
    let instance = Err("the key is an instance's".to_owned());
    assert_eq!(check("live-1"), instance);
}

#[test]
fn who_has_one_key_that_counts_can_sign() {
    let mut bench = bare();
    let mut holds = |who: &str, keys: &[&str]| {
        let held = Person {
            roles: [Role::Risk].into(),
            until: Default::default(),
            ended: Default::default(),
            keys: keys.iter().map(|of| fingerprint(of)).collect(),
            touched: 1,
        };
        bench.state.persons.insert(person(who), held);
    };
    holds("one", &["lost"]);
    holds("two", &["lost", "kept"]);
    holds("none", &[]);
    let gone = Revoked {
        reason: Some(Reason::Lost),
        distrust_from: None,
        mark: mark(4, "risk-1", bench.now),
    };
    bench
        .state
        .access
        .revoked
        .insert(fingerprint("lost"), vec![gone]);
    let can = |who: &str| can_sign(&bench.state, &person(who));
    let all = ["one", "two", "none", "nobody"].map(can);
    assert_eq!(all, [false, true, false, false]);
}

#[test]
fn everybody_who_signed_an_act_is_remembered_at_its_position() {
    let mut bench = bare();
    let mut access = Access::default();
    let act = halt(scope("p"), false);
    let alone = bench.signed(act.clone(), "risk-1", "risk");
    access.note(&alone, 5);
    assert!(access.cosigned.is_empty());
    let both = bench.together(act, &[("risk-1", "risk"), ("ops-1", "ops")]);
    access.note(&both, 6);
    assert_eq!(access.cosigned, [(6, vec![fingerprint("ops-1")])].into());
}

#[test]
fn who_signs_for_root_is_root_by_name_and_by_role() {
    let mut bench = bare();
    let act = roots(&["root-1", "root-2", "root-4"], 2);
    let mut told = |first: (&str, &str), second: (&str, &str)| {
        let (one, two) = (key("root-1"), key("root-2"));
        let mut statement: Statement = bench.statement(act.clone(), first.0, first.1, &one);
        statement.cosigners.push(Signer {
            person: person(second.0),
            role: second.1.into(),
            key: fingerprint("root-2"),
        });
        let asked = bench.asks(&sign(&statement, &[&one, &two]));
        asked.err().map(|refusal| refusal.slug())
    };
    let root = ("root", "root");
    assert_eq!(told(root, root), None);
    for other in [("root", "risk"), ("risk-1", "root"), ("risk-1", "risk")] {
        assert_eq!(told(other, root), Some("root-threshold"), "{other:?}");
        assert_eq!(told(root, other), Some("root-threshold"), "{other:?}");
    }
}

#[test]
fn a_threshold_of_zero_is_reached_by_nobody() {
    let suffice = |threshold: u32, have: usize| {
        let roots = Roots {
            threshold,
            ..Roots::default()
        };
        roots.suffice(have)
    };
    assert!(!suffice(0, 0) && !suffice(0, 3));
    assert!(!suffice(2, 1) && suffice(2, 2) && suffice(2, 3));
}

#[test]
fn few_roots_are_for_sandboxes_and_for_small_teams() {
    let sets = [
        roots(&["root-1", "root-2"], 2),
        roots(&["root-1", "root-2", "root-4"], 1),
        roots(&["root-1", "root-2", "root-4"], 2),
    ];
    let no = Some("root-set-refused");
    for (sandbox, small_team, wanted) in [
        (true, false, [None; 3]),
        (false, true, [None; 3]),
        (true, true, [None; 3]),
        (false, false, [no, no, None]),
    ] {
        let mut bench = Bench::founded(
            |genesis| (genesis.sandbox, genesis.small_team) = (sandbox, small_team),
            embedded_files(),
        );
        let told = sets.clone().map(|act| {
            let signed = by_roots(&mut bench, act, &["root-1", "root-2"]);
            bench.asks(&signed).err().map(|refusal| refusal.slug())
        });
        assert_eq!(told, wanted, "sandbox {sandbox}, small team {small_team}");
    }
}

#[test]
fn a_rotation_is_about_the_person_whose_key_signs_and_nobody_else() {
    let mut bench = bare();
    bench.enrol("risk-1", Role::Risk);
    bench.enrol("risk-2", Role::Risk);
    let mut told = |first: &str, second: &str, whose: &str| {
        let act = Act::KeyRotation(KeyRotation {
            person: person(whose),
            old: fingerprint("risk-1"),
            new: public(&key("new")),
        });
        let (old, new) = (key("risk-1"), key("new"));
        let mut statement = bench.statement(act, first, "risk", &old);
        statement.cosigners.push(Signer {
            person: person(second),
            role: "risk".into(),
            key: fingerprint("new"),
        });
        let asked = bench.asks(&sign(&statement, &[&old, &new]));
        asked.err().map(|refusal| refusal.slug())
    };
    let (own, other) = ("risk-1", "risk-2");
    assert_eq!(told(own, own, own), None);
    for (first, second, whose) in [(own, own, other), (other, own, own), (own, other, own)] {
        let wrong = told(first, second, whose);
        assert_eq!(wrong, Some("wrong-person"), "{first} {second} {whose}");
    }
}

#[test]
fn a_voiding_names_one_entry_at_least_and_each_once() {
    let mut bench = bare();
    let place = |seq: u64| Place {
        seq,
        leaf: digest(&format!("entry {seq}")),
    };
    for seq in [3, 4] {
        bench.state.findings.push(NoEffect {
            seq,
            leaf: place(seq).leaf,
            code: "bad-signature",
            message: String::new(),
        });
    }
    let mut told = |entries: Vec<Place>| {
        let reason = "written with a stolen log key".to_owned();
        let act = Act::Void(Void { entries, reason });
        let signed = by_roots(&mut bench, act, &["root-1", "root-2"]);
        bench.asks(&signed).err().map(|refusal| refusal.slug())
    };
    assert_eq!(told(vec![place(3)]), None);
    assert_eq!(told(vec![place(4), place(3)]), None);
    for entries in [vec![], vec![place(3), place(3)], vec![place(5)]] {
        assert_eq!(told(entries), Some("void-refused"));
    }
}
