//! `evidence import` of other tools' results: what every fixture gives, hostile files, the figures of
//! real results, and readers that never panic.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use promote::app::exit::Exit;
use promote::evidence::bundle::{CheckedBundle, Files, check as check_files};
use promote::evidence::conventions::GateConventions;
use promote::evidence::derive::{derive, fact_of};
use promote::evidence::import::claimed::compare;
use promote::evidence::import::{Inputs, Named, Tool, read};
use promote::evidence::manifest::Valuation;
use promote::kernel::canonical;
use promote::kernel::decimal::Decimal;
use promote::kernel::id::StrategyId;
use promote::kernel::time::UtcTime;
use promote::metrics::{Metric, Sample};
use proptest::prelude::*;
use serde_json::Value;

use crate::harness::{Answer, World, golden, shared_data};

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import");
    path.join(name).to_str().unwrap().to_owned()
}

/// Imports `file` of `tool` into `e`.
fn import(world: &mut World, tool: &str, file: &str, more: &[&str]) -> Answer {
    let mut args = vec!["evidence", "import", file, "--tool", tool];
    args.extend(["--portfolio", "p1", "--profile", "moderate", "--out", "e"]);
    args.extend(more);
    world.run(&args)
}

/// `check` of the bundle in `e` for SHADOW, in a sandbox after its last day.
fn check(world: &mut World, more: &[&str]) -> Answer {
    if !world.at("w").exists() {
        let now = ["--now", "2025-12-10T08:00:00Z"];
        world
            .run(&[&["init", "w", "--sandbox", "--seed", "7"], &now[..]].concat())
            .expect(Exit::Done);
    }
    let mut args = vec![
        "--root",
        "w",
        "check",
        "p1",
        "--target",
        "shadow",
        "--evidence",
        "e",
    ];
    args.extend(more);
    world.run(&args)
}

fn metric(json: &Value, metric: &str, sample: &str) -> Value {
    let all = json["metrics"].as_array().unwrap().iter();
    let mut found = all.filter(|m| m["metric"] == metric && m["sample"] == sample);
    found.next().unwrap().clone()
}

fn number(json: &Value, name: &str, sample: &str) -> f64 {
    let value = metric(json, name, sample)["value"].clone();
    value
        .as_str()
        .unwrap_or_else(|| panic!("{name}:{sample}"))
        .parse()
        .unwrap()
}

/// The findings of the bundle in `e`, by code.
fn findings(world: &mut World) -> Vec<String> {
    let json = world
        .run(&["evidence", "verify", "e", "--json"])
        .expect(Exit::Done)
        .json();
    let all = json["findings"].as_array().unwrap().iter();
    let codes = all.map(|f| f["code"].as_str().unwrap().to_owned());
    codes.collect()
}

