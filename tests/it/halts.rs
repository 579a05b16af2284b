//! What lowers risk and what brings a portfolio back, through the commands in a seeded sandbox.

use ed25519_dalek::SigningKey;
use promote::app::exit::Exit;
use promote::governance::audit::entry::Head;
use promote::governance::promotion::safety::halt::HaltScope;
use promote::governance::promotion::statement::{Signer, Statement};
use promote::governance::token::trust::{Trust, TrustFile};
use promote::kernel::canonical;
use promote::kernel::digest::Digest;
use promote::kernel::id::PersonId;
use promote::kernel::time::UtcTime;
use serde_json::Value;

use crate::bundles::{Quality, write, write_again};
use crate::harness::{Answer, World};
use crate::schemas::fits;

/// A seeded sandbox in `w`, after the last bar of the bundles.
fn world() -> World {
    let mut world = World::new();
    world
        .run(&[
            "init",
            "w",
            "--sandbox",
            "--seed",
            "7",
            "--now",
            "2025-12-10T08:00:00Z",
        ])
        .expect(Exit::Done);
    world
}

fn run(world: &mut World, args: &[&str]) -> Answer {
    let root = ["--root", "w"].into_iter();
    world.run(&root.chain(args.iter().copied()).collect::<Vec<_>>())
}

fn key(name: &str) -> String {
    format!("w/keys/{name}")
}

fn slug(answer: &Answer) -> String {
    let object: Value = serde_json::from_str(answer.err.lines().last().unwrap()).unwrap();
    object["slug"].as_str().unwrap().to_owned()
}

fn ask(world: &mut World, portfolio: &str, dir: &str, more: &[&str]) -> Answer {
    let key = key("research-1");
    let mut args = vec![
        "request",
        portfolio,
        "--target",
        "shadow",
        "--evidence",
        dir,
        "--summary",
        "stable",
        "--key",
        &key,
    ];
    args.extend(more);
    run(world, &args)
}

fn approve(world: &mut World, id: &str) -> Answer {
    let key = key("risk-1");
    run(
        world,
        &["approve", id, "--role", "risk", "--key", &key, "--json"],
    )
}

/// A portfolio in SHADOW, and the evidence for it.
fn shadow(world: &mut World, portfolio: &str) -> String {
    let dir = write(world, portfolio, portfolio, Quality::Good);
    ask(world, portfolio, &dir, &[]).expect(Exit::Pending);
    approve(world, &format!("{portfolio}-0001")).expect(Exit::Done);
    dir
}

fn status(world: &mut World, portfolio: &str, more: &[&str]) -> Value {
    let args: Vec<&str> = ["status", portfolio, "--json"]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    run(world, &args).expect(Exit::Done).json()["portfolios"][0].clone()
}

fn size(world: &mut World) -> u64 {
    let json = run(world, &["status", "--json"]).expect(Exit::Done).json();
    json["head"]["size"].as_u64().unwrap()
}

fn halt(world: &mut World, scope: &[&str], who: &str, more: &[&str]) -> Answer {
    let key = key(who);
    let mut args = vec!["halt"];
    args.extend(scope);
    args.extend(["--reason", "drawdown", "--key", &key, "--json"]);
    args.extend(more);
    run(world, &args)
}

fn resume(world: &mut World, seq: &str, who: &[&str], more: &[&str]) -> Answer {
    let keys: Vec<String> = who.iter().map(|name| key(name)).collect();
    let mut args = vec!["resume", "--halt", seq, "--reason", "cause found", "--json"];
    for key in &keys {
        args.extend(["--key", key]);
    }
    args.extend(more);
    run(world, &args)
}

