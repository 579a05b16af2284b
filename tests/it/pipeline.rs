//! `research pipeline`, end to end: the playbook's command as printed, what every step leaves, what is
//! counted, and that nothing half-done is left.

use std::collections::BTreeMap;
use std::path::Path;

use promote::app::exit::Exit;
use promote::kernel::digest::Digest;

use crate::harness::{Answer, World, golden, numbered};
use crate::sweep::{all, desk, plain, trials};

/// Section 6.1 of the playbook behind the program's name.
const PRINTED: [&str; 23] = [
    "--sweep-name",
    "rsi_reversion_basic",
    "--config",
    "config/config.toml",
    "--format",
    "both",
    "--with-plots",
    "--top-n",
    "5",
    "--run-walkforward",
    "--walkforward-train-window",
    "90d",
    "--walkforward-test-window",
    "30d",
    "--run-montecarlo",
    "--mc-num-runs",
    "1000",
    "--run-stress-tests",
    "--stress-scenarios",
    "single_crash_bar",
    "vol_spike",
    "--portfolio",
    "looked_at",
];

fn pipeline(world: &mut World, flags: &[&str]) -> Answer {
    world.run(&[&["research", "pipeline"], flags].concat())
}

fn in_w(world: &mut World, flags: &[&str]) -> Answer {
    world.run(&[&["--root", "w", "research", "pipeline"], flags].concat())
}

/// Every file below `dir` by its path in there.
fn below(world: &World, dir: &str) -> BTreeMap<String, Digest> {
    let from = world.path().join(dir).display().to_string();
    all(world)
        .into_iter()
        .filter_map(|(path, digest)| Some((path.strip_prefix(&from)?.to_owned(), digest)))
        .collect()
}

/// Results are no secrets: who may read one file of them may read all, whichever step wrote it.
#[cfg(unix)]
fn one_mode(dir: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let (mut dirs, mut modes) = (vec![dir.to_owned()], BTreeMap::new());
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let (path, meta) = (entry.path(), entry.metadata().unwrap());
            let kind = (meta.is_dir(), meta.permissions().mode() & 0o777);
            if meta.is_dir() {
                dirs.push(path.clone());
            }
            modes.insert(kind, path);
        }
    }
    assert_eq!(modes.len(), 2, "{modes:#?}");
}

#[cfg(not(unix))]
fn one_mode(_dir: &Path) {}

#[test]
fn the_playbooks_command_leaves_what_it_promises() {
    let mut world = plain(24 * 150);
    let answer = pipeline(&mut world, &PRINTED).expect(Exit::Done);
    let dir = "results/reports/pipeline_rsi_reversion_2025-12-15/";
    let (text, _) = answer.out.rsplit_once("results  ").unwrap();
    golden(Path::new("tests/golden/pipeline.txt"), text);
    let found: Vec<String> = below(&world, dir).into_keys().collect();
    // The digest that names the directory changes with the version and the revision.
    let found: Vec<&str> = found.iter().map(|path| &path[9..]).collect();
    for wanted in [
        "pipeline.json",
        "report.md",
        "report.html",
        "rsi_reversion_basic_top_candidates.toml",
        "sweep/results.csv",
        "sweep/summary.json",
        "sweep/report.md",
        "sweep/report.html",
        "walk_forward/walk_forward.json",
        "walk_forward/report.md",
        "walk_forward/report.html",
        "monte_carlo/monte_carlo.json",
        "monte_carlo/candidate_5/replicates.csv",
        "monte_carlo/report.md",
        "monte_carlo/report.html",
        "stress/stress.json",
        "stress/candidate_5/equity.csv",
        "stress/report.md",
        "stress/report.html",
    ] {
        assert!(found.contains(&wanted), "{wanted} in {found:#?}");
    }
    assert!(found.iter().any(|path| path.starts_with("sweep/plots/")));
    one_mode(&world.at(dir));
}

