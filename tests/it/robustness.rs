//! `robustness` and `presets`, end to end, on made-up bars and on real ones.

use std::path::Path;

use promote::app::exit::Exit;
use promote::app::workspace::Workspace;
use promote::kernel::digest::Digest;
use promote::kernel::time::{HOUR_MS, UtcTime};
use promote::research::market::manifest::Origin;
use promote::research::market::{Bar, BarSeries};

use crate::harness::{World, shared_data};

/// A workspace with the shipped settings, and no bars.
pub fn workspace(world: &World) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["config/config.toml", "config/portfolio_recipes.toml"] {
        world.write(name, std::fs::read(root.join(name)).unwrap());
    }
    for (name, bytes) in promote::governance::policy::set::embedded_files() {
        world.write(&format!("policies/{name}"), bytes);
    }
}

/// Stores hourly bars in the world's workspace.
pub fn store(world: &World, symbol: &str, bars: Vec<Bar>, synthetic: bool) {
    let series = BarSeries {
        symbol: symbol.parse().unwrap(),
        timeframe: "1h".parse().unwrap(),
        bars,
        synthetic,
    };
    let source = Origin::File {
        name: "test".to_owned(),
        sha256: Digest::of(b"test"),
        layout: "generic".to_owned(),
        rows: i64::try_from(series.bars.len()).unwrap(),
    };
    let place = Workspace {
        root: world.path().to_owned(),
    };
    promote::app::market::store::save(&place, &series, source, Vec::new()).unwrap();
}

/// Hourly bars that drop sharply every three days and climb back slowly: RSI reversion likes them.
pub fn swinging(seed: u64, hours: usize) -> Vec<Bar> {
    let start = UtcTime::parse_loose("2023-01-01").unwrap();
    let mut state = seed;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as f64 / f64::from(1_u32 << 31)) - 0.5
    };
    let (mut gap, mut close) = (0.0_f64, 100.0_f64);
    (0..hours)
        .map(|hour| {
            let falling = (hour + 31 * seed as usize) % 72 < 8;
            gap = if falling { gap - 0.011 } else { gap * 0.95 } + noise() * 0.004;
            let open = close;
            close = 100.0 * gap.exp();
            let (high, low) = (open.max(close) * 1.001, open.min(close) * 0.999);
            Bar {
                time: start.plus_millis(hour as i64 * HOUR_MS),
                open,
                high,
                low,
                close,
                volume: 1.0,
            }
        })
        .collect()
}

/// A world with two swinging symbols.
pub fn world(hours: usize) -> World {
    let world = World::new();
    workspace(&world);
    store(&world, "BTC/EUR", swinging(1, hours), true);
    store(&world, "ETH/EUR", swinging(2, hours), true);
    world
}

const RUN: [&str; 5] = [
    "robustness",
    "--portfolio-preset",
    "rsi_reversion_conservative",
    "--format",
    "json",
];

fn metric(json: &serde_json::Value, metric: &str, sample: &str) -> f64 {
    json["metrics"]
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["metric"] == metric && m["sample"] == sample)
        .and_then(|m| m["value"].as_str())
        .unwrap_or_else(|| panic!("{metric}:{sample} in {json}"))
        .parse()
        .unwrap()
}

fn sha(json: &serde_json::Value) -> String {
    json["result_sha256"].as_str().unwrap().to_owned()
}

fn files(dir: &str) -> std::collections::BTreeMap<String, Vec<u8>> {
    promote::adapters::host::bundle_dir::read(Path::new(dir)).unwrap()
}