#[test]
fn halt_and_resume_with_receipt_flags_and_refusals() {
    let mut world = world();
    shadow(&mut world, "rsi");
    let dir = write(&world, "macd", "m", Quality::Good);
    ask(&mut world, "macd", &dir, &[]).expect(Exit::Pending);
    let receipt = halt(&mut world, &["--global"], "ops-1", &[])
        .expect(Exit::Done)
        .json();
    fits("halt.v1.json", &receipt);
    assert_eq!(receipt["recorded"], true);
    assert_eq!(receipt["invalidated"], serde_json::json!(["macd-0001"]));
    assert!(receipt["note"].as_str().unwrap().contains("promote"));
    let file = receipt["file"].as_str().unwrap();
    assert!(file.contains("ledger/halt/halt-"));
    assert!(std::fs::metadata(file).unwrap().is_file());
    assert_eq!(status(&mut world, "rsi", &[])["flags"]["halted"], true);
    assert_eq!(
        status(&mut world, "macd", &[])["request_status"],
        "INVALIDATED"
    );
    let refused = ask(&mut world, "macd", &dir, &["--json"]).expect(Exit::Conflict);
    assert_eq!(slug(&refused), "halted");
    let refused = approve(&mut world, "macd-0001").expect(Exit::Conflict);
    assert_eq!(slug(&refused), "halted");
    let seq = receipt["seq"].to_string();
    let alone = resume(&mut world, &seq, &["risk-1"], &[]).expect(Exit::NotAuthorised);
    assert_eq!(slug(&alone), "signers-wanted");
    let wrong = resume(&mut world, "1", &["risk-1", "ops-1"], &[]).expect(Exit::Conflict);
    assert_eq!(slug(&wrong), "no-such-halt");
    let lifted = resume(&mut world, &seq, &["risk-1", "ops-1"], &[])
        .expect(Exit::Done)
        .json();
    fits("deed.v1.json", &lifted);
    assert_eq!(lifted["portfolios"][0]["request_status"], "INVALIDATED");
    assert_eq!(status(&mut world, "rsi", &[])["flags"]["halted"], false);
    ask(&mut world, "macd", &dir, &[]).expect(Exit::Pending);
    run(&mut world, &["ledger", "verify"]).expect(Exit::Done);
}

#[test]
fn research_does_not_halt_and_leaves_no_file() {
    let mut world = world();
    let refused = halt(&mut world, &["--global"], "research-1", &[]).expect(Exit::NotAuthorised);
    assert_eq!(slug(&refused), "act-not-for-role");
    // The refusal is an entry.
    assert_eq!(size(&mut world), 10);
    let files = std::fs::read_dir(world.at("w/ledger/halt")).unwrap();
    let halts = files.filter(|f| f.as_ref().unwrap().file_name() != "known.json");
    assert_eq!(halts.count(), 0);
}

#[test]
fn without_a_ledger_the_file_is_written_and_recorded_later() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    ask(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    let (ledger, away) = (world.at("w/ledger/ledger.db"), world.at("away.db"));
    std::fs::rename(&ledger, &away).unwrap();
    let receipt = halt(&mut world, &["--portfolio", "rsi"], "ops-1", &[]);
    let receipt = receipt.expect(Exit::Unreachable).json();
    assert_eq!(receipt["recorded"], false);
    assert!(
        std::fs::metadata(receipt["file"].as_str().unwrap())
            .unwrap()
            .is_file()
    );
    let stranger = halt(&mut world, &["--global"], "research-1", &[]).expect(Exit::NotAuthorised);
    assert_eq!(slug(&stranger), "act-not-for-role");
    std::fs::rename(&away, &ledger).unwrap();
    // The next command that writes records it before anything else.
    let refused = approve(&mut world, "rsi-0001").expect(Exit::Conflict);
    assert_eq!(slug(&refused), "halted");
    assert_eq!(
        status(&mut world, "rsi", &[])["request_status"],
        "INVALIDATED"
    );
    // Once: the file stays, the ledger takes it no second time.
    let before = size(&mut world);
    let flushed = run(&mut world, &["halt", "--flush", "--json"])
        .expect(Exit::Done)
        .json();
    fits("halt-flush.v1.json", &flushed);
    assert_eq!(flushed["files"], serde_json::json!([]));
    assert_eq!(size(&mut world), before);
    run(&mut world, &["ledger", "verify"]).expect(Exit::Done);
}

