//! `research portfolio`: the same run as `robustness`, under its own name and in its own folder, with
//! the playbook's first interpretation on the terminal.

use std::path::Path;

use promote::app::exit::Exit;

use crate::harness::World;
use crate::robustness::{workspace, world};
use crate::sweep::{desk, sweep_in_w};

/// The playbook's section 5.1, as printed there behind the program's name.
const LOOK: [&str; 8] = [
    "research",
    "portfolio",
    "--config",
    "config/config.toml",
    "--portfolio-preset",
    "rsi_reversion_conservative",
    "--format",
    "both",
];

#[test]
fn a_first_look_interprets_and_is_the_same_run_as_robustness() {
    let mut world = world(24 * 300);
    let told = world.run(&LOOK).expect(Exit::Done).out;
    let report = told
        .lines()
        .find_map(|line| line.strip_prefix("report"))
        .unwrap()
        .trim()
        .to_owned();
    let folder = "results/reports/portfolio_2025-12-15/rsi_reversion_conservative-";
    assert!(report.contains(folder), "{report}");
    for name in ["evidence.json", "report.md", "report.html", "trades.csv"] {
        assert!(Path::new(&report).join(name).is_file(), "{name}");
    }
    assert!(told.contains("First interpretation, no verdict:"), "{told}");
    for figure in ["CAGR", "Volatility", "Sharpe ratio", "Max drawdown"] {
        let line = told.lines().find(|line| line.contains(figure)).unwrap();
        let level = line.split_whitespace().next().unwrap();
        assert!(["good", "warning", "bad"].contains(&level), "{line}");
    }
    let again = world.run(&["robustness", LOOK[4], LOOK[5], "--json"]);
    let again = again.expect(Exit::Done).json();
    let shown = world.run(&["evidence", "verify", &report, "--json"]);
    let first = shown.expect(Exit::Done).json();
    assert_eq!(again["result_sha256"], first["result_sha256"]);
    assert_ne!(again["evidence"], first["evidence"]);
}

#[test]
fn json_is_that_of_any_evidence() {
    let mut world = world(24 * 300);
    let json = world
        .run(&[&LOOK[..6], &["--json"]].concat())
        .expect(Exit::Done)
        .json();
    assert_eq!(json["schema"], "promote/evidence/v1");
    assert_eq!(json["kind"], "robustness");
}

#[test]
fn invented_bars_need_no_data_and_are_marked() {
    let mut world = World::new();
    workspace(&world);
    let flags = ["--use-dummy-data", "--dummy-bars", "800", "--json"];
    let one = world.run(&[&LOOK[..6], &flags].concat());
    let one = one.expect(Exit::Done).json();
    let dir = one["evidence"].as_str().unwrap();
    let manifest = std::fs::read(Path::new(dir).join("evidence.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    for data in manifest["data"].as_array().unwrap() {
        assert_eq!(data["synthetic"], true, "{data}");
        assert_eq!(data["rows"], 800, "{data}");
    }
    let report = std::fs::read_to_string(Path::new(dir).join("report.md")).unwrap();
    assert!(report.to_lowercase().contains("synthetic"), "{report}");
    // Too few of them are refused, as too few of any are.
    let few = [&LOOK[..6], &["--use-dummy-data", "--dummy-bars", "1"]].concat();
    world.run(&few).expect(Exit::Usage);
    world
        .run(&[&LOOK[..6], &["--dummy-bars", "800"]].concat())
        .expect(Exit::Usage);
}

#[test]
fn the_best_of_a_sweep_make_a_portfolio_that_carries_its_trials() {
    let mut world = desk();
    sweep_in_w(&mut world, "rsi_reversion_basic", &["--end", "2023-09-01"]).expect(Exit::Done);
    let run = [
        "--root",
        "w",
        "research",
        "portfolio",
        "--sweep-name",
        "rsi_reversion_basic",
    ];
    let json = world.run(&[&run[..], &["--top-n", "2", "--json"]].concat());
    let json = json.expect(Exit::Done).json();
    let dir = json["evidence"].as_str().unwrap().to_owned();
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(Path::new(&dir).join(name)).unwrap()).unwrap()
    };
    let strategy = read("strategy.json");
    assert_eq!(strategy["portfolio"], "rsi_reversion_basic");
    assert_eq!(strategy["profile"], "moderate");
    let strategies = strategy["strategies"].as_array().unwrap();
    let weights: Vec<&str> = strategies
        .iter()
        .map(|s| s["weight"].as_str().unwrap())
        .collect();
    assert_eq!(weights, ["0.5", "0.5"]);
    // It was developed on the bars of the sweep: what comes after is out of sample, and nothing else.
    assert_eq!(strategy["developed_until"], "2023-08-31T23:00:00.000Z");
    let oos = std::fs::read_to_string(Path::new(&dir).join("series/oos.csv")).unwrap();
    assert!(
        oos.lines().nth(1).unwrap().starts_with("2023-09-01T"),
        "{oos}"
    );
    world
        .run(&["--root", "w", "evidence", "verify", &dir])
        .expect(Exit::Done);
    // Under another name the trials of the sweep would not count.
    let other = [&run[..], &["--portfolio-name", "fresh"]].concat();
    let refused = world.run(&other).expect(Exit::Usage);
    assert!(refused.err.contains("--portfolio fresh"), "{}", refused.err);
    world
        .run(&[&run[..], &["--portfolio-preset", "x"]].concat())
        .expect(Exit::Usage);
    world
        .run(&["--root", "w", "research", "portfolio"])
        .expect(Exit::Usage);
}
