//! `research portfolio`: the same run as `robustness`, under its own name and in its own folder, with
//! the playbook's first interpretation on the terminal.

use std::path::Path;

use promote::app::exit::Exit;

use crate::harness::World;
use crate::robustness::{workspace, world};

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
