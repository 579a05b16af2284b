//! The way to SHADOW through the commands: exit codes, JSON, text, refusals, the decision log.

use std::collections::BTreeMap;
use std::process::Command;

use expect_test::expect_file;
use promote::adapters::ledger::{Access, Ledger};
use promote::app::exit::Exit;
use promote::governance::audit::entry::Entry;
use promote::governance::promotion::verify::{named_blobs, verify};
use promote::kernel::digest::Digest;
use serde_json::Value;

use crate::bundles::{Quality, write};
use crate::harness::{Answer, World};
use crate::schemas::fits;

/// A world with a seeded sandbox in `w`, after the last bar of the bundles.
pub fn world() -> World {
    let mut world = World::new();
    let made = world
        .run(&[
            "init",
            "w",
            "--sandbox",
            "--seed",
            "7",
            "--now",
            "2025-12-10T08:00:00Z",
            "--json",
        ])
        .expect(Exit::Done)
        .json();
    assert_eq!(made["schema"], "promote/init/v1");
    assert_eq!(made["persons"].as_array().unwrap().len(), 8);
    world
}

pub fn run(world: &mut World, args: &[&str]) -> Answer {
    let all: Vec<&str> = ["--root", "w"]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    world.run(&all)
}

pub fn request(world: &mut World, portfolio: &str, dir: &str, more: &[&str]) -> Answer {
    let mut args = vec![
        "request",
        portfolio,
        "--target",
        "shadow",
        "--evidence",
        dir,
        "--summary",
        "stable out of sample",
        "--key",
        "w/keys/research-1",
    ];
    args.extend(more);
    run(world, &args)
}

pub fn approve(world: &mut World, id: &str, role: &str, key: &str) -> Answer {
    run(
        world,
        &[
            "approve",
            id,
            "--role",
            role,
            "--key",
            &format!("w/keys/{key}"),
        ],
    )
}

fn status(world: &mut World, portfolio: &str) -> Value {
    let json = run(world, &["status", portfolio, "--json"])
        .expect(Exit::Done)
        .json();
    json["portfolios"][0].clone()
}

fn entries(world: &mut World) -> u64 {
    let json = run(world, &["status", "--json"]).expect(Exit::Done).json();
    json["head"]["size"].as_u64().unwrap()
}

/// A failure as JSON: exit code and slug.
pub fn slug(answer: &Answer) -> String {
    let object: Value = serde_json::from_str(answer.err.lines().last().unwrap()).unwrap();
    object["slug"].as_str().unwrap().to_owned()
}

/// Digests and keys differ with every edit of a policy file; the golden files show where they are.
fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() || ('a'..='f').contains(&c) {
            word.push(c);
            continue;
        }
        match word.len() {
            64 => out.push_str("DIGEST"),
            32 => out.push_str("NONCE"),
            _ => out.push_str(&word),
        }
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

#[test]
fn the_whole_way_to_shadow_as_text() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    let mut told = String::new();
    let mut tell = |command: &str, answer: Answer| {
        told.push_str(&format!("$ promote {command}\n{}", answer.out));
        if !answer.err.is_empty() {
            told.push_str(&format!("stderr:\n{}", answer.err));
        }
        told.push_str(&format!("exit {}\n\n", answer.exit.code()));
    };
    tell(
        "check rsi",
        run(
            &mut world,
            &["check", "rsi", "--target", "shadow", "--evidence", &dir],
        )
        .expect(Exit::Done),
    );
    tell(
        "request rsi",
        request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending),
    );
    tell("inbox", run(&mut world, &["inbox"]).expect(Exit::Done));
    tell(
        "approve by the requester",
        approve(&mut world, "rsi-0001", "research", "research-1").expect(Exit::NotAuthorised),
    );
    tell(
        "approve",
        approve(&mut world, "rsi-0001", "risk", "risk-1").expect(Exit::Done),
    );
    tell(
        "approve again",
        approve(&mut world, "rsi-0001", "risk", "risk-2").expect(Exit::Conflict),
    );
    tell("status", run(&mut world, &["status"]).expect(Exit::Done));
    tell(
        "show",
        run(&mut world, &["show", "rsi-0001"]).expect(Exit::Done),
    );
    tell(
        "log export",
        run(&mut world, &["log", "export"]).expect(Exit::Done),
    );
    expect_file!["../golden/gate_shadow.txt"].assert_eq(&masked(&told));
}

