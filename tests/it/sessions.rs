//! What a portfolio has to bring to rise above SHADOW: sessions of an outside system, an
//! independent rerun, registered data, through the commands in a seeded sandbox.

use std::path::Path;

use promote::adapters::host::Entropy;
use promote::adapters::keys::read_identity;
use promote::app::evidence::load;
use promote::app::exit::Exit;
use promote::app::gate::act::World as Signing;
use promote::app::gate::desk::{Desk, When};
use promote::app::gate::person::record;
use promote::app::gate::signing::How;
use promote::app::gate::vouching;
use promote::app::runtime::block_on;
use promote::governance::promotion::statement::Statement;
use promote::kernel::time::UtcTime;
use serde_json::Value;

use crate::bundles::write_whole;
use crate::harness::{Answer, World};
use crate::schemas::fits;

/// Day `n` after the sandbox began, at `hour`.
fn at(day: i64, hour: i64) -> String {
    let start = UtcTime::parse_loose("2025-11-26T00:00:00Z").unwrap();
    start.plus_millis((day * 24 + hour) * 3_600_000).to_string()
}

/// Runs a command at a time.
fn run(world: &mut World, now: &str, args: &[&str]) -> Answer {
    let all: Vec<&str> = ["--root", "w", "--now", now]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    world.run(&all)
}

/// The slug of a failure.
#[track_caller]
fn refused(answer: Answer, exit: Exit, slug: &str) {
    let answer = answer.expect(exit);
    let line = answer.err.lines().last().unwrap();
    let object: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    assert_eq!(object["slug"], slug, "{line}");
}

/// A sandbox with the portfolio `rsi` in SHADOW since day 0; the folder of its evidence.
fn in_shadow() -> (World, String) {
    let mut world = World::new();
    let now = at(0, 0);
    let words = ["init", "w", "--sandbox", "--seed", "7", "--now", &now];
    world.run(&words).expect(Exit::Done);
    let dir = write_whole(&world, "rsi", "one");
    request(&mut world, &at(0, 1), "shadow", &[&dir]).expect(Exit::Pending);
    approve(&mut world, &at(0, 2), "rsi-0001", "risk", "risk-1").expect(Exit::Done);
    (world, dir)
}

fn request(world: &mut World, now: &str, target: &str, evidence: &[&str]) -> Answer {
    let mut words = vec!["--json", "request", "rsi", "--target", target];
    for dir in evidence {
        words.extend(["--evidence", *dir]);
    }
    words.extend(["--summary", "as expected", "--key", "w/keys/research-1"]);
    run(world, now, &words)
}

fn approve(world: &mut World, now: &str, id: &str, role: &str, person: &str) -> Answer {
    let key = format!("w/keys/{person}");
    let words = [
        "--json", "approve", id, "--yes", "--role", role, "--key", &key,
    ];
    run(world, now, &words)
}

fn open(world: &mut World, now: &str, key: &str) -> Answer {
    let words = [
        "--json",
        "session",
        "open",
        "rsi",
        "--environment",
        "simulated",
        "--system",
        "freqtrade 2025.1",
        "--timeframe",
        "1d",
        "--key",
        key,
    ];
    run(world, now, &words)
}

/// Writes the log of a session as an outside system leaves it: a bar a day from day `first` on.
fn log(world: &World, name: &str, first: i64, bars: i64) -> String {
    let mut returns = "date,return\n".to_owned();
    let mut trades = "id,strategy,symbol,side,entry_time,exit_time,quantity,entry_price,exit_price,costs,pnl,sample\n".to_owned();
    let mut orders =
        "id,client_id,time,symbol,side,quantity,reference_price,fill_price,costs,status,reason\n"
            .to_owned();
    let value = |bar: i64| 0.0006 + 0.004 * (((bar + 3) * 7 % 11) as f64 - 5.0) / 5.0;
    // The account keeps what the session before it made, which began on day 1.
    let capital = (0..first - 1).fold(1000.0, |capital, bar| capital * (1.0 + value(bar)));
    let mut equity = 1.0;
    for bar in 0..bars {
        let value = value(bar);
        returns.push_str(&format!("{},{value}\n", at(first + bar, 0)));
        equity *= 1.0 + value;
    }
    let begin = at(first, 0);
    // One position over the whole session: what it made is what the account made.
    let pnl = capital * (equity - 1.0);
    let exit = 100.0 + (pnl + 0.1);
    trades.push_str(&format!(
        "1,rsi,BTC/EUR,long,{begin},,1,100,{exit},0.1,{pnl},shadow\n"
    ));
    orders.push_str(&format!(
        "1,c1,{begin},BTC/EUR,buy,1,99.98,100,0.1,filled,\n"
    ));
    world.write(&format!("{name}/returns.csv"), returns);
    world.write(&format!("{name}/trades.csv"), trades);
    world.write(&format!("{name}/orders.csv"), orders);
    world.write(&format!("{name}/events.csv"), "time,code,severity\n");
    name.to_owned()
}

