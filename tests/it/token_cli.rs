//! Keys, instances and tokens through the commands: exit codes, JSON, refusals.

use promote::app::access::seen;
use promote::app::exit::Exit;
use promote::app::gate::desk::{Desk, When};
use promote::app::runtime::block_on;
use promote::governance::token::trust::{Trust, TrustFile};
use promote::kernel::digest::Digest;
use promote::kernel::time::UtcTime;
use serde_json::Value;

use crate::bundles::{Quality, write};
use crate::harness::{Answer, World};
use crate::schemas::fits;

/// A world with a seeded sandbox in `w`, after the last bar of the bundles.
fn world() -> World {
    let mut world = World::new();
    let now = "2025-12-10T08:00:00Z";
    let words = ["init", "w", "--sandbox", "--seed", "7", "--now", now];
    world.run(&words).expect(Exit::Done);
    world
}

fn run(world: &mut World, line: &str) -> Answer {
    let words: Vec<&str> = ["--root", "w"]
        .into_iter()
        .chain(line.split_whitespace())
        .collect();
    world.run(&words)
}

/// A failure as JSON: its slug.
fn slug(answer: &Answer) -> String {
    let object: Value = serde_json::from_str(answer.err.lines().last().unwrap()).unwrap();
    object["slug"].as_str().unwrap().to_owned()
}

const BOTH: &str = "--key w/keys/risk-1 --key w/keys/ops-1";

fn with_instance(world: &mut World, name: &str) {
    run(world, &format!("instance init {name}")).expect(Exit::Done);
    let line = format!("instance enrol --card w/keys/instance-{name}.card {BOTH}");
    run(world, &line).expect(Exit::Done);
}

#[test]
fn an_instance_is_made_on_its_host_and_let_in() {
    let mut world = world();
    let made = run(&mut world, "instance init live-1 --json").expect(Exit::Done);
    fits("instance.v1.json", &made.json());
    assert_eq!(made.json()["card"]["host"], "trading-1.example");
    assert_eq!(made.json()["card"]["environment"], "simulated");
    let build = Digest::of(b"promote").to_string();
    assert_eq!(made.json()["card"]["builds"][0], build);
    // Its key is never overwritten.
    run(&mut world, "instance init live-1").expect(Exit::Invalid);
    run(&mut world, "instance init x --host ../x").expect(Exit::Usage);
    let enrol = "instance enrol --card w/keys/instance-live-1.card";
    run(&mut world, &format!("{enrol} --key w/keys/risk-1")).expect(Exit::NotAuthorised);
    let two = format!("{enrol} --key w/keys/risk-1 --key w/keys/risk-2");
    run(&mut world, &two).expect(Exit::NotAuthorised);
    // Another word in the card is not what its key signed.
    let card = std::fs::read_to_string(world.at("w/keys/instance-live-1.card")).unwrap();
    world.write("other.card", card.replace("trading-1", "trading-2"));
    let line = format!("instance enrol --card other.card {BOTH} --json");
    assert_eq!(
        slug(&run(&mut world, &line).expect(Exit::Integrity)),
        "instance.possession"
    );
    let done = run(&mut world, &format!("{enrol} {BOTH} --json")).expect(Exit::Done);
    fits("access.v1.json", &done.json());
    assert_eq!(done.json()["act"], "instance-enrolment");
    let list = run(&mut world, "instance list --json").expect(Exit::Done);
    fits("instances.v1.json", &list.json());
    assert_eq!(list.json()["instances"][0]["instance"], "live-1");
    let text = run(&mut world, "instance list").expect(Exit::Done).out;
    assert!(
        text.contains("live-1") && text.contains("simulated"),
        "{text}"
    );
    run(&mut world, "ledger verify").expect(Exit::Done);
}