#[test]
fn the_whole_way_to_shadow_as_json() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    let checked = run(
        &mut world,
        &[
            "check",
            "rsi",
            "--target",
            "shadow",
            "--evidence",
            &dir,
            "--json",
        ],
    )
    .expect(Exit::Done)
    .json();
    assert_eq!(checked["schema"], "promote/verdict/v1");
    assert_eq!(checked["verdict"], "PROMOTE_TO_SHADOW");
    let before = entries(&mut world);
    assert_eq!(before, 9);
    let asked = request(&mut world, "rsi", &dir, &["--json"])
        .expect(Exit::Pending)
        .json();
    fits("request.v1.json", &asked);
    assert_eq!(asked["schema"], "promote/request/v1");
    assert_eq!(asked["request"], "rsi-0001");
    assert_eq!(asked["status"], "AWAITING_APPROVAL");
    assert_eq!(asked["verdict"], "PROMOTE_TO_SHADOW");
    assert_eq!(asked["seq"], 9);
    assert_eq!(asked["missing"][0]["code"], "approval");
    assert_eq!(asked["missing"][0]["role"], "risk");
    let record = run(&mut world, &["show", "rsi-0001", "--json"])
        .expect(Exit::Done)
        .json();
    fits("request-record.v1.json", &record);
    let agreed = &record["contract"];
    let days = |at: usize| agreed["expected"][at]["days"].as_i64().unwrap();
    assert_eq!((days(0), days(1)), (7, 14));
    let growth = &agreed["expected"][0]["figures"][0];
    assert_eq!(growth["figure"], "total_return");
    assert!(growth["range"]["width_max"].is_string(), "{growth}");
    let text = run(&mut world, &["show", "rsi-0001"])
        .expect(Exit::Done)
        .out;
    let sha = agreed["contract_sha256"].as_str().unwrap();
    assert!(text.contains(&format!("shadow contract: {sha}")), "{text}");
    assert!(text.contains("expected after 14 days"), "{text}");
    fits("verdict.v1.json", &checked);
    for (words, file) in [
        (&["status", "--json"][..], "status.v1.json"),
        (&["inbox", "--json"], "inbox.v1.json"),
        (&["log", "export", "--json"], "decision-log.v1.json"),
    ] {
        fits(file, &run(&mut world, words).expect(Exit::Done).json());
    }
    // `check` took the same time: nothing was written between the two.
    assert_eq!(record["decision_sha256"], checked["decision_sha256"]);
    let decided = run(
        &mut world,
        &[
            "approve",
            "rsi-0001",
            "--role",
            "risk",
            "--key",
            "w/keys/risk-1",
            "--json",
        ],
    )
    .expect(Exit::Done)
    .json();
    assert_eq!(decided["status"], "PROMOTED");
    assert_eq!(decided["stage"], "SHADOW");
    assert_eq!(decided["missing"], serde_json::json!([]));
    assert_eq!(decided["entries"][1]["kind"], "decision");
    let held = status(&mut world, "rsi");
    assert_eq!(held["stage"], "SHADOW");
    let log = run(&mut world, &["log", "export", "--json"]).expect(Exit::Done);
    assert_eq!(&log.json()["decisions"][0]["contract"], agreed);
    // Both the approval and the decision name it.
    for seq in ["11", "12"] {
        let shown = run(&mut world, &["ledger", "show", seq]).expect(Exit::Done);
        assert!(shown.out.contains(sha), "{}", shown.out);
    }
    let explained = run(&mut world, &["explain", "rsi-0001", "--json"])
        .expect(Exit::Done)
        .json();
    assert_eq!(explained["decision_sha256"], checked["decision_sha256"]);
}