#[test]
fn a_broken_ledger_still_halts_and_garbage_in_the_directory_halts_nobody() {
    let mut world = world();
    shadow(&mut world, "rsi");
    let ledger = world.at("w/ledger/ledger.db");
    let good = std::fs::read(&ledger).unwrap();
    std::fs::write(&ledger, b"not a database").unwrap();
    let receipt = halt(&mut world, &["--global"], "risk-1", &[])
        .expect(Exit::Unreachable)
        .json();
    assert_eq!(receipt["recorded"], false);
    std::fs::write(&ledger, good).unwrap();
    world.write("w/ledger/halt/halt-x.json", "{}");
    let file = receipt["file"].as_str().unwrap();
    let forged = std::fs::read_to_string(file)
        .unwrap()
        .replace("drawdown", "whatever");
    world.write("w/ledger/halt/halt-forged.json", forged);
    let flushed = run(&mut world, &["halt", "--flush", "--json"])
        .expect(Exit::Done)
        .json();
    let files = flushed["files"].as_array().unwrap();
    assert_eq!(files.len(), 3);
    assert_eq!(files.iter().filter(|f| f["seq"].is_u64()).count(), 1);
    assert_eq!(files.iter().filter(|f| f["refused"].is_string()).count(), 2);
    assert_eq!(status(&mut world, "rsi", &[])["flags"]["halted"], true);
    run(&mut world, &["halt", "--flush"]).expect(Exit::Done);
}

/// Halts without a ledger, so that only the file is written.
fn halt_file_only(world: &mut World) {
    let ledger = world.at("w/ledger/ledger.db");
    let good = std::fs::read(&ledger).unwrap();
    std::fs::write(&ledger, b"not a database").unwrap();
    halt(world, &["--global"], "risk-1", &[]).expect(Exit::Unreachable);
    std::fs::write(&ledger, good).unwrap();
}

#[test]
fn no_number_of_other_files_hides_a_halt() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    ask(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    for n in 0..10_300 {
        world.write(&format!("w/ledger/halt/halt-{n:064x}.json"), "{}");
    }
    world.write("w/ledger/halt/halt-large.json", "x".repeat(100_000));
    halt_file_only(&mut world);
    let flushed = run(&mut world, &["halt", "--flush", "--json"]).expect(Exit::Done);
    let files = flushed.json()["files"].as_array().unwrap().clone();
    let recorded: Vec<_> = files.iter().filter(|f| f["seq"].is_u64()).collect();
    assert_eq!(recorded.len(), 1);
    // A hundred by name, and one line for the rest.
    assert_eq!(files.len(), 1 + 100 + 1);
    assert!(
        files.iter().any(|f| f["file"] == "10201 more files"),
        "{files:?}"
    );
    approve(&mut world, "rsi-0001").expect(Exit::Conflict);
    assert_eq!(status(&mut world, "rsi", &[])["flags"]["halted"], true);
}