/// Tool, file, further flags: fixtures are named by what is wrong with them.
const FIXTURES: [(&str, &str, &[&str]); 50] = [
    (
        "quantstats",
        "quantstats/returns.csv",
        &["--stats", "quantstats/metrics.csv"],
    ),
    (
        "quantstats",
        "quantstats/returns.csv",
        &["--stats", "quantstats/metrics-sharpe-too-high.csv"],
    ),
    ("quantstats", "quantstats/returns-constant.csv", &[]),
    ("quantstats", "quantstats/returns-two-columns.csv", &[]),
    (
        "quantstats",
        "quantstats/returns-two-columns.csv",
        &["--strategy", "beta"],
    ),
    ("quantstats", "quantstats/returns-in-percent.csv", &[]),
    ("quantstats", "quantstats/returns-not-a-number.csv", &[]),
    ("quantstats", "quantstats/returns-unsorted.csv", &[]),
    ("quantstats", "quantstats/returns-are-prices.csv", &[]),
    ("quantstats", "quantstats/returns-day-twice.csv", &[]),
    ("quantstats", "quantstats/returns-two-clocks.csv", &[]),
    ("quantstats", "quantstats/returns-some-weekends.csv", &[]),
    ("quantstats", "quantstats/report.html", &[]),
    (
        "quantstats",
        "quantstats/returns.csv",
        &["--positions", "pyfolio/positions.csv"],
    ),
    (
        "pyfolio",
        "pyfolio/returns-without-header.csv",
        &[
            "--stats",
            "pyfolio/perf-stats.csv",
            "--positions",
            "pyfolio/positions.csv",
        ],
    ),
    (
        "pyfolio",
        "pyfolio/returns-without-header.csv",
        &["--positions", "pyfolio/positions-another-day.csv"],
    ),
    ("pyfolio", "quantstats/returns.csv", &[]),
    (
        "backtesting.py",
        "backtesting_py/equity.csv",
        &[
            "--stats",
            "backtesting_py/stats.csv",
            "--trades",
            "backtesting_py/trades.csv",
        ],
    ),
    (
        "backtesting.py",
        "backtesting_py/equity.csv",
        &[
            "--stats",
            "backtesting_py/stats.json",
            "--trades",
            "backtesting_py/trades-one-left-open.csv",
        ],
    ),
    (
        "backtesting.py",
        "backtesting_py/equity.csv",
        &["--stats", "backtesting_py/stats.txt"],
    ),
    (
        "backtesting.py",
        "backtesting_py/equity.csv",
        &["--stats", "backtesting_py/stats-drawdown-positive.csv"],
    ),
    (
        "backtesting.py",
        "backtesting_py/equity-below-zero.csv",
        &[],
    ),
    ("backtesting.py", "backtesting_py/trades.csv", &[]),
    (
        "vectorbt",
        "vectorbt/value.csv",
        &[
            "--stats",
            "vectorbt/stats.csv",
            "--trades",
            "vectorbt/trades.csv",
        ],
    ),
    (
        "vectorbt",
        "vectorbt/returns.csv",
        &[
            "--stats",
            "vectorbt/stats.csv",
            "--trades",
            "vectorbt/trades.csv",
        ],
    ),
    (
        "vectorbt",
        "vectorbt/returns.csv",
        &["--trades", "vectorbt/trades.csv", "--capital", "100"],
    ),
    ("vectorbt", "vectorbt/trades.csv", &[]),
    ("freqtrade", "freqtrade/result.json", &[]),
    (
        "freqtrade",
        "freqtrade/result.json",
        &["--fee-bps", "20", "--slippage-bps", "5", "--sample", "oos"],
    ),
    ("freqtrade", "freqtrade/two-strategies.json", &[]),
    (
        "freqtrade",
        "freqtrade/two-strategies.json",
        &["--strategy", "GridThree"],
    ),
    (
        "freqtrade",
        "freqtrade/two-strategies.json",
        &["--strategy", "GridTwo"],
    ),
    ("freqtrade", "freqtrade/profit-without-trades.json", &[]),
    ("freqtrade", "freqtrade/last_result.json", &[]),
    ("freqtrade", "freqtrade/strategy-twice.json", &[]),
    (
        "freqtrade",
        "freqtrade/result.json",
        &["--trades", "backtesting_py/trades.csv"],
    ),
    ("freqtrade", "freqtrade/result.json", &["--capital", "500"]),
    ("freqtrade", "lean/camel-case.json", &[]),
    ("lean", "lean/camel-case.json", &[]),
    ("lean", "lean/pascal-case.json", &[]),
    ("lean", "lean/statistics-only.json", &[]),
    ("lean", "lean/sample-without-value.json", &[]),
    ("lean", "lean/samples-backwards.json", &[]),
    ("lean", "freqtrade/result.json", &[]),
    (
        "nautilus",
        "nautilus/account.csv",
        &[
            "--positions",
            "nautilus/positions.csv",
            "--stats",
            "nautilus/stats.csv",
        ],
    ),
    (
        "nautilus",
        "nautilus/account.csv",
        &["--trades", "nautilus/positions.csv"],
    ),
    (
        "nautilus",
        "nautilus/account.csv",
        &["--positions", "nautilus/positions-one-missing.csv"],
    ),
    ("nautilus", "nautilus/account-cash.csv", &[]),
    ("nautilus", "nautilus/account-two-currencies.csv", &[]),
    (
        "returns-csv",
        "quantstats/returns.csv",
        &["--stats", "quantstats/metrics.csv"],
    ),
];

/// Flags in which names of fixtures became paths.
fn beside(more: &[&str]) -> Vec<String> {
    let word = |word: &&str| match word.contains('/') {
        true => fixture(word),
        false => (*word).to_owned(),
    };
    more.iter().map(word).collect()
}

/// What is worth reading of an answer: figures of the series that have a value, claims, messages.
fn told(answer: &Answer) -> String {
    let mut out = String::new();
    for line in answer.out.lines() {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let kept = [
            "sharpe",
            "cagr",
            "total_return",
            "volatility",
            "max_drawdown",
            "trades",
        ];
        match cells.as_slice() {
            [name, "full", value, _] if kept.contains(name) && value.parse::<f64>().is_ok() => {
                writeln!(out, "  {name} {value}").unwrap();
            }
            _ if line.contains("source_sha256") => {}
            _ if line.starts_with("claimed by") => writeln!(out, "  {line}").unwrap(),
            _ => {}
        }
    }
    let always = [
        "no workspace here",
        "is not signed",
        "next bar's open",
        "policy's minimum",
    ];
    for line in answer.err.lines() {
        let dull = always.iter().any(|text| line.contains(text));
        if !dull && !line.starts_with("next:") && line != "written" {
            writeln!(out, "  {}", line.replace(&fixture(""), "")).unwrap();
        }
    }
    out
}

#[test]
fn every_fixture_has_its_answer() {
    let mut seen = String::new();
    for (tool, file, more) in FIXTURES {
        let mut world = World::new();
        let more = beside(more);
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let answer = import(&mut world, tool, &fixture(file), &more);
        let flags = more.join(" ").replace(&fixture(""), "");
        let code = answer.exit.code();
        writeln!(seen, "== {tool} {file} {flags}: exit {code}").unwrap();
        seen.push_str(&told(&answer));
        assert_eq!(answer.exit == Exit::Done, world.at("e").exists(), "{file}");
    }
    golden(Path::new("tests/golden/imports.txt"), &seen);
}