#[test]
fn keys_are_rotated_and_revoked() {
    let mut world = world();
    with_instance(&mut world, "live-1");
    run(&mut world, "key generate --out new").expect(Exit::Done);
    run(&mut world, "key rotate --key w/keys/risk-1").expect(Exit::Usage);
    let rotated = run(
        &mut world,
        "key rotate --key w/keys/risk-1 --key new --json",
    );
    fits("access.v1.json", &rotated.expect(Exit::Done).json());
    let revoke = "key revoke research-2";
    let line = format!("{revoke} --key w/keys/research-1");
    run(&mut world, &line).expect(Exit::NotAuthorised);
    let line = format!("{revoke} --reason left --key new --key w/keys/ops-1");
    run(&mut world, &line).expect(Exit::Done);
    // The old key is nobody's any more.
    let line = format!("{revoke} --reason compromised {BOTH} --json");
    let refused = run(&mut world, &line).expect(Exit::NotAuthorised);
    assert_eq!(slug(&refused), "key-revoked");
    run(&mut world, "key revoke nobody --key w/keys/ops-1").expect(Exit::Usage);
    run(
        &mut world,
        "key revoke live-1 --reason bad --key w/keys/ops-1",
    )
    .expect(Exit::Usage);
    // By the root threshold, by too few of them, by the instance itself.
    let roots = "--key w/keys/root-1 --key w/keys/root-3";
    let line = "key revoke ops-2 --key w/keys/root-1";
    run(&mut world, line).expect(Exit::NotAuthorised);
    run(&mut world, &format!("key revoke ops-2 {roots}")).expect(Exit::Done);
    let line = "key revoke live-1 --reason lost --key w/keys/instance-live-1";
    run(&mut world, line).expect(Exit::Done);
    let keys = run(&mut world, "key list --json").expect(Exit::Done).json();
    fits("keys.v1.json", &keys);
    let revoked = |person: &str| {
        let persons = keys["persons"].as_array().unwrap();
        let held = persons.iter().filter(|p| p["person"] == person);
        held.map(|p| !p["revoked"].is_null()).collect::<Vec<_>>()
    };
    assert_eq!(revoked("risk-1"), [true, false]);
    assert_eq!(revoked("research-2"), [true]);
    assert_eq!(revoked("ops-2"), [true]);
    assert_eq!(revoked("ops-1"), [false]);
    let list = run(&mut world, "instance list").expect(Exit::Done).out;
    assert!(list.contains("revoked by"), "{list}");
    assert!(list.contains("entry 14"), "{list}");
    run(&mut world, "ledger verify").expect(Exit::Done);
}

#[test]
fn distrust_lowers_a_portfolio_and_says_so() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    let line = format!(
        "request rsi --target shadow --evidence {dir} --summary ok --key w/keys/research-1"
    );
    run(&mut world, &line).expect(Exit::Pending);
    let approved = run(
        &mut world,
        "approve rsi-0001 --role risk --key w/keys/risk-1 --json",
    );
    let seq = approved.expect(Exit::Done).json()["seq"].as_u64().unwrap();
    let by = "--key w/keys/risk-2 --key w/keys/ops-1";
    let line = format!("key revoke risk-1 --distrust-from-seq {seq} {by} --json");
    let answer = run(&mut world, &line).expect(Exit::Done).json();
    assert_eq!(answer["lowered"], serde_json::json!(["rsi"]));
    let status = run(&mut world, "status rsi --json")
        .expect(Exit::Done)
        .json();
    assert_eq!(status["portfolios"][0]["stage"], "RESEARCH");
    run(&mut world, "ledger verify").expect(Exit::Done);
}

#[test]
fn a_token_wants_confirmation_and_a_portfolio_in_live() {
    let mut world = world();
    with_instance(&mut world, "live-1");
    let issue = "token issue rsi --key w/keys/ops-1 --json";
    let answer = run(&mut world, issue).expect(Exit::Usage);
    assert_eq!(slug(&answer), "confirmation.missing");
    let answer = run(&mut world, &format!("{issue} --confirm other")).expect(Exit::Usage);
    assert_eq!(slug(&answer), "confirmation.other");
    let answer = run(&mut world, &format!("{issue} --confirm rsi")).expect(Exit::Pending);
    assert_eq!(slug(&answer), "pending");
    let object: Value = serde_json::from_str(answer.err.lines().last().unwrap()).unwrap();
    fits("error.v1.json", &object);
    assert_eq!(object["missing"][0]["code"], "stage");
    assert_eq!(object["missing"][0]["command"], "promote status rsi");
    assert!(!answer.out.contains("v4.public"), "{}", answer.out);
    run(&mut world, &format!("{issue} --confirm rsi --ttl 61")).expect(Exit::Usage);
    // Typed at a terminal, and not typed there.
    world.terminal = true;
    let here = world.path().to_owned();
    let words: Vec<&str> = "--root w token issue rsi --key w/keys/ops-1"
        .split(' ')
        .collect();
    let text = world
        .run_in(&here, &words, "rsi\n")
        .expect(Exit::Pending)
        .err;
    let lines = "missing: `rsi` is in RESEARCH: live sessions are for LIVE only\n  next: promote --root w status rsi\n";
    assert!(text.contains(lines), "{text}");
    world.run_in(&here, &words, "yes\n").expect(Exit::Usage);
    world.run_in(&here, &words, "").expect(Exit::Usage);
    let list = run(&mut world, "token list --json")
        .expect(Exit::Done)
        .json();
    fits("tokens.v1.json", &list);
    assert_eq!(list["tokens"], serde_json::json!([]));
    let answer = run(&mut world, "token inspect 00 --json").expect(Exit::Integrity);
    assert_eq!(slug(&answer), "token-unknown");
    let answer = run(&mut world, "token revoke 00 --key w/keys/risk-1 --json");
    assert_eq!(slug(&answer.expect(Exit::Integrity)), "token-unknown");
}

