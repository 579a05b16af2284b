//! How the account is run (fills, spread, borrowing, sizes, rebalancing) and where development
//! stopped: from config.toml, preset and flags to evidence that verifies, is rerun and judged.

use promote::app::exit::Exit;
use promote::evidence::manifest::OosKind;
use promote::governance::promotion::tracks::grounds::Grounds;
use serde_json::Value;

use crate::harness::World;
use crate::robustness::{store, swinging, workspace, world};

/// A preset of two strategies, one of them on both sides; `preset` and `strategy` are further keys.
fn recipes(preset: &str, strategy: &str) -> String {
    format!(
        r#"
[portfolio_recipes.both_sides]
portfolio_name = "Both sides"
description = "Long and short on swings."
strategies = ["btc", "eth"]
weights = [0.5, 0.5]
risk_profile = "moderate"
horizon = "swing"
run_montecarlo = false
run_stress_tests = false
{preset}

[strategy.btc]
kind = "rsi_reversion"
symbol = "BTC/EUR"
timeframe = "1h"
style = "mean_reversion"
position_fraction = 0.90
allow_short = true
stop_pct = 0.04
{strategy}
[strategy.btc.parameters]
rsi_window = 5
lower = 30
upper = 70

[strategy.eth]
kind = "ma_trend"
symbol = "ETH/EUR"
timeframe = "1h"
style = "trend"
position_fraction = 0.90
allow_short = false
[strategy.eth.parameters]
fast_window = 10
slow_window = 40
"#
    )
}

const RUN: [&str; 7] = [
    "robustness",
    "--portfolio-preset",
    "both_sides",
    "--recipes-config",
    "recipes.toml",
    "--format",
    "json",
];

