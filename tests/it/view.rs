//! The kept view: what `status` and `inbox` show without folding every entry, and what becomes of one
//! that is not true. That it shows the same as the fold, now and later, is asked of every `status`
//! and `inbox` of all tests (`harness.rs`).

use std::path::PathBuf;

use promote::adapters::keys::{Identity, read_identity};
use promote::adapters::ledger::{Access, Ledger, view_path};
use promote::app::exit::Exit;
use promote::governance::audit::entry::Head;
use promote::governance::audit::kept_view;
use serde_json::Value;

use crate::bundles::{Quality, write};
use crate::harness::{Answer, World};
use crate::ledger_support::{Intruder, block};

fn run(world: &mut World, line: &str) -> Answer {
    let words: Vec<&str> = ["--root", "w"].into_iter().chain(line.split(' ')).collect();
    world.run(&words)
}

/// A sandbox with one request that waits for its approval.
fn world(seed: &str) -> World {
    let mut world = World::new();
    let now = "2025-12-10T08:00:00Z";
    let init = ["init", "w", "--sandbox", "--seed", seed, "--now", now];
    world.run(&init).expect(Exit::Done);
    let dir = write(&world, "rsi", "one", Quality::Good);
    let ask = format!(
        "request rsi --target shadow --evidence {dir} --summary stable --key w/keys/research-1"
    );
    run(&mut world, &ask).expect(Exit::Pending);
    world
}

fn file(world: &World) -> PathBuf {
    view_path(&world.at("w/ledger/ledger.db"))
}

fn view(world: &World) -> Vec<u8> {
    std::fs::read(file(world)).unwrap()
}

/// Code and message of what `ledger verify` says about the view: a finding, or what it left open.
fn said(world: &mut World) -> Option<(Exit, String, String)> {
    let answer = run(world, "ledger verify --json");
    let json = answer.json();
    let lists = ["findings", "not_checked"].map(|list| json[list].as_array().unwrap().clone());
    let mut about = lists.concat().into_iter();
    let about = about.find(|f| f["code"].as_str().unwrap().starts_with("view-"))?;
    let text = |field: &str| about[field].as_str().unwrap().to_owned();
    Some((answer.exit, text("code"), text("message")))
}

/// Entries that `status` counts, and the stage of the portfolio that it names.
fn shown(world: &mut World) -> (u64, String) {
    let json = run(world, "status --json").expect(Exit::Done).json();
    let stage = json["portfolios"][0]["stage"].as_str().unwrap().to_owned();
    (json["head"]["size"].as_u64().unwrap(), stage)
}

fn log_key(world: &World) -> Identity {
    read_identity(&world.at("w/ledger/keys/log.key"), None).unwrap()
}

/// A view with another body, at the same head, signed by `key`.
fn sealed(world: &World, key: &Identity, body: &[u8]) -> Vec<u8> {
    let mut ledger = block(Ledger::open(&world.at("w/ledger/ledger.db"), Access::Read)).unwrap();
    let entries = block(ledger.entries()).unwrap();
    let head: Head = ledger.head().unwrap();
    let sign = |namespace: &str, message: &[u8]| key.sign(namespace, message);
    kept_view::seal(&entries[0].leaf.ledger, &head, body, sign)
}

fn body(view: &[u8]) -> String {
    let text = String::from_utf8(view.to_vec()).unwrap();
    text.split_once("\n\n").unwrap().1.to_owned()
}

#[test]
fn a_view_that_is_not_true_of_this_ledger_is_ignored_and_found() {
    let mut world = world("7");
    let good = view(&world);
    let before = shown(&mut world);
    assert_eq!(said(&mut world), None);
    let lie = body(&good).replace("RESEARCH", "LIVE");
    assert_ne!(lie, body(&good));
    let stranger = Identity::from_secret(&[9; 32]).unwrap();
    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    let cases: [(&str, Vec<u8>); 7] = [
        (
            "wrongly signed",
            sealed(&world, &stranger, body(&good).as_bytes()),
        ),
        ("forged", sealed(&world, &stranger, lie.as_bytes())),
        ("foreign", view(&self::world("8"))),
        ("truncated", good[..good.len() - 1].to_vec()),
        ("cut to its head", good[..40].to_vec()),
        ("empty", Vec::new()),
        ("changed", changed),
    ];
    for (name, bytes) in cases {
        std::fs::write(file(&world), bytes).unwrap();
        assert_eq!(shown(&mut world), before, "{name}");
        let (exit, code, message) = said(&mut world).unwrap();
        assert_eq!(
            (exit, code.as_str()),
            (Exit::Integrity, "view-forged"),
            "{name}: {message}"
        );
    }
    std::fs::remove_file(file(&world)).unwrap();
    std::fs::create_dir(file(&world)).unwrap();
    assert_eq!(said(&mut world).unwrap().1, "view-forged");
    // Whoever writes does not mind, and leaves a view where it can.
    run(
        &mut world,
        "approve rsi-0001 --role risk --key w/keys/risk-1",
    )
    .expect(Exit::Done);
    std::fs::remove_dir(file(&world)).unwrap();
    run(
        &mut world,
        "halt --global --reason spread --key w/keys/ops-1",
    )
    .expect(Exit::Done);
    assert_eq!(said(&mut world), None);
    assert_eq!(shown(&mut world).1, "SHADOW");
}