fn commit(world: &mut World, now: &str, session: &str, log: &str) -> Answer {
    let key = "w/keys/ops-1";
    let words = [
        "--json", "session", "commit", session, "--log", log, "--key", key,
    ];
    run(world, now, &words)
}

fn close(world: &mut World, now: &str, session: &str, status: &str) -> Answer {
    let key = "w/keys/ops-1";
    let words = [
        "--json", "session", "close", session, "--status", status, "--key", key,
    ];
    run(world, now, &words)
}

fn join(world: &mut World, now: &str, imports: &[&str], out: &str) -> Answer {
    let mut words = vec!["--json", "session", "evidence", "rsi", "--stage", "shadow"];
    for import in imports {
        words.extend(["--import", *import]);
    }
    words.extend(["--out", out]);
    run(world, now, &words)
}

/// One session from day 1 on with a bar a day, committed every day, closed after `days`.
fn session(world: &mut World, days: i64) {
    open(world, &at(1, 0), "w/keys/ops-1").expect(Exit::Done);
    for day in 1..=days {
        let name = log(world, "log", 1, day);
        commit(world, &at(day + 1, 0), "rsi-s0001", &name).expect(Exit::Done);
    }
    close(world, &at(days + 1, 1), "rsi-s0001", "completed").expect(Exit::Done);
}

struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&mut self, _: &mut [u8]) -> std::io::Result<()> {
        Err(std::io::Error::other("a sandbox draws nothing"))
    }
}

/// The way to the request for TESTNET: its sessions, and their bundle in `shadow`.
fn before_testnet() -> (World, String) {
    let (mut world, dir) = in_shadow();
    session(&mut world, 7);
    join(&mut world, &at(8, 3), &["rsi-s0001=log"], "shadow").expect(Exit::Done);
    (world, dir)
}

/// What is missing for the portfolio's request, by code.
fn missing(world: &mut World, now: &str) -> Vec<(String, String)> {
    let status = run(world, now, &["--json", "status", "rsi"]).expect(Exit::Done);
    let status = status.json();
    let lines = status["portfolios"][0]["missing"]
        .as_array()
        .unwrap()
        .clone();
    let word = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    lines
        .iter()
        .map(|line| (word(line, "code"), word(line, "command")))
        .collect()
}

/// Whether `code` is among what is missing.
fn wants(world: &mut World, now: &str, code: &str) -> bool {
    missing(world, now).iter().any(|(found, _)| found == code)
}

/// Confirms every checklist item that is missing, with the command that `status` names.
fn confirm_checklist(world: &mut World, now: &str) {
    world.write("runbook.md", "what to do, and who does it\n");
    for (code, command) in missing(world, now) {
        if code != "checklist" {
            continue;
        }
        let role = command.split_once("--role ").unwrap().1;
        let role = role.split_once(' ').unwrap().0;
        let key = format!("w/keys/{role}-2");
        let words: Vec<&str> = command
            .split(' ')
            .skip(1)
            .map(|word| match word {
                "KEY" => key.as_str(),
                "TEXT" => "done",
                "DATE" => "2025-12-01",
                "FILE" => "runbook.md",
                other => other,
            })
            .collect();
        run(world, now, &words).expect(Exit::Done);
    }
}

/// Records a rerun of the bundle in `dir` by `person`, as `evidence verify --rerun` does once the
/// same result came out.
fn rerun(world: &World, now: &str, dir: &str, person: &str) -> Result<(), String> {
    let now = UtcTime::parse_loose(now).unwrap();
    let bundle = load(&world.at(dir)).unwrap();
    let when = When {
        clock: now,
        chosen: Some(now),
        halts: None,
    };
    let how = How::Keys {
        files: vec![world.at(&format!("w/keys/{person}"))],
        passphrase: None,
    };
    let path: &Path = &world.at("w/ledger/ledger.db");
    block_on(async {
        let mut desk = Desk::write(path, when).await?;
        let (entropy, show) = (&mut NoEntropy, &mut |_: &str| {});
        let signing = Signing { entropy, show };
        record(&mut desk, vouching::rerun(&bundle), &how, signing).await?;
        desk.close().await
    })
    .map_err(|failure| failure.slug.to_string())
}