#[test]
fn the_same_commands_give_the_same_bytes() {
    let head = || {
        let mut world = world();
        let dir = write(&world, "rsi", "one", Quality::Good);
        request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
        approve(&mut world, "rsi-0001", "risk", "risk-1").expect(Exit::Done);
        run(&mut world, &["status", "--json"])
            .expect(Exit::Done)
            .json()["head"]
            .clone()
    };
    assert_eq!(head(), head());
}

#[test]
fn revise_and_reject_have_their_exit_codes_and_ends() {
    let mut world = world();
    let few = write(&world, "few", "one", Quality::FewTrades);
    let bad = write(&world, "bad", "two", Quality::Bad);
    let answer = request(&mut world, "few", &few, &["--json"])
        .expect(Exit::Revise)
        .json();
    assert_eq!(answer["status"], "REVISE");
    assert_eq!(answer["missing"][0]["code"], "revision");
    let answer = request(&mut world, "bad", &bad, &["--json"])
        .expect(Exit::Reject)
        .json();
    assert_eq!(answer["status"], "REJECTED");
    assert_eq!(
        slug(&request(&mut world, "few", &few, &["--json"]).expect(Exit::Conflict)),
        "must-revise"
    );
    assert_eq!(
        slug(&request(&mut world, "bad", &bad, &["--json"]).expect(Exit::Conflict)),
        "cool-off"
    );
    request(&mut world, "few", &few, &["--revises", "few-0001"]).expect(Exit::Revise);
    let log = run(&mut world, &["log", "export"]).expect(Exit::Done).out;
    for wanted in [
        "**Status:** REVISE",
        "**Status:** REJECT",
        "## Portfolio: few",
        "## Portfolio: bad",
    ] {
        assert!(log.contains(wanted), "{log}");
    }
}

#[test]
fn refused_acts_are_entries_and_change_nothing() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    let before = entries(&mut world);
    for (role, key, exit) in [
        ("research", "research-1", Exit::NotAuthorised),
        ("risk", "ops-1", Exit::NotAuthorised),
        ("ops", "ops-1", Exit::NotAuthorised),
    ] {
        approve(&mut world, "rsi-0001", role, key).expect(exit);
    }
    assert_eq!(entries(&mut world), before + 3);
    // A key that is nobody's leaves no entry.
    approve(&mut world, "rsi-0001", "risk", "root-1").expect(Exit::NotAuthorised);
    assert_eq!(entries(&mut world), before + 3);
    assert_eq!(
        status(&mut world, "rsi")["request_status"],
        "AWAITING_APPROVAL"
    );
    approve(&mut world, "rsi-0001", "risk", "risk-1").expect(Exit::Done);
}

#[test]
fn denial_and_withdrawal_end_a_request() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    let args = [
        "deny",
        "rsi-0001",
        "--role",
        "risk",
        "--key",
        "w/keys/risk-2",
    ];
    run(
        &mut world,
        &[&args[..], &["--reason", "Not a code"]].concat(),
    )
    .expect(Exit::Usage);
    let denied = run(
        &mut world,
        &[&args[..], &["--reason", "overfit", "--json"]].concat(),
    )
    .expect(Exit::Done);
    assert_eq!(denied.json()["status"], "DENIED");
    run(&mut world, &["decide", "rsi-0001"]).expect(Exit::Conflict);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    run(&mut world, &["decide", "rsi-0002"]).expect(Exit::Pending);
    run(&mut world, &["evaluate", "rsi-0002"]).expect(Exit::Conflict);
    run(
        &mut world,
        &["withdraw", "rsi-0002", "--key", "w/keys/research-2"],
    )
    .expect(Exit::NotAuthorised);
    run(
        &mut world,
        &["withdraw", "rsi-0002", "--key", "w/keys/research-1"],
    )
    .expect(Exit::Done);
    let log = run(&mut world, &["--lang", "en", "log", "export"])
        .expect(Exit::Done)
        .out;
    assert!(log.contains("Denied by risk-2 (risk): overfit"), "{log}");
    assert!(log.contains("Withdrawn by research-1 (research)"), "{log}");
}