#[test]
fn both_layouts_of_lean_are_one_series() {
    let read = |name: &str| {
        let mut world = World::new();
        import(&mut world, "lean", &fixture(name), &[]).expect(Exit::Done);
        let file = |name: &str| std::fs::read_to_string(world.at(name)).unwrap();
        (file("e/series/full.csv"), file("e/trades.csv"))
    };
    let camel = read("lean/camel-case.json");
    assert_eq!(camel, read("lean/pascal-case.json"));
    assert!(
        camel
            .0
            .starts_with("time,return,equity,return_p1,weight_p1\n2013-10-07T"),
        "{}",
        camel.0
    );
    assert_eq!(camel.0.lines().count(), 6, "{}", camel.0);
}

#[test]
fn a_contradiction_is_a_finding_and_a_convention_is_none() {
    let with = |stats: &str| {
        let mut world = World::new();
        let stats = fixture(stats);
        import(
            &mut world,
            "quantstats",
            &fixture("quantstats/returns.csv"),
            &["--stats", &stats],
        )
        .expect(Exit::Done);
        findings(&mut world)
    };
    assert!(!with("quantstats/metrics.csv").contains(&"claimed".to_owned()));
    assert!(with("quantstats/metrics-sharpe-too-high.csv").contains(&"claimed".to_owned()));
}

/// The files of the bundle in `e`.
fn files(world: &World) -> Files {
    let mut files = Files::new();
    for name in [
        "evidence.json",
        "strategy.json",
        "limits.json",
        "series/full.csv",
        "trades.csv",
    ] {
        if let Ok(bytes) = std::fs::read(world.at("e").join(name)) {
            files.insert(name.to_owned(), bytes);
        }
    }
    files
}

/// The bundle in `e`.
fn bundle(world: &World) -> CheckedBundle {
    check_files(&files(world)).unwrap()
}

/// Tool, file, further flags, and how many of its figures are compared.
const FIGURES: [(&str, &str, &[&str], usize); 7] = [
    (
        "quantstats",
        "quantstats/returns.csv",
        &["--stats", "quantstats/metrics.csv"],
        6,
    ),
    (
        "pyfolio",
        "pyfolio/returns-without-header.csv",
        &["--stats", "pyfolio/perf-stats.csv"],
        7,
    ),
    (
        "backtesting.py",
        "backtesting_py/equity.csv",
        &[
            "--stats",
            "backtesting_py/stats.csv",
            "--trades",
            "backtesting_py/trades.csv",
        ],
        12,
    ),
    (
        "vectorbt",
        "vectorbt/value.csv",
        &[
            "--stats",
            "vectorbt/stats.csv",
            "--trades",
            "vectorbt/trades.csv",
        ],
        9,
    ),
    ("freqtrade", "freqtrade/result.json", &[], 11),
    ("lean", "lean/camel-case.json", &[], 5),
    (
        "nautilus",
        "nautilus/account.csv",
        &["--stats", "nautilus/stats.csv"],
        0,
    ),
];

/// Every figure whose rule is known agrees with the series, computed elsewhere by the formula of
/// its tool; a tenth more, and it does not.
#[test]
fn figures_are_compared_under_the_convention_of_their_tool() {
    for (tool, file, more, wanted) in FIGURES {
        let mut world = World::new();
        let more = beside(more);
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        import(&mut world, tool, &fixture(file), &more).expect(Exit::Done);
        let mut bundle = bundle(&world);
        let compared = compare(&bundle);
        let names: Vec<&str> = compared.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(compared.len(), wanted, "{tool}: {names:?}");
        for c in &compared {
            assert!(c.agrees, "{tool} {c:?}");
        }
        for claim in &mut bundle.manifest.claimed {
            let digits = claim.value.trim_end_matches('%');
            let percent = if digits.len() < claim.value.len() {
                "%"
            } else {
                ""
            };
            if let Ok(value) = digits.parse::<f64>() {
                claim.value = format!("{}{percent}", value * 1.1 + 0.1);
            }
        }
        for c in compare(&bundle) {
            assert!(!c.agrees, "{tool} {c:?}");
        }
    }
}