#[test]
fn from_research_to_testnet_with_sessions_of_an_outside_system() {
    let (mut world, dir) = in_shadow();
    let mut other = world.copy();
    let opened = open(&mut other, &at(1, 0), "w/keys/ops-1").expect(Exit::Done);
    fits("recorded.v1.json", &opened.json());
    let commit_it = "promote session commit rsi-s0001 --log DIR --key KEY";
    assert_eq!(opened.json()["next"], commit_it);
    session(&mut world, 7);
    let list = run(&mut world, &at(8, 2), &["session", "list", "--json"])
        .expect(Exit::Done)
        .json();
    fits("sessions.v1.json", &list);
    assert_eq!(list["sessions"][0]["bars"], 7);
    assert_eq!(list["sessions"][0]["covered_hours"], 168);
    assert_eq!(list["sessions"][0]["status"], "completed");
    let joined = join(&mut world, &at(8, 3), &["rsi-s0001=log"], "shadow").expect(Exit::Done);
    assert_eq!(joined.json()["kind"], "shadow");
    let next = "next: promote --root w request rsi --target testnet --evidence DIR --evidence shadow --summary TEXT --key KEY\n";
    assert!(joined.err.ends_with(next), "{}", joined.err);
    let asked = request(&mut world, &at(8, 4), "testnet", &[&dir, "shadow"]);
    let asked = asked.expect(Exit::Pending);
    let note = "note: SHADOW lasted 7 days, 14 are usual";
    assert!(asked.err.contains(note), "{}", asked.err);
    let asked = asked.json();
    assert_eq!(asked["status"], "AWAITING_APPROVAL");
    assert!(wants(&mut world, &at(8, 4), "rerun"));
    let explained = run(&mut world, &at(8, 4), &["explain", "rsi-0002", "--json"]);
    let explained = explained.expect(Exit::Done).json();
    fits("explanation.v1.json", &explained);
    let criteria = explained["criteria"].as_array().unwrap();
    let drift = criteria.iter().find(|c| c["metric"] == "drift_return");
    let session = &drift.unwrap()["session"];
    assert_eq!(session["bars"], 7, "{explained}");
    assert!(session["observed"].is_string(), "{session}");
    assert!(session["expected"]["range"]["low"].is_string(), "{session}");
    let sharpe = criteria.iter().find(|c| c["metric"] == "sharpe");
    assert_eq!(sharpe.unwrap().get("session"), None);
    let text = run(&mut world, &at(8, 4), &["explain", "rsi-0002"]);
    let text = text.expect(Exit::Done).out;
    assert!(text.contains("after 7 bars, expected "), "{text}");
    assert!(text.contains("half-widths"), "{text}");
    confirm_checklist(&mut world, &at(8, 4));
    approve(&mut world, &at(8, 5), "rsi-0002", "research", "research-2").expect(Exit::Pending);
    approve(&mut world, &at(8, 6), "rsi-0002", "risk", "risk-1").expect(Exit::Pending);
    // Who fills the risk slot does not count as independent; somebody else does.
    rerun(&world, &at(8, 7), &dir, "risk-1").unwrap();
    let decide = ["--json", "decide", "rsi-0002"];
    refused(
        run(&mut world, &at(8, 8), &decide),
        Exit::Pending,
        "pending",
    );
    rerun(&world, &at(8, 9), &dir, "ops-1").unwrap();
    // It was the last thing missing, so the decision came with it.
    let after = run(&mut world, &at(8, 10), &["--json", "show", "rsi-0002"]);
    assert_eq!(after.expect(Exit::Done).json()["status"], "PROMOTED");
    refused(
        run(&mut world, &at(8, 10), &decide),
        Exit::Conflict,
        "request-ended",
    );
    let status = run(&mut world, &at(8, 10), &["--json", "status", "rsi"]);
    let status = status.expect(Exit::Done).json();
    assert_eq!(status["portfolios"][0]["stage"], "TESTNET");
    // The bundle of a stage that was left is told by the order of stages, not as a forgery.
    let left = request(&mut world, &at(8, 11), "testnet", &[&dir, "shadow"]);
    refused(left, Exit::Conflict, "already-granted");
    let verified = run(&mut world, &at(8, 11), &["ledger", "verify", "--json"]);
    assert_eq!(verified.expect(Exit::Done).json()["ok"], true);
}