#[test]
fn a_statement_is_signed_elsewhere_and_brought_back() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    let answer = run(
        &mut world,
        &[
            "approve",
            "rsi-0001",
            "--role",
            "risk",
            "--key",
            "w/keys/risk-1.pub",
            "--statement-out",
            "s",
        ],
    )
    .expect(Exit::Pending);
    assert!(
        answer.err.contains("-n approval-v1@promote"),
        "{}",
        answer.err
    );
    if !ssh_keygen(
        &world,
        &[
            "-Y",
            "sign",
            "-f",
            "w/keys/risk-1",
            "-n",
            "approval-v1@promote",
            "s",
        ],
        b"",
    ) {
        eprintln!("skipped: no ssh-keygen here");
        return;
    }
    // Somebody else's signature is refused without an entry, and noted beside the ledger.
    run(&mut world, &["key", "generate", "--out", "mallory"]).expect(Exit::Done);
    let mallory = promote::adapters::keys::read_identity(&world.at("mallory"), None).unwrap();
    let armor = mallory
        .sign(
            "approval-v1@promote",
            &std::fs::read(world.at("s")).unwrap(),
        )
        .to_armor();
    world.write("forged.sig", armor);
    let entries = |world: &mut World| {
        let answer = run(world, &["ledger", "verify", "--json"]).expect(Exit::Done);
        answer.json()["entries"].as_u64().unwrap()
    };
    let before = entries(&mut world);
    let forged = [
        "approve",
        "rsi-0001",
        "--role",
        "risk",
        "--signature",
        "forged.sig",
    ];
    let answer = run(
        &mut world,
        &[&forged[..], &["--statement", "s", "--json"]].concat(),
    );
    assert_eq!(slug(&answer.expect(Exit::Integrity)), "bad-signature");
    assert_eq!(entries(&mut world), before);
    let noted = std::fs::read_to_string(world.at("w/ledger/refused.jsonl")).unwrap();
    let noted: serde_json::Value = serde_json::from_str(noted.trim_end()).unwrap();
    assert_eq!(noted["reason"], "bad-signature");
    assert_eq!(noted["named"], "risk-1");
    // Another act, request or role is not what was signed.
    let back = |world: &mut World, words: &[&str]| {
        let all: Vec<&str> = words
            .iter()
            .copied()
            .chain(["--signature", "s.sig"])
            .collect();
        run(world, &all)
    };
    back(&mut world, &["withdraw", "rsi-0001"]).expect(Exit::Usage);
    back(&mut world, &["approve", "rsi-0001", "--role", "ops"]).expect(Exit::Usage);
    back(&mut world, &["approve", "rsi-0001", "--role", "risk"]).expect(Exit::Done);
    let again = back(
        &mut world,
        &["approve", "rsi-0001", "--role", "risk", "--json"],
    )
    .expect(Exit::Conflict);
    assert_eq!(slug(&again), "statement-replayed");

    // What the ledger gives back is what stock tools accept, and refuse with one byte changed.
    run(&mut world, &["show", "rsi-0001", "--statements-out", "out"]).expect(Exit::Done);
    let name = std::fs::read_dir(world.at("out"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .find(|n| n.ends_with("approval.json"))
        .unwrap();
    let statement = std::fs::read(world.at("out").join(&name)).unwrap();
    assert_eq!(statement, std::fs::read(world.at("s")).unwrap());
    let signature = format!("out/{name}.sig");
    let verify = [
        "-Y",
        "verify",
        "-f",
        "out/allowed_signers",
        "-I",
        "risk-1",
        "-n",
        "approval-v1@promote",
        "-s",
        &signature,
    ];
    assert!(ssh_keygen(&world, &verify, &statement));
    let mut changed = statement;
    changed[40] ^= 1;
    assert!(!ssh_keygen(&world, &verify, &changed));
}

/// Runs `ssh-keygen` in the world's folder; false when it refuses or is not there.
fn ssh_keygen(world: &World, args: &[&str], input: &[u8]) -> bool {
    use std::io::Write as _;
    let child = Command::new("ssh-keygen")
        .args(args)
        .current_dir(world.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait().unwrap().success()
}

#[test]
fn tampered_evidence_is_no_verdict_at_all() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    let path = format!("{dir}/series/full.csv");
    let text = std::fs::read_to_string(world.at(&path)).unwrap();
    world.write(&path, text.replacen("0.0046", "0.0047", 1));
    let before = entries(&mut world);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Integrity);
    run(
        &mut world,
        &["check", "rsi", "--target", "shadow", "--evidence", &dir],
    )
    .expect(Exit::Integrity);
    assert_eq!(entries(&mut world), before);
}

