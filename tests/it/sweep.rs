//! `research sweep` and `research promote`, end to end: what is printed, what is written, what is
//! counted, and what is refused.

use std::collections::BTreeMap;
use std::path::Path;

use promote::app::exit::Exit;
use promote::app::market::load_bars;
use promote::app::sweep::sweeps;
use promote::app::workspace::Workspace;
use promote::kernel::decimal::Decimal;
use promote::kernel::digest::Digest;
use promote::metrics::{drawdown, hit_ratio, profit_factor, sharpe, sortino};
use promote::research::backtest::executor::Stops;
use promote::research::backtest::run::run as engine;
use promote::research::market::Bar;
use promote::research::portfolio::account::{self, Component, Costs};
use promote::research::strategy::registry::Rule;
use promote::research::sweep::grid::Combination;

use crate::harness::{Answer, World, golden, numbered};
use crate::robustness::{store, swinging, workspace};

/// A sandbox in `w` with hourly bars of BTC/EUR that are long past.
pub fn desk() -> World {
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
    let mut words = vec!["--root", "w", "data", "synth", "--symbol", "BTC/EUR"];
    words.extend([
        "--timeframe",
        "1h",
        "--start",
        "2023-06-01",
        "--bars",
        "3000",
    ]);
    words.extend(["--seed", "1", "--reversion", "0.2"]);
    world.run(&words).expect(Exit::Done);
    world
}

/// A workspace without a ledger, with bars that swing.
pub fn plain(hours: usize) -> World {
    let world = World::new();
    workspace(&world);
    store(&world, "BTC/EUR", swinging(1, hours), true);
    world
}

pub fn sweep(world: &mut World, name: &str, more: &[&str]) -> Answer {
    let mut words = vec!["research", "sweep", "--sweep-name", name];
    words.extend(more);
    world.run(&words)
}

pub fn sweep_in_w(world: &mut World, name: &str, more: &[&str]) -> Answer {
    let mut words = vec!["--root", "w", "research", "sweep", "--sweep-name", name];
    words.extend(more);
    world.run(&words)
}

pub fn trials(world: &mut World) -> Vec<serde_json::Value> {
    let words = ["--root", "w", "trial", "list", "--json"];
    let list = world.run(&words).expect(Exit::Done).json();
    list["trials"].as_array().unwrap().clone()
}

/// Every file below the folder with the digest of its bytes.
fn tree(dir: &Path, found: &mut BTreeMap<String, Digest>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tree(&path, found);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.insert(path.display().to_string(), Digest::of(&bytes));
        }
    }
}

pub fn all(world: &World) -> BTreeMap<String, Digest> {
    let mut found = BTreeMap::new();
    tree(world.path(), &mut found);
    found
}

#[test]
fn what_is_printed() {
    let mut world = desk();
    let answer = sweep_in_w(&mut world, "rsi_reversion_basic", &[]).expect(Exit::Done);
    let dir = world.at("w/results/reports/sweep_rsi_reversion_basic_2024-06-01");
    let digest = std::fs::read_dir(dir).unwrap().next().unwrap().unwrap();
    let digest = digest.file_name().into_string().unwrap();
    let here = world.path().display().to_string();
    let text = format!("{}--- stderr\n{}", answer.out, answer.err);
    let text = text.replace(&here, "").replace(&digest, "DIGEST8");
    golden(Path::new("tests/golden/sweep.txt"), &numbered(&text));
    let dry = ["--dry-run", "--max-runs", "9"];
    let dry = sweep_in_w(&mut world, "rsi_reversion_basic", &dry).expect(Exit::Done);
    let list = ["--root", "w", "research", "sweep", "--list-sweeps"];
    let list = world.run(&list).expect(Exit::Done);
    let kinds = ["--root", "w", "research", "sweep", "--list-strategies"];
    let kinds = world.run(&kinds).expect(Exit::Done);
    let kind = [
        "--root",
        "w",
        "research",
        "sweep",
        "--show-params",
        "donchian",
    ];
    let kind = world.run(&kind).expect(Exit::Done);
    let text = [dry.out, list.out, kinds.out, kind.out].join("\n---\n");
    golden(Path::new("tests/golden/sweep_lists.txt"), &text);
}

