//! One time per workspace: in a sandbox it is the ledger's, and nothing later exists for research.

use std::fmt::Write as _;

use promote::app::exit::Exit;
use promote::kernel::time::{DAY_MS, HOUR_MS, UtcTime};
use promote::research::market::Bar;

use crate::harness::{Answer, World};
use crate::robustness::swinging;

/// Genesis of the sandbox; the bars go on until 28 October.
const GENESIS: &str = "2023-10-01T00:00:00Z";

fn run(world: &mut World, line: &str) -> Answer {
    let words: Vec<&str> = line.split(' ').collect();
    world.run(&[&["--root", "w"], &words[..]].concat())
}

fn csv(bars: &[Bar]) -> String {
    let mut text = String::from("time,open,high,low,close,volume\n");
    for bar in bars {
        let Bar {
            time,
            open,
            high,
            low,
            close,
            volume,
        } = bar;
        writeln!(text, "{time},{open},{high},{low},{close},{volume}").unwrap();
    }
    text
}

/// A seeded sandbox with two files of bars that reach beyond its now.
fn sandbox() -> World {
    let mut world = World::new();
    let words = ["init", "w", "--sandbox", "--seed", "7", "--now", GENESIS];
    world.run(&words).expect(Exit::Done);
    for (symbol, seed) in [("BTC", 1), ("ETH", 2)] {
        world.write(&format!("{symbol}.csv"), csv(&swinging(seed, 24 * 300)));
    }
    world
}

/// The last opening in `dir/series/full.csv`.
fn last(world: &World, dir: &str) -> UtcTime {
    let full = std::fs::read_to_string(world.at(&format!("{dir}/series/full.csv"))).unwrap();
    let line = full.lines().last().unwrap();
    UtcTime::parse_loose(line.split(',').next().unwrap()).unwrap()
}

#[test]
fn in_a_sandbox_research_and_the_gate_have_the_ledgers_time() {
    let mut world = sandbox();
    let genesis = UtcTime::parse_loose(GENESIS).unwrap();
    for symbol in ["BTC", "ETH"] {
        let file = world.at(&format!("{symbol}.csv")).display().to_string();
        let said = run(
            &mut world,
            &format!("data import {file} --symbol {symbol}/EUR --timeframe 1h --json"),
        );
        let said = said.expect(Exit::Done).json();
        // From 1 October 00:00 to 28 October 00:00: 27 days of bars that do not exist yet.
        assert_eq!(said["later_bars"], 27 * 24);
        assert_eq!(said["bars"], 24 * 300);
    }
    let stored = run(
        &mut world,
        "data check --symbol BTC/EUR --timeframe 1h --json",
    );
    let stored = stored.expect(Exit::Done).json();
    assert_eq!(stored["last"], "2023-09-30T23:00:00.000Z");
    assert_eq!(stored["later_bars"], 27 * 24);
    assert_eq!(stored["rows"], 24 * 273);
    let text = run(&mut world, "data check --symbol BTC/EUR --timeframe 1h");
    assert!(text.out.contains("648 bars end after now"), "{}", text.out);

    let preset = "robustness --portfolio-preset rsi_reversion_conservative --out";
    let e = world.at("e").display().to_string();
    let ran = run(&mut world, &format!("{preset} {e}"));
    let ran = ran.expect(Exit::Done);
    let note = "note: 1296 bars of the workspace end after 2023-10-01T00:00:00.002Z, which is now";
    assert!(ran.err.contains(note), "{}", ran.err);
    assert_eq!(last(&world, "e"), genesis.plus_millis(-HOUR_MS));
    let manifest = std::fs::read_to_string(world.at("e/evidence.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["produced_at"], "2023-10-01T00:00:00.002Z");

    let verified = run(&mut world, &format!("evidence verify {e}"));
    assert!(!verified.out.contains("future"), "{}", verified.out);
    let about = "rsi_reversion_conservative --target shadow --evidence";
    let checked = run(&mut world, &format!("check {about} {e}"));
    assert!(
        matches!(checked.exit, Exit::Done | Exit::Revise | Exit::Reject),
        "{checked:?}"
    );
    let key = world.at("w/keys/research-1").display().to_string();
    let asked = run(
        &mut world,
        &format!("request {about} {e} --summary oos --key {key} --json"),
    );
    let judged = [Exit::Pending, Exit::Revise, Exit::Reject];
    assert!(judged.contains(&asked.exit), "{asked:?}");
    let status = run(&mut world, "status --json").expect(Exit::Done).json();
    let now = status["now"].as_str().unwrap();
    assert!(now.starts_with("2023-10-01T00:00:00.0"), "{now}");

    // A later time brings more of the same files, and the bundle is dated by it.
    let later = format!("{preset} {} --now 2023-10-11", world.at("later").display());
    run(&mut world, &later).expect(Exit::Done);
    let ten_days = genesis.plus_millis(10 * DAY_MS - HOUR_MS);
    assert_eq!(last(&world, "later"), ten_days);
    let back = format!("{preset} {} --now 2023-09-30", world.at("back").display());
    run(&mut world, &back).expect(Exit::Conflict);
}

#[test]
fn an_import_ends_where_the_sandbox_stands() {
    let mut world = sandbox();
    let mut text = String::from("date,return\n");
    let start = UtcTime::parse_loose("2023-03-01").unwrap();
    for day in 0..300 {
        let r = (f64::from(day * 7 % 13) - 5.5) / 1000.0;
        writeln!(text, "{},{r}", start.plus_days(i64::from(day)).date()).unwrap();
    }
    let file = world.write("r.csv", text).display().to_string();
    let words = |out: &str| {
        format!(
            "evidence import {file} --tool returns-csv --portfolio p --profile moderate --out {out}"
        )
    };
    let out = world.at("e").display().to_string();
    let said = run(&mut world, &words(&out)).expect(Exit::Done);
    // 1 March to 1 October, of 300 days: 215 rows stay.
    let note = "note: 85 rows lie after 2023-10-01T00:00:00.002Z, which is now";
    assert!(said.err.contains(note), "{}", said.err);
    assert_eq!(last(&world, "e"), UtcTime::parse_loose(GENESIS).unwrap());

    let late = world.write("late.csv", "date,return\n2024-01-01,0.1\n");
    let line = words("late").replace(&file, &late.display().to_string());
    run(&mut world, &line).expect(Exit::Invalid);

    // Without a ledger the clock counts, and nothing is cut.
    let words = words("alone");
    let words: Vec<&str> = words.split(' ').collect();
    let alone = world.run(&words).expect(Exit::Done);
    assert!(!alone.err.contains("left out"), "{}", alone.err);
    assert_eq!(last(&world, "alone"), start.plus_days(299));
}