#[test]
fn evidence_must_be_about_the_portfolio_and_signed_by_the_enrolled() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    assert_eq!(
        slug(&request(&mut world, "other", &dir, &["--json"]).expect(Exit::Invalid)),
        "evidence.other-portfolio"
    );
    request(&mut world, "rsi", "nowhere", &[]).expect(Exit::Invalid);
    let twice =
        request(&mut world, "rsi", &dir, &["--json", "--evidence", &dir]).expect(Exit::Invalid);
    assert_eq!(slug(&twice), "evidence.basis");
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
    let signed = crate::bundles::write_by(
        &world,
        "rsi",
        "two",
        Quality::Good,
        Some(("risk-1", &stranger)),
    );
    assert_eq!(
        slug(&request(&mut world, "rsi", &signed, &["--json"]).expect(Exit::NotAuthorised)),
        "unknown-producer"
    );
    // Later targets are refused in order.
    let testnet = run(
        &mut world,
        &[
            "request",
            "rsi",
            "--target",
            "testnet",
            "--evidence",
            &dir,
            "--summary",
            "x",
            "--key",
            "w/keys/research-1",
            "--json",
        ],
    );
    assert_eq!(slug(&testnet.expect(Exit::Conflict)), "stage-order");
}

#[test]
fn a_bundle_from_the_future_is_refused() {
    let mut world = World::new();
    world
        .run(&["init", "w", "--sandbox", "--seed", "7"])
        .expect(Exit::Done);
    let dir = write(&world, "rsi", "one", Quality::Good);
    // The sandbox stands at 2025-01-01; the bars go on until November.
    assert_eq!(
        slug(&request(&mut world, "rsi", &dir, &["--json"]).expect(Exit::Invalid)),
        "evidence.contradicts"
    );
    let args = ["status", "--now", "2024-12-31T00:00:00Z", "--json"];
    assert_eq!(
        slug(&run(&mut world, &args).expect(Exit::Conflict)),
        "now.backwards"
    );
}

#[test]
fn requests_expire_by_the_chosen_clock() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    let later = ["--now", "2026-01-20T00:00:00Z"];
    let answer = run(
        &mut world,
        &[
            "approve",
            "rsi-0001",
            "--role",
            "risk",
            "--key",
            "w/keys/risk-1",
            later[0],
            later[1],
            "--json",
        ],
    );
    let answer = answer.expect(Exit::Conflict);
    assert_eq!(slug(&answer), "request-ended");
    assert_eq!(status(&mut world, "rsi")["request_status"], "EXPIRED");
}

#[test]
fn hostile_words_never_reach_the_terminal() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    let refused = run(
        &mut world,
        &[
            "request",
            "rsi",
            "--target",
            "shadow",
            "--evidence",
            &dir,
            "--summary",
            "a\u{1b}[31mb",
            "--key",
            "w/keys/research-1",
        ],
    )
    .expect(Exit::Invalid);
    assert!(!refused.err.contains('\u{1b}'));
    run(&mut world, &["show", "../../etc"]).expect(Exit::Usage);
    run(
        &mut world,
        &[
            "approve",
            "rsi-9999",
            "--role",
            "risk",
            "--key",
            "w/keys/risk-1",
        ],
    )
    .expect(Exit::Conflict);
    run(
        &mut world,
        &[
            "approve",
            "rsi-9999",
            "--role",
            "king",
            "--key",
            "w/keys/risk-1",
        ],
    )
    .expect(Exit::Usage);
    request(&mut world, "rsi", &dir, &["--next", "one\n# two"]).expect(Exit::Pending);
    let shown = run(&mut world, &["show", "rsi-0001"])
        .expect(Exit::Done)
        .out;
    assert!(!shown.contains("\n# two"), "{shown}");
}