/// The figures of a combination by the engine and the metrics alone.
fn in_full(combination: &Combination, bars: &[Bar], costs: Costs) -> [Option<f64>; 8] {
    let [stop, take_profit] = &combination.exits;
    let fraction = |value: &Option<Decimal>| value.as_ref().map(Decimal::to_f64);
    let stops = Stops {
        stop: fraction(stop),
        take_profit: fraction(take_profit),
        trailing: None,
    };
    let stops = stops.and(combination.rule.stops());
    let legs = engine(&mut *combination.rule.start(false), stops, bars);
    let component = Component {
        weight: 1.0,
        fraction: 1.0,
        bars,
        legs: &legs,
    };
    let account = account::run(&[component], 1.0, costs).unwrap();
    let pnl: Vec<f64> = account.trades.iter().map(|t| t.pnl).collect();
    [
        Some(account.equity.last().unwrap() - 1.0),
        sharpe::sharpe(&account.returns, 8760.0, 0.0).ok(),
        sortino::sortino(&account.returns, 8760.0).ok(),
        drawdown::max_drawdown(&account.returns).ok(),
        Some(account.trades.len() as f64),
        hit_ratio::hit_ratio(&pnl).ok(),
        profit_factor::profit_factor(&pnl).ok(),
        Some(account.trades.iter().map(|t| t.costs).sum()),
    ]
}

#[test]
fn rows_are_what_the_engine_and_the_metrics_say() {
    let mut world = plain(2500);
    let place = Workspace {
        root: world.path().to_owned(),
    };
    let stored = load_bars(&place, &"BTC/EUR".parse().unwrap(), "1h".parse().unwrap()).unwrap();
    let bars = stored.series.bars;
    // What config/config.toml ships.
    let costs = Costs {
        fee: 0.0026,
        slippage: 0.0005,
    };
    let (named, _) = sweeps(None, None).unwrap();
    let mut traded = 0.0;
    for name in [
        "rsi_reversion_aggressive",
        "breakout_with_tp",
        "ma_crossover_basic",
    ] {
        sweep(&mut world, name, &["--out", name]).expect(Exit::Done);
        let text = std::fs::read_to_string(world.at(&format!("{name}/results.csv"))).unwrap();
        let plan = named.sweep(name).unwrap().plan(None).unwrap();
        assert_eq!(text.lines().count(), 1 + plan.combinations.len());
        for (index, line) in text.lines().skip(1).enumerate().step_by(5) {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells[0], (index + 1).to_string());
            let figures = &cells[cells.len() - 8..];
            let wanted = in_full(&plan.combinations[index], &bars, costs);
            traded += wanted[4].unwrap();
            for (cell, wanted) in figures.iter().zip(wanted) {
                match (cell.parse::<f64>(), wanted) {
                    (Ok(found), Some(wanted)) => {
                        let far = (found - wanted).abs() / (1.0 + wanted.abs());
                        assert!(far <= 1e-9, "{name} {line}: {found} {wanted}");
                    }
                    (Err(_), None) => assert_eq!(*cell, "", "{line}"),
                    (found, wanted) => panic!("{name} {line}: {found:?} {wanted:?}"),
                }
            }
        }
    }
    assert!(traded > 300.0, "{traded}");
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let world = plain(1500);
    let mut seen = Vec::new();
    for workers in ["1", "2", "5"] {
        let mut world = world.copy();
        let more = ["--workers", workers, "--out", "r"];
        sweep(&mut world, "rsi_reversion_fine", &more).expect(Exit::Done);
        let read = |name: &str| std::fs::read(world.at(&format!("r/{name}"))).unwrap();
        seen.push((read("results.csv"), read("summary.json")));
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn one_trial_with_all_its_runs_is_counted_before_and_after() {
    let mut world = desk();
    let name = "rsi_reversion_basic";
    let json = sweep_in_w(&mut world, name, &["--json"])
        .expect(Exit::Done)
        .json();
    crate::schemas::fits("sweep.v1.json", &json);
    let listed = trials(&mut world);
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (&listed[0]["what"], &listed[0]["portfolio"]),
        (&"sweep".into(), &name.into())
    );
    assert_eq!(
        (
            &listed[0]["started"],
            &listed[0]["finished"],
            &listed[0]["failed"]
        ),
        (&27.into(), &27.into(), &0.into())
    );
    assert_eq!(json["trials"]["record_sha256"], listed[0]["record_sha256"]);
    assert_eq!(json["trials"]["earlier"], 0);
    let record = listed[0]["record_sha256"].as_str().unwrap();
    let record = std::fs::read(world.at(&format!("w/results/trials/{record}.json"))).unwrap();
    let record = serde_json::from_slice(&record).unwrap();
    crate::schemas::fits("trial-record.v1.json", &record);
    assert!(record["grid_sha256"].is_string() && record["strategy_sha256"].is_null());
    // The same again is refused before anything is counted.
    let again = sweep_in_w(&mut world, name, &[]).expect(Exit::Conflict);
    assert!(again.err.contains("exists already"), "{}", again.err);
    assert_eq!(trials(&mut world).len(), 1);
    // Elsewhere it runs again, and counts again.
    let more = ["--out", "second", "--max-runs", "5", "--json"];
    let second = sweep_in_w(&mut world, name, &more)
        .expect(Exit::Done)
        .json();
    assert_eq!(
        (&second["counts"]["ran"], &second["counts"]["beyond"]),
        (&5.into(), &22.into())
    );
    assert_eq!(second["trials"]["earlier"], 27);
    // Another portfolio pays for its own.
    let more = ["--out", "third", "--portfolio", "mine", "--json"];
    let third = sweep_in_w(&mut world, name, &more)
        .expect(Exit::Done)
        .json();
    assert_eq!(third["trials"]["earlier"], 0);
    // Results that cannot be written are runs that failed, and count.
    let more = ["--out", "w/config/config.toml/r"];
    let failed = sweep_in_w(&mut world, name, &more);
    assert_ne!(failed.exit, Exit::Done);
    let listed = trials(&mut world);
    assert_eq!(
        (listed.len(), &listed[3]["finished"], &listed[3]["failed"]),
        (4, &0.into(), &27.into())
    );
    let verify = ["--root", "w", "ledger", "verify", "--json"];
    assert_eq!(world.run(&verify).expect(Exit::Done).json()["ok"], true);
}