#[test]
fn a_constant_opens_no_session() {
    let mut world = world();
    let start = "live start --config w/config/config.toml --json";
    run(&mut world, start).expect(Exit::Usage);
    for token in ["I_KNOW_WHAT_I_AM_DOING", "v4.public.AAAA", "x"] {
        let line = format!("{start} --confirm-token {token}");
        let answer = run(&mut world, &line).expect(Exit::Integrity);
        assert_eq!(slug(&answer), "token-malformed");
    }
    world.write("token", "I_KNOW_WHAT_I_AM_DOING\n");
    let answer = run(&mut world, &format!("{start} --confirm-token-file token"));
    assert_eq!(slug(&answer.expect(Exit::Integrity)), "token-malformed");
    run(&mut world, &format!("{start} --confirm-token-file none")).expect(Exit::Invalid);
    // A host that trusts another ledger does not look at the token.
    world.machine.trust = Trust::Named(Box::new(TrustFile {
        ledger: Digest::of(b"another"),
        witnesses: 0,
        instance: "live-1".parse().unwrap(),
        instance_key: world.at("w/keys/instance-live-1"),
        halt_directory: world.at("halt"),
        credentials: vec![],
    }));
    let answer = run(&mut world, &format!("{start} --confirm-token x"));
    assert_eq!(
        slug(&answer.expect(Exit::Integrity)),
        "token-foreign-ledger"
    );
}

#[test]
fn what_lies_in_the_halt_directory_stops_a_start() {
    let mut world = world();
    let start = "live start --confirm-token x --json";
    let answer = run(&mut world, start).expect(Exit::Integrity);
    assert_eq!(slug(&answer), "token-malformed");
    // Nobody knows what it says, so nobody starts.
    world.write("w/ledger/halt/halt-1.json", "{");
    let answer = run(&mut world, start).expect(Exit::Halted);
    assert_eq!(slug(&answer), "token-halted");
    // The host's own directory counts where a trust file names one.
    let status = run(&mut world, "status --json").expect(Exit::Done).json();
    let fingerprint = status["fingerprint"].as_str().map(str::to_owned);
    let ledger = fingerprint.unwrap_or_else(|| {
        let seen = block_on(Desk::read(&world.at("w/ledger/ledger.db"), when())).unwrap();
        seen.state.fingerprint.to_string()
    });
    world.machine.trust = Trust::Named(Box::new(TrustFile {
        ledger: ledger.parse().unwrap(),
        witnesses: 0,
        instance: "live-1".parse().unwrap(),
        instance_key: world.at("w/keys/instance-live-1"),
        halt_directory: world.at("elsewhere"),
        credentials: vec![],
    }));
    let answer = run(&mut world, start).expect(Exit::Integrity);
    assert_eq!(slug(&answer), "token-malformed");
    let halt = "halt --portfolio rsi --reason loss --key w/keys/ops-1";
    run(&mut world, halt).expect(Exit::Done);
    assert_eq!(std::fs::read_dir(world.at("elsewhere")).unwrap().count(), 1);
    // It is in the ledger, so the ledger decides about it.
    let answer = run(&mut world, start).expect(Exit::Integrity);
    assert_eq!(slug(&answer), "token-malformed");
}

fn when() -> When {
    When {
        clock: UtcTime::EPOCH,
        chosen: None,
        halts: None,
    }
}

#[test]
fn an_instance_refuses_a_ledger_that_was_put_back() {
    let mut world = world();
    let (now, old) = (world.at("w/ledger/ledger.db"), world.at("old.db"));
    std::fs::copy(&now, &old).unwrap();
    with_instance(&mut world, "live-1");
    let key = world.at("w/keys/instance-live-1");
    let read = |path: &std::path::Path| block_on(Desk::read(path, when())).unwrap();
    // Before it acted it has seen nothing.
    seen::check(&key, &read(&old)).unwrap();
    seen::note(&key, &read(&now)).unwrap();
    seen::check(&key, &read(&now)).unwrap();
    let refused = seen::check(&key, &read(&old)).unwrap_err();
    assert_eq!(
        (refused.exit, refused.slug),
        (Exit::Integrity, "ledger.rolled-back")
    );
    with_instance(&mut world, "live-2");
    seen::check(&key, &read(&now)).unwrap();
    world.write("w/keys/instance-live-1.seen", "{}");
    assert_eq!(
        seen::check(&key, &read(&now)).unwrap_err().exit,
        Exit::Integrity
    );
}