#[test]
fn a_constant_series_is_insufficient_evidence() {
    let mut world = World::new();
    let file = fixture("quantstats/returns-constant.csv");
    let more = ["--sample", "oos", "--fee-bps", "10", "--slippage-bps", "5"];
    import(&mut world, "quantstats", &file, &more).expect(Exit::Done);
    let answer = check(&mut world, &[]).expect(Exit::Revise);
    assert!(
        answer.out.contains("insufficient evidence"),
        "{}",
        answer.out
    );
    let json = check(&mut world, &["--json"]).expect(Exit::Revise).json();
    let sharpe = json["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["id"] == "sharpe_oos");
    assert_eq!(sharpe.unwrap()["zone"], "missing");
}

/// Losses of open positions are not in such a series: it can fail, but never pass.
#[test]
fn realised_results_can_fail_but_not_pass() {
    let mut world = World::new();
    let more = ["--sample", "oos", "--fee-bps", "20", "--slippage-bps", "5"];
    import(
        &mut world,
        "freqtrade",
        &fixture("freqtrade/result.json"),
        &more,
    )
    .expect(Exit::Done);
    let json = check(&mut world, &["--json"]).expect(Exit::Revise).json();
    let all = json["criteria"].as_array().unwrap();
    let drawdown = all.iter().find(|c| c["metric"] == "max_drawdown").unwrap();
    assert_eq!(
        (&drawdown["zone"], &drawdown["reason"]),
        (&"missing".into(), &"convention".into())
    );
    assert!(findings(&mut world).contains(&"valuation".to_owned()));
}

/// Hidden losses would make trades look better too.
#[test]
fn figures_of_trades_depend_on_how_open_positions_are_valued() {
    let mut world = World::new();
    let file = fixture("freqtrade/result.json");
    import(&mut world, "freqtrade", &file, &[]).expect(Exit::Done);
    let mut bundle = bundle(&world);
    let gate = GateConventions {
        fee_min: Decimal::zero(),
        slippage_min: Decimal::zero(),
        ..crate::figures::gate()
    };
    let now = UtcTime::parse_loose("2025-12-10").unwrap();
    for realised in [true, false] {
        if !realised {
            bundle.manifest.conventions.valuation = Valuation::Market;
        }
        let facts = derive(&bundle, &gate, now).facts;
        for metric in [Metric::HitRatio, Metric::ProfitFactor, Metric::Sharpe] {
            let fact = fact_of(&facts, metric, Sample::Full).unwrap();
            assert_eq!(fact.deviates, realised, "{fact:?}");
        }
        assert!(
            !fact_of(&facts, Metric::Trades, Sample::Full)
                .unwrap()
                .deviates
        );
    }
}

#[test]
fn what_an_account_began_with_is_what_its_file_says() {
    let mut world = World::new();
    let cases = [
        ("lean", "lean/camel-case.json", "100000", "50000"),
        ("lean", "lean/pascal-case.json", "100000", "100001"),
        (
            "backtesting.py",
            "backtesting_py/equity.csv",
            "10000",
            "5000",
        ),
        ("nautilus", "nautilus/account.csv", "10000", "9000"),
        ("vectorbt", "vectorbt/value.csv", "100", "50"),
    ];
    for (tool, file, right, wrong) in cases {
        let file = fixture(file);
        let answer = import(&mut world, tool, &file, &["--capital", wrong]).expect(Exit::Invalid);
        assert!(
            answer.err.contains("the account begins with"),
            "{}",
            answer.err
        );
        import(&mut world, tool, &file, &["--capital", right]).expect(Exit::Done);
        std::fs::remove_dir_all(world.at("e")).unwrap();
    }
    let lean = std::fs::read_to_string(fixture("lean/camel-case.json")).unwrap();
    let stated = lean.replace(
        "\"Start Equity\": \"100000\"",
        "\"Start Equity\": \"50000\"",
    );
    assert_ne!(lean, stated);
    world.write("lean.json", stated);
    let answer = import(&mut world, "lean", "lean.json", &[]).expect(Exit::Invalid);
    assert!(answer.err.contains("Start Equity"), "{}", answer.err);
}

/// vectorbt's first value stands after the first bar: the stats say what was before.
#[test]
fn a_start_value_of_vectorbt_gives_the_first_bar() {
    let mut world = World::new();
    let value = fixture("vectorbt/value.csv");
    world.write("s.csv", ",value\nStart Value,80.0\n");
    let stats = ["--stats", "s.csv"];
    for capital in [&[][..], &["--capital", "80"]] {
        let more = [&stats[..], capital, &["--json"]].concat();
        let json = import(&mut world, "vectorbt", &value, &more)
            .expect(Exit::Done)
            .json();
        assert!((number(&json, "total_return", "full") - 0.28).abs() < 1e-9);
        std::fs::remove_dir_all(world.at("e")).unwrap();
    }
    for file in ["vectorbt/value.csv", "vectorbt/returns.csv"] {
        let more = ["--stats", "s.csv", "--capital", "100"];
        let answer = import(&mut world, "vectorbt", &fixture(file), &more).expect(Exit::Invalid);
        assert!(answer.err.contains("Start Value of 80"), "{}", answer.err);
    }
}

#[test]
fn a_column_that_could_be_money_or_returns_is_refused() {
    let mut world = World::new();
    let column = |name: &str, cells: [&str; 3]| {
        let rows = cells.iter().enumerate();
        let rows = rows.map(|(i, cell)| format!("2024-01-0{},{cell}\n", i + 1));
        format!(",{name}\n{}", rows.collect::<String>())
    };
    let small = ["0.4", "0.3", "0.35"];
    let done = Some(-0.125);
    for (name, cells, more, wanted) in [
        ("0", small, &[][..], None),
        ("0", small, &["--capital", "0.4"], done),
        ("value", small, &[], done),
        ("return", small, &[], Some(1.457)),
        ("0", ["0.01", "0", "0.02"], &[], None),
        ("0", ["0.01", "0", "0.02"], &["--capital", "100"], None),
        ("0", ["0.0", "0.1", "0.2"], &[], Some(0.32)),
        (
            "0",
            ["0.1", "-0.1", "0.1"],
            &["--capital", "100"],
            Some(0.089),
        ),
        ("0", ["100", "90", "80"], &[], Some(-0.2)),
    ] {
        world.write("v.csv", column(name, cells));
        let answer = import(
            &mut world,
            "vectorbt",
            "v.csv",
            &[more, &["--json"]].concat(),
        );
        match wanted {
            Some(wanted) => {
                let json = answer.expect(Exit::Done).json();
                let made = number(&json, "total_return", "full");
                assert!((made - wanted).abs() < 1e-9, "{name} {cells:?}: {made}");
                std::fs::remove_dir_all(world.at("e")).unwrap();
            }
            None => assert!(
                answer
                    .expect(Exit::Invalid)
                    .err
                    .contains("`value` or `return`"),
                "{cells:?}"
            ),
        }
    }
    for tool in ["quantstats", "pyfolio"] {
        world.write("r.csv", column("0", small));
        let answer = import(&mut world, tool, "r.csv", &[]).expect(Exit::Invalid);
        assert!(answer.err.contains("name it `return`"), "{}", answer.err);
        world.write("r.csv", column("return", small));
        import(&mut world, tool, "r.csv", &[]).expect(Exit::Done);
        std::fs::remove_dir_all(world.at("e")).unwrap();
    }
}

#[test]
fn a_trade_of_nothing_is_no_trade() {
    let mut world = World::new();
    let equity = fixture("backtesting_py/equity.csv");
    let trades = std::fs::read_to_string(fixture("backtesting_py/trades.csv")).unwrap();
    let nothing = "2,0,6,9,120.0,120.0,,,0.0,0.0,0.0,2024-01-09,2024-01-12,3 days,\n";
    world.write("t.csv", format!("{}\n{nothing}", trades.trim_end()));
    let more = ["--trades", "t.csv", "--json"];
    let answer = import(&mut world, "backtesting.py", &equity, &more).expect(Exit::Done);
    assert!(
        answer.err.contains("`t2` has no quantity"),
        "{}",
        answer.err
    );
    let counted = metric(&answer.json(), "trades", "full");
    assert_eq!(counted["reason"], "unsupported");
    // A table that a person made goes into the bundle, and is not judged.
    std::fs::remove_dir_all(world.at("e")).unwrap();
    world.write(
        "r.csv",
        "date,return\n2024-01-01,0\n2024-01-02,0\n2024-01-03,0\n",
    );
    let row = |id: u8, quantity: u8| {
        let (from, to) = ("2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z");
        format!("{id},p1,X,long,{from},{to},{quantity},100,100,0,0,full\n")
    };
    let header = "id,strategy,symbol,side,entry_time,exit_time,quantity,entry_price,exit_price,costs,pnl,sample";
    for (quantity, wanted) in [(1, Some("2")), (0, None)] {
        world.write(
            "t.csv",
            format!("{header}\n{}{}", row(1, 1), row(2, quantity)),
        );
        let more = ["--trades", "t.csv", "--capital", "100", "--json"];
        let json = import(&mut world, "returns-csv", "r.csv", &more)
            .expect(Exit::Done)
            .json();
        assert_eq!(metric(&json, "trades", "full")["value"].as_str(), wanted);
        std::fs::remove_dir_all(world.at("e")).unwrap();
    }
}

/// A person may say that less was paid than the file shows, never that more was.
#[test]
fn the_lower_fee_is_in_force_and_that_of_the_file_is_kept() {
    let file = fixture("freqtrade/result.json");
    for (bps, wanted) in [("20", "0.001"), ("5", "0.0005"), ("", "0.001")] {
        let mut world = World::new();
        let more: &[&str] = if bps.is_empty() {
            &[]
        } else {
            &["--fee-bps", bps]
        };
        import(&mut world, "freqtrade", &file, more).expect(Exit::Done);
        let manifest = bundle(&world).manifest;
        assert_eq!(manifest.conventions.fee.to_string(), wanted);
        let claim = manifest.claimed.iter().find(|c| c.name == "fee");
        assert_eq!(claim.unwrap().value, "0.001");
    }
}

/// A number of JSON was not rounded for print: 36.0 is not 36.4.
#[test]
fn floats_of_a_result_are_compared_exactly() {
    let mut world = World::new();
    let json = std::fs::read_to_string(fixture("freqtrade/result.json")).unwrap();
    let stated = "\"profit_total_abs\": 36.";
    assert!(json.contains(stated));
    for (digit, wanted) in [("0", false), ("01", true)] {
        let other = json.replace(&format!("{stated}0"), &format!("{stated}{digit}"));
        world.write("r.json", other);
        import(&mut world, "freqtrade", "r.json", &[]).expect(Exit::Done);
        assert_eq!(findings(&mut world).contains(&"claimed".to_owned()), wanted);
        std::fs::remove_dir_all(world.at("e")).unwrap();
    }
}

#[test]
fn an_import_of_too_many_claims_is_no_bundle() {
    let mut world = World::new();
    let file = fixture("quantstats/returns.csv");
    import(&mut world, "quantstats", &file, &[]).expect(Exit::Done);
    let mut files = files(&world);
    let mut manifest = bundle(&world).manifest;
    let claim = manifest.claimed.first().unwrap().clone();
    for (count, good) in [(400, true), (401, false)] {
        manifest.claimed = vec![claim.clone(); count];
        let bytes = canonical::encode(&manifest).unwrap();
        files.insert("evidence.json".to_owned(), bytes);
        match check_files(&files) {
            Ok(_) => assert!(good),
            Err(e) => assert!(!good && e.to_string().contains("400 claims"), "{e}"),
        }
    }
}

/// One member of an archive as it stands in the list.
struct Put<'a> {
    name: &'a str,
    data: Vec<u8>,
    /// The system under which it was made: 3 is Unix, 19 macOS.
    made: u16,
    mode: u32,
    size: Option<u32>,
    flags: u16,
}