#[test]
fn without_a_ledger_a_record_is_left() {
    let mut world = plain(500);
    let answer = sweep(&mut world, "momentum_basic", &["--json"]).expect(Exit::Done);
    assert!(answer.err.contains("no ledger"), "{}", answer.err);
    let json = answer.json();
    assert_eq!(json["trials"]["entry"], serde_json::Value::Null);
    let record = json["trials"]["record_sha256"].as_str().unwrap();
    let end = std::fs::read(world.at(&format!("results/trials/{record}.end.json"))).unwrap();
    let end: serde_json::Value = serde_json::from_slice(&end).unwrap();
    assert_eq!((&end["finished"], &end["failed"]), (&36.into(), &0.into()));
}

#[test]
fn a_dry_run_and_lists_write_nothing() {
    let mut world = desk();
    let before = all(&world);
    let dry = ["--dry-run", "--json"];
    let plan = sweep_in_w(&mut world, "ma_crossover_basic", &dry)
        .expect(Exit::Done)
        .json();
    crate::schemas::fits("sweep-plan.v1.json", &plan);
    assert_eq!(
        (
            &plan["counts"]["grid"],
            &plan["counts"]["constrained"],
            &plan["counts"]["ran"]
        ),
        (&16.into(), &3.into(), &13.into())
    );
    for (words, schema) in [
        (&["--list-sweeps"][..], "sweeps.v1.json"),
        (&["--list-strategies"], "strategies.v1.json"),
        (&["--show-params", "breakout"], "strategies.v1.json"),
    ] {
        let words = [&["--root", "w", "research", "sweep", "--json"], words].concat();
        let json = world.run(&words).expect(Exit::Done).json();
        crate::schemas::fits(schema, &json);
    }
    assert_eq!(all(&world), before);
    // None of this needs a workspace.
    let mut nowhere = World::new();
    sweep(&mut nowhere, "donchian_turtle", &["--dry-run"]).expect(Exit::Done);
    nowhere
        .run(&["research", "sweep", "--list-sweeps"])
        .expect(Exit::Done);
    assert!(all(&nowhere).is_empty());
}

const BAD: &str = r#"
[sweep.nothing]
kind = "ma_crossover"
description = "No combination is left."
constraints = ["fast_window > slow_window"]
[sweep.nothing.parameters]
fast_window = [5, 10]
slow_window = [20, 30]

[sweep.long]
kind = "ma_crossover"
description = "Longer than the bars."
[sweep.long.parameters]
fast_window = 10
slow_window = [20, 499]

[sweep.just]
kind = "ma_crossover"
description = "As long as the bars allow."
[sweep.just.parameters]
fast_window = 10
slow_window = [20, 498]