#[test]
fn an_approval_for_testnet_is_confirmed_before_anything_is_signed() {
    let (mut world, dir) = before_testnet();
    request(&mut world, &at(8, 5), "testnet", &[&dir, "shadow"]).expect(Exit::Pending);
    let words = |more: &'static str| -> Vec<&str> {
        let line = "approve rsi-0002 --role risk --key w/keys/risk-1";
        line.split(' ').chain(more.split_whitespace()).collect()
    };
    let size = |world: &mut World| {
        let status = run(world, &at(8, 6), &["status", "--json"]).expect(Exit::Done);
        status.json()["head"]["size"].as_u64().unwrap()
    };
    let begun = size(&mut world);
    // Nobody can be asked.
    let asked = run(&mut world, &at(8, 6), &words("--json"));
    refused(asked, Exit::Usage, "confirmation.missing");
    let asked = run(&mut world, &at(8, 6), &words(""))
        .expect(Exit::Usage)
        .err;
    assert!(asked.contains("hint: say --yes"), "{asked}");
    assert!(!asked.contains("statement to be signed"), "{asked}");
    let other = run(&mut world, &at(8, 6), &words("--json --confirm other"));
    refused(other, Exit::Usage, "confirmation.other");
    // At a terminal somebody is, and sees what will be signed first.
    world.terminal = true;
    let asked = run(&mut world, &at(8, 6), &words("--no-input --json"));
    refused(asked, Exit::Usage, "confirmation.missing");
    let here = world.path().to_owned();
    let now = at(8, 6);
    let line = [&["--root", "w", "--now", &now][..], &words("")].concat();
    for no in ["n\n", "", "\n", "yy\n", "rsi\n"] {
        let said = world.run_in(&here, &line, no).expect(Exit::Usage).err;
        let (statement, question) = said.split_once("approving `rsi-0002` lets").unwrap();
        assert!(statement.starts_with("statement to be signed:\n"), "{said}");
        assert!(
            question.starts_with(" `rsi` rise to testnet: go on? [y/N]\n"),
            "{said}"
        );
        assert!(said.contains("not confirmed, nothing was done"), "{said}");
    }
    assert_eq!(size(&mut world), begun);
    // Deny and withdraw ask nothing, and what is only written out is confirmed where it is brought.
    world.terminal = false;
    let out = "approve rsi-0002 --role risk --key w/keys/risk-1.pub --statement-out s";
    let out: Vec<&str> = out.split(' ').collect();
    run(&mut world, &at(8, 6), &out).expect(Exit::Pending);
    let statement = std::fs::read(world.at("s")).unwrap();
    let key = read_identity(&world.at("w/keys/risk-1"), None).unwrap();
    let namespace = Statement::from_bytes(&statement).unwrap().act.namespace();
    world.write("s.sig", key.sign(&namespace, &statement).to_armor());
    let back = "--json approve rsi-0002 --role risk --signature s.sig";
    let back: Vec<&str> = back.split(' ').collect();
    let asked = run(&mut world, &at(8, 6), &back);
    refused(asked, Exit::Usage, "confirmation.missing");
    assert_eq!(size(&mut world), begun);
    let mut copy = world.copy();
    let confirmed = [&back[..], &["--yes"]].concat();
    run(&mut copy, &at(8, 6), &confirmed).expect(Exit::Pending);
    assert_eq!(size(&mut copy), begun + 1);
    let mut copy = world.copy();
    run(&mut copy, &at(8, 6), &words("--confirm rsi")).expect(Exit::Pending);
    assert_eq!(size(&mut copy), begun + 1);
    world.terminal = true;
    let said = world.run_in(&here, &line, "y\n").expect(Exit::Pending).err;
    assert_eq!(said.matches("statement to be signed").count(), 1, "{said}");
    assert_eq!(size(&mut world), begun + 1);
}

