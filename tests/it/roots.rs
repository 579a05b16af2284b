//! What only the root threshold may do: change the root keys, set entries without effect aside,
//! and give a role that ends by itself.

use ed25519_dalek::SigningKey;
use promote::app::exit::Exit;
use promote::governance::policy::roles::Role;
use promote::governance::promotion::access::acts::{Place, RootChange, Void};
use promote::governance::promotion::event::Signed;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::state::Status;
use promote::governance::promotion::statement::{Act, Enrolment};
use promote::governance::stage::Stage;
use promote::kernel::id::PersonId;
use promote::kernel::time::UtcTime;

use crate::harness::World;
use crate::machine::{Bench, good, key, public, sign, slug};
use crate::schemas::fits;

pub fn roots(names: &[&str], threshold: u32) -> Act {
    Act::RootChange(RootChange {
        roots: names.iter().map(|name| public(&key(name))).collect(),
        threshold,
        reason: "root-3 has left".into(),
    })
}

/// `act` in the name of `root`, by these keys.
pub fn by_roots(bench: &mut Bench, act: Act, names: &[&str]) -> Signed {
    let keys: Vec<SigningKey> = names.iter().map(|name| key(name)).collect();
    let mut statement = bench.statement(act, "root", "root", &keys[0]);
    for key in keys.iter().skip(1) {
        let mut signer = statement.signer.clone();
        signer.key = public(key).fingerprint();
        statement.cosigners.push(signer);
    }
    sign(&statement, &keys.iter().collect::<Vec<_>>())
}

fn submit(bench: &mut Bench, act: Act, names: &[&str]) -> Result<(), Refusal> {
    let signed = by_roots(bench, act, names);
    bench.submit(signed)
}

fn enrolment(person: &str, role: Role, until: Option<UtcTime>) -> Act {
    Act::Enrolment(Enrolment {
        person: PersonId::new(person).unwrap(),
        role,
        public_key: public(&key(person)),
        verified_by: "passport".into(),
        until,
    })
}

fn enrol(bench: &mut Bench, act: Act, roots: [&str; 2], person: &str) -> Result<(), Refusal> {
    let statement = bench.statement(act, "root", "root", &key(roots[0]));
    let keys = [key(roots[0]), key(roots[1]), key(person)];
    bench.submit(sign(&statement, &keys.iter().collect::<Vec<_>>()))
}

/// A real ledger: no sandbox, three roots, two of them sign.
fn real() -> Bench {
    Bench::with(
        |genesis| genesis.sandbox = false,
        promote::governance::policy::set::embedded_files(),
    )
}

const NEW: [&str; 3] = ["root-1", "root-2", "root-4"];

#[test]
fn roots_change_by_both_thresholds_and_the_old_ones_are_nobody() {
    for (what, signers) in [
        ("one of the old", &["root-1", "root-4"][..]),
        ("none of the new", &["root-3"]),
        ("a stranger", &["root-1", "root-2", "eve"]),
        ("a role key", &["root-1", "root-2", "risk-1"]),
    ] {
        let mut bench = real();
        let act = roots(&["root-4", "root-5", "root-1"], 2);
        let refused = slug(submit(&mut bench, act, signers));
        assert!(
            ["root-threshold", "unknown-key"].contains(&refused),
            "{what}: {refused}"
        );
    }
    let mut bench = real();
    submit(&mut bench, roots(&NEW, 2), &["root-1", "root-2"]).unwrap();
    let now = &bench.state.access.roots;
    assert_eq!((now.keys.len(), now.threshold), (3, 2));
    // The key that left signs nothing for root, the one that came does.
    let newcomer = |bench: &mut Bench, roots| {
        let act = enrolment("eve", Role::Risk, None);
        enrol(bench, act, roots, "eve")
    };
    assert_eq!(
        slug(newcomer(&mut bench, ["root-1", "root-3"])),
        "enrolment-refused"
    );
    newcomer(&mut bench, ["root-1", "root-4"]).unwrap();
    // And it is nobody's role key, ever.
    let act = enrolment("root-3", Role::Ops, None);
    let refused = slug(enrol(&mut bench, act, ["root-1", "root-4"], "root-3"));
    assert_eq!(refused, "enrolment-refused");
    // It may come back, when both thresholds say so.
    submit(
        &mut bench,
        roots(&["root-1", "root-2", "root-3"], 2),
        &["root-1", "root-2"],
    )
    .unwrap();
}