[sweep.unused]
kind = "rsi_reversion"
description = "The level of shorts changes nothing."
[sweep.unused.parameters]
rsi_window = 7
lower = 30
upper = [70, 75, 80]
"#;

#[test]
fn what_cannot_run_is_refused_and_nothing_is_counted() {
    let mut world = plain(500);
    let many = |n: u32| {
        let values: Vec<String> = (2..n + 2).map(|i| i.to_string()).collect();
        values.join(", ")
    };
    let huge = format!(
        "[sweep.huge]\nkind = \"vol_regime_filter\"\ndescription = \"Too many.\"\n\
         [sweep.huge.parameters]\nlookback_percentile = [{}]\nvol_percentile_low = [{}]\n\
         vol_window = [{}]\n",
        many(150),
        many(70),
        many(100)
    );
    world.write("huge.toml", huge);
    world.write("s.toml", BAD);
    let own = ["--sweeps-config", "s.toml"];
    for (name, more, exit, said) in [
        ("nope", &[][..], Exit::Usage, "unknown sweep `nope`"),
        (
            "rsi_reversion_basic",
            &["--metric", "luck"],
            Exit::Usage,
            "unknown metric `luck`",
        ),
        (
            "rsi_reversion_basic",
            &["--max-runs", "0"],
            Exit::Usage,
            "--max-runs",
        ),
        (
            "rsi_reversion_basic",
            &["--workers", "0"],
            Exit::Usage,
            "--workers",
        ),
        (
            "rsi_reversion_basic",
            &["--portfolio", "../x"],
            Exit::Usage,
            "--portfolio",
        ),
        (
            "rsi_reversion_basic",
            &["--symbol", "ETH/EUR"],
            Exit::Invalid,
            "promote data import",
        ),
        (
            "rsi_reversion_basic",
            &["--end", "2022-01-01"],
            Exit::Invalid,
            "0 bars",
        ),
        (
            "nothing",
            &own,
            Exit::Invalid,
            "no combination is left of 4",
        ),
        (
            "huge",
            &["--sweeps-config", "huge.toml"],
            Exit::Invalid,
            "1050000 combinations",
        ),
        (
            "long",
            &own,
            Exit::Invalid,
            "500 bars of BTC/EUR 1h are too few: the longest warm-up of this sweep is 499 bars, so that 501",
        ),
    ] {
        let answer = sweep(&mut world, name, more).expect(exit);
        let flat = answer.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(said), "{name}: {}", answer.err);
    }
    world.run(&["research", "sweep"]).expect(Exit::Usage);
    world
        .run(&["research", "sweep", "--show-params", "rsi"])
        .expect(Exit::Usage);
    assert!(!world.at("results").exists());
    sweep(&mut world, "just", &own).expect(Exit::Done);
    let same = sweep(&mut world, "unused", &own).expect(Exit::Done);
    assert!(
        same.out.contains("all results are the same"),
        "{}",
        same.out
    );
    world.write("bad.toml", "[sweep.a]\nkind = \"rsi\"\n");
    let bad = ["--sweeps-config", "bad.toml"];
    let bad = sweep(&mut world, "a", &bad).expect(Exit::Invalid);
    assert!(
        bad.err.contains("bad.toml") && bad.err.contains('^'),
        "{}",
        bad.err
    );
}

#[test]
fn bars_without_a_year_have_no_sharpe_ratio() {
    let mut world = World::new();
    workspace(&world);
    // Trading hours: eight in twenty-four.
    let mut bars = swinging(1, 24 * 60);
    let mut hour = 0;
    bars.retain(|_| {
        hour += 1;
        hour % 24 < 8
    });
    store(&world, "BTC/EUR", bars, true);
    let refused = sweep(&mut world, "momentum_basic", &[]).expect(Exit::Invalid);
    assert!(
        refused
            .err
            .contains("neither around the clock nor one a day"),
        "{}",
        refused.err
    );
    let more = ["--metric", "total_return", "--json"];
    let json = sweep(&mut world, "momentum_basic", &more)
        .expect(Exit::Done)
        .json();
    assert_eq!(json["periods_per_year"], serde_json::Value::Null);
    let best = &json["best"][0];
    assert!(
        best["figures"]["sharpe"].is_null() && best["value"].is_string(),
        "{best}"
    );
}