#[test]
fn exported_logs_verify_and_changed_ones_do_not() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    approve(&mut world, "rsi-0001", "risk", "risk-1").expect(Exit::Done);
    run(&mut world, &["log", "export", "--out", "log.md"]).expect(Exit::Done);
    run(
        &mut world,
        &["log", "export", "--out", "decisions", "--lang", "en"],
    )
    .expect(Exit::Done);
    run(&mut world, &["log", "verify", "log.md"]).expect(Exit::Done);
    let verified = run(&mut world, &["log", "verify", "decisions/rsi.md", "--json"])
        .expect(Exit::Done)
        .json();
    assert_eq!(verified["lang"], "en");
    // Entries later on do not make an older export wrong.
    approve(&mut world, "rsi-0001", "risk", "risk-2").expect(Exit::Conflict);
    run(&mut world, &["log", "verify", "log.md"]).expect(Exit::Done);
    let text = std::fs::read_to_string(world.at("log.md")).unwrap();
    for (from, to) in [
        ("PROMOTE_TO_SHADOW", "PROMOTE_TO_LIVE"),
        ("risk-1", "risk-2"),
    ] {
        world.write("changed.md", text.replacen(from, to, 1));
        run(&mut world, &["log", "verify", "changed.md"]).expect(Exit::Integrity);
    }
    world.write("changed.md", text.replace("size=13", "size=12"));
    run(&mut world, &["log", "verify", "changed.md"]).expect(Exit::Integrity);
    world.write("changed.md", "# Portfolio Decision Log\n");
    run(&mut world, &["log", "verify", "changed.md"]).expect(Exit::Invalid);
    let json = run(&mut world, &["log", "export", "--format", "json"])
        .expect(Exit::Done)
        .json();
    assert_eq!(json["schema"], "promote/decision-log/v1");
    assert_eq!(json["decisions"][0]["status"], "PROMOTE_TO_SHADOW");
}

#[test]
fn real_ledgers_want_roots_and_real_time() {
    let mut world = World::new();
    world.run(&["init", "w"]).expect(Exit::Usage);
    for n in 1..=3 {
        let key = ed25519_dalek::SigningKey::from_bytes(&[n; 32]);
        let public =
            promote::kernel::pubkey::PublicKey::from_bytes(key.verifying_key().to_bytes()).unwrap();
        world.write(&format!("root-{n}.pub"), format!("{public} root\n"));
    }
    let two = ["--root-key", "root-1.pub", "--root-key", "root-2.pub"];
    world
        .run(&[&["init", "w"], &two[..]].concat())
        .expect(Exit::Usage);
    let twice = [
        "--root-key",
        "root-1.pub",
        "--root-key",
        "root-2.pub",
        "--root-key",
        "root-1.pub",
    ];
    world
        .run(&[&["init", "w"], &twice[..]].concat())
        .expect(Exit::Usage);
    let three = [
        "--root-key",
        "root-1.pub",
        "--root-key",
        "root-2.pub",
        "--root-key",
        "root-3.pub",
    ];
    world
        .run(&[&["init", "w", "--root-threshold", "1"], &three[..]].concat())
        .expect(Exit::Usage);
    world
        .run(&[&["init", "w", "--root-threshold", "4"], &three[..]].concat())
        .expect(Exit::Usage);
    world
        .run(&[&["init", "w", "--now", "2025-01-01"], &three[..]].concat())
        .expect(Exit::Usage);
    assert!(!world.at("w").exists());
    world
        .run(&[&["init", "w"], &three[..]].concat())
        .expect(Exit::Done);
    world
        .run(&[&["init", "w"], &three[..]].concat())
        .expect(Exit::Conflict);
    assert!(!world.at("w/keys").exists());
    let status = run(&mut world, &["status", "--json"])
        .expect(Exit::Done)
        .json();
    assert_eq!(status["sandbox"], false);
    assert_eq!(
        slug(&run(&mut world, &["status", "--now", "2030-01-01", "--json"]).expect(Exit::Usage)),
        "now.real-ledger"
    );
}

