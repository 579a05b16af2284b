//! `research walkforward`, end to end: what is printed, what is written, what is counted, and what is
//! refused.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use promote::app::exit::Exit;
use promote::kernel::digest::Digest;
use promote::metrics::{drawdown, sharpe, total_return};
use promote::research::market::Bar;

use crate::harness::{Answer, World, golden, numbered};
use crate::robustness::{store, swinging, workspace};
use crate::sweep::desk;

const NAME: &str = "rsi_reversion_basic";

/// A workspace without a ledger, with bars that swing.
fn plain(hours: usize, synthetic: bool) -> World {
    let world = World::new();
    workspace(&world);
    store(&world, "BTC/EUR", swinging(1, hours), synthetic);
    world
}

fn walk(world: &mut World, more: &[&str]) -> Answer {
    let mut words = vec!["research", "walkforward", "--sweep-name", NAME];
    words.extend(["--train-window", "30d", "--test-window", "10d"]);
    words.extend(more);
    world.run(&words)
}

fn walk_in_w(world: &mut World, more: &[&str]) -> Answer {
    let mut words = vec![
        "--root",
        "w",
        "research",
        "walkforward",
        "--sweep-name",
        NAME,
    ];
    words.extend(["-t", "240b", "--test-window", "72h"]);
    words.extend(more);
    world.run(&words)
}

fn read(world: &World, file: &str) -> String {
    std::fs::read_to_string(world.at(file)).unwrap()
}

/// Rows of a CSV file by column name.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            heads
                .iter()
                .cloned()
                .zip(record.iter().map(str::to_owned))
                .collect()
        })
        .collect()
}

#[test]
fn what_is_printed_and_reported() {
    let mut world = plain(1700, false);
    let answer = walk(
        &mut world,
        &["--out", "r", "--embargo", "6", "--purge", "3"],
    );
    let answer = answer.expect(Exit::Done);
    let here = world.path().display().to_string();
    let text = format!("{}--- stderr\n{}", answer.out, answer.err).replace(&here, "");
    golden(Path::new("tests/golden/walkforward.txt"), &numbered(&text));
    let report = read(&world, "r/report.md");
    // The last section names digests and the program, which change with every version.
    let (shown, last) = report.split_once("## Reproducibility").unwrap();
    golden(Path::new("tests/golden/walkforward.md"), shown);
    for named in ["windows.csv, SHA-256", "Engine", "research walkforward"] {
        assert!(last.contains(named), "{named}");
    }
    let html = read(&world, "r/report.html");
    for said in [
        "What this does not show",
        "fitted to its test windows",
        "Rank IC",
    ] {
        assert!(
            report.contains(said) && html.contains(said) && !said.is_empty(),
            "{said}"
        );
    }
    // Two charts over time and the paired bars, and nothing from outside.
    assert_eq!(html.matches("<svg class=\"chart\"").count(), 3);
    assert!(html.matches("class=\"second\"").count() > 3);
    for outside in ["http://", "https://", "<script", "<img", "<link"] {
        let ours = "http://www.w3.org/2000/svg";
        assert!(!html.replace(ours, "").contains(outside), "{outside}");
    }
    assert!(!html.contains("SYNTHETIC"));
}