#[test]
fn a_halt_directory_that_cannot_be_read_keeps_nobody_from_lowering_risk() {
    let mut world = world();
    for name in ["a", "b", "c", "d"] {
        shadow(&mut world, name);
    }
    for name in ["e", "f", "g"] {
        let dir = write(&world, name, name, Quality::Good);
        ask(&mut world, name, &dir, &[]).expect(Exit::Pending);
    }
    let _absent = std::fs::remove_dir_all(world.at("w/ledger/halt"));
    world.write("w/ledger/halt", "no directory");
    let (ops, risk) = (key("ops-1"), key("risk-1"));
    let line = |world: &mut World, line: &str| {
        let line = line.replace("OPS", &ops).replace("RISK", &risk);
        let words: Vec<&str> = line.split(' ').collect();
        run(world, &words)
    };
    // Nobody knows what lies there, so nothing rises.
    let refused = approve(&mut world, "e-0001").expect(Exit::Halted);
    assert_eq!(slug(&refused), "halt.unread");
    let dir = write(&world, "h", "h", Quality::Good);
    let refused = ask(&mut world, "h", &dir, &["--json"]).expect(Exit::Halted);
    assert_eq!(slug(&refused), "halt.unread");
    for raising in [
        "incident close 1 --finding x --key RISK --json",
        "dataset register one --source x --key OPS --json",
    ] {
        let answer = line(&mut world, raising);
        assert_ne!(answer.exit, Exit::Done, "{raising}");
    }
    for lowering in [
        "demote a --to research --reason drift --key OPS",
        "retire b --reason superseded --key RISK",
        "incident open c --class other --severity high --summary x --key OPS",
        "deny e-0001 --role risk --reason overfit --key RISK",
        "withdraw f-0001 --key w/keys/research-1",
        "unapprove g-0001 --approval a.json --reason doubts --key RISK",
        "key revoke research-2 --reason left --key RISK --key OPS",
    ] {
        if lowering.starts_with("unapprove") {
            let out = "approve g-0001 --role risk --statement-out a.json --key RISK";
            // Writing out a statement that raises risk waits too, so it is written before.
            let _waits = line(&mut world, out);
            std::fs::remove_file(world.at("w/ledger/halt")).unwrap();
            line(&mut world, out).expect(Exit::Pending);
            let _made = std::fs::remove_dir_all(world.at("w/ledger/halt"));
            world.write("w/ledger/halt", "no directory");
        }
        line(&mut world, lowering).expect(Exit::Done);
    }
    halt(&mut world, &["--portfolio", "d"], "risk-1", &[]).expect(Exit::Done);
    run(&mut world, &["ledger", "verify"]).expect(Exit::Done);
}

/// Lays a signed halt of everything into the halt directory, as somebody could who has its key.
fn lay(world: &mut World, name: &str, role: &str, change: impl FnOnce(&mut Statement)) {
    let seed = format!("promote-sandbox-key/v1\n7\n{name}");
    let key = SigningKey::from_bytes(Digest::of(seed.as_bytes()).as_bytes());
    let list = run(world, &["status", "--json"]).expect(Exit::Done).json();
    let now = UtcTime::parse_loose("2025-12-10T08:00:00Z").unwrap();
    let mut statement = Statement {
        act: crate::safety::halt(HaltScope::Global, false),
        ledger: list["ledger"].as_str().unwrap().to_owned(),
        head: Head {
            size: 1,
            root: Digest::of(b"whatever it saw"),
        },
        signer: Signer {
            person: PersonId::new(name).unwrap(),
            role: role.to_owned(),
            key: crate::machine::public(&key).fingerprint(),
        },
        cosigners: Vec::new(),
        issued_at: now,
        expires_at: now.plus_days(1),
        nonce: format!("{:032x}", 7),
    };
    change(&mut statement);
    let signed = crate::machine::sign(&statement, &[&key]);
    let file = format!("w/ledger/halt/halt-{}.json", signed.digest);
    world.write(&file, canonical::encode(&signed.body).unwrap());
}