fn put(name: &str, data: impl Into<Vec<u8>>) -> Put<'_> {
    Put {
        name,
        data: data.into(),
        made: 3,
        mode: 0o100_644,
        size: None,
        flags: 0,
    }
}

fn zip(members: &[Put<'_>]) -> Vec<u8> {
    let (mut body, mut list) = (Vec::new(), Vec::new());
    for m in members {
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
        deflate.write_all(&m.data).unwrap();
        let packed = deflate.finish().unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(&m.data);
        let size = m.size.unwrap_or(u32::try_from(m.data.len()).unwrap());
        let offset = u32::try_from(body.len()).unwrap();
        let mut common = Vec::new();
        common.extend(20_u16.to_le_bytes());
        common.extend(m.flags.to_le_bytes());
        common.extend(8_u16.to_le_bytes());
        common.extend([0; 4]);
        common.extend(crc.sum().to_le_bytes());
        common.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
        common.extend(size.to_le_bytes());
        common.extend(u16::try_from(m.name.len()).unwrap().to_le_bytes());
        common.extend([0; 2]);
        body.extend(b"PK\x03\x04");
        body.extend(&common);
        body.extend(m.name.as_bytes());
        body.extend(&packed);
        list.extend(b"PK\x01\x02");
        list.extend((m.made << 8 | 20).to_le_bytes());
        list.extend(&common);
        list.extend([0; 6]);
        list.extend((m.mode << 16).to_le_bytes());
        list.extend(offset.to_le_bytes());
        list.extend(m.name.as_bytes());
    }
    let (at, len) = (
        u32::try_from(body.len()).unwrap(),
        u32::try_from(list.len()).unwrap(),
    );
    body.extend(list);
    body.extend(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(members.len()).unwrap();
    body.extend(count.to_le_bytes());
    body.extend(count.to_le_bytes());
    body.extend(len.to_le_bytes());
    body.extend(at.to_le_bytes());
    body.extend([0; 2]);
    body
}

fn result() -> Vec<u8> {
    std::fs::read(fixture("freqtrade/result.json")).unwrap()
}

#[test]
fn a_zip_of_freqtrade_is_its_json() {
    let mut world = World::new();
    let archive = zip(&[
        put("backtest-result-2024.json", result()),
        put("backtest-result-2024_config.json", "{}"),
        put("backtest-result-2024_GridOne.py", "raise SystemExit"),
        put(
            "backtest-result-2024_signals.pkl",
            b"\x80\x04danger".to_vec(),
        ),
        put("sub/", ""),
    ]);
    world.write("r.zip", archive);
    let packed = import(&mut world, "freqtrade", "r.zip", &["--json"])
        .expect(Exit::Done)
        .json();
    std::fs::remove_dir_all(world.at("e")).unwrap();
    let file = fixture("freqtrade/result.json");
    let plain = import(&mut world, "freqtrade", &file, &["--json"])
        .expect(Exit::Done)
        .json();
    assert_eq!(packed["result_sha256"], plain["result_sha256"]);
    assert_eq!(metric(&packed, "trades", "full")["value"], "3");
    world.write("other.zip", zip(&[put("r.csv", "date,return\n")]));
    let answer = import(&mut world, "quantstats", "other.zip", &[]).expect(Exit::Invalid);
    assert!(answer.err.contains("a zip archive"), "{}", answer.err);
}

#[test]
fn hostile_archives_are_refused() {
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (zip(&[put("../r.json", result())]), "not a path inside"),
        (zip(&[put("/etc/r.json", result())]), "not a path inside"),
        (zip(&[put("a\\..\\r.json", result())]), "not a path inside"),
        (zip(&[put("C:r.json", result())]), "not a path inside"),
        (zip(&[put("a/./r.json", result())]), "not a path inside"),
        (
            zip(&[Put {
                mode: 0o120_777,
                ..put("r.json", "/etc/passwd")
            }]),
            "link or device",
        ),
        (
            zip(&[Put {
                made: 19,
                mode: 0o120_777,
                ..put("r.json", "/etc/passwd")
            }]),
            "link or device",
        ),
        (
            zip(&[Put {
                mode: 0o060_600,
                ..put("r.json", "x")
            }]),
            "link or device",
        ),
        (
            zip(&[put("r.json", result()), put("R.JSON", "{}")]),
            "two members",
        ),
        (
            zip(&[Put {
                flags: 1,
                ..put("r.json", result())
            }]),
            "encrypted",
        ),
        (zip(&[put("r.json", vec![b' '; 40 << 20])]), "grow beyond"),
        (
            zip(&[Put {
                size: Some(5),
                ..put("r.json", result())
            }]),
            "is not what its list states",
        ),
        (
            zip(&[Put {
                size: Some(u32::MAX),
                ..put("r.json", result())
            }]),
            "Zip64",
        ),
        (zip(&[put("r.json", b"\x80\x04danger".to_vec())]), "pickle"),
        (zip(&[put("r.txt", "x")]), "no JSON inside"),
    ];
    let mut world = World::new();
    for (bytes, wanted) in cases {
        world.write("r.zip", bytes);
        let answer = import(&mut world, "freqtrade", "r.zip", &[]).expect(Exit::Invalid);
        assert!(answer.err.contains(wanted), "{wanted}: {}", answer.err);
    }
}

#[test]
fn archives_that_lie_about_themselves_are_refused() {
    let mut world = World::new();
    let names: Vec<String> = (0..300).map(|i| format!("{i}.json")).collect();
    let many: Vec<Put<'_>> = names.iter().map(|name| put(name, "{}")).collect();
    world.write("r.zip", zip(&many));
    let answer = import(&mut world, "freqtrade", "r.zip", &[]).expect(Exit::Invalid);
    assert!(answer.err.contains("300 members"), "{}", answer.err);
    // Two entries of the list that share one member's bytes.
    let mut overlap = zip(&[put("a.json", result()), put("b.json", result())]);
    let second = overlap
        .windows(4)
        .rposition(|w| w == b"PK\x01\x02")
        .unwrap();
    overlap[second + 42..second + 46].copy_from_slice(&0_u32.to_le_bytes());
    world.write("r.zip", overlap);
    import(&mut world, "freqtrade", "r.zip", &[]).expect(Exit::Invalid);
    let mut cut = zip(&[put("r.json", result())]);
    cut.truncate(cut.len() - 1);
    world.write("r.zip", cut);
    import(&mut world, "freqtrade", "r.zip", &[]).expect(Exit::Invalid);
    assert!(!world.at("e").exists());
}

#[test]
fn pickles_and_bombs_are_never_opened() {
    let mut world = World::new();
    for tool in Tool::ALL {
        world.write("pf.pkl", "date,return\n2024-01-01,0.1\n");
        world.write("pf.csv", b"\x80\x05\x95cbuiltins\neval\n");
        for file in ["pf.pkl", "pf.csv"] {
            let answer = import(&mut world, tool.as_str(), file, &[]).expect(Exit::Invalid);
            assert!(answer.err.contains("pickle"), "{}", answer.err);
        }
        let mut gz = GzEncoder::new(Vec::new(), Compression::best());
        gz.write_all(&vec![b'\n'; 32 << 20]).unwrap();
        world.write("bomb.csv.gz", gz.finish().unwrap());
        let answer = import(&mut world, tool.as_str(), "bomb.csv.gz", &[]).expect(Exit::Invalid);
        assert!(answer.err.contains("grow beyond"), "{}", answer.err);
        world.write("deep.json", "[".repeat(1 << 20));
        import(&mut world, tool.as_str(), "deep.json", &[]).expect(Exit::Invalid);
    }
    world.write(
        "r.csv",
        std::fs::read(fixture("quantstats/returns.csv")).unwrap(),
    );
    world.write("s.pkl", "x");
    import(&mut world, "quantstats", "r.csv", &["--stats", "s.pkl"]).expect(Exit::Invalid);
    assert!(!world.at("e").exists());
}

/// The bytes of every fixture of a tool.
fn seeds() -> &'static Vec<Vec<u8>> {
    static SEEDS: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    SEEDS.get_or_init(read_seeds)
}

