//! Market data: every fixture's answer, the exact figures of the real files, what is stored and
//! what is never overwritten.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use promote::app::exit::Exit;
use promote::app::market::load_bars;
use promote::app::workspace::Workspace;
use serde_json::Value;

use crate::harness::{World, golden, shared_data};
use crate::schemas::fits;

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/market")
        .join(name);
    path.to_str().unwrap().to_owned()
}

/// A world that is a workspace.
fn workspace() -> World {
    let world = World::new();
    world.write("config/config.toml", "");
    world.write("policies/conservative.toml", "");
    world
}

fn files(world: &World) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(world.at("data")) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn import<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec![
        "data",
        "import",
        file,
        "--symbol",
        "BTC/EUR",
        "--timeframe",
        "1h",
    ];
    args.extend(more);
    args
}

/// Every fixture imported as it is: exit code, report, message. A refusal writes nothing.
#[test]
fn every_fixture_has_its_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/market");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut seen = String::new();
    for name in names {
        let mut world = workspace();
        let path = fixture(&name);
        let answer = world.run(&import(&path, &[]));
        writeln!(seen, "== {name}: exit {}", answer.exit.code()).unwrap();
        let folder = path.trim_end_matches(name.as_str());
        seen.push_str(&answer.out);
        seen.push_str(&answer.err.replace(folder, ""));
        assert_eq!(
            answer.exit == Exit::Done,
            !files(&world).is_empty(),
            "{name}"
        );
        assert!(
            answer.exit == Exit::Done || answer.exit == Exit::Invalid,
            "{name}"
        );
        assert!(
            !answer.err.contains('\u{1b}') && !answer.out.contains('\u{1b}'),
            "{name}"
        );
        // `check` says the same and writes nothing.
        let mut world = World::new();
        let mut args = import(&path, &["--json"]);
        args[1] = "check";
        let checked = world.run(&args);
        assert_eq!(checked.exit, answer.exit, "{name}");
        if !checked.out.is_empty() {
            fits("data-report.v1.json", &checked.json());
        }
        assert_eq!(files(&world), [""; 0]);
    }
    golden(Path::new("tests/golden/data-import.txt"), &seen);
}

#[test]
fn accepted_by_name_the_remedy_is_the_documented_one() {
    for (name, fault, bars) in [
        ("price-1e999.csv", "non_finite", 5),
        ("price-nan-and-empty.csv", "non_finite", 4),
        ("price-negative.csv", "non_positive", 5),
        ("price-zero.csv", "non_positive", 5),
        ("volume-negative.csv", "non_positive", 5),
        ("range-without-close.csv", "invalid_bar", 4),
        (
            "time-repeated-with-other-volume.csv",
            "conflicting_duplicate",
            5,
        ),
        ("two-rows-exchanged.csv", "order_break", 6),
        ("one-bar-off-the-grid.csv", "interval_mismatch", 5),
        ("bars-of-one-day.csv", "interval_mismatch", 6),
        ("split-four-to-one.csv", "split_suspect", 6),
        ("volume-columns-contradict.csv", "column_swap", 6),
        ("header-only.csv", "empty", 0),
    ] {
        let mut world = workspace();
        let path = fixture(name);
        let other = if fault == "empty" {
            "order_break"
        } else {
            "empty"
        };
        let _refused = world
            .run(&import(&path, &["--accept", other]))
            .expect(Exit::Invalid);
        let report = world
            .run(&import(&path, &["--accept", fault, "--json"]))
            .expect(Exit::Done)
            .json();
        assert_eq!(report["bars"], bars, "{name}");
        let faults = report["faults"].as_array().unwrap();
        assert!(
            faults
                .iter()
                .any(|f| f["code"] == fault && f["accepted"] == true),
            "{name}"
        );
        assert_eq!(files(&world).len(), if bars == 0 { 0 } else { 2 }, "{name}");
        if bars > 0 {
            let space = Workspace {
                root: world.path().to_owned(),
            };
            let stored =
                load_bars(&space, &"BTC/EUR".parse().unwrap(), "1h".parse().unwrap()).unwrap();
            assert_eq!(stored.series.check(), Ok(()));
            assert_eq!(stored.manifest.rows, bars);
            assert_eq!(report["sha256"], stored.manifest.bars_sha256.to_string());
        }
    }
}

fn volumes(world: &World) -> Vec<f64> {
    let space = Workspace {
        root: world.path().to_owned(),
    };
    let stored = load_bars(&space, &"BTC/EUR".parse().unwrap(), "1h".parse().unwrap()).unwrap();
    stored.series.bars.iter().map(|bar| bar.volume).collect()
}