#[test]
fn a_halt_that_is_refused_with_a_valid_signature_lets_nothing_rise() {
    let mut world = world();
    shadow(&mut world, "macd");
    let dir = write(&world, "rsi", "one", Quality::Good);
    ask(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    // Who has no key of this ledger, and who halts another one, hold nothing up.
    lay(&mut world, "nobody-1", "ops", |_| {});
    lay(&mut world, "ops-1", "ops", |s| {
        s.ledger = "promote.local/ledger/another".to_owned();
    });
    let mut free = world.copy();
    approve(&mut free, "rsi-0001").expect(Exit::Done);
    // A role that does not halt: somebody may have meant to all the same.
    lay(&mut world, "ops-1", "research", |_| {});
    let refused = approve(&mut world, "rsi-0001").expect(Exit::Halted);
    assert_eq!(slug(&refused), "halt.unread");
    assert!(refused.err.contains("role"), "{}", refused.err);
    let ops = key("ops-1");
    let down = ["demote", "macd", "--to", "research", "--reason", "drift"];
    let down: Vec<&str> = down.into_iter().chain(["--key", &ops]).collect();
    run(&mut world, &down).expect(Exit::Done);
    assert_eq!(status(&mut world, "rsi", &[])["flags"]["halted"], false);
    // The same person halts as ops: that is recorded, and holds nothing up as unread.
    let mut meant = free;
    lay(&mut meant, "ops-1", "ops", |_| {});
    let refused = approve(&mut meant, "rsi-0001").expect(Exit::Conflict);
    assert_ne!(slug(&refused), "halt.unread");
    assert_eq!(status(&mut meant, "rsi", &[])["flags"]["halted"], true);
}

#[test]
fn a_halt_in_the_directory_of_the_trust_file_comes_before_any_approval() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    ask(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    world.machine.trust = Trust::Named(Box::new(TrustFile {
        ledger: Digest::of(b"whichever"),
        witnesses: 0,
        instance: "live-1".parse().unwrap(),
        instance_key: world.at("k"),
        halt_directory: world.at("halts"),
        credentials: vec![],
    }));
    let moved = |world: &World, from: &str, to: &str| {
        for end in ["", "-wal", "-shm"] {
            let _absent = std::fs::rename(
                world.at(&format!("{from}{end}")),
                world.at(&format!("{to}{end}")),
            );
        }
    };
    moved(&world, "w/ledger/ledger.db", "away.db");
    let receipt = halt(&mut world, &["--global"], "risk-1", &[]);
    assert_eq!(receipt.expect(Exit::Unreachable).json()["recorded"], false);
    assert!(world.at("halts").read_dir().unwrap().count() > 0);
    moved(&world, "away.db", "w/ledger/ledger.db");
    approve(&mut world, "rsi-0001").expect(Exit::Conflict);
    let after = status(&mut world, "rsi", &[]);
    assert_eq!(after["flags"]["halted"], true);
    assert_eq!(after["stage"], "RESEARCH");
}

#[test]
fn a_drill_is_measured_and_stops_nothing() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    ask(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    let receipt = halt(&mut world, &["--global"], "authoriser-1", &["--drill"])
        .expect(Exit::Done)
        .json();
    assert_eq!(receipt["drill"], true);
    // The clock of the tests stands still within a command.
    assert_eq!(
        (&receipt["file_ms"], &receipt["entry_ms"]),
        (&0.into(), &0.into())
    );
    approve(&mut world, "rsi-0001").expect(Exit::Done);
    assert_eq!(status(&mut world, "rsi", &[])["stage"], "SHADOW");
    run(&mut world, &["ledger", "verify"]).expect(Exit::Done);
}

#[test]
fn a_halt_signed_elsewhere_is_written_out_and_brought_back_once() {
    let mut world = world();
    let out = ["--statement-out", "halt.json"];
    halt(&mut world, &["--global"], "ops-1", &out).expect(Exit::Pending);
    let text = std::fs::read_to_string(world.at("halt.json")).unwrap();
    assert!(text.contains("promote/halt/v1"));
    assert_eq!(size(&mut world), 9);
}

#[test]
fn unapprove_by_the_commands() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    ask(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    let risk = key("risk-1");
    let statement = [
        "approve",
        "rsi-0001",
        "--role",
        "risk",
        "--key",
        &risk,
        "--statement-out",
        "a.json",
    ];
    run(&mut world, &statement).expect(Exit::Pending);
    let take_back = |world: &mut World, more: &[&str]| {
        let mut args = vec![
            "unapprove",
            "rsi-0001",
            "--reason",
            "second thoughts",
            "--json",
        ];
        args.extend(more);
        run(world, &args)
    };
    let nothing = take_back(&mut world, &["--key", &risk]).expect(Exit::NotAuthorised);
    assert_eq!(slug(&nothing), "not-own-approval");
    take_back(&mut world, &["--key", &risk, "--approval", "a.json"]).expect(Exit::Done);
    run(&mut world, &["ledger", "verify"]).expect(Exit::Done);
}

#[test]
fn incidents_demotion_and_retirement_by_the_commands() {
    let mut world = world();
    shadow(&mut world, "rsi");
    let (ops, risk) = (key("ops-1"), key("risk-1"));
    let opened = run(
        &mut world,
        &[
            "incident",
            "open",
            "rsi",
            "--class",
            "data_gap",
            "--severity",
            "medium",
            "--summary",
            "two hours missing",
            "--key",
            &ops,
            "--json",
        ],
    )
    .expect(Exit::Done)
    .json();
    let seq = opened["seq"].to_string();
    let flags = status(&mut world, "rsi", &[])["flags"].clone();
    assert_eq!(
        (&flags["halted"], &flags["incident_open"]),
        (&true.into(), &true.into())
    );
    let refused = resume(&mut world, &seq, &["risk-1", "ops-1"], &[]).expect(Exit::Conflict);
    assert_eq!(slug(&refused), "incident-open");
    run(
        &mut world,
        &[
            "incident",
            "close",
            &seq,
            "--finding",
            "filled",
            "--key",
            &risk,
        ],
    )
    .expect(Exit::Done);
    resume(&mut world, &seq, &["risk-1", "ops-1"], &[]).expect(Exit::Done);
    let list = run(&mut world, &["incident", "list", "--json"])
        .expect(Exit::Done)
        .json();
    fits("incidents.v1.json", &list);
    assert_eq!(list["incidents"][0]["finding"], "filled");
    let text = run(&mut world, &["incident", "list", "--open"])
        .expect(Exit::Done)
        .out;
    assert_eq!(text, "no incidents\n");
    let unknown = run(
        &mut world,
        &[
            "incident",
            "open",
            "nope",
            "--class",
            "other",
            "--severity",
            "low",
            "--summary",
            "x",
            "--key",
            &ops,
            "--json",
        ],
    )
    .expect(Exit::Conflict);
    assert_eq!(slug(&unknown), "unknown-portfolio");
    let down = [
        "demote", "rsi", "--to", "research", "--reason", "drift", "--key", &ops,
    ];
    run(&mut world, &down).expect(Exit::Done);
    assert_eq!(status(&mut world, "rsi", &[])["stage"], "RESEARCH");
    let retire = [
        "retire",
        "rsi",
        "--reason",
        "superseded",
        "--key",
        &risk,
        "--json",
    ];
    let retired = run(&mut world, &retire).expect(Exit::Done).json();
    assert_eq!(retired["portfolios"][0]["stage"], "RETIRED");
    let again = run(&mut world, &retire).expect(Exit::Conflict);
    assert_eq!(slug(&again), "retired");
    run(&mut world, &["ledger", "verify"]).expect(Exit::Done);
}

#[test]
fn recertification_by_the_commands() {
    let mut world = world();
    let shown = shadow(&mut world, "rsi");
    let certify = |world: &mut World, dir: &str, who: &str, more: &[&str]| {
        let key = key(who);
        let mut args = vec![
            "recertify",
            "rsi",
            "--evidence",
            dir,
            "--summary",
            "as before",
            "--key",
            &key,
            "--json",
        ];
        args.extend(more);
        run(world, &args)
    };
    let again = certify(&mut world, &shown, "risk-1", &[]).expect(Exit::Conflict);
    assert_eq!(slug(&again), "evidence-not-fresh");
    let wrong = certify(&mut world, &shown, "ops-1", &[]).expect(Exit::NotAuthorised);
    assert_eq!(slug(&wrong), "signers-wanted");
    let due = status(&mut world, "rsi", &[])["flags"]["certificate_due"].clone();
    assert!(due.is_string());
    // Another run of the same strategy: too few trades, then good.
    let few = write(&world, "rsi", "rsi", Quality::FewTrades);
    let revise = certify(&mut world, &few, "risk-1", &[]).expect(Exit::Revise);
    assert_eq!(slug(&revise), "certificate-verdict");
    let other = write_again(&world, "rsi", "else", Quality::Good);
    let changed = certify(&mut world, &other, "risk-1", &[]).expect(Exit::Conflict);
    assert_eq!(slug(&changed), "strategy-changed");
    let fresh = write_again(&world, "rsi", "rsi", Quality::Good);
    let out = ["--statement-out", "c.json"];
    certify(&mut world, &fresh, "risk-1", &out).expect(Exit::Pending);
    let given = certify(&mut world, &fresh, "risk-1", &[])
        .expect(Exit::Done)
        .json();
    assert_eq!(given["entries"][0]["kind"], "recertification");
    run(&mut world, &["ledger", "verify"]).expect(Exit::Done);
    // Nobody shows it again: warned, overdue, fallen.
    let warned = ["--now", "2026-02-28T08:00:00Z"];
    assert_eq!(
        status(&mut world, "rsi", &warned)["flags"]["certificate_warning"],
        true
    );
    let late = ["--now", "2026-03-12T08:00:00Z"];
    assert_eq!(
        status(&mut world, "rsi", &late)["flags"]["certificate_overdue"],
        true
    );
    let fallen = ["--now", "2026-03-18T08:00:00Z"];
    assert_eq!(status(&mut world, "rsi", &fallen)["stage"], "RESEARCH");
    let unknown = [
        "recertify",
        "nope",
        "--evidence",
        "rsi",
        "--summary",
        "x",
        "--key",
    ];
    let risk = key("risk-1");
    let args: Vec<&str> = unknown
        .into_iter()
        .chain([risk.as_str(), "--json"])
        .collect();
    let answer = run(&mut world, &args).expect(Exit::Conflict);
    assert_eq!(slug(&answer), "unknown-portfolio");
}

#[test]
fn overrides_by_the_commands() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::FewTrades);
    let (one, two) = (key("risk-1"), key("risk-2"));
    let record = |world: &mut World, target: &str, criterion: &str| {
        let args = [
            "override",
            "record",
            "rsi",
            "--target",
            target,
            "--criterion",
            criterion,
            "--evidence",
            &dir,
            "--reason",
            "known",
            "--key",
            &one,
            "--key",
            &two,
            "--json",
        ];
        run(world, &args)
    };
    let hard = record(&mut world, "shadow", "sharpe_oos").expect(Exit::Conflict);
    assert_eq!(slug(&hard), "override-not-soft");
    let live = record(&mut world, "live", "psr").expect(Exit::Conflict);
    assert_eq!(slug(&live), "override-at-live");
    record(&mut world, "testnet", "psr").expect(Exit::Done);
    let list = run(&mut world, &["override", "list", "--json"])
        .expect(Exit::Done)
        .json();
    fits("overrides.v1.json", &list);
    assert_eq!(list["overrides"][0]["criterion"], "psr");
    let seq = list["overrides"][0]["seq"].to_string();
    let three = key("risk-3");
    let review = [
        "override",
        "review",
        &seq,
        "--finding",
        "fine",
        "--key",
        &three,
        "--json",
    ];
    let early = run(&mut world, &review).expect(Exit::Conflict);
    assert_eq!(slug(&early), "no-review-due");
    run(&mut world, &["override", "list"]).expect(Exit::Done);
    run(&mut world, &["ledger", "verify"]).expect(Exit::Done);
}

#[test]
fn no_rule_of_this_family_is_left_out_or_zero() {
    let mut world = World::new();
    let shipped = include_str!("../../policies/roles.toml");
    for (good, bad) in [
        ("days = 90, ", ""),
        ("days = 90, ", "days = 0, "),
        ("hours_max = 72", "hours_max = 0"),
        ("review_days = 7\n", ""),
        ("ahead_hours_max = 168", "ahead_hours = 168"),
    ] {
        assert!(shipped.contains(good), "{good}");
        world.write("roles.toml", shipped.replacen(good, bad, 1));
        let answer = world
            .run(&["policy", "lint", "roles.toml"])
            .expect(Exit::Invalid);
        assert!(answer.err.contains("roles.toml"), "{}", answer.err);
    }
}