#[test]
fn a_preset_becomes_evidence_that_verifies() {
    let mut world = world(24 * 300);
    let json = world.run(&RUN).expect(Exit::Done).json();
    assert_eq!(json["schema"], "promote/evidence/v1");
    assert_eq!(json["kind"], "robustness");
    let dir = json["evidence"].as_str().unwrap().to_owned();
    let short = &json["evidence_sha256"].as_str().unwrap()[..8];
    let place = format!(
        "results/reports/portfolio_robustness_2025-12-15/rsi_reversion_conservative-{short}"
    );
    assert!(Path::new(&dir).ends_with(&place), "{dir}");
    for name in [
        "evidence.json",
        "series/full.csv",
        "series/oos.csv",
        "series/stress_single_crash_bar.csv",
        "series/stress_vol_spike.csv",
        "mc/replicates.csv",
        "trades.csv",
        "strategy.json",
        "limits.json",
        "report.md",
        "report.html",
    ] {
        assert!(Path::new(&dir).join(name).is_file(), "{name}");
    }
    let verified = world.run(&["evidence", "verify", &dir]);
    assert!(
        matches!(verified.exit, Exit::Done | Exit::Pending),
        "{verified:?}"
    );
    let shown = world
        .run(&["evidence", "show", &dir, "--json"])
        .expect(Exit::Done)
        .json();
    assert_eq!(shown["result_sha256"], json["result_sha256"]);
    // These bars climb back after every drop: the preset earns on them.
    assert!(metric(&json, "total_return", "oos") > 0.05, "{json}");
    assert!(metric(&json, "trades", "oos") >= 30.0);
    assert!(metric(&json, "mc_runs", "mc") >= 1000.0);
}

#[test]
fn the_first_row_follows_the_capital_and_oos_is_a_slice() {
    let mut world = world(24 * 150);
    let json = world.run(&RUN).expect(Exit::Done).json();
    let files = files(json["evidence"].as_str().unwrap());
    let full = promote::evidence::series::FullSeries::decode(&files["series/full.csv"]).unwrap();
    let oos = promote::evidence::series::OosSeries::decode(&files["series/oos.csv"]).unwrap();
    assert_eq!(full.times.len(), 24 * 150);
    assert_eq!(full.returns[0], 0.0);
    assert_eq!(full.equity[0], 1.0);
    // 90 days are skipped, then two windows of 30 days cover the rest.
    assert_eq!(oos.times, full.times[24 * 90..]);
    assert_eq!(oos.returns, full.returns[24 * 90..]);
    assert_eq!((oos.windows[0], *oos.windows.last().unwrap()), (0, 1));
}

#[test]
fn threads_and_reruns_give_the_same_result() {
    let mut world = world(24 * 120);
    let mut seen = Vec::new();
    for threads in [1, 2, 3, 16] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let mut args = RUN.to_vec();
        args.extend(["--mc-method", "stationary", "--mc-num-runs", "301"]);
        let json = pool.install(|| world.run(&args)).expect(Exit::Done).json();
        seen.push(json);
    }
    assert!(seen.iter().all(|json| sha(json) == sha(&seen[0])));
    // From the bundle's configuration and the bars alone, the same result comes again.
    let bundle = files(seen[0]["evidence"].as_str().unwrap());
    let checked = promote::evidence::bundle::check(&bundle).unwrap();
    let place = Workspace {
        root: world.path().to_owned(),
    };
    let (again, further) = promote::research::robustness::rerun::rerun(
        &checked.manifest,
        &bundle["strategy.json"],
        &bundle["limits.json"],
        |source| {
            let symbol = source.symbol.parse().unwrap();
            let timeframe = source.timeframe.parse().unwrap();
            let stored = promote::app::market::load_bars(&place, &symbol, timeframe).unwrap();
            Some(stored.series)
        },
    )
    .unwrap();
    let set = promote::governance::policy::set::PolicySet::embedded().unwrap();
    let policy = set.policy(&checked.manifest.portfolio.profile).unwrap();
    let later = checked.manifest.produced_at.plus_days(3);
    let built = promote::evidence::bundle::build_with(&again, &further, &policy.conventions, later)
        .unwrap();
    assert_eq!(built.manifest.result_sha256.to_string(), sha(&seen[0]));
}