#[test]
fn the_files_say_the_same_and_figures_follow_from_the_series() {
    let mut world = plain(2000, false);
    let json = walk(&mut world, &["--out", "r", "--json"])
        .expect(Exit::Done)
        .json();
    crate::schemas::fits("walk-forward.v1.json", &json);
    let mut kept: serde_json::Value =
        serde_json::from_str(&read(&world, "r/walk_forward.json")).unwrap();
    kept["path"] = json["path"].clone();
    assert_eq!(kept, json);
    let (windows, oos) = (read(&world, "r/windows.csv"), read(&world, "r/oos.csv"));
    assert_eq!(
        json["windows_sha256"],
        Digest::of(windows.as_bytes()).to_string()
    );
    assert_eq!(json["oos_sha256"], Digest::of(oos.as_bytes()).to_string());

    // 2000 hours: 30 days to train, then 53.3 days in windows of 10.
    let (windows, oos) = (table(&windows), table(&oos));
    assert_eq!((windows.len(), oos.len()), (6, 2000 - 720));
    assert_eq!(json["windows"].as_array().unwrap().len(), 6);
    assert_eq!(windows[5]["cut"], "true");
    assert_eq!(windows[0]["train_bars"], "720");
    assert_eq!(windows[0]["test_first"], "2023-01-31T00:00:00.000Z");
    let returns: Vec<f64> = oos
        .iter()
        .map(|row| row["return"].parse().unwrap())
        .collect();
    let number = |value: &serde_json::Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let close = |value: &serde_json::Value, wanted: f64| {
        let found = number(value);
        assert!(
            (found - wanted).abs() < 1e-9 * (1.0 + wanted.abs()),
            "{found} {wanted}"
        );
    };
    close(
        &json["oos"]["total_return"],
        total_return::total_return(&returns).unwrap(),
    );
    close(
        &json["oos"]["sharpe"],
        sharpe::sharpe(&returns, 8760.0, 0.0).unwrap(),
    );
    close(
        &json["oos"]["max_drawdown"],
        drawdown::max_drawdown(&returns).unwrap(),
    );
    let (mut trades, mut positive) = (0, 0);
    for (index, (row, window)) in windows
        .iter()
        .zip(json["windows"].as_array().unwrap())
        .enumerate()
    {
        let number_of = (index + 1).to_string();
        let own = oos.iter().filter(|bar| bar["window"] == number_of);
        let own: Vec<f64> = own.map(|bar| bar["return"].parse().unwrap()).collect();
        assert_eq!(own.len().to_string(), row["test_bars"]);
        close(
            &window["test_return"],
            total_return::total_return(&own).unwrap(),
        );
        // The row of the fast kernel and the series of the engine are one result.
        close(
            &window["test_return"],
            row["test_total_return"].parse().unwrap(),
        );
        assert_eq!(window["best"][0]["run"].to_string(), row["run"]);
        assert_eq!(window["best"].as_array().unwrap().len(), 3);
        trades += window["trades"].as_u64().unwrap();
        positive += u64::from(number(&window["test_return"]) > 0.0);
    }
    assert_eq!(json["oos"]["trades"].as_u64(), Some(trades));
    assert_eq!(json["summary"]["positive"].as_u64(), Some(positive));
    assert!(trades > 6, "{trades}");
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let world = plain(1500, true);
    let files = [
        "walk_forward.json",
        "windows.csv",
        "oos.csv",
        "report.md",
        "report.html",
    ];
    let mut seen: Vec<Vec<String>> = Vec::new();
    for workers in ["1", "2", "5"] {
        let mut world = world.copy();
        walk(
            &mut world,
            &["--workers", workers, "--out", "r", "--anchored"],
        )
        .expect(Exit::Done);
        seen.push(
            files
                .iter()
                .map(|f| read(&world, &format!("r/{f}")))
                .collect(),
        );
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn combinations_count_once_and_invented_bars_are_marked() {
    let mut world = desk();
    let trials = |world: &mut World| {
        let list = ["--root", "w", "trial", "list", "--json"];
        let list = world.run(&list).expect(Exit::Done).json();
        list["trials"].as_array().unwrap().clone()
    };
    let answer = walk_in_w(&mut world, &["--format", "json"]).expect(Exit::Done);
    let json = answer.json();
    crate::schemas::fits("walk-forward.v1.json", &json);
    assert!(json["windows"].as_array().unwrap().len() > 8);
    let listed = trials(&mut world);
    assert_eq!(listed.len(), 1);
    let wanted = serde_json::json!({
        "what": "walkforward", "started": 27, "finished": 27, "failed": 0, "portfolio": NAME,
    });
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(listed[0][name], *value, "{name}");
    }
    assert_eq!(json["trials"]["record_sha256"], listed[0]["record_sha256"]);
    // Invented bars say so wherever they are shown.
    assert_eq!(json["data"]["synthetic"], true);
    assert_eq!(json["data"]["bars"], 2993);
    let path = json["path"].as_str().unwrap();
    for file in ["report.md", "report.html"] {
        let text = std::fs::read_to_string(Path::new(path).join(file)).unwrap();
        assert!(text.contains("SYNTHETIC DATA"), "{file}");
    }
    // The same again is refused before anything is counted.
    let again = walk_in_w(&mut world, &[]).expect(Exit::Conflict);
    assert!(again.err.contains("exists already"), "{}", again.err);
    assert_eq!(trials(&mut world).len(), 1);
    let more = ["--out", "second", "--format", "md"];
    let second = walk_in_w(&mut world, &more).expect(Exit::Done);
    assert!(second.out.contains("(SYNTHETIC)"), "{}", second.out);
    assert!(second.out.contains("54 trials"), "{}", second.out);
    assert!(world.at("second/report.md").is_file() && !world.at("second/report.html").exists());
    // What cannot be written is a trial that failed.
    let failed = walk_in_w(&mut world, &["--out", "w/config/config.toml/r"]);
    assert_ne!(failed.exit, Exit::Done);
    assert_eq!(trials(&mut world)[2]["failed"], 27);
    // What is invented for the run alone is counted nowhere.
    let invented = ["--use-dummy-data", "--out", "third", "--format", "json"];
    let invented = walk_in_w(&mut world, &invented).expect(Exit::Done);
    assert!(invented.err.contains("counted nowhere"), "{}", invented.err);
    assert_eq!(invented.json()["data"]["bars"], 1000);
    assert_eq!(trials(&mut world).len(), 3);
    let verify = ["--root", "w", "ledger", "verify", "--json"];
    assert_eq!(world.run(&verify).expect(Exit::Done).json()["ok"], true);
}

fn csv_of(bars: &[Bar]) -> String {
    let mut text = "timestamp,open,high,low,close,volume\n".to_owned();
    for bar in bars {
        writeln!(
            text,
            "{},{},{},{},{},{}",
            bar.time.millis(),
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume
        )
        .unwrap();
    }
    text
}

#[test]
fn a_file_is_read_as_an_import_and_not_stored() {
    let bars = swinging(1, 1500);
    let mut world = plain(1500, false);
    let stored = walk(&mut world, &["--json", "--out", "a"])
        .expect(Exit::Done)
        .json();
    let mut other = World::new();
    workspace(&other);
    other.write("b.csv", csv_of(&bars));
    let more = ["--data-file", "b.csv", "--json", "--out", "a"];
    let from_file = walk(&mut other, &more).expect(Exit::Done).json();
    assert_eq!(from_file["data"], stored["data"]);
    assert_eq!(from_file["windows"], stored["windows"]);
    assert!(!other.at("data").exists());
    assert!(
        from_file["command"]
            .as_str()
            .unwrap()
            .contains("--data-file b.csv")
    );
    // The Parquet file of the workspace is one too.
    let parquet = std::fs::read(world.at("data/BTC-EUR_1h.parquet")).unwrap();
    other.write("b.parquet", parquet);
    let more = ["-d", "b.parquet", "--json", "--out", "b"];
    let from_parquet = walk(&mut other, &more).expect(Exit::Done).json();
    assert_eq!(from_parquet["windows"], stored["windows"]);
    // Bars that the workspace knows as invented stay invented.
    let mut invented = plain(1500, true);
    invented.write("b.csv", csv_of(&bars));
    let more = ["--data-file", "b.csv", "--json", "--out", "a"];
    let marked = walk(&mut invented, &more).expect(Exit::Done).json();
    assert_eq!(marked["data"]["synthetic"], true);
    // A broken file is refused as an import would be.
    let broken = csv_of(&bars).replacen(&format!(",{},", bars[9].low), ",-1,", 1);
    other.write("broken.csv", broken);
    let refused = walk(&mut other, &["--data-file", "broken.csv"]).expect(Exit::Invalid);
    assert!(refused.err.contains("is refused"), "{}", refused.err);
    assert!(!other.at("results/trials").exists() || from_file["trials"]["runs"] == 27);
}

#[test]
fn dates_cut_the_bars_and_figures_fall_back() {
    let mut world = plain(2000, true);
    let more = [
        "--start-date",
        "2023-01-11",
        "--end-date",
        "2023-03-02",
        "--json",
    ];
    let json = walk(&mut world, &more).expect(Exit::Done).json();
    assert_eq!(json["data"]["bars"], 50 * 24);
    assert_eq!(json["windows"].as_array().unwrap().len(), 2);
    assert_eq!(json["windows"][1]["cut"], false);
    // Eight hours on workdays have no number of bars in a year.
    let bars = swinging(1, 6000).into_iter().filter(|bar| {
        let hour = bar.time.millis() / 3_600_000;
        hour % 24 < 8 && !matches!(hour / 24 % 7, 2 | 3)
    });
    store(&world, "ETH/EUR", bars.collect(), true);
    let more = ["--symbol", "ETH/EUR", "--json"];
    let json = walk(&mut world, &more).expect(Exit::Done).json();
    assert!(json["periods_per_year"].is_null() && json["oos"]["sharpe"].is_null());
    let decided = json["windows"].as_array().unwrap().iter();
    let decided: Vec<&str> = decided.filter_map(|w| w["metric"].as_str()).collect();
    assert!(decided.len() > 3 && decided.iter().all(|m| *m == "total_return"));
    let more = [&more[..], &["--metric-fallback", "sortino"]].concat();
    let refused = walk(&mut world, &more).expect(Exit::Invalid);
    assert!(
        refused.err.contains("neither around the clock"),
        "{}",
        refused.err
    );
}

#[test]
fn what_cannot_run_is_refused_and_nothing_is_counted() {
    let mut world = plain(1500, true);
    world.write("taken/x", "x");
    for (more, exit, said) in [
        (
            &["--step-size", "9d"][..],
            Exit::Usage,
            "tests the same bars twice",
        ),
        (&["--step-size", "soon"], Exit::Usage, "is not a length"),
        (&["--metric", "luck"], Exit::Usage, "unknown metric `luck`"),
        (
            &["--metric-fallback", "luck"],
            Exit::Usage,
            "unknown metric `luck`",
        ),
        (&["--top-n", "0"], Exit::Usage, "--top-n"),
        (&["--workers", "0"], Exit::Usage, "--workers"),
        (&["--purge", "1000001"], Exit::Usage, "--purge"),
        (
            &["--data-file", "x.csv", "--use-dummy-data"],
            Exit::Usage,
            "cannot be used with",
        ),
        (&["--data-file", "x.csv"], Exit::Invalid, "x.csv"),
        (
            &["--use-dummy-data", "--dummy-bars", "1"],
            Exit::Usage,
            "--dummy-bars",
        ),
        (
            &["--use-dummy-data", "--dummy-bars", "720"],
            Exit::Invalid,
            "takes all of them",
        ),
        (
            &["--symbol", "XRP/EUR"],
            Exit::Invalid,
            "no bars of XRP/EUR",
        ),
        (&["--end-date", "2022-01-01"], Exit::Invalid, "over 0 bars"),
        (&["--purge", "710"], Exit::Invalid, "too few"),
        (&["--out", "taken"], Exit::Conflict, "exists already"),
    ] {
        let answer = walk(&mut world, more);
        assert!(
            answer.exit == exit && answer.err.contains(said),
            "{more:?}: {:?}\n{}",
            answer.exit,
            answer.err
        );
    }
    let unknown = [
        "research",
        "walkforward",
        "-s",
        "nope",
        "-t",
        "9d",
        "--test-window",
        "1d",
    ];
    let unknown = world.run(&unknown).expect(Exit::Usage);
    assert!(
        unknown.err.contains("unknown sweep `nope`"),
        "{}",
        unknown.err
    );
    assert!(!world.at("results").exists());
}