#[test]
fn whoever_ran_it_again_approves_nothing_and_authors_do_not_count() {
    let (mut world, dir) = before_testnet();
    // The rerun may come before the request.
    rerun(&world, &at(8, 4), &dir, "risk-1").unwrap();
    request(&mut world, &at(8, 5), "testnet", &[&dir, "shadow"]).expect(Exit::Pending);
    assert!(!wants(&mut world, &at(8, 5), "rerun"));
    confirm_checklist(&mut world, &at(8, 5));
    refused(
        approve(&mut world, &at(8, 6), "rsi-0002", "risk", "risk-1"),
        Exit::NotAuthorised,
        "voucher-fills-slot",
    );
    assert_eq!(
        rerun(&world, &at(8, 7), &dir, "research-1"),
        Err("author-reruns".to_owned())
    );
    assert_eq!(
        rerun(&world, &at(8, 8), &dir, "risk-1"),
        Err("rerun-refused".to_owned())
    );
    approve(&mut world, &at(8, 9), "rsi-0002", "risk", "risk-2").expect(Exit::Pending);
    let last = approve(&mut world, &at(8, 10), "rsi-0002", "research", "research-2");
    assert_eq!(last.expect(Exit::Done).json()["stage"], "TESTNET");
}

#[test]
fn what_is_left_out_is_refused_where_it_is_missing() {
    let (mut world, dir) = in_shadow();
    let early = request(&mut world, &at(3, 0), "testnet", &[&dir]);
    refused(early, Exit::Conflict, "dwell-not-over");
    let silent = request(&mut world, &at(8, 0), "testnet", &[&dir]);
    refused(silent, Exit::Conflict, "session-time-short");
    let skipped = request(&mut world, &at(8, 1), "live", &[&dir]);
    refused(skipped, Exit::Conflict, "stage-order");
    // One commit at the end covers no more than the day before it.
    open(&mut world, &at(8, 2), "w/keys/ops-1").expect(Exit::Done);
    let early = log(&world, "log", 1, 7);
    let commit = commit(&mut world, &at(8, 3), "rsi-s0001", &early);
    refused(commit, Exit::Conflict, "commit-refused");
    let (mut world, dir) = before_testnet();
    let bare = request(&mut world, &at(8, 4), "testnet", &[&dir]);
    refused(bare, Exit::Conflict, "session-evidence-wanted");
    let twice = request(
        &mut world,
        &at(8, 5),
        "testnet",
        &[&dir, "shadow", "shadow"],
    );
    refused(twice, Exit::Invalid, "evidence.basis");
    // Evidence of a session whose ledger has gone on is not all of it.
    open(&mut world, &at(8, 6), "w/keys/ops-1").expect(Exit::Done);
    let other = log(&world, "later", 8, 1);
    self::commit(&mut world, &at(9, 0), "rsi-s0002", &other).expect(Exit::Done);
    let stale = request(&mut world, &at(9, 1), "testnet", &[&dir, "shadow"]);
    refused(stale, Exit::Integrity, "evidence.not-held");
    let partial = join(&mut world, &at(9, 2), &["rsi-s0001=log"], "part");
    refused(partial, Exit::Invalid, "session.absent");
    close(&mut world, &at(9, 3), "rsi-s0002", "failed").expect(Exit::Done);
    let both = ["rsi-s0001=log", "rsi-s0002=later"];
    join(&mut world, &at(9, 4), &both, "both").expect(Exit::Done);
    let whole = request(&mut world, &at(9, 5), "testnet", &[&dir, "both"]);
    let whole = whole.expect(Exit::Pending).json();
    assert_eq!(whole["status"], "AWAITING_APPROVAL");
}