/// Runs the preset with `flags` into `out`, and gives its manifest.
#[track_caller]
fn run(world: &mut World, out: &str, flags: &[&str]) -> Value {
    let words = [&RUN[..], &["--out", out], flags].concat();
    world.run(&words).expect(Exit::Done);
    let bytes = std::fs::read(world.at(&format!("{out}/evidence.json"))).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// Verifies `out` with a rerun from the bars alone: the same result, and no fault. Gives the codes
/// of what was noted.
#[track_caller]
fn verified(world: &mut World, out: &str) -> Vec<String> {
    let verify = ["evidence", "verify", out, "--rerun", "--json"];
    let json = world.run(&verify).expect(Exit::Done).json();
    assert_eq!(
        (&json["ok"], &json["rerun"]["same"]),
        (&true.into(), &true.into()),
        "{json}"
    );
    let findings = json["findings"].as_array().unwrap().iter();
    findings
        .map(|f| f["code"].as_str().unwrap().to_owned())
        .collect()
}

fn metric(manifest: &Value, metric: &str, sample: &str) -> f64 {
    let mut all = manifest["metrics"].as_array().unwrap().iter();
    let found = all.find(|m| m["metric"] == metric && m["sample"] == sample);
    found.unwrap()["value"].as_str().unwrap().parse().unwrap()
}

fn trades(world: &World, out: &str) -> usize {
    let text = std::fs::read_to_string(world.at(&format!("{out}/trades.csv"))).unwrap();
    text.lines().count() - 1
}

fn report(world: &World, out: &str) -> String {
    std::fs::read_to_string(world.at(&format!("{out}/report.md"))).unwrap()
}

fn strategy(world: &World, out: &str) -> Value {
    let bytes = std::fs::read(world.at(&format!("{out}/strategy.json"))).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn every_option_gives_evidence_that_verifies_and_is_rerun_to_the_same_result() {
    let mut world = world(24 * 160);
    world.write("recipes.toml", recipes("", ""));
    let plain = run(&mut world, "plain", &[]);
    assert_eq!(verified(&mut world, "plain"), ["synthetic"]);
    let text = std::fs::read_to_string(world.at("plain/strategy.json")).unwrap();
    for key in ["account", "developed_until", "risk_per_trade"] {
        assert!(!text.contains(key), "{text}");
    }
    let options: [(&str, &[&str]); 7] = [
        ("spread", &["--spread-bps", "8"]),
        ("borrow", &["--borrow-bps-per-year", "2000"]),
        ("least", &["--min-notional", "4600"]),
        ("daily", &["--rebalance", "daily"]),
        ("weekly", &["--rebalance", "weekly", "--min-notional", "20"]),
        ("monthly", &["--rebalance", "monthly"]),
        (
            "all",
            &[
                "--fill",
                "same_close",
                "--spread-bps",
                "8",
                "--borrow-bps-per-year",
                "2000",
                "--rebalance",
                "weekly",
            ],
        ),
    ];
    for (name, flags) in options {
        let manifest = run(&mut world, name, flags);
        assert_ne!(manifest["result_sha256"], plain["result_sha256"], "{name}");
        assert_ne!(
            manifest["strategy_sha256"], plain["strategy_sha256"],
            "{name}"
        );
        let noted = verified(&mut world, name);
        let wanted = if name == "all" {
            vec!["fill", "synthetic"]
        } else {
            vec!["synthetic"]
        };
        assert_eq!(noted, wanted, "{name}");
        // The command in the report repeats the flags.
        let repeat = flags.join(" ");
        let said = report(&world, name);
        for flag in repeat.split(" --") {
            assert!(
                said.contains(flag.trim_start_matches("--")),
                "{name}: {flag}"
            );
        }
    }
    // Costs are costs, and adjustments make no further trades.
    let total = |out: &str| {
        let bytes = std::fs::read(world.at(&format!("{out}/evidence.json"))).unwrap();
        metric(
            &serde_json::from_slice(&bytes).unwrap(),
            "total_return",
            "full",
        )
    };
    assert!(total("spread") < total("plain") && total("borrow") < total("plain"));
    for name in ["spread", "borrow", "daily", "monthly"] {
        assert_eq!(trades(&world, name), trades(&world, "plain"), "{name}");
    }
    assert!(trades(&world, "least") < trades(&world, "plain"));
    assert!(report(&world, "least").contains("below the least notional of 4600"));
    assert!(report(&world, "borrow").contains("for borrowing."));
    assert!(report(&world, "daily").contains("Open positions were rebalanced daily:"));
}

#[test]
fn half_of_the_spread_stands_in_the_slippage_that_evidence_states() {
    let mut world = world(24 * 120);
    world.write("recipes.toml", recipes("", ""));
    let spread = run(
        &mut world,
        "a",
        &["--spread-bps", "6", "--slippage-bps", "5"],
    );
    assert_eq!(spread["conventions"]["slippage"], "0.0008");
    let said = strategy(&world, "a");
    assert_eq!(
        (&said["slippage"], &said["account"]["spread"]),
        (&"0.0005".into(), &"0.0006".into())
    );
    // It costs what slippage of that size costs.
    run(&mut world, "b", &["--slippage-bps", "8"]);
    for file in ["trades.csv", "series/full.csv"] {
        let read = |out: &str| std::fs::read_to_string(world.at(&format!("{out}/{file}"))).unwrap();
        assert_eq!(read("a"), read("b"));
    }
    // A spread alone reaches the policy's minimum; half of it is what counts.
    run(
        &mut world,
        "wide",
        &["--spread-bps", "10", "--slippage-bps", "0"],
    );
    assert_eq!(verified(&mut world, "wide"), ["synthetic"]);
    run(
        &mut world,
        "narrow",
        &["--spread-bps", "9", "--slippage-bps", "0"],
    );
    assert_eq!(verified(&mut world, "narrow"), ["costs", "synthetic"]);
}

#[test]
fn sizing_by_risk_follows_the_stop_and_is_refused_without_one() {
    let mut world = world(24 * 120);
    let by_risk = "sizing = \"risk_per_trade\"\nrisk_per_trade = 0.01\n";
    world.write("recipes.toml", recipes("", by_risk));
    run(&mut world, "risk", &[]);
    assert_eq!(verified(&mut world, "risk"), ["synthetic"]);
    assert!(report(&world, "risk").contains("risk_per_trade = 0.01"));
    // A quarter of the capital: 1 % / 4 %. The same as a fraction of 0.25.
    let as_fraction =
        recipes("", "").replacen("position_fraction = 0.90", "position_fraction = 0.25", 1);
    world.write("recipes.toml", as_fraction);
    run(&mut world, "fraction", &[]);
    let table =
        |out: &str| std::fs::read_to_string(world.at(&format!("{out}/trades.csv"))).unwrap();
    assert_eq!(table("risk"), table("fraction"));
    for (further, token, said) in [
        (
            "sizing = \"kelly\"",
            "\"kelly\"",
            "fixed_fraction, risk_per_trade",
        ),
        (
            "sizing = \"risk_per_trade\"",
            "\"risk_per_trade\"",
            "needs risk_per_trade",
        ),
        ("risk_per_trade = 0.01", "0.01", "has no meaning without"),
        (
            "sizing = \"risk_per_trade\"\nrisk_per_trade = 2",
            "2",
            "fraction above 0 and at most 1",
        ),
        ("risk_per_trad = 0.01", "risk_per_trad", "unknown field"),
    ] {
        refused(&mut world, &recipes("", further), token, said);
    }
    let without = recipes("", by_risk).replace("stop_pct = 0.04\n", "");
    refused(&mut world, &without, "\"risk_per_trade\"", "needs a stop");
}

/// The recipes are refused with file, line, token and reason.
#[track_caller]
fn refused(world: &mut World, recipes: &str, token: &str, said: &str) {
    world.write("recipes.toml", recipes);
    let line = 1 + recipes
        .lines()
        .position(|line| line.contains(token))
        .unwrap();
    let answer = world.run(&RUN[..5]).expect(Exit::Invalid);
    let place = format!("recipes.toml:{line}");
    assert!(
        answer.err.contains(&place) && answer.err.contains(said) && answer.err.contains('^'),
        "{place} {said}\n{}",
        answer.err
    );
}

#[test]
fn misspelt_and_senseless_keys_are_refused_where_they_stand() {
    let mut world = world(24 * 3);
    for (further, token, said) in [
        ("fill = \"close\"", "\"close\"", "next_open, same_close"),
        (
            "rebalance = \"yearly\"",
            "\"yearly\"",
            "none, daily, weekly, monthly",
        ),
        ("rebalancing = \"daily\"", "rebalancing", "unknown field"),
        ("min_notional = -1", "-1", "0 or more"),
        ("developed_until = \"soon\"", "\"soon\"", "date such as"),
        ("max_drawdown_target = 10", "= 10", "0.15 is 15 %"),
        (
            "developed_until = \"2023-03-01\"\nwalk_forward_test_days = 30",
            "walk_forward_test_days",
            "no meaning beside developed_until",
        ),
    ] {
        refused(&mut world, &recipes(further, ""), token, said);
    }
    let block = recipes("mc_block_size = \"long\"", "")
        .replace("run_montecarlo = false", "run_montecarlo = true");
    refused(&mut world, &block, "\"long\"", "\"auto\"");
    world.write("recipes.toml", recipes("", ""));
    for (text, said) in [
        ("[costs]\nspread_bp = 4\n", "config.toml:2"),
        ("[research]\nfill = \"open\"\n", "next_open, same_close"),
        (
            "[research]\nrebalance = \"hourly\"\n",
            "none, daily, weekly, monthly",
        ),
    ] {
        world.write("config/config.toml", text);
        let answer = world.run(&RUN[..5]).expect(Exit::Invalid);
        assert!(answer.err.contains(said), "{}", answer.err);
    }
    world.write("config/config.toml", "");
    for flags in [
        ["--spread-bps", "-1"],
        ["--min-notional", "-1"],
        ["--borrow-bps-per-year", "100001"],
        ["--rebalance", "yearly"],
        ["--fill", "close"],
    ] {
        world.run(&[&RUN[..], &flags].concat()).expect(Exit::Usage);
    }
    assert!(!world.at("results").exists());
}

#[test]
fn the_flag_wins_over_the_preset_and_the_preset_over_the_settings() {
    let mut world = world(24 * 100);
    let settings = "[research]\nrebalance = \"monthly\"\nmin_notional = 30\n[costs]\nspread_bps = 2\n\
                    borrow_bps_per_year = 100\n";
    world.write("config/config.toml", settings);
    world.write("recipes.toml", recipes("rebalance = \"weekly\"", ""));
    run(&mut world, "preset", &[]);
    let account = |out: &str| strategy(&world, out)["account"].clone();
    assert_eq!(
        account("preset"),
        serde_json::json!({
            "borrow_per_year": "0.01",
            "min_notional": "30",
            "rebalance": "weekly",
            "spread": "0.0002",
        })
    );
    run(
        &mut world,
        "flag",
        &[
            "--rebalance",
            "none",
            "--min-notional",
            "0",
            "--spread-bps",
            "0",
        ],
    );
    let flag = strategy(&world, "flag")["account"].clone();
    assert_eq!(flag, serde_json::json!({ "borrow_per_year": "0.01" }));
}

/// A sandbox in `w` with bars that the preset earns on, and the bundles of both fill rules.
fn desk() -> World {
    let mut world = World::new();
    let init = [
        "init",
        "w",
        "--sandbox",
        "--seed",
        "7",
        "--now",
        "2024-06-01",
    ];
    world.run(&init).expect(Exit::Done);
    for (symbol, seed) in [("BTC/EUR", "1"), ("ETH/EUR", "2")] {
        let mut words = vec!["--root", "w", "data", "synth", "--symbol", symbol];
        words.extend([
            "--timeframe",
            "1h",
            "--start",
            "2023-06-01",
            "--bars",
            "6000",
        ]);
        words.extend(["--seed", seed, "--reversion", "0.2"]);
        world.run(&words).expect(Exit::Done);
    }
    for fill in ["next_open", "same_close"] {
        let mut words = vec!["--root", "w", "robustness", "--portfolio-preset"];
        words.extend(["rsi_reversion_conservative", "--run-montecarlo=false"]);
        words.extend(["--fill", fill, "--out", fill]);
        world.run(&words).expect(Exit::Done);
    }
    world
}

/// What `check` says about the bundle `fill` for `target`: the reasons of all criteria without value,
/// and everything that it noted.
fn judged(world: &mut World, fill: &str, target: &str) -> (Vec<String>, String) {
    let mut words = vec!["--root", "w", "check", "rsi_reversion_conservative"];
    words.extend(["--target", target, "--evidence", fill, "--json"]);
    let answer = world.run(&words);
    let json = answer.json();
    let missing = json["criteria"].as_array().unwrap().iter();
    let missing = missing.filter(|c| c["zone"] == "missing");
    let reason = |c: &Value| {
        let reason = c["reason"].as_str().unwrap_or_default();
        format!(
            "{}:{} {reason}",
            c["metric"].as_str().unwrap(),
            c["sample"].as_str().unwrap()
        )
    };
    (missing.map(reason).collect(), answer.err)
}

#[test]
fn fills_at_their_own_close_are_good_for_shadow_at_most() {
    let mut world = desk();
    let text = std::fs::read_to_string(world.at("same_close/report.md")).unwrap();
    assert!(text.contains("good for SHADOW at most"), "{text}");
    assert!(text.contains("at the close that gave the signal, which nobody can trade"));
    let plain = std::fs::read_to_string(world.at("next_open/report.md")).unwrap();
    assert!(!plain.contains("good for SHADOW at most"));
    let bytes = std::fs::read(world.at("same_close/evidence.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(manifest["conventions"]["fill"], "same_close");
    let convention = |missing: &[String]| -> Vec<String> {
        let about = missing.iter().filter(|line| line.contains("convention"));
        about.cloned().collect()
    };
    // SHADOW takes it, and says so; TESTNET takes no figure that the fills could flatter.
    let (shadow, said) = judged(&mut world, "same_close", "shadow");
    assert_eq!(convention(&shadow), Vec::<String>::new());
    assert!(
        said.contains("fills are not at the next bar's open"),
        "{said}"
    );
    let (testnet, _) = judged(&mut world, "same_close", "testnet");
    let flattered = convention(&testnet);
    assert!(!flattered.is_empty(), "{testnet:?}");
    assert!(
        flattered.iter().all(|line| !line.starts_with("trades:")),
        "{flattered:?}"
    );
    for target in ["shadow", "testnet"] {
        let (missing, said) = judged(&mut world, "next_open", target);
        assert_eq!(convention(&missing), Vec::<String>::new(), "{target}");
        assert!(!said.contains("next bar's open"), "{said}");
    }
}

#[test]
fn what_comes_after_the_development_is_the_out_of_sample_part() {
    let mut world = world(24 * 160);
    world.write(
        "recipes.toml",
        recipes("developed_until = \"2023-03-01\"", ""),
    );
    let manifest = run(&mut world, "until", &[]);
    assert_eq!(verified(&mut world, "until"), ["synthetic"]);
    let oos = &manifest["samples"]["oos"];
    assert_eq!(oos["kind"], "developed_until");
    let windows = oos["windows"].as_array().unwrap();
    assert_eq!(windows.len(), 1);
    // A plain date is the whole day.
    assert_eq!(windows[0]["first"], "2023-03-02T00:00:00.000Z");
    assert_eq!(windows[0]["last"], manifest["samples"]["full"]["last"]);
    assert_eq!(
        manifest["samples"]["is"]["last"],
        "2023-03-01T23:00:00.000Z"
    );
    assert!(metric(&manifest, "trades", "oos") > 5.0);
    assert_eq!(
        strategy(&world, "until")["developed_until"],
        "2023-03-01T23:59:59.999Z"
    );
    let said = report(&world, "until");
    assert!(
        said.contains("Development stopped at 2023-03-01T23:59:59.999Z"),
        "{said}"
    );
    // What a request says about it is what its guard holds against the ledger above SHADOW: only
    // bars after the entry that first named the configuration count (tests/it/shown.rs).
    let files = promote::adapters::host::bundle_dir::read(&world.at("until")).unwrap();
    let checked = promote::evidence::bundle::check(&files).unwrap();
    let grounds = Grounds::of(&[checked]);
    assert_eq!(grounds.oos_kind, Some(OosKind::DevelopedUntil));
    // The rows are a slice of the full run.
    let rows = |file: &str| {
        let text = std::fs::read_to_string(world.at(&format!("until/{file}"))).unwrap();
        text.lines().count() - 1
    };
    assert_eq!(
        rows("series/oos.csv"),
        rows("series/full.csv") - (31 + 28 + 1) * 24
    );
    // A time is that time.
    world.write(
        "recipes.toml",
        recipes("developed_until = \"2023-03-01T00:00:00Z\"", ""),
    );
    let manifest = run(&mut world, "from_time", &[]);
    let windows = manifest["samples"]["oos"]["windows"].as_array().unwrap();
    assert_eq!(windows[0]["first"], "2023-03-01T01:00:00.000Z");
    // Nothing comes after the end of the data: said, not invented.
    world.write(
        "recipes.toml",
        recipes("developed_until = \"2024-01-01\"", ""),
    );
    let manifest = run(&mut world, "late", &[]);
    assert!(manifest["samples"]["oos"].is_null());
    assert!(report(&world, "late").contains("No bar lies after 2024-01-01"));
    let shown = [
        "presets",
        "show",
        "both_sides",
        "--recipes-config",
        "recipes.toml",
    ];
    let shown = world.run(&shown).expect(Exit::Done).out;
    assert!(shown.contains("developed until 2024-01-01"), "{shown}");
}

#[test]
fn the_drawdown_that_a_preset_aims_at_is_told_and_changes_nothing() {
    let mut world = world(24 * 120);
    world.write("recipes.toml", recipes("", ""));
    let plain = run(&mut world, "plain", &[]);
    assert!(!report(&world, "plain").contains("means to stay within"));
    for (target, word) in [("0.99", "inside"), ("0.0001", "beyond it")] {
        let further = format!("max_drawdown_target = {target}");
        world.write("recipes.toml", recipes(&further, ""));
        let manifest = run(&mut world, word, &[]);
        assert_eq!(manifest["result_sha256"], plain["result_sha256"]);
        let said = report(&world, word);
        assert!(
            said.contains("means to stay within a drawdown")
                && said.contains(&format!(", {word}.")),
            "{said}"
        );
    }
    let shown = world
        .run(&["presets", "show", "moderate_v11"])
        .expect(Exit::Done)
        .out;
    assert!(shown.contains("max_drawdown_target 0.15"), "{shown}");
    for scenario in ["liquidity_gap", "trend_reversal", "flash_crash"] {
        assert!(shown.contains(scenario), "{shown}");
    }
}

#[test]
fn a_preset_may_leave_the_block_length_to_the_returns() {
    let mut world = world(24 * 100);
    let further = "mc_num_runs = 100\nmc_method = \"stationary\"\nmc_block_size = \"auto\"";
    let text = recipes(further, "").replace("run_montecarlo = false", "run_montecarlo = true");
    world.write("recipes.toml", text);
    let preset = run(&mut world, "preset", &[]);
    assert_eq!(verified(&mut world, "preset"), ["synthetic"]);
    let flag = run(&mut world, "flag", &["--mc-block-size", "auto"]);
    assert_eq!(preset["mc"], flag["mc"]);
    assert_eq!(preset["result_sha256"], flag["result_sha256"]);
    assert!(report(&world, "preset").contains("--mc-block-size auto"));
}

/// Hourly bars of `hours` that never move.
fn still(hours: usize) -> Vec<promote::research::market::Bar> {
    let mut bars = swinging(1, hours);
    for bar in &mut bars {
        (bar.open, bar.high, bar.low, bar.close) = (100.0, 100.0, 100.0, 100.0);
    }
    bars
}

#[test]
fn too_little_history_and_prices_that_never_move_have_no_figure() {
    let mut world = World::new();
    workspace(&world);
    world.write("recipes.toml", recipes("", ""));
    let both = |world: &World, bars: fn(u64) -> Vec<promote::research::market::Bar>| {
        store(world, "BTC/EUR", bars(1), true);
        store(world, "ETH/EUR", bars(2), true);
    };
    // One bar has no spacing, so that nothing can be said about a year.
    both(&world, |seed| swinging(seed, 1));
    let answer = world.run(&RUN).expect(Exit::Invalid);
    assert!(answer.err.contains("periods per year"), "{}", answer.err);
    let words = [&RUN[..], &["--run-montecarlo"]].concat();
    world.run(&words).expect(Exit::Invalid);
    // Shorter than every look-back: no trade, and no ratio.
    both(&world, |seed| swinging(seed, 4));
    let short = run(&mut world, "short", &[]);
    let undefined = |manifest: &Value, metric: &str| {
        let mut all = manifest["metrics"].as_array().unwrap().iter();
        let found = all.find(|m| m["metric"] == metric && m["sample"] == "full");
        found.unwrap()["undefined"].clone()
    };
    assert_eq!(undefined(&short, "sharpe"), "zero_variance");
    assert!(undefined(&short, "hit_ratio").is_string());
    both(&world, |_| still(24 * 120));
    let flat = run(&mut world, "flat", &[]);
    assert_eq!(undefined(&flat, "sharpe"), "zero_variance");
    assert_eq!(verified(&mut world, "flat"), ["synthetic"]);
}

#[test]
fn unequal_starts_and_gaps_are_joined_and_told() {
    let mut world = World::new();
    workspace(&world);
    world.write("recipes.toml", recipes("rebalance = \"daily\"", ""));
    let mut late = swinging(2, 24 * 160);
    late.drain(..24 * 30);
    // Two days without a bar, over a boundary of days.
    late.drain(24 * 50 + 7..24 * 52 + 7);
    store(&world, "BTC/EUR", swinging(1, 24 * 160), true);
    store(&world, "ETH/EUR", late, true);
    let manifest = run(&mut world, "gaps", &[]);
    assert_eq!(verified(&mut world, "gaps"), ["synthetic"]);
    assert_eq!(manifest["samples"]["full"]["rows"], 24 * 128);
    assert_eq!(
        manifest["samples"]["full"]["first"],
        "2023-01-31T00:00:00.000Z"
    );
    let said = report(&world, "gaps");
    assert!(said.contains("48 bars of BTC/EUR were left out"), "{said}");
}

#[test]
fn bars_that_jump_like_a_split_are_told() {
    let mut world = World::new();
    workspace(&world);
    world.write("recipes.toml", recipes("", ""));
    let mut split = swinging(1, 24 * 100);
    for bar in &mut split[24 * 50..] {
        for price in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close] {
            *price /= 4.0;
        }
    }
    store(&world, "BTC/EUR", split, true);
    store(&world, "ETH/EUR", swinging(2, 24 * 100), true);
    run(&mut world, "split", &[]);
    let said = report(&world, "split");
    assert!(said.contains("1 step in the bars of BTC/EUR"), "{said}");
    assert!(!said.contains("in the bars of ETH/EUR"), "{said}");
}