#[test]
fn what_was_asked_for_changes_the_result_and_nothing_is_overwritten() {
    let mut world = world(24 * 120);
    let mut args = RUN.to_vec();
    args.extend(["--out", "here"]);
    let first = world.run(&args).expect(Exit::Done).json();
    let before = files(first["evidence"].as_str().unwrap());
    let refused = world.run(&args).expect(Exit::Conflict);
    assert!(refused.err.contains("evidence.exists"), "{}", refused.err);
    assert_eq!(files(first["evidence"].as_str().unwrap()), before);
    for (name, more) in [
        ("seed", &["--mc-seed", "7"][..]),
        ("fee", &["--fee-bps", "10"]),
        ("end", &["--end", "2023-04-20"]),
        ("severity", &["--stress-severity", "0.5"]),
        ("weights", &["--weights", "0.5", "0.5"]),
        (
            "off",
            &["--run-montecarlo=false", "--run-stress-tests=false"],
        ),
    ] {
        let mut args = RUN.to_vec();
        args.extend(["--out", name]);
        args.extend(more);
        let json = world.run(&args).expect(Exit::Done).json();
        assert_ne!(sha(&json), sha(&first), "{name}");
    }
}

#[test]
fn higher_costs_earn_less() {
    let mut world = world(24 * 120);
    let mut returns = Vec::new();
    for bps in ["0", "10", "26", "100"] {
        let mut args = RUN.to_vec();
        args.extend(["--fee-bps", bps, "--run-montecarlo=false"]);
        let json = world.run(&args).expect(Exit::Done).json();
        returns.push(metric(&json, "total_return", "full"));
    }
    assert!(returns.is_sorted_by(|a, b| a > b), "{returns:?}");
}

#[test]
fn a_signed_bundle_names_its_producer() {
    let mut world = world(24 * 100);
    let identity = promote::adapters::keys::Identity::from_secret(&[7; 32]).unwrap();
    let mut entropy = promote::adapters::host::SystemEntropy;
    let path = world.at("research-1");
    promote::adapters::keys::write_identity(&path, &identity, "test", None, &mut entropy).unwrap();
    let mut args = RUN.to_vec();
    args.extend(["--key", "research-1", "--out", "signed"]);
    world.run(&args).expect(Exit::Done);
    let bundle = files(world.at("signed").to_str().unwrap());
    let checked = promote::evidence::bundle::check(&bundle).unwrap();
    assert!(checked.seal.is_some());
    assert_eq!(
        checked.manifest.producer.unwrap().person.as_str(),
        "research-1"
    );
}

#[test]
fn wrong_words_and_missing_things_end_with_their_exit_code() {
    let mut world = World::new();
    let robustness = |world: &mut World, more: &[&str]| {
        let mut args = vec!["robustness"];
        args.extend(more);
        world.run(&args)
    };
    let preset = ["--portfolio-preset", "rsi_reversion_conservative"];
    robustness(&mut world, &preset).expect(Exit::Invalid);
    workspace(&world);
    let answer = robustness(&mut world, &preset).expect(Exit::Invalid);
    assert!(answer.err.contains("promote data import"), "{}", answer.err);
    for more in [
        &["--portfolio-preset", "nope"][..],
        &["--portfolio-preset", "../../x\u{1b}[31m"],
        &[
            "--portfolio-preset",
            "rsi_reversion_conservative",
            "--dummy-bars",
            "500",
        ],
        &[
            "--portfolio-preset",
            "rsi_reversion_conservative",
            "--portfolio-name",
            "../x",
        ],
        &[
            "--portfolio-preset",
            "rsi_reversion_conservative",
            "--weights",
            "0.9",
            "0.2",
        ],
        &[
            "--portfolio-preset",
            "rsi_reversion_conservative",
            "--stress-severity",
            "25",
        ],
        &[
            "--portfolio-preset",
            "rsi_reversion_conservative",
            "--fee-bps",
            "-1",
        ],
        &[
            "--portfolio-preset",
            "rsi_reversion_conservative",
            "--mc-num-runs",
            "0",
        ],
        &[
            "--portfolio-preset",
            "rsi_reversion_conservative",
            "--end",
            "yesterday",
        ],
        &[
            "--portfolio-preset",
            "rsi_reversion_conservative",
            "--run-montecarlo=false",
            "--mc-seed",
            "1",
        ],
    ] {
        let answer = robustness(&mut world, more).expect(Exit::Usage);
        assert!(!answer.err.contains('\u{1b}'), "{:?}", answer.err);
    }
    assert!(!world.at("results").exists());
    let broken = "[portfolio_recipes.x]\nweights = [1]\n";
    world.write("broken.toml", broken);
    let mut args = preset.to_vec();
    args.extend(["--recipes-config", "broken.toml"]);
    let answer = robustness(&mut world, &args).expect(Exit::Invalid);
    assert!(answer.err.contains("broken.toml"), "{}", answer.err);
    world.write("invalid.toml", b"a = \"\xff\"");
    args[3] = "invalid.toml";
    robustness(&mut world, &args).expect(Exit::Invalid);
}