#[test]
fn a_session_is_held_to_what_it_committed() {
    let (mut world, _) = in_shadow();
    let refusal = open(&mut world, &at(1, 0), "w/keys/risk-1");
    refused(refusal, Exit::NotAuthorised, "act-not-for-role");
    open(&mut world, &at(1, 0), "w/keys/ops-1").expect(Exit::Done);
    let again = open(&mut world, &at(1, 1), "w/keys/ops-2");
    refused(again, Exit::Conflict, "session-running");
    let name = log(&world, "log", 1, 2);
    let future = commit(&mut world, &at(1, 2), "rsi-s0001", &name);
    refused(future, Exit::Conflict, "commit-refused");
    commit(&mut world, &at(3, 0), "rsi-s0001", &name).expect(Exit::Done);
    // A bar that was committed is not what it was.
    let text = std::fs::read_to_string(world.at("log/returns.csv")).unwrap();
    world.write("log/returns.csv", text.replacen("0.00", "0.01", 1));
    let changed = commit(&mut world, &at(3, 1), "rsi-s0001", "log");
    refused(changed, Exit::Integrity, "session.changed");
    let joined = join(&mut world, &at(3, 2), &["rsi-s0001=log"], "out");
    refused(joined, Exit::Integrity, "session.differs");
    close(&mut world, &at(3, 3), "rsi-s0001", "aborted").expect(Exit::Done);
    let closed = close(&mut world, &at(3, 4), "rsi-s0001", "completed");
    refused(closed, Exit::Conflict, "session-closed");
    let absent = close(&mut world, &at(3, 5), "rsi-s0009", "completed");
    refused(absent, Exit::Conflict, "unknown-session");
}

#[test]
fn revoked_evidence_ends_what_is_open_and_serves_nobody_again() {
    let (mut world, dir) = before_testnet();
    request(&mut world, &at(8, 4), "testnet", &[&dir, "shadow"]).expect(Exit::Pending);
    let evidence = load(&world.at("shadow"))
        .unwrap()
        .evidence_sha256
        .to_string();
    let words = |key: &'static str| {
        let mut words = vec!["--json", "evidence", "revoke", evidence.as_str()];
        words.extend([
            "--reason",
            "the clock of the system was wrong",
            "--key",
            key,
        ]);
        words
    };
    let wrong = run(&mut world, &at(8, 5), &words("w/keys/research-2"));
    refused(wrong, Exit::NotAuthorised, "act-not-for-role");
    let told = run(&mut world, &at(8, 6), &words("w/keys/ops-1")).expect(Exit::Done);
    let hits = told.json();
    fits("recorded.v1.json", &hits["recorded"]);
    assert_eq!(hits["recorded"]["kind"], "evidence-revocation");
    fits("evidence-revocation.v1.json", &hits);
    assert_eq!(hits["hits"]["requests"][0]["status"], "INVALIDATED");
    let again = request(&mut world, &at(8, 7), "testnet", &[&dir, "shadow"]);
    refused(again, Exit::Conflict, "evidence-revoked");
    let twice = run(&mut world, &at(8, 8), &words("w/keys/risk-1"));
    refused(twice, Exit::Conflict, "evidence-revoked");
}

#[test]
fn trials_are_counted_whatever_becomes_of_them() {
    let (mut world, dir) = in_shadow();
    world.write("grid.toml", "period = [10, 14, 20]\n");
    let start = |key: &'static str| {
        let mut words = vec!["--json", "trial", "start", "rsi", "--what", "sweep"];
        words.extend(["--runs", "3", "--record", "grid.toml", "--key", key]);
        words
    };
    let wrong = run(&mut world, &at(1, 0), &start("w/keys/ops-1"));
    refused(wrong, Exit::NotAuthorised, "act-not-for-role");
    run(&mut world, &at(1, 1), &start("w/keys/research-1")).expect(Exit::Done);
    let again = run(&mut world, &at(1, 2), &start("w/keys/research-1"));
    refused(again, Exit::Conflict, "trial-refused");
    let end = |finished: &'static str| {
        let mut words = vec!["--json", "trial", "end", "--record", "grid.toml"];
        words.extend(["--finished", finished, "--key", "w/keys/research-1"]);
        words
    };
    let more = run(&mut world, &at(1, 3), &end("4"));
    refused(more, Exit::Conflict, "trial-refused");
    run(&mut world, &at(1, 4), &end("2")).expect(Exit::Done);
    let list = run(&mut world, &at(1, 5), &["trial", "list", "rsi", "--json"])
        .expect(Exit::Done)
        .json();
    fits("trials.v1.json", &list);
    assert_eq!((&list["runs"], &list["counted"]), (&3.into(), &3.into()));
    assert_eq!(list["trials"][0]["counts"], true);
    assert_eq!(list["trials"][0]["finished"], 2);
    let mut words = vec!["--json", "check", "rsi", "--target", "shadow"];
    words.extend(["--evidence", dir.as_str()]);
    run(&mut world, &at(1, 6), &words).expect(Exit::Done);
    let verified = run(&mut world, &at(1, 7), &["ledger", "verify", "--json"]);
    assert_eq!(verified.expect(Exit::Done).json()["ok"], true);
}