fn read_seeds() -> Vec<Vec<u8>> {
    let root = fixture("");
    let mut all = Vec::new();
    for folder in std::fs::read_dir(root).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            all.push(std::fs::read(file.unwrap().path()).unwrap());
        }
    }
    all.push(zip(&[put("a.json", result()), put("a_config.json", "{}")]));
    all.sort();
    all
}

/// Every reader on the same bytes, in every place; the answer does not matter, only that there is one.
fn all_readers(bytes: &[u8], beside: &[u8]) {
    let id = StrategyId::new("p1").unwrap();
    let named = |bytes| Named { name: "x", bytes };
    for tool in Tool::ALL {
        let inputs = Inputs {
            file: named(bytes),
            trades: Some(named(beside)),
            positions: Some(named(beside)),
            stats: Some(named(beside)),
            strategy: None,
            id: &id,
            capital: None,
        };
        if let Ok(read) = read(tool, &inputs) {
            assert_eq!(read.series.times.len(), read.series.returns.len());
            assert!(
                read.series
                    .returns
                    .iter()
                    .all(|r| r.is_finite() && *r >= -1.0)
            );
            assert!(read.series.times.is_sorted_by(|a, b| a < b));
        }
        let alone = Inputs {
            trades: None,
            positions: None,
            stats: None,
            ..inputs
        };
        let _ = read_only(tool, &alone);
    }
}