#[test]
fn a_whole_new_set_proves_that_it_holds_its_keys() {
    let fresh = ["new-1", "new-2", "new-3", "new-4"];
    let mut bench = real();
    let signers = ["root-1", "root-3", "new-1", "new-2"];
    assert_eq!(
        slug(submit(&mut bench, roots(&fresh, 3), &signers)),
        "root-threshold"
    );
    let signers = ["root-1", "root-3", "new-1", "new-2", "new-4"];
    submit(&mut bench, roots(&fresh, 3), &signers).unwrap();
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn sets_that_cannot_be_roots_are_refused() {
    for (what, names, threshold, signers) in [
        (
            "too few",
            &["root-1", "root-2"][..],
            2,
            &["root-1", "root-2"][..],
        ),
        ("one signs alone", &NEW, 1, &["root-1", "root-2"]),
        (
            "twice",
            &["root-1", "root-2", "root-2"],
            2,
            &["root-1", "root-2"],
        ),
        (
            "a role key",
            &["root-1", "root-2", "risk-1"],
            2,
            &["root-1", "root-2"],
        ),
        (
            "a machine key",
            &["root-1", "root-2", "engine"],
            2,
            &["root-1", "root-2"],
        ),
        (
            "the same",
            &["root-3", "root-2", "root-1"],
            2,
            &["root-1", "root-2"],
        ),
    ] {
        let mut bench = real();
        let refused = slug(submit(&mut bench, roots(names, threshold), signers));
        assert_eq!(refused, "root-set-refused", "{what}");
    }
    // A threshold of zero or beyond the set is no threshold: nobody reaches it.
    for threshold in [0, 4] {
        let mut bench = real();
        let refused = slug(submit(&mut bench, roots(&NEW, threshold), &NEW[..2]));
        assert_eq!(refused, "root-threshold", "{threshold}");
    }
}

#[test]
fn entries_without_effect_are_set_aside_by_root_and_nothing_else_is() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    // Somebody with the log key writes an approval that the rules refuse.
    let forged = bench.approval(&id);
    let forged = bench.signed(Act::Approval(Box::new(forged)), "research-1", "risk");
    assert!(!bench.append(&forged));
    let found = bench.state.findings[0].clone();
    assert_eq!(
        slug(bench.approve(&id, "risk-1", "risk")),
        "ledger-findings"
    );
    let void = |seq, leaf| {
        Act::Void(Void {
            entries: vec![Place { seq, leaf }],
            reason: "written with a stolen log key".into(),
        })
    };
    let right = void(found.seq, found.leaf);
    let one_root = submit(&mut bench, right.clone(), &["root-1"]);
    assert_eq!(slug(one_root), "root-threshold");
    let both = ["root-1", "root-2"];
    let other_leaf = void(found.seq, bench.entries[1].leaf_hash);
    assert_eq!(slug(submit(&mut bench, other_leaf, &both)), "void-refused");
    let in_effect = void(1, bench.entries[1].leaf_hash);
    assert_eq!(slug(submit(&mut bench, in_effect, &both)), "void-refused");
    submit(&mut bench, right.clone(), &both).unwrap();
    assert_eq!(
        (bench.state.findings.len(), bench.state.voided.len()),
        (0, 1)
    );
    // What was void stays without effect: the slot is still open, and now it can be filled.
    assert_eq!(bench.status(&id), Status::AwaitingApproval);
    bench.approve(&id, "risk-1", "risk").unwrap();
    assert_eq!(slug(submit(&mut bench, right, &both)), "void-refused");
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn a_role_ends_by_itself_and_takes_its_open_slots_along() {
    let mut bench = Bench::new();
    let until = bench.now.plus_days(3);
    let act = enrolment("risk-9", Role::Risk, Some(until));
    enrol(&mut bench, act, ["root-1", "root-2"], "risk-9").unwrap();
    let id = bench.judged("p", "s1", good());
    let approval = bench.approval(&id);
    let mut early = bench.clone();
    early.approve(&id, "risk-9", "risk").unwrap();
    assert_eq!(early.status(&id), Status::Approved);
    // Three days later the slot is open again, although the approval would live for 14 days.
    early.days(3);
    assert_eq!(slug(early.decide(&id)), "pending");
    assert_eq!(early.stage("p"), Stage::Research);
    // And the person signs nothing any more in that role.
    bench.days(3);
    let late = bench.signed(Act::Approval(Box::new(approval)), "risk-9", "risk");
    assert_eq!(slug(bench.submit(late)), "role-ended");
    // A later enrolment gives it again; one that ends before now gives nothing.
    let again = |bench: &Bench, days| Some(bench.now.plus_days(days));
    let act = enrolment("risk-9", Role::Risk, again(&bench, 0));
    let refused = slug(enrol(&mut bench, act, ["root-1", "root-2"], "risk-9"));
    assert_eq!(refused, "enrolment-refused");
    let act = enrolment("risk-9", Role::Risk, again(&bench, 30));
    enrol(&mut bench, act, ["root-1", "root-2"], "risk-9").unwrap();
    bench.approve(&id, "risk-9", "risk").unwrap();
    bench.decide(&id).unwrap();
    assert_eq!(bench.stage("p"), Stage::Shadow);
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn root_keys_are_changed_from_the_command_line() {
    let mut world = World::new();
    let args = ["init", "w", "--sandbox", "--seed", "7"];
    world.run(&args).expect(Exit::Done);
    world
        .run(&["key", "generate", "--out", "root-4"])
        .expect(Exit::Done);
    let change = [
        "--root",
        "w",
        "key",
        "roots",
        "--root-key",
        "w/keys/root-1.pub",
        "--root-key",
        "w/keys/root-2.pub",
        "--root-key",
        "root-4.pub",
        "--root-threshold",
        "2",
        "--reason",
        "root-3 has left",
    ];
    let with =
        |more: &[&'static str]| -> Vec<&str> { change.iter().chain(more).copied().collect() };
    world
        .run(&with(&["--key", "w/keys/root-1"]))
        .expect(Exit::NotAuthorised);
    // One root writes the statement out, the other signs the same bytes here.
    let out = [
        "--key",
        "w/keys/root-1.pub",
        "--key",
        "w/keys/root-2.pub",
        "--statement-out",
        "change",
    ];
    world.run(&with(&out)).expect(Exit::Pending);
    let keys = ["--key", "w/keys/root-1", "--key", "w/keys/root-2", "--json"];
    let done = world.run(&with(&keys)).expect(Exit::Done).json();
    fits("access.v1.json", &done);
    assert_eq!(done["act"], "root-change");
    let listed = world
        .run(&["--root", "w", "key", "list", "--json"])
        .expect(Exit::Done)
        .json();
    let mine = std::fs::read_to_string(world.at("root-4.pub")).unwrap();
    let mine = mine.split(' ').nth(1).unwrap().to_owned();
    assert!(listed["roots"].to_string().contains(&mine), "{listed}");
    let enrol = [
        "--root",
        "w",
        "key",
        "enrol",
        "--person",
        "eve",
        "--role",
        "risk",
        "--until",
        "2027-01-01T00:00:00.000Z",
        "--public-key",
        "eve.pub",
        "--verified-by",
        "passport",
        "--possession",
        "eve",
        "--key",
        "w/keys/root-1",
        "--key",
    ];
    world
        .run(&["key", "generate", "--out", "eve"])
        .expect(Exit::Done);
    let with = |root: &'static str| -> Vec<&str> { enrol.iter().copied().chain([root]).collect() };
    world
        .run(&with("w/keys/root-3"))
        .expect(Exit::NotAuthorised);
    let told = world.run(&with("root-4")).expect(Exit::Done).out;
    assert!(told.contains("until 2027-01-01"), "{told}");
    let verified = world
        .run(&["--root", "w", "ledger", "verify", "--json"])
        .expect(Exit::Done)
        .json();
    fits("ledger-verification.v1.json", &verified);
    // Nothing is without effect, so nothing can be set aside.
    let void = [
        "--root",
        "w",
        "ledger",
        "void",
        "3",
        "--reason",
        "x",
        "--key",
        "w/keys/root-1",
        "--key",
        "root-4",
    ];
    let refused = world.run(&void).expect(Exit::Usage);
    assert!(
        refused.err.contains("none without effect"),
        "{}",
        refused.err
    );
}