/// Entries and blobs of the world's ledger, as `ledger verify` reads them.
pub fn load(world: &World) -> (Vec<Entry>, BTreeMap<Digest, Vec<u8>>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let path = world.at("w/ledger/ledger.db");
        let mut ledger = Ledger::open(&path, Access::Read).await.unwrap();
        let entries = ledger.entries().await.unwrap();
        let mut blobs = BTreeMap::new();
        // Manifests first: they name the judged files.
        for _ in 0..2 {
            for entry in &entries {
                for digest in named_blobs(entry, &|d| blobs.get(d).cloned()) {
                    let bytes = ledger.blob(&digest).await.unwrap().unwrap();
                    blobs.insert(digest, bytes);
                }
            }
        }
        (entries, blobs)
    })
}

#[test]
fn every_verdict_is_derived_again_from_the_kept_evidence() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    approve(&mut world, "rsi-0001", "risk", "risk-1").expect(Exit::Done);
    let (entries, blobs) = load(&world);
    let report = verify(&entries, &|d| blobs.get(d).cloned());
    assert_eq!((report.findings, report.not_checked), (vec![], vec![]));
    // Nothing is kept that no entry names: 6 policy files, manifest and 5 judged files.
    assert_eq!(blobs.len(), 12);
    for digest in blobs.keys() {
        let without = verify(&entries, &|d| blobs.get(d).filter(|_| d != digest).cloned());
        assert_eq!(without.findings, vec![]);
        assert_eq!(without.not_checked.len(), 1, "{digest}");
        let changed = |d: &Digest| {
            let mut bytes = blobs.get(d).cloned()?;
            if d == digest {
                bytes[0] ^= 1;
            }
            Some(bytes)
        };
        assert_eq!(verify(&entries, &changed).findings.len(), 1, "{digest}");
    }
    // The approval is refused when the evidence no longer gives what was judged: see `recompute`.
    let mut copy = entries;
    copy.remove(11);
    assert!(
        !verify(&copy, &|d| blobs.get(d).cloned())
            .findings
            .is_empty()
    );
}

#[test]
fn people_who_act_at_the_same_time_all_get_their_turn() {
    let mut world = world();
    for portfolio in ["a", "b", "c", "d"] {
        let dir = write(&world, portfolio, portfolio, Quality::Good);
        request(&mut world, portfolio, &dir, &[]).expect(Exit::Pending);
    }
    let path = world.path().to_owned();
    let outcomes: Vec<Exit> = std::thread::scope(|scope| {
        let threads: Vec<_> = [
            ("a", "risk-1"),
            ("b", "risk-2"),
            ("c", "risk-3"),
            ("d", "risk-1"),
        ]
        .into_iter()
        .map(|(portfolio, key)| {
            let path = path.clone();
            scope.spawn(move || {
                let id = format!("{portfolio}-0001");
                let key = format!("w/keys/{key}");
                let args = [
                    "--root", "w", "approve", &id, "--role", "risk", "--key", &key,
                ];
                World::new().run_in(&path, &args, "").exit
            })
        })
        .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(outcomes, [Exit::Done; 4]);
    for portfolio in ["a", "b", "c", "d"] {
        assert_eq!(status(&mut world, portfolio)["stage"], "SHADOW");
    }
    let (entries, blobs) = load(&world);
    let report = verify(&entries, &|d| blobs.get(d).cloned());
    assert_eq!((report.findings, report.not_checked), (vec![], vec![]));
}