#[test]
fn a_missing_symbol_and_an_early_end_are_said() {
    let mut world = World::new();
    workspace(&world);
    store(&world, "BTC/EUR", swinging(1, 500), true);
    let answer = world.run(&RUN).expect(Exit::Invalid);
    assert!(answer.err.contains("ETH/EUR"), "{}", answer.err);
    store(&world, "ETH/EUR", swinging(2, 500), true);
    let mut args = RUN.to_vec();
    args.extend(["--end", "2022-01-01"]);
    world.run(&args).expect(Exit::Invalid);
    // Too short for an out-of-sample part: said, not invented.
    let json = world.run(&RUN).expect(Exit::Done).json();
    let oos: Vec<_> = json["metrics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|m| m["sample"] == "oos")
        .collect();
    assert!(oos.iter().all(|m| m["value"].is_null()), "{oos:?}");
}

#[test]
fn presets_are_listed_shown_and_checked() {
    let mut world = World::new();
    let list = world.run(&["presets", "list"]).expect(Exit::Done);
    for name in ["conservative", "moderate", "aggressive"] {
        assert!(
            list.out.contains(&format!("rsi_reversion_{name}")),
            "{}",
            list.out
        );
    }
    let named = |world: &mut World, flags: &[&str]| -> Vec<String> {
        let words = [&["presets", "list", "--json"], flags].concat();
        let json = world.run(&words).expect(Exit::Done).json();
        let presets = json["presets"].as_array().unwrap().iter();
        presets
            .map(|p| p["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(named(&mut world, &[]).len(), 9);
    assert_eq!(
        named(&mut world, &["--horizon", "intraday"]),
        [
            "aggressive_v11",
            "multi_style_aggressive",
            "rsi_reversion_aggressive"
        ]
    );
    assert_eq!(
        named(
            &mut world,
            &["--profile", "conservative", "--horizon", "swing"]
        ),
        ["conservative_v11", "rsi_reversion_conservative"]
    );
    let json = world
        .run(&[
            "presets",
            "list",
            "--profile",
            "moderate",
            "--asset",
            "eth",
            "--json",
        ])
        .expect(Exit::Done)
        .json();
    assert_eq!(json["schema"], "promote/presets/v1");
    // The balanced preset trades BTC alone.
    assert_eq!(json["presets"].as_array().unwrap().len(), 3);
    assert_eq!(
        json["presets"][0]["assets"],
        serde_json::json!(["BTC", "ETH"])
    );
    let none = world
        .run(&["presets", "list", "--horizon", "never"])
        .expect(Exit::Done);
    assert!(none.out.contains("no preset matches"));
    let shown = world
        .run(&["presets", "show", "rsi_reversion_aggressive"])
        .expect(Exit::Done);
    assert!(shown.out.contains("rsi_window = 10"), "{}", shown.out);
    world.run(&["presets", "show", "nope"]).expect(Exit::Usage);
    world.run(&["presets", "validate"]).expect(Exit::Done);
    let shipped = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("config/portfolio_recipes.toml"),
    );
    let careless = shipped
        .unwrap()
        .replace("position_fraction = 0.80", "position_fraction = 0.95");
    world.write("careless.toml", careless);
    let order = ["presets", "validate", "--recipes-config", "careless.toml"];
    let order = world.run(&order).expect(Exit::Invalid);
    assert!(
        order.err.contains("has a larger position than") && order.err.contains("more)"),
        "{}",
        order.err
    );
    world.write("bad.toml", "[strategy.a]\nkind = 1\n");
    let bad = world
        .run(&["presets", "validate", "--recipes-config", "bad.toml"])
        .expect(Exit::Invalid);
    assert!(
        bad.err.contains('^') && bad.err.contains("bad.toml:2"),
        "{}",
        bad.err
    );
}

#[test]
fn real_bars_are_honest() {
    let Some(data) = shared_data() else { return };
    let mut world = World::new();
    workspace(&world);
    for (file, symbol) in [
        ("bitstamp_BTCEUR_1h.raw.csv", "BTC/EUR"),
        ("bitstamp_ETHEUR_1h.parquet", "ETH/EUR"),
    ] {
        let path = data.join("crypto").join(file);
        let path = path.to_str().unwrap();
        let args = [
            "data",
            "import",
            path,
            "--symbol",
            symbol,
            "--timeframe",
            "1h",
        ];
        world.run(&args).expect(Exit::Done);
    }
    // 15 basis points per side.
    let mut args = RUN.to_vec();
    args.extend(["--fee-bps", "10", "--slippage-bps", "5"]);
    let json = world.run(&args).expect(Exit::Done).json();
    let sharpe = metric(&json, "sharpe", "full");
    let drawdown = metric(&json, "max_drawdown", "full");
    assert!((-2.3..-0.3).contains(&sharpe), "{sharpe}");
    // The small positions of the conservative preset keep it above the 0.7 to 0.9 of full ones.
    assert!((0.4..0.9).contains(&drawdown), "{drawdown}");
    eprintln!("sharpe {sharpe} drawdown {drawdown}");
}

/// A sandbox in `w` with hourly bars of both symbols.
fn desk() -> World {
    let mut world = World::new();
    let words = [
        "init",
        "w",
        "--sandbox",
        "--seed",
        "7",
        "--now",
        "2024-06-01",
    ];
    world.run(&words).expect(Exit::Done);
    for (symbol, seed) in [("BTC/EUR", "1"), ("ETH/EUR", "2")] {
        let mut words = vec!["--root", "w", "data", "synth", "--symbol", symbol];
        words.extend([
            "--timeframe",
            "1h",
            "--start",
            "2023-06-01",
            "--bars",
            "3000",
        ]);
        words.extend(["--seed", seed, "--reversion", "0.2"]);
        world.run(&words).expect(Exit::Done);
    }
    world
}

fn run_in(world: &mut World, out: &str) -> crate::harness::Answer {
    let mut words = vec!["--root", "w"];
    words.extend(RUN);
    words.extend(["--out", out, "--key", "w/keys/research-1"]);
    world.run(&words)
}

fn trials(world: &mut World) -> Vec<serde_json::Value> {
    let words = ["--root", "w", "trial", "list", "--json"];
    let list = world.run(&words).expect(Exit::Done).json();
    crate::schemas::fits("trials.v1.json", &list);
    // Runs of one fixed configuration are listed; `trials:full` does not count them.
    assert_eq!(list["counted"], 0);
    let text = world.run(&words[..4]).expect(Exit::Done).out;
    let first = text.lines().next().unwrap();
    let runs = if list["runs"] == 1 {
        "1 run".to_owned()
    } else {
        format!("{} runs", list["runs"])
    };
    assert_eq!(
        first,
        format!(
            "{runs} started; trials:full counts 0 of them (1 at least), a lower bound of what was tried"
        )
    );
    for line in text.lines().skip(1) {
        assert!(
            line.ends_with(", of one fixed configuration: not counted"),
            "{line}"
        );
    }
    list["trials"].as_array().unwrap().clone()
}

fn manifest(world: &World, dir: &str) -> serde_json::Value {
    let bytes = std::fs::read(world.at(&format!("{dir}/evidence.json"))).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn every_run_is_counted_before_and_after_also_one_that_fails() {
    let mut world = desk();
    let told = run_in(&mut world, "one").expect(Exit::Done).err;
    assert!(told.contains("trial registered: seq"), "{told}");
    let listed = trials(&mut world);
    let stated = manifest(&world, "one");
    assert_eq!(stated["trials"]["count"], 1);
    assert_eq!(stated["trials"]["unregistered"], serde_json::Value::Null);
    let record = stated["trials"]["records"][0].as_str().unwrap().to_owned();
    assert_eq!(listed[0]["record_sha256"], record.as_str());
    assert_eq!(listed[0]["what"], "walkforward");
    assert_eq!(listed[0]["strategy_sha256"], stated["strategy_sha256"]);
    assert_eq!(
        (&listed[0]["finished"], &listed[0]["failed"]),
        (&1.into(), &0.into())
    );
    // The record is there, and its digest is its name.
    let file = format!("w/results/trials/{record}.json");
    let bytes = std::fs::read(world.at(&file)).unwrap();
    assert_eq!(Digest::of(&bytes).to_string(), record);
    crate::schemas::fits(
        "trial-record.v1.json",
        &serde_json::from_slice(&bytes).unwrap(),
    );
    // A run whose bundle cannot be written has failed, and counts.
    run_in(&mut world, "one").expect(Exit::Conflict);
    let listed = trials(&mut world);
    assert_eq!(listed.len(), 2);
    assert_eq!(
        (&listed[1]["finished"], &listed[1]["failed"]),
        (&0.into(), &1.into())
    );
    // A rerun is no trial.
    let words = [
        "--root", "w", "evidence", "verify", "one", "--rerun", "--data", "w/data",
    ];
    world.run(&words).expect(Exit::Done);
    assert_eq!(trials(&mut world).len(), 2);
    let verify = ["--root", "w", "ledger", "verify", "--json"];
    assert_eq!(world.run(&verify).expect(Exit::Done).json()["ok"], true);
}

#[test]
fn without_the_engines_key_a_record_is_left_and_the_evidence_says_so() {
    let mut world = desk();
    let registered = run_in(&mut world, "one").expect(Exit::Done).json();
    std::fs::remove_file(world.at("w/ledger/keys/engine.key")).unwrap();
    let answer = run_in(&mut world, "two").expect(Exit::Done);
    assert!(answer.err.contains("`unregistered`"), "{}", answer.err);
    // What the ledger knows is no part of the result.
    assert_eq!(sha(&answer.json()), sha(&registered));
    let stated = manifest(&world, "two");
    assert_eq!(stated["trials"]["unregistered"], true);
    let record = stated["trials"]["records"][0].as_str().unwrap();
    let end = format!("w/results/trials/{record}.end.json");
    let end: serde_json::Value =
        serde_json::from_slice(&std::fs::read(world.at(&end)).unwrap()).unwrap();
    crate::schemas::fits("trial-record-end.v1.json", &end);
    assert_eq!(
        (&end["finished"], &end["record_sha256"]),
        (&1.into(), &record.into())
    );
    assert_eq!(trials(&mut world).len(), 1);
}

#[test]
fn a_bundle_that_comes_back_signed_is_one_trial() {
    let mut world = desk();
    let mut words = vec!["--root", "w"];
    words.extend(RUN);
    words.extend(["--out", "one", "--key", "w/keys/research-1"]);
    let out = [&words[..], &["--statement-out", "manifest"]].concat();
    world.run(&out).expect(Exit::Pending);
    let key = promote::adapters::keys::read_identity(&world.at("w/keys/research-1"), None).unwrap();
    let bytes = std::fs::read(world.at("manifest")).unwrap();
    let signature = key.sign(promote::evidence::bundle::NAMESPACE, &bytes);
    world.write("manifest.sig", signature.to_armor());
    let back = [
        &words[..7],
        &["--out", "one", "--signature", "manifest.sig"],
    ]
    .concat();
    world.run(&back).expect(Exit::Done);
    assert_eq!(trials(&mut world).len(), 1);
}