fn read_only(tool: Tool, inputs: &Inputs<'_>) -> bool {
    read(tool, inputs).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_reader_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        all_readers(&bytes, &bytes);
        for head in [&b"PK\x03\x04"[..], b"\x1f\x8b\x08\0", b"{\"strategy\":", b",Equity\n"] {
            all_readers(&[head, &bytes].concat(), &bytes);
        }
    }

    #[test]
    fn no_reader_panics_on_a_changed_result(
        which in any::<prop::sample::Index>(),
        beside in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        with in proptest::collection::vec(any::<u8>(), 0..6),
        cut in 0_usize..8,
    ) {
        let all = seeds();
        let mut bytes = which.get::<Vec<u8>>(all).clone();
        let from = at.index(bytes.len());
        let to = (from + cut).min(bytes.len());
        bytes.splice(from..to, with);
        all_readers(&bytes, beside.get::<Vec<u8>>(all));
    }
}

/// The figures of real results; see the table in docs/import.md for what differs by construction.
#[test]
fn real_results_give_their_figures() {
    let Some(data) = shared_data() else { return };
    let at = |name: &str| data.join("results").join(name).to_str().unwrap().to_owned();
    let stats = at("quantstats/qqq_vs_spy_metrics_full.csv");
    let cases = [
        (
            "quantstats",
            "quantstats/qqq_returns.csv",
            vec!["--stats", &stats],
            0.745_915,
            0.534_040,
        ),
        (
            "pyfolio",
            "pyfolio/test_returns.csv.gz",
            vec![],
            0.451_121,
            0.603_908,
        ),
    ];
    for (tool, file, more, sharpe, drawdown) in cases {
        for profile in ["conservative", "moderate", "aggressive"] {
            let samples = if profile == "moderate" {
                &["full", "oos"][..]
            } else {
                &["oos"]
            };
            for sample in samples {
                let mut world = World::new();
                let mut args = vec!["evidence", "import"];
                let file = at(file);
                args.extend([
                    &file,
                    "--tool",
                    tool,
                    "--portfolio",
                    "p1",
                    "--out",
                    "e",
                    "--json",
                ]);
                args.extend(["--profile", profile, "--sample", sample]);
                args.extend(&more);
                let json = world.run(&args).expect(Exit::Done).json();
                assert!((number(&json, "sharpe", "full") - sharpe).abs() < 5e-7);
                assert!((number(&json, "max_drawdown", "full") - drawdown).abs() < 5e-7);
                if tool == "quantstats" {
                    assert!((number(&json, "cagr", "full") - 0.148_199).abs() < 5e-7);
                }
                assert!(!findings(&mut world).contains(&"claimed".to_owned()));
                check(&mut world, &[]).expect(Exit::Reject);
            }
        }
    }
}