#[test]
fn bars_after_now_do_not_exist() {
    let mut world = desk();
    let mut words = vec!["--root", "w", "data", "synth", "--symbol", "ETH/EUR"];
    words.extend([
        "--timeframe",
        "1h",
        "--start",
        "2024-05-20",
        "--bars",
        "500",
    ]);
    words.extend(["--gaps", "0"]);
    world.run(&words).expect(Exit::Done);
    let more = ["--symbol", "ETH/EUR", "--json"];
    let answer = sweep_in_w(&mut world, "bollinger_basic", &more).expect(Exit::Done);
    assert!(answer.err.contains("were left out"), "{}", answer.err);
    let data = &answer.json()["data"];
    assert_eq!(data["last"], "2024-05-31T23:00:00.000Z", "{data}");
    // The command that repeats it says where the bars ended.
    let command = answer.json()["command"].as_str().unwrap().to_owned();
    assert!(command.contains("--end 2024-05-31T23:00:00.0"), "{command}");
}

#[test]
fn the_best_are_exported_and_nothing_is_overwritten() {
    let mut world = plain(1500);
    let name = "rsi_reversion_aggressive";
    let export = |world: &mut World, more: &[&str]| {
        let mut words = vec!["research", "promote", "--sweep-name", name];
        words.extend(more);
        world.run(&words)
    };
    let absent = export(&mut world, &[]).expect(Exit::Invalid);
    assert!(absent.err.contains("research sweep"), "{}", absent.err);
    let swept = sweep(&mut world, name, &["--json"])
        .expect(Exit::Done)
        .json();
    let json = export(&mut world, &["--json"]).expect(Exit::Done).json();
    crate::schemas::fits("sweep-candidates.v1.json", &json);
    assert_eq!(json["candidates"], swept["best"]);
    assert_eq!(json["results_sha256"], swept["results_sha256"]);
    let path = Path::new(json["path"].as_str().unwrap()).to_owned();
    assert!(
        path.starts_with(swept["path"].as_str().unwrap()),
        "{path:?}"
    );
    let text = std::fs::read_to_string(&path).unwrap();
    let table: toml::Table = text.parse().unwrap();
    assert_eq!(table["meta"]["sweep_name"].as_str(), Some(name));
    assert!(text.starts_with("# The best combinations of a sweep, exported. This is no promotion"));
    let candidates = table["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 5);
    for (rank, candidate) in (1..).zip(candidates) {
        assert_eq!(candidate["rank"].as_integer(), Some(rank));
        assert!(candidate["plateau"].is_float() && candidate["stop_pct"].is_float());
        // All parameters stand there, so that a preset can take them as they are.
        let given: BTreeMap<String, _> = candidate["parameters"]
            .as_table()
            .unwrap()
            .iter()
            .map(|(name, value)| {
                let value = match value.as_bool() {
                    Some(flag) => serde_json::Value::from(flag),
                    None => serde_json::Value::from(value.to_string()),
                };
                (name.clone(), serde_json::from_value(value).unwrap())
            })
            .collect();
        let rule = Rule::new("rsi_reversion", &given).unwrap();
        assert_eq!(rule.parameters(), given);
    }
    // The same again changes nothing; another ranking goes elsewhere.
    let again = export(&mut world, &[]).expect(Exit::Done);
    assert!(again.out.contains("there already"), "{}", again.out);
    let other = ["--metric", "metric_total_return", "-n", "2"];
    export(&mut world, &other).expect(Exit::Conflict);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let other = [&other[..], &["--output", "elsewhere", "--json"]].concat();
    let other = export(&mut world, &other).expect(Exit::Done).json();
    assert_eq!(other["candidates"].as_array().unwrap().len(), 2);
    export(&mut world, &["--metric", "luck"]).expect(Exit::Usage);
    // The newest results are read.
    world.advance_hours(48);
    let newer = ["--max-runs", "10", "--json"];
    let newer = sweep(&mut world, name, &newer).expect(Exit::Done).json();
    let last = export(&mut world, &["--json"]).expect(Exit::Done).json();
    assert_eq!(last["results_sha256"], newer["results_sha256"]);
    let dir = swept["path"].as_str().unwrap();
    let first = ["-e", dir, "--json"];
    let first = export(&mut world, &first).expect(Exit::Done).json();
    assert_eq!(first["results_sha256"], swept["results_sha256"]);
    // Rows that were changed are no results.
    let rows = Path::new(dir).join("results.csv");
    let changed = std::fs::read_to_string(&rows)
        .unwrap()
        .replacen("1,", "2,", 1);
    std::fs::write(&rows, changed).unwrap();
    export(&mut world, &["-e", dir]).expect(Exit::Integrity);
}