#[test]
fn a_new_entry_makes_it_stale_and_a_shorter_ledger_makes_it_untrue() {
    let mut world = world("7");
    let old = view(&world);
    let database = std::fs::read(world.at("w/ledger/ledger.db")).unwrap();
    run(
        &mut world,
        "halt --portfolio rsi --reason spread --key w/keys/ops-1",
    )
    .expect(Exit::Done);
    let new = view(&world);
    assert_ne!(old, new);
    std::fs::write(file(&world), &old).unwrap();
    let json = run(&mut world, "status --json").expect(Exit::Done).json();
    assert_eq!(json["portfolios"][0]["flags"]["halted"], true);
    let (exit, code, _) = said(&mut world).unwrap();
    assert_eq!((exit, code.as_str()), (Exit::Done, "view-stale"));
    // The database of before under the view of now: entries are gone.
    std::fs::write(world.at("w/ledger/ledger.db"), database).unwrap();
    std::fs::write(file(&world), &new).unwrap();
    let json = run(&mut world, "status --json").expect(Exit::Done).json();
    assert_eq!(json["portfolios"][0]["flags"]["halted"], false);
    let (exit, code, _) = said(&mut world).unwrap();
    assert_eq!((exit, code.as_str()), (Exit::Integrity, "view-differs"));
}

#[test]
fn what_the_log_key_signed_is_shown_and_nothing_is_decided_on_it() {
    let mut world = world("7");
    run(
        &mut world,
        "approve rsi-0001 --role risk --key w/keys/risk-1",
    )
    .expect(Exit::Done);
    let lie = body(&view(&world)).replace("SHADOW", "LIVE");
    let lie = sealed(&world, &log_key(&world), lie.as_bytes());
    std::fs::write(file(&world), lie).unwrap();
    // Asked past the harness, which would hold it against the fold.
    let words = ["--root", "w", "status", "--json"];
    let answer = world.run_alone(&words);
    let json: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(json["portfolios"][0]["stage"], "LIVE");
    let (exit, code, _) = said(&mut world).unwrap();
    assert_eq!((exit, code.as_str()), (Exit::Integrity, "view-differs"));
    let issue = "token issue rsi --confirm rsi --key w/keys/ops-1 --json";
    let refused = run(&mut world, issue);
    assert_ne!(refused.exit, Exit::Done, "{}", refused.out);
    let demoted = "demote rsi --to testnet --reason late --key w/keys/ops-1";
    assert_eq!(run(&mut world, demoted).exit, Exit::Conflict);
    let open =
        "session open rsi --environment simulated --system paper --timeframe 1h --key w/keys/ops-1";
    run(&mut world, open).expect(Exit::Done);
    assert_eq!(shown(&mut world).1, "SHADOW");
}

#[test]
fn the_entries_are_read_where_there_is_no_view() {
    let mut world = world("7");
    block(async {
        let mut intruder = Intruder::enter(&world.at("w/ledger/ledger.db")).await;
        let sql = "UPDATE entry SET data = \
            CAST(replace(CAST(data AS TEXT), 'stable', 'stale!') AS BLOB)";
        intruder.behind_triggers("entry", sql).await.unwrap();
        intruder.leave().await;
    });
    let words = ["--root", "w", "status"];
    assert_eq!(world.run_alone(&words).exit, Exit::Done);
    run(&mut world, "ledger verify").expect(Exit::Integrity);
    run(&mut world, "show rsi-0001").expect(Exit::Integrity);
    run(
        &mut world,
        "approve rsi-0001 --role risk --key w/keys/risk-1",
    )
    .expect(Exit::Integrity);
    std::fs::remove_file(file(&world)).unwrap();
    assert_eq!(world.run_alone(&words).exit, Exit::Integrity);
}