/// Days, first figures and findings of every other real result.
#[test]
fn real_results_of_the_other_tools() {
    let Some(data) = shared_data() else { return };
    let at = |name: &str| data.join("results").join(name).to_str().unwrap().to_owned();
    let mut world = World::new();
    let goog = at("backtesting_py/goog_smacross_equity.csv");
    let (trades, stats) = (
        at("backtesting_py/goog_smacross_trades.csv"),
        at("backtesting_py/goog_smacross_stats.csv"),
    );
    let flags = ["--trades", &trades, "--stats", &stats, "--json"];
    let answer = import(&mut world, "backtesting.py", &goog, &flags).expect(Exit::Done);
    let json = answer.json();
    assert!((number(&json, "sharpe", "full") - 0.826_608).abs() < 5e-7);
    assert!((number(&json, "max_drawdown", "full") - 0.339_316).abs() < 5e-7);
    // One position is still open: the trades do not explain the equity.
    assert!(answer.err.contains("trades left out: 93"), "{}", answer.err);
    assert_eq!(metric(&json, "trades", "full")["reason"], "unsupported");
    assert!(!findings(&mut world).contains(&"claimed".to_owned()));
    for (file, sum, trades) in [
        ("freqtrade/backtest-result.json", 0.104_190, 179.0),
        ("freqtrade/GridDCA_synthetic_2024Q1.json", 0.033_758, 92.0),
    ] {
        let mut world = World::new();
        let json = import(&mut world, "freqtrade", &at(file), &["--json"])
            .expect(Exit::Done)
            .json();
        assert!(
            (number(&json, "total_return", "full") - sum).abs() < 5e-7,
            "{file}"
        );
        assert!(
            (number(&json, "trades", "full") - trades).abs() < 0.5,
            "{file}"
        );
        assert!(
            !findings(&mut world).contains(&"claimed".to_owned()),
            "{file}"
        );
    }
    let lean = at("lean/lean_statistics.jsonl");
    let answer = import(&mut World::new(), "lean", &lean, &[]).expect(Exit::Invalid);
    assert!(answer.err.contains("statistics alone"), "{}", answer.err);
}