#[test]
fn the_overview_joins_what_the_steps_say() {
    let mut world = plain(24 * 150);
    let json = pipeline(
        &mut world,
        &[&PRINTED[..], &["--out", "p", "--json"]].concat(),
    );
    let json = json.expect(Exit::Done).json();
    crate::schemas::fits("pipeline.v1.json", &json);
    let read = |name: &str| -> serde_json::Value {
        let bytes = std::fs::read(world.path().join("p").join(name)).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let mut kept = read("pipeline.json");
    kept["path"] = json["path"].clone();
    assert_eq!(kept, json);
    let steps: Vec<&str> = json["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["step"].as_str().unwrap())
        .collect();
    assert_eq!(steps, ["sweep", "walk_forward", "monte_carlo", "stress"]);
    let (drawn, stressed) = (
        read("monte_carlo/monte_carlo.json"),
        read("stress/stress.json"),
    );
    let best = json["candidates"].as_array().unwrap();
    assert_eq!(best.len(), 5);
    for (rank, candidate) in best.iter().enumerate() {
        assert_eq!(candidate["best"], read("sweep/summary.json")["best"][rank]);
        let figures = drawn["candidates"][rank]["figures"].as_array().unwrap();
        let sharpe = figures.iter().find(|f| f["figure"] == "sharpe").unwrap();
        let quantiles = sharpe["quantiles"].as_array().unwrap();
        let p05 = quantiles.iter().find(|q| q["p"] == "0.05").unwrap();
        assert_eq!(candidate["mc_sharpe_p05"], p05["value"]);
        let deepest = stressed["candidates"][rank]["scenarios"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|s| s["stressed"]["max_drawdown"].as_str()?.parse::<f64>().ok())
            .fold(0.0, f64::max);
        let told = candidate["stress_max_drawdown"].as_str().unwrap();
        assert!((told.parse::<f64>().unwrap() - deepest).abs() < 1e-12);
    }
    let report = std::fs::read_to_string(world.path().join("p/report.md")).unwrap();
    golden(Path::new("tests/golden/pipeline.md"), &numbered(&report));
    let html = std::fs::read_to_string(world.path().join("p/report.html")).unwrap();
    assert!(!html.contains("://") && !html.contains("<script"));
}

#[test]
fn what_can_be_refused_is_refused_before_anything_is_counted() {
    let mut world = desk();
    let before = below(&world, "w/results");
    let walk = |train, step| {
        [
            "--run-walkforward",
            "--walkforward-train-window",
            train,
            "--walkforward-test-window",
            "10d",
            "--walkforward-step-size",
            step,
        ]
    };
    let name = ["--sweep-name", "rsi_reversion_basic"];
    for (exit, flags) in [
        // The bars end before the first test window begins.
        (Exit::Invalid, &walk("900d", "10d")[..]),
        (Exit::Usage, &walk("90d", "5d")),
        (
            Exit::Usage,
            &[
                "--run-stress-tests",
                "--stress-scenarios",
                "correlations_to_one",
            ],
        ),
        (
            Exit::Usage,
            &[
                "--run-montecarlo",
                "--mc-method",
                "moving_block",
                "--mc-block-size",
                "3000",
            ],
        ),
    ] {
        in_w(&mut world, &[&name[..], flags].concat()).expect(exit);
        assert!(trials(&mut world).is_empty());
    }
    assert_eq!(below(&world, "w/results"), before);
}

#[test]
fn sweep_and_walk_forward_count_their_trials_once() {
    let mut world = desk();
    let flags = [
        "--sweep-name",
        "rsi_reversion_basic",
        "--run-walkforward",
        "--walkforward-train-window",
        "90d",
        "--walkforward-test-window",
        "10d",
    ];
    let answer = in_w(&mut world, &flags).expect(Exit::Done);
    let told = answer.err.matches("trial registered for").count();
    assert_eq!(told, 2, "{}", answer.err);
    assert_eq!(trials(&mut world).len(), 2);
    // The same again is refused before anything is counted.
    in_w(&mut world, &flags).expect(Exit::Conflict);
    assert_eq!(trials(&mut world).len(), 2);
    // Invented bars say nothing about a market: only the sweep counts.
    let invented = [
        "--walkforward-use-dummy-data",
        "--walkforward-dummy-bars",
        "3000",
    ];
    in_w(&mut world, &[&flags[..], &invented].concat()).expect(Exit::Done);
    assert_eq!(trials(&mut world).len(), 3);
}

#[test]
fn every_step_pays_half_the_spread() {
    let mut world = plain(24 * 130);
    let config = std::fs::read_to_string(world.at("config/config.toml")).unwrap();
    let wide = config.replace("spread_bps = 0", "spread_bps = 20");
    assert_ne!(config, wide);
    world.write("config/config.toml", &wide);
    let run = [&PRINTED[..], &["--out", "p", "--json"]].concat();
    pipeline(&mut world, &run).expect(Exit::Done);
    for name in [
        "sweep/summary.json",
        "walk_forward/walk_forward.json",
        "monte_carlo/monte_carlo.json",
    ] {
        let bytes = std::fs::read(world.path().join("p").join(name)).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let costs = json.get("costs").unwrap_or(&json["ground"]["costs"]);
        assert_eq!(costs["slippage"], "0.0015", "{name}");
    }
    // What looks closer by hand finds the costs of the sweep again.
    let sweep = ["research", "sweep", "--sweep-name", "rsi_reversion_basic"];
    world.run(&sweep).expect(Exit::Done);
    let closer = [
        "--sweep-name",
        "rsi_reversion_basic",
        "--config",
        "config/config.toml",
    ];
    world
        .run(
            &[
                &["research", "montecarlo"][..],
                &closer,
                &["--num-runs", "20"],
            ]
            .concat(),
        )
        .expect(Exit::Done);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let found = ["1", "2", "5"].map(|workers| {
        let mut world = plain(24 * 130);
        let more = ["--out", "p", "--workers", workers];
        pipeline(&mut world, &[&PRINTED[..], &more].concat()).expect(Exit::Done);
        below(&world, "p")
    });
    assert!(found[0].len() > 20, "{:?}", found[0]);
    for other in &found[1..] {
        assert_eq!(&found[0], other);
    }
}

#[test]
fn steps_on_invented_bars_are_marked() {
    let mut world = plain(24 * 60);
    let flags = [
        "--sweep-name",
        "rsi_reversion_basic",
        "--run-walkforward",
        "--walkforward-train-window",
        "20d",
        "--walkforward-test-window",
        "10d",
        "--walkforward-use-dummy-data",
        "--run-montecarlo",
        "--mc-num-runs",
        "50",
        "--mc-use-dummy-data",
        "--run-stress-tests",
        "--stress-use-dummy-data",
        "--out",
        "p",
        "--json",
    ];
    let json = pipeline(&mut world, &flags).expect(Exit::Done).json();
    for step in &json["steps"].as_array().unwrap()[1..] {
        assert_eq!(step["synthetic"], true, "{step}");
    }
    // What was drawn and stressed there was chosen on other bars, and is not told as if it were the best.
    for candidate in json["candidates"].as_array().unwrap() {
        assert!(candidate["mc_sharpe_p05"].is_null(), "{candidate}");
        assert!(candidate["stress_max_drawdown"].is_null(), "{candidate}");
    }
    let report = std::fs::read_to_string(world.path().join("p/report.md")).unwrap();
    assert!(report.contains("SYNTHETIC"), "{report}");
}

#[test]
fn flags_that_do_not_fit_together_are_refused() {
    let mut world = plain(24 * 60);
    let name = ["--sweep-name", "rsi_reversion_basic"];
    for flags in [
        &["--run-walkforward"][..],
        &["--run-walkforward", "--walkforward-train-window", "20d"],
        &["--walkforward-train-window", "20d"],
        &["--mc-use-dummy-data"],
        &["--mc-num-runs", "50"],
        &["--stress-scenarios", "flash_crash"],
        &["--run-montecarlo", "--mc-dummy-bars", "50"],
        &["--run-stress-tests", "--stress-severity", "25"],
        &["--metric", "sharp"],
        &["--top-n", "0"],
    ] {
        pipeline(&mut world, &[&name[..], flags].concat()).expect(Exit::Usage);
    }
    pipeline(&mut world, &["--sweep-name", "nothing"]).expect(Exit::Usage);
    assert!(below(&world, "results").is_empty());
}
