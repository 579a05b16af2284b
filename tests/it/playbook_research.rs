//! Every research command that the playbook prints (sections 5, 6, 11.2 and 12), with the names of
//! its replacement table: on real bars where they are at hand, else on synthetic ones, exit 0, and
//! with what sections 5 and 6 promise in its folder.

use std::path::{Path, PathBuf};
use std::time::Instant;

use promote::app::exit::Exit;

use crate::harness::{World, shared_data};
use crate::robustness::{store, swinging, workspace};

/// The commands as one line each, as the playbook prints them but for the names of the programs.
const PRINTED: [(&str, &str); 6] = [
    (
        "5.1 and 12 A",
        "research portfolio --config config/config.toml --portfolio-preset rsi_reversion_conservative --format both",
    ),
    (
        "6.1",
        "research pipeline --sweep-name rsi_reversion_basic --config config/config.toml --format both --with-plots --top-n 5 --run-walkforward --walkforward-train-window 90d --walkforward-test-window 30d --run-montecarlo --mc-num-runs 1000 --run-stress-tests --stress-scenarios single_crash_bar vol_spike",
    ),
    (
        "6.2 and 12 B",
        "robustness --config config/config.toml --portfolio-preset multi_style_moderate --run-montecarlo --mc-num-runs 3000 --run-stress-tests --stress-scenarios single_crash_bar vol_spike --stress-severity 0.25 --format both",
    ),
    (
        "11.2",
        "robustness --config config/config.toml --portfolio-preset multi_style_moderate --format both",
    ),
    (
        "12 A",
        "robustness --config config/config.toml --portfolio-preset rsi_reversion_conservative --run-montecarlo --mc-num-runs 2000 --run-stress-tests --stress-scenarios single_crash_bar vol_spike --format both",
    ),
    (
        "12 B",
        "research portfolio --config config/config.toml --portfolio-preset multi_style_moderate --format both",
    ),
];

/// The shell commands of the playbook, one line each, by this program's names.
fn translated(playbook: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut open: Option<String> = None;
    for line in playbook.lines() {
        let line = line.trim();
        let begins = line.starts_with("python scripts/research_cli.py")
            || line.starts_with("python scripts/run_portfolio_robustness.py");
        let mut whole = match (open.take(), begins) {
            (Some(before), _) => before + " " + line,
            (None, true) => line.to_owned(),
            (None, false) => continue,
        };
        if let Some(more) = whole.strip_suffix('\\') {
            open = Some(more.trim_end().to_owned());
            continue;
        }
        for (theirs, ours) in [
            ("python scripts/research_cli.py", "research"),
            ("python scripts/run_portfolio_robustness.py", "robustness"),
        ] {
            whole = whole.replace(theirs, ours);
        }
        commands.push(whole);
    }
    commands
}

#[test]
fn the_commands_are_those_of_the_playbook() {
    let Some(data) = shared_data() else { return };
    let playbook = data.join("../mission/research-to-live-playbook.md");
    let Ok(playbook) = std::fs::read_to_string(playbook) else {
        eprintln!("skipped: no playbook beside the data");
        return;
    };
    let theirs = translated(&playbook);
    assert!(theirs.len() >= 8, "{theirs:#?}");
    for command in &theirs {
        let ours = PRINTED.iter().any(|(_, printed)| printed == command);
        assert!(ours, "{command}");
    }
    for (section, printed) in PRINTED {
        assert!(theirs.iter().any(|c| c == printed), "{section}: {printed}");
    }
}

/// A workspace with hourly bars of both symbols, real ones where they are at hand.
fn bars() -> World {
    let mut world = World::new();
    workspace(&world);
    match shared_data() {
        Some(data) => {
            for (file, symbol) in [
                ("bitstamp_BTCEUR_1h.raw.csv", "BTC/EUR"),
                ("bitstamp_ETHEUR_1h.parquet", "ETH/EUR"),
            ] {
                let path: PathBuf = data.join("crypto").join(file);
                let path = path.to_str().unwrap();
                let words = [
                    "data",
                    "import",
                    path,
                    "--symbol",
                    symbol,
                    "--timeframe",
                    "1h",
                ];
                world.run(&words).expect(Exit::Done);
            }
        }
        None => {
            store(&world, "BTC/EUR", swinging(1, 24 * 300), true);
            store(&world, "ETH/EUR", swinging(2, 24 * 300), true);
        }
    }
    world
}

/// Where a command says that its results are.
fn folder(out: &str) -> PathBuf {
    let line = out.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let first = words.next()?;
        let named = ["evidence", "report", "results"].contains(&first);
        named.then(|| words.next()).flatten()
    });
    PathBuf::from(line.unwrap_or_else(|| panic!("{out}")))
}

#[test]
fn each_runs_as_printed_and_leaves_what_it_promises() {
    let mut world = bars();
    for (section, printed) in PRINTED {
        let words: Vec<&str> = printed.split(' ').collect();
        let begun = Instant::now();
        let answer = world.run(&words).expect(Exit::Done);
        eprintln!(
            "{section:13} {:6.2} s  {printed}",
            begun.elapsed().as_secs_f64()
        );
        let dir = folder(&answer.out);
        let promised: &[&str] = match words[1] {
            "pipeline" => &[
                "sweep/report.md",
                "sweep/report.html",
                "walk_forward/report.md",
                "monte_carlo/report.md",
                "stress/report.md",
                "rsi_reversion_basic_top_candidates.toml",
            ],
            _ => &["report.md", "report.html", "evidence.json", "trades.csv"],
        };
        for name in promised {
            assert!(
                dir.join(name).is_file(),
                "{section}: {name} in {}",
                dir.display()
            );
        }
        if words[1] == "pipeline" {
            continue;
        }
        let report = std::fs::read_to_string(dir.join("report.md")).unwrap();
        let mut wanted = vec![
            "CAGR",
            "Sharpe",
            "drawdown",
            "Volatility",
            "First interpretation",
        ];
        if section.starts_with("6.2") {
            wanted.extend([
                "orrelation",
                "iversification",
                "Monte-Carlo",
                "Stress",
                "Who carries the risk",
            ]);
        }
        for said in wanted {
            assert!(report.contains(said), "{section}: {said}");
        }
    }
}

#[test]
fn the_aggressive_presets_run_on_synthetic_bars_of_a_quarter_of_an_hour() {
    let mut world = World::new();
    workspace(&world);
    for (symbol, seed) in [("BTC/EUR", "1"), ("ETH/EUR", "2")] {
        let words = [
            "data",
            "synth",
            "--symbol",
            symbol,
            "--timeframe",
            "15m",
            "--start",
            "2023-01-01",
            "--bars",
            "20000",
            "--seed",
            seed,
            "--reversion",
            "0.02",
        ];
        world.run(&words).expect(Exit::Done);
    }
    for preset in ["rsi_reversion_aggressive", "multi_style_aggressive"] {
        for command in [&["research", "portfolio"][..], &["robustness"]] {
            let flags = [
                "--config",
                "config/config.toml",
                "--portfolio-preset",
                preset,
            ];
            let answer = world.run(&[command, &flags].concat()).expect(Exit::Done);
            let report = std::fs::read_to_string(folder(&answer.out).join("report.md"));
            let report = report.unwrap();
            assert!(
                report.contains("SYNTHETIC") || report.contains("Synthetic"),
                "{report}"
            );
        }
    }
    assert!(Path::new(&world.at("results/reports")).is_dir());
}