#[test]
fn swapped_volumes_are_repaired_row_by_row() {
    let mut world = workspace();
    let path = fixture("volume-columns-swapped.csv");
    let report = world
        .run(&import(&path, &["--json"]))
        .expect(Exit::Done)
        .json();
    let faults: Vec<(&Value, &Value)> = report["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (&f["code"], &f["count"]))
        .collect();
    assert_eq!(
        faults,
        [
            (&Value::from("zero_volume"), &Value::from(1)),
            (&Value::from("column_swap"), &Value::from(3))
        ]
    );
    assert_eq!(volumes(&world), [6.0, 5.0, 4.0, 0.0, 3.0, 2.0]);
}

#[test]
fn nothing_is_overwritten_unless_asked_for() {
    let mut world = workspace();
    let (clean, other) = (fixture("clean.csv"), fixture("row-repeated.csv"));
    let gap = fixture("two-bars-missing.csv");
    let first = world
        .run(&import(&clean, &["--json"]))
        .expect(Exit::Done)
        .json();
    assert_eq!(
        (&first["written"], &first["path"]),
        (&true.into(), &"data/BTC-EUR_1h.parquet".into())
    );
    let before = std::fs::read(world.at("data/BTC-EUR_1h.json")).unwrap();
    // The same bars from another file: fine, and nothing changes.
    let again = world
        .run(&import(&other, &["--json"]))
        .expect(Exit::Done)
        .json();
    assert_eq!(
        (&again["written"], &again["sha256"]),
        (&false.into(), &first["sha256"])
    );
    let refused = world.run(&import(&gap, &[])).expect(Exit::Conflict);
    assert!(refused.err.contains("--replace"), "{}", refused.err);
    assert_eq!(
        std::fs::read(world.at("data/BTC-EUR_1h.json")).unwrap(),
        before
    );
    let _replaced = world.run(&import(&gap, &["--replace"])).expect(Exit::Done);
    assert_ne!(
        std::fs::read(world.at("data/BTC-EUR_1h.json")).unwrap(),
        before
    );
}

#[test]
fn all_symbols_or_none_are_stored() {
    let mut world = workspace();
    let (good, bad) = (
        fixture("two-symbols.csv"),
        fixture("two-symbols-one-bad.csv"),
    );
    let all = |file: &str| -> Vec<String> {
        [
            "data",
            "import",
            file,
            "--all-symbols",
            "--timeframe",
            "1h",
            "--json",
        ]
        .map(str::to_owned)
        .into()
    };
    let run = |world: &mut World, args: Vec<String>| {
        world.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let answer = run(&mut world, all(&bad)).expect(Exit::Invalid);
    assert!(
        answer.err.contains("invalid_bar of ETH/EUR"),
        "{}",
        answer.err
    );
    assert_eq!(files(&world), [""; 0]);
    let report = run(&mut world, all(&good)).expect(Exit::Done).json();
    fits("data-reports.v1.json", &report);
    assert_eq!(report["reports"][1]["symbol"], "ETH/EUR");
    assert_eq!(files(&world).len(), 4);
    let one = world.run(&[
        "data",
        "check",
        &good,
        "--symbol",
        "ETH/EUR",
        "--timeframe",
        "1h",
        "--json",
    ]);
    assert_eq!(one.expect(Exit::Done).json()["skipped_rows"], 6);
    let none = world.run(&[
        "data",
        "check",
        &good,
        "--symbol",
        "SOL/EUR",
        "--timeframe",
        "1h",
    ]);
    assert!(
        none.expect(Exit::Invalid)
            .err
            .contains("`BTC-EUR`, `ETH-EUR`")
    );
    let clean = fixture("clean.csv");
    let _no_column = run(&mut world, all(&clean)).expect(Exit::Invalid);
}

#[test]
fn changed_files_are_found() {
    let stored = ["check", "--symbol", "BTC/EUR", "--timeframe", "1h"];
    let check: Vec<&str> = std::iter::once("data").chain(stored).collect();
    let clean = fixture("clean.csv");
    let fresh = || {
        let mut world = workspace();
        let _imported = world.run(&import(&clean, &[])).expect(Exit::Done);
        let _checked = world.run(&check).expect(Exit::Done);
        world
    };
    // Bars of another import under this manifest.
    let mut world = fresh();
    let mut other = workspace();
    let gap = fixture("two-bars-missing.csv");
    let _imported = other.run(&import(&gap, &[])).expect(Exit::Done);
    std::fs::copy(
        other.at("data/BTC-EUR_1h.parquet"),
        world.at("data/BTC-EUR_1h.parquet"),
    )
    .unwrap();
    let _found = world.run(&check).expect(Exit::Integrity);
    // Any change of the manifest that keeps it canonical.
    for (from, to) in [
        ("\"rows\":6", "\"rows\":7"),
        ("\"synthetic\":false", "\"synthetic\":true"),
        ("T05:", "T06:"),
        ("manifest/v1", "manifest/v2"),
    ] {
        let mut world = fresh();
        let text = std::fs::read_to_string(world.at("data/BTC-EUR_1h.json")).unwrap();
        assert!(text.contains(from), "{text}");
        world.write("data/BTC-EUR_1h.json", text.replacen(from, to, 1));
        let _found = world.run(&check).expect(Exit::Integrity);
    }
    let mut world = fresh();
    world.write("data/BTC-EUR_1h.json", "{\"schema\": 1}");
    let _found = world.run(&check).expect(Exit::Integrity);
    // Bars without manifest count as absent: a killed import leaves that.
    let mut world = fresh();
    std::fs::remove_file(world.at("data/BTC-EUR_1h.json")).unwrap();
    let _absent = world.run(&check).expect(Exit::Invalid);
    let _again = world.run(&import(&clean, &[])).expect(Exit::Done);
    // Every single-byte change of the Parquet file is an error or gives the same bars.
    let world = fresh();
    let good = std::fs::read(world.at("data/BTC-EUR_1h.parquet")).unwrap();
    let space = Workspace {
        root: world.path().to_owned(),
    };
    let load = || load_bars(&space, &"BTC/EUR".parse().unwrap(), "1h".parse().unwrap());
    let want = load().unwrap();
    for index in (0..good.len()).step_by(5) {
        let mut bytes = good.clone();
        bytes[index] ^= 0x55;
        world.write("data/BTC-EUR_1h.parquet", &bytes);
        match load() {
            Ok(read) => assert_eq!(read, want, "byte {index}"),
            Err(failure) => assert!(
                matches!(failure.exit, Exit::Integrity | Exit::Invalid),
                "{failure:?}"
            ),
        }
    }
}

#[test]
fn synthetic_bars_stay_marked() {
    let synth = |seed: &'static str| {
        vec![
            "data",
            "synth",
            "--symbol",
            "BTC/EUR",
            "--timeframe",
            "1h",
            "--start",
            "2023-01-01",
            "--bars",
            "500",
            "--seed",
            seed,
            "--reversion",
            "0.02",
            "--json",
        ]
    };
    let mut world = workspace();
    let report = world.run(&synth("7")).expect(Exit::Done).json();
    assert_eq!(report["synthetic"], true);
    assert_eq!(
        world.run(&synth("7")).expect(Exit::Done).json()["written"],
        false
    );
    let _other = world.run(&synth("8")).expect(Exit::Conflict);
    let listed = world.run(&["data", "list"]).expect(Exit::Done).out;
    assert!(listed.contains("SYNTHETIC, seed 7"), "{listed}");
    assert_eq!(
        world
            .run(&["data", "list", "--json"])
            .expect(Exit::Done)
            .json()["data"][0]["synthetic"],
        true
    );
    let list = world
        .run(&["data", "list", "--json"])
        .expect(Exit::Done)
        .json();
    fits("data-list.v1.json", &list);
    fits("data-manifest.v1.json", &list["data"][0]);
    // Brought back as a file, under another name: the mark comes along.
    let file = world
        .at("data/BTC-EUR_1h.parquet")
        .to_str()
        .unwrap()
        .to_owned();
    let mut elsewhere = workspace();
    let args = [
        "data",
        "import",
        &file,
        "--symbol",
        "ETH/EUR",
        "--timeframe",
        "1h",
        "--json",
    ];
    assert_eq!(
        elsewhere.run(&args).expect(Exit::Done).json()["synthetic"],
        true
    );
    // Typed out as CSV it has no mark of its own, but this workspace knows the bars.
    let space = Workspace {
        root: world.path().to_owned(),
    };
    let stored = load_bars(&space, &"BTC/EUR".parse().unwrap(), "1h".parse().unwrap()).unwrap();
    let mut text = "time,open,high,low,close,volume\n".to_owned();
    for b in &stored.series.bars {
        writeln!(
            text,
            "{},{},{},{},{},{}",
            b.time.millis(),
            b.open,
            b.high,
            b.low,
            b.close,
            b.volume
        )
        .unwrap();
    }
    world.write("laundered.csv", text);
    let report = world.run(&[
        "data",
        "import",
        "laundered.csv",
        "--symbol",
        "ETH/EUR",
        "--timeframe",
        "1h",
        "--json",
    ]);
    let report = report.expect(Exit::Done).json();
    assert_eq!(
        (&report["synthetic"], &report["sha256"]),
        (
            &true.into(),
            &Value::from(stored.manifest.bars_sha256.to_string())
        )
    );
}

#[test]
fn hostile_words_and_files() {
    let mut world = workspace();
    let clean = fixture("clean.csv");
    for symbol in [
        "../../x",
        "../../X",
        "BTC/../../EUR",
        "",
        "BTC\u{1b}[31m",
        "btc/eur",
    ] {
        let answer = world.run(&[
            "data",
            "import",
            &clean,
            "--symbol",
            symbol,
            "--timeframe",
            "1h",
        ]);
        assert!(!answer.err.contains('\u{1b}'));
        let _usage = answer.expect(Exit::Usage);
    }
    for args in [
        &["--timeframe", "7h"][..],
        &["--timeframe", "1h", "--accept", "everything"],
        &["--timeframe", "1h", "--source", "kraken"],
        &["--timeframe", "1h", "--all-symbols"],
    ] {
        let mut words = vec!["data", "import", &clean, "--symbol", "BTC/EUR"];
        words.extend(args);
        let _usage = world.run(&words).expect(Exit::Usage);
    }
    let synth = [
        "data",
        "synth",
        "--symbol",
        "BTC/EUR",
        "--timeframe",
        "1h",
        "--start",
        "2023-01-01",
        "--bars",
        "10",
    ];
    for (flag, value) in [
        ("--reversion", "1"),
        ("--volatility", "nan"),
        ("--price", "0"),
        ("--gaps", "inf"),
        ("--seed", "-1"),
    ] {
        let flag = format!("{flag}={value}");
        let mut words = synth.to_vec();
        words.push(&flag);
        let _usage = world.run(&words).expect(Exit::Usage);
    }
    // 10 MB in one line, with and without a header above it.
    let long = "9".repeat(10_000_000);
    world.write("long-line.csv", &long);
    world.write(
        "long-cell.csv",
        format!("time,open,high,low,close,volume\n{long},1,1,1,1,1\n"),
    );
    world.write(
        "many-cells.csv",
        format!(
            "time,open,high,low,close,volume\n{}\n",
            ",".repeat(1_000_000)
        ),
    );
    world.write("not.parquet", b"PAR1 and then nothing of the kind PAR1");
    world.write("packed.zip", b"PK\x03\x04rest");
    for name in [
        "long-line.csv",
        "long-cell.csv",
        "many-cells.csv",
        "not.parquet",
        "packed.zip",
        "absent.csv",
        "config",
    ] {
        let answer = world.run(&import(name, &[])).expect(Exit::Invalid);
        assert!(
            answer.err.len() < 2000 && answer.err.contains(name),
            "{name}: {}",
            answer.err
        );
    }
    assert_eq!(files(&world), [""; 0]);
    let _no_workspace = World::new().run(&import(&clean, &[])).expect(Exit::Invalid);
    let _no_bars = world
        .run(&["data", "check", "--symbol", "BTC/EUR", "--timeframe", "1h"])
        .expect(Exit::Invalid);
}

/// A report on a real file, checked without a workspace.
fn real(folder: &Path, file: &str, symbol: &str, timeframe: &str, exit: Exit) -> Value {
    let path: PathBuf = folder.join("crypto").join(file);
    let args = [
        "data",
        "check",
        path.to_str().unwrap(),
        "--symbol",
        symbol,
        "--timeframe",
        timeframe,
        "--json",
    ];
    World::new().run(&args).expect(exit).json()
}

fn fault(report: &Value, code: &str) -> (i64, i64, bool) {
    let found = report["faults"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["code"] == code);
    let f = found.unwrap_or_else(|| panic!("no {code} in {report}"));
    (
        f["count"].as_i64().unwrap(),
        f["first_line"].as_i64().unwrap(),
        f["accepted"].as_bool().unwrap(),
    )
}

#[test]
fn figures_of_the_real_files() {
    let Some(folder) = shared_data() else { return };
    for (file, symbol, zero) in [
        ("binance_BTCUSDT_1h.csv", "BTC/USDT", 3),
        ("binance_ETHUSDT_1h.csv", "ETH/USDT", 5),
    ] {
        let report = real(&folder, file, symbol, "1h", Exit::Done);
        let got = [
            "rows",
            "gaps",
            "missing_bars",
            "zero_volume",
            "invalid_bars",
            "duplicates",
        ]
        .map(|k| report[k].as_i64().unwrap());
        assert_eq!(got, [45_024, 27, 127, zero, 0, 0], "{file}");
        assert_eq!(
            (&report["first"], &report["last"]),
            (
                &"2017-08-17T04:00:00.000Z".into(),
                &"2022-10-11T10:00:00.000Z".into()
            )
        );
    }
    let report = real(
        &folder,
        "bitstamp_BTCEUR_1h.raw.csv",
        "BTC/EUR",
        "1h",
        Exit::Done,
    );
    assert_eq!(
        (&report["rows"], &report["gaps"]),
        (&40_675.into(), &0.into())
    );
    assert_eq!(fault(&report, "column_swap").0, 20_128);
    assert_eq!(report["zero_volume"], 22);
    let report = real(
        &folder,
        "bitstamp_ETHEUR_1h.parquet",
        "ETH/EUR",
        "1h",
        Exit::Done,
    );
    assert_eq!(
        (&report["rows"], &report["gaps"], &report["invalid_bars"]),
        (&40_675.into(), &0.into(), &0.into())
    );
    for (file, symbol, rows, invalid, line) in [
        ("yahoo_BTCEUR_1d.raw.csv", "BTC/EUR", 3461, 274, 3),
        ("yahoo_ETHEUR_1d.raw.csv", "ETH/EUR", 2310, 76, 4),
    ] {
        let report = real(&folder, file, symbol, "1d", Exit::Invalid);
        assert_eq!(
            (&report["rows"], &report["invalid_bars"]),
            (&rows.into(), &invalid.into())
        );
        assert_eq!(fault(&report, "invalid_bar"), (invalid, line, false));
    }
    let report = real(
        &folder,
        "coinbase_BTCUSD_1h.ampm.raw.csv",
        "BTC/USD",
        "1h",
        Exit::Invalid,
    );
    assert_eq!(
        (&report["rows"], &report["zero_volume"]),
        (&20_111.into(), &28.into())
    );
    assert_eq!(fault(&report, "order_break"), (5, 16_901, false));
    // The wrong timeframe is noticed.
    let report = real(
        &folder,
        "yahoo_ETHEUR_1d.raw.csv",
        "ETH/EUR",
        "1h",
        Exit::Invalid,
    );
    assert!(!fault(&report, "interval_mismatch").2);
}

#[test]
fn base_volumes_of_the_real_swapped_file() {
    let Some(folder) = shared_data() else { return };
    let mut world = workspace();
    let path = folder.join("crypto/bitstamp_BTCEUR_1h.raw.csv");
    let _imported = world
        .run(&import(path.to_str().unwrap(), &[]))
        .expect(Exit::Done);
    let space = Workspace {
        root: world.path().to_owned(),
    };
    let stored = load_bars(&space, &"BTC/EUR".parse().unwrap(), "1h".parse().unwrap()).unwrap();
    let bars = &stored.series.bars;
    let of = |bar: &promote::research::market::Bar| (bar.time.to_string(), bar.volume);
    assert_eq!(of(&bars[0]), ("2018-05-15T06:00:00.000Z".to_owned(), 65.38));
    assert_eq!(
        of(bars.last().unwrap()),
        ("2023-01-04T00:00:00.000Z".to_owned(), 1.65765029)
    );
    // No hour saw more than 10,000 coins: not one row kept the euros.
    assert!(bars.iter().all(|bar| bar.volume < 10_000.0));
    assert_eq!(stored.manifest.bars_sha256, stored.series.sha256());
}

#[test]
fn real_splits_are_suspected() {
    let Some(folder) = shared_data() else { return };
    let path = folder.join("equity/lean_daily_unadjusted_10.parquet");
    let args = [
        "data",
        "check",
        path.to_str().unwrap(),
        "--symbol",
        "AAPL",
        "--timeframe",
        "1d",
        "--json",
    ];
    let report = World::new().run(&args).expect(Exit::Invalid).json();
    assert!(fault(&report, "split_suspect").0 >= 1, "{report}");
}
