//! `research report`, and the wishes of `research sweep` and `research promote` beyond the plain run.

use std::path::{Path, PathBuf};

use promote::app::exit::Exit;
use promote::research::portfolio::account::Costs;
use promote::research::sweep::granularity::{Granularity, sweep_of};
use promote::research::sweep::ground::Ground;
use promote::research::sweep::run::run_on;
use serde_json::Value;

use crate::harness::{Answer, World, golden, numbered};
use crate::robustness::{store, swinging, workspace};
use crate::sweep::{all, desk, plain, sweep, sweep_in_w, trials};

fn report(world: &mut World, more: &[&str]) -> Answer {
    let words = [&["research", "report"], more].concat();
    world.run(&words)
}

/// The only folder in `parent`.
fn only(parent: &Path) -> PathBuf {
    let mut entries = std::fs::read_dir(parent).unwrap();
    let only = entries.next().unwrap().unwrap().path();
    assert!(entries.next().is_none());
    only
}

fn decimal(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn what_is_printed_and_written() {
    let mut world = desk();
    let more = ["--capital", "10000", "--tag", "first look"];
    let swept = sweep_in_w(&mut world, "rsi_reversion_basic", &more).expect(Exit::Done);
    assert!(
        swept
            .out
            .contains("Of a capital of 10000 EUR the best pays"),
        "{}",
        swept.out
    );
    let words = ["--root", "w", "research", "report", "--sweep-name"];
    let words = [&words[..], &["rsi_reversion_basic", "--with-plots"]].concat();
    let answer = world.run(&words).expect(Exit::Done);
    let dir = only(&world.at("w/results/reports/sweep_rsi_reversion_basic_2024-06-01"));
    let digest = dir.file_name().unwrap().to_str().unwrap().to_owned();
    let here = world.path().display().to_string();
    let text = format!("{}--- stderr\n{}", answer.out, answer.err);
    let text = text.replace(&here, "").replace(&digest, "DIGEST8");
    golden(Path::new("tests/golden/sweep_report.txt"), &text);
    let markdown = std::fs::read_to_string(dir.join("report.md")).unwrap();
    golden(
        Path::new("tests/golden/sweep_report.md"),
        &numbered(&markdown),
    );
    let html = std::fs::read_to_string(dir.join("report.html")).unwrap();
    let rest = html.replace("http://www.w3.org/2000/svg", "");
    assert!(!rest.contains("http:") && !rest.contains("https:") && !rest.contains("<script"));
    assert!(html.contains("SYNTHETIC DATA") && html.contains("first look"));
    // The pictures of the page are the files in plots/.
    let mut pictures: Vec<PathBuf> = std::fs::read_dir(dir.join("plots"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    pictures.sort();
    let names: Vec<&str> = pictures
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap())
        .collect();
    let wanted = [
        "distribution_1.svg",
        "heatmap_1.svg",
        "heatmap_2.svg",
        "heatmap_3.svg",
        "parameter_1.svg",
        "parameter_2.svg",
        "parameter_3.svg",
    ];
    assert_eq!(names, wanted);
    assert_eq!(html.matches("<svg").count(), wanted.len());
    for path in &pictures {
        let svg = std::fs::read_to_string(path).unwrap();
        assert!(html.contains(&svg), "{}", path.display());
    }
    // The same again changes nothing.
    let before = all(&world);
    let again = world.run(&words).expect(Exit::Done);
    assert!(!again.out.contains("written"), "{}", again.out);
    assert_eq!(all(&world), before);
}

#[test]
fn programs_get_what_the_rows_say() {
    let mut world = plain(1500);
    let swept = sweep(&mut world, "rsi_reversion_aggressive", &["--json"]).expect(Exit::Done);
    let swept = swept.json();
    let name = ["--sweep-name", "rsi_reversion_aggressive", "--json"];
    let more = ["--heatmap-params", "lower", "stop_pct", "-n", "5"];
    // The sweep has written a report without these wishes.
    report(&mut world, &[&name[..], &more].concat()).expect(Exit::Conflict);
    let elsewhere = ["--out", "elsewhere"];
    let json = report(&mut world, &[&name[..], &more, &elsewhere].concat())
        .expect(Exit::Done)
        .json();
    crate::schemas::fits("sweep-report.v1.json", &json);
    assert_eq!(json["best"], swept["best"]);
    assert_eq!(json["results_sha256"], swept["results_sha256"]);
    let dir = Path::new(swept["path"].as_str().unwrap());
    let rows = std::fs::read_to_string(dir.join("results.csv")).unwrap();
    let mut lines = rows.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let column = |name: &str| header.iter().position(|head| *head == name).unwrap();
    let lines: Vec<Vec<&str>> = lines.filter(|l| l[column("trades")] != "0").collect();
    let sharpe = |line: &&Vec<&str>| line[column("sharpe")].parse::<f64>().ok();
    // Means and medians by value, worked out again from the file.
    for parameter in json["parameters"].as_array().unwrap() {
        let axis = column(&format!("param_{}", parameter["name"].as_str().unwrap()));
        for value in parameter["values"].as_array().unwrap() {
            let wanted = value["value"].as_str().unwrap();
            let own = lines.iter().filter(|line| line[axis] == wanted);
            let mut found: Vec<f64> = own.filter_map(|line| sharpe(&line)).collect();
            found.sort_by(f64::total_cmp);
            let quartiles = &value["quartiles"];
            assert_eq!(quartiles["count"], found.len());
            let mean = found.iter().sum::<f64>() / found.len() as f64;
            assert!((decimal(&quartiles["mean"]) - mean).abs() < 1e-12);
            let (low, high) = (found[(found.len() - 1) / 2], found[found.len() / 2]);
            assert!((decimal(&quartiles["median"]) - (low + high) / 2.0).abs() < 1e-12);
            assert_eq!(decimal(&quartiles["min"]), found[0]);
            assert_eq!(decimal(&quartiles["max"]), *found.last().unwrap());
        }
    }
    // So with every cell of the heat maps.
    let maps = json["heatmaps"].as_array().unwrap();
    let kinds: Vec<(&str, &str)> = maps
        .iter()
        .map(|map| {
            (
                map["metric"].as_str().unwrap(),
                map["over"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("sharpe", "mean"),
            ("sharpe", "best"),
            ("max_drawdown", "mean")
        ]
    );
    for map in maps {
        assert_eq!(
            (&map["across"], &map["down"]),
            (&"lower".into(), &"stop_pct".into())
        );
        let metric = column(map["metric"].as_str().unwrap());
        for (row, down) in map["rows"].as_array().unwrap().iter().enumerate() {
            for (cell, across) in map["columns"].as_array().unwrap().iter().enumerate() {
                let own = lines.iter().filter(|line| {
                    line[column("param_lower")] == across.as_str().unwrap()
                        && line[column("param_stop_pct")] == down.as_str().unwrap()
                });
                let found: Vec<f64> = own.filter_map(|l| l[metric].parse().ok()).collect();
                let wanted = match map["over"].as_str().unwrap() {
                    "best" => found.iter().copied().fold(f64::MIN, f64::max),
                    _ => found.iter().sum::<f64>() / found.len() as f64,
                };
                assert!((decimal(&map["cells"][row][cell]) - wanted).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn wishes_that_nothing_fulfils_are_refused() {
    let mut world = plain(800);
    let name = "rsi_reversion_basic";
    let absent = report(&mut world, &["--sweep-name", name]).expect(Exit::Invalid);
    assert!(absent.err.contains("research sweep"), "{}", absent.err);
    sweep(&mut world, name, &["--out", "r"]).expect(Exit::Done);
    let before = all(&world);
    for (more, exit, said) in [
        (
            &["--sort-metric", "luck"][..],
            Exit::Usage,
            "unknown metric `luck`",
        ),
        (
            &["--plot-metric", "luck"],
            Exit::Usage,
            "unknown metric `luck`",
        ),
        (
            &["--heatmap-params", "lower", "upper"],
            Exit::Usage,
            "`upper` is no parameter that varies in this sweep; there are: exit_lower, lower, rsi_window",
        ),
        (
            &["--heatmap-params", "lower", "lower"],
            Exit::Usage,
            "two different parameters",
        ),
        (
            &["--heatmap-params", "lower"],
            Exit::Usage,
            "--heatmap-params",
        ),
        (&["--top-n", "0"], Exit::Usage, "--top-n"),
        (&["--format", "pdf"], Exit::Usage, "--format"),
        (&["--sweep-name", "other"], Exit::Invalid, "not of `other`"),
        (&["--input", "nowhere"], Exit::Usage, "--input"),
    ] {
        let words = [&["--input", "r"], more].concat();
        let answer = report(&mut world, &words).expect(exit);
        let flat = answer.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(said), "{more:?}: {}", answer.err);
    }
    report(&mut world, &[]).expect(Exit::Usage);
    report(&mut world, &["--input", "nowhere"]).expect(Exit::Invalid);
    assert_eq!(all(&world), before);
    // A report that says something else is in the way, and stays; elsewhere there is room.
    report(&mut world, &["-i", "r", "-f", "md"]).expect(Exit::Done);
    let first = std::fs::read(world.at("r/report.md")).unwrap();
    let other = ["-i", "r", "-f", "md", "--metric", "metric_total_return"];
    report(&mut world, &other).expect(Exit::Conflict);
    assert_eq!(std::fs::read(world.at("r/report.md")).unwrap(), first);
    assert!(!world.at("r/report.html").exists());
    let elsewhere = [&other[..], &["--output-dir", "x"]].concat();
    report(&mut world, &elsewhere).expect(Exit::Done);
    assert!(world.at("x/report.md").exists());
    // What is in the way of one file keeps the others from being written.
    std::fs::write(world.at("x/report.html"), "mine").unwrap();
    let both = [
        "-i",
        "r",
        "--output-dir",
        "x",
        "--metric",
        "total_return",
        "--with-plots",
    ];
    report(&mut world, &both).expect(Exit::Conflict);
    assert!(!world.at("x/plots").exists());
    // Rows that were changed are no results.
    let rows = world.at("r/results.csv");
    let changed = std::fs::read_to_string(&rows)
        .unwrap()
        .replacen("1,", "2,", 1);
    std::fs::write(&rows, changed).unwrap();
    report(&mut world, &["--input", "r"]).expect(Exit::Integrity);
}

const SMALL: &str = r#"
[sweep.unused]
kind = "rsi_reversion"
description = "The level of shorts changes nothing."
[sweep.unused.parameters]
rsi_window = 7
lower = 30
upper = [70, 75, 80]

[sweep.never]
kind = "rsi_reversion"
description = "Never buys."
[sweep.never.parameters]
rsi_window = [7, 9]
lower = 0
upper = 100

[sweep.rising]
kind = "momentum"
description = "Long at any rise: the first and the last value are the ends."
[sweep.rising.parameters]
lookback_period = [3, 4, 5]
entry_threshold = 0.01
"#;

fn codes(json: &Value) -> Vec<&str> {
    let found = json["recommendations"].as_array().unwrap();
    found
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect()
}

#[test]
fn advice_follows_from_the_rows() {
    let mut world = plain(800);
    world.write("s.toml", SMALL);
    let told = |world: &mut World, name: &str| {
        let more = ["--sweeps-config", "s.toml", "--format", "both", "--json"];
        let swept = sweep(world, name, &more).expect(Exit::Done).json();
        let more = ["--sweep-name", name, "--json"];
        let json = report(world, &more).expect(Exit::Done).json();
        // The sweep has written both reports already.
        let files = json["files"].as_array().unwrap();
        assert!(files.len() == 2 && files.iter().all(|file| file["written"] == false));
        assert_eq!(json["results_sha256"], swept["results_sha256"]);
        let dir = Path::new(swept["path"].as_str().unwrap()).to_owned();
        let text = std::fs::read_to_string(dir.join("report.md")).unwrap();
        (json, text)
    };
    let (json, text) = told(&mut world, "unused");
    assert!(codes(&json).contains(&"idle"), "{json:#}");
    assert!(
        text.contains("upper changes nothing on these bars"),
        "{text}"
    );
    assert!(text.contains("Fewer than two parameters vary"), "{text}");
    assert_eq!(json["heatmaps"], serde_json::json!([]));
    let (json, text) = told(&mut world, "never");
    assert_eq!(codes(&json), ["nothing"]);
    assert_eq!(json["best"], serde_json::json!([]));
    assert!(text.contains("no combination traded"), "{text}");
    // The best of three values in a row stands at an end, or its neighbours stand around it.
    let (json, _) = told(&mut world, "rising");
    let best = json["best"][0]["parameters"]["lookback_period"].as_str();
    let at_an_end = ["3", "5"].contains(&best.unwrap());
    assert_eq!(codes(&json).contains(&"extend"), at_an_end, "{json:#}");
    assert_eq!(json["plateau_kept"].is_string(), !at_an_end);
}

#[test]
fn a_kind_of_strategy_has_grids_of_its_own() {
    let mut world = desk();
    let start = ["--root", "w", "research", "sweep", "--strategy"];
    let kind = |more: &[&str]| -> Vec<String> {
        let words = [&start[..], more].concat();
        words.iter().map(|word| (*word).to_owned()).collect()
    };
    let run = |world: &mut World, words: &[String]| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        world.run(&words)
    };
    let before = all(&world);
    for (how, grid) in [("coarse", 9), ("medium", 25), ("fine", 81)] {
        let words = kind(&["donchian", "--granularity", how, "--dry-run", "--json"]);
        let plan = run(&mut world, &words).expect(Exit::Done).json();
        assert_eq!(plan["counts"]["grid"], grid);
        assert_eq!(plan["sweep"]["name"], format!("donchian_grid_{how}"));
    }
    let unknown = run(&mut world, &kind(&["nope", "--dry-run"])).expect(Exit::Usage);
    assert!(
        unknown.err.contains("there are grids for: bollinger"),
        "{}",
        unknown.err
    );
    let composite = kind(&["composite"]);
    run(&mut world, &composite).expect(Exit::Usage);
    run(&mut world, &kind(&["donchian", "-g", "rough"])).expect(Exit::Usage);
    run(&mut world, &kind(&["donchian", "-s", "donchian_basic"])).expect(Exit::Usage);
    assert_eq!(all(&world), before);
    let words = kind(&["donchian", "-g", "coarse", "--parallel", "--json"]);
    let json = run(&mut world, &words).expect(Exit::Done).json();
    assert_eq!(json["counts"]["ran"], 6);
    let command = json["command"].as_str().unwrap();
    assert!(
        command.starts_with("promote research sweep --strategy donchian --granularity coarse"),
        "{command}"
    );
    assert_eq!(trials(&mut world)[0]["portfolio"], "donchian_grid_coarse");
    // Its results are found by its name.
    let words = [
        "--root",
        "w",
        "research",
        "report",
        "-s",
        "donchian_grid_coarse",
    ];
    world.run(&words).expect(Exit::Done);
}

#[test]
fn results_that_are_not_saved_count_all_the_same() {
    let mut world = desk();
    let saved = sweep_in_w(&mut world.copy(), "momentum_basic", &[]).expect(Exit::Done);
    let before = all(&world);
    let printed = sweep_in_w(&mut world, "momentum_basic", &["--no-save"]).expect(Exit::Done);
    let without: Vec<&str> = saved
        .out
        .lines()
        .filter(|line| !line.starts_with("results"))
        .collect();
    assert_eq!(printed.out.lines().collect::<Vec<_>>(), without);
    assert!(!printed.err.contains("next:"), "{}", printed.err);
    assert!(!world.at("w/results/reports").exists());
    assert_eq!(trials(&mut world)[0]["started"], 36);
    assert!(all(&world).len() > before.len());
    let again = ["--no-save", "--json"];
    let json = sweep_in_w(&mut world, "momentum_basic", &again)
        .expect(Exit::Done)
        .json();
    assert_eq!(
        (&json["path"], &json["trials"]["earlier"]),
        (&Value::Null, &36.into())
    );
    for more in [&["--out", "r"][..], &["--dry-run"], &["--format", "html"]] {
        let words = [&["--no-save"], more].concat();
        sweep_in_w(&mut world, "momentum_basic", &words).expect(Exit::Usage);
    }
}

#[test]
fn wishes_of_a_sweep_are_checked_and_kept() {
    let mut world = plain(600);
    for more in [
        &["--capital", "0"][..],
        &["--capital", "-5"],
        &["--capital", "much"],
        &["--tag", "two\nlines"],
        &["--format", "table"],
        &["--granularity", "fine"],
    ] {
        sweep(&mut world, "bollinger_basic", more).expect(Exit::Usage);
    }
    assert!(!world.at("results").exists());
    let more = ["--capital", "2500.5", "--tag", "a | b", "--format", "json"];
    let json = sweep(&mut world, "bollinger_basic", &more)
        .expect(Exit::Done)
        .json();
    crate::schemas::fits("sweep.v1.json", &json);
    assert_eq!(
        (&json["capital"], &json["tag"]),
        (&"2500.5".into(), &"a | b".into())
    );
    let command = json["command"].as_str().unwrap();
    assert!(
        command.ends_with("--capital 2500.5 --tag 'a | b'"),
        "{command}"
    );
    let dir = Path::new(json["path"].as_str().unwrap());
    let text = std::fs::read_to_string(dir.join("report.md")).unwrap();
    assert!(
        text.contains("2,500.5") && text.contains(r"a \| b"),
        "{text}"
    );
    let words = ["research", "sweep", "--show-catalog"];
    let catalog = world.run(&[&words[..], &["--json"]].concat());
    let catalog = catalog.expect(Exit::Done).json();
    crate::schemas::fits("sweep-catalog.v1.json", &catalog);
    assert_eq!(catalog["strategies"].as_array().unwrap().len(), 12);
    let text = world.run(&words).expect(Exit::Done).out;
    assert!(text.contains("rsi_reversion_basic") && text.contains("vol_regime_filter"));
}

#[test]
fn reports_are_written_with_json_on_stdout_too() {
    let mut world = plain(600);
    let results = ["results.csv", "summary.json"];
    for (more, reports) in [
        (&[][..], &[][..]),
        (&["--json"], &["report.html", "report.md"]),
        (&["--format", "json"], &["report.html", "report.md"]),
        (&["--format", "md", "--json"], &["report.md"]),
    ] {
        let out = format!("r{}", more.join(""));
        let words = [more, &["--out", &out]].concat();
        let answer = sweep(&mut world, "bollinger_basic", &words).expect(Exit::Done);
        let mut files: Vec<_> = std::fs::read_dir(world.at(&out))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(files, [reports, &results].concat(), "{more:?}");
        assert_eq!(answer.err.matches("written: ").count(), reports.len());
        if more.is_empty() {
            continue;
        }
        // Stdout holds the document and nothing else, and the files are those of `research report`.
        crate::schemas::fits("sweep.v1.json", &answer.json());
        let json = report(&mut world, &["--input", &out, "--json"]).expect(Exit::Done);
        let told = json.json()["files"].as_array().unwrap().clone();
        let there = told.iter().filter(|file| file["written"] == false);
        assert_eq!(there.count(), reports.len());
    }
}

#[test]
fn where_no_combination_has_a_figure_another_ranks() {
    let mut world = World::new();
    workspace(&world);
    // Trading hours, eight in twenty-four: bars that have no year.
    let mut bars = swinging(1, 24 * 60);
    let mut hour = 0;
    bars.retain(|_| {
        hour += 1;
        hour % 24 < 8
    });
    store(&world, "BTC/EUR", bars, true);
    let more = ["--metric", "total_return"];
    sweep(&mut world, "momentum_basic", &more).expect(Exit::Done);
    let words = ["research", "promote", "-s", "momentum_basic"];
    let with = |more: &[&'static str]| [&words[..], more].concat();
    let answer = world.run(&with(&["--json"])).expect(Exit::Done);
    assert!(
        answer
            .err
            .contains("no combination has a sharpe: ranked by total_return instead"),
        "{}",
        answer.err
    );
    assert_eq!(answer.json()["metric"], "total_return");
    let text = std::fs::read_to_string(answer.json()["path"].as_str().unwrap()).unwrap();
    assert!(text.contains("metric_used = \"total_return\""), "{text}");
    let more = ["-f", "metric_max_drawdown", "--output", "x", "--json"];
    let other = world.run(&with(&more)).expect(Exit::Done).json();
    assert_eq!(other["metric"], "max_drawdown");
    world.run(&with(&["-f", "luck"])).expect(Exit::Usage);
    // The report is ranked as the sweep was, and says why it cannot compare.
    let json = report(&mut world, &["-s", "momentum_basic", "--json"])
        .expect(Exit::Done)
        .json();
    assert_eq!(json["metric"], "total_return");
    assert_eq!(json["interpretation"][0]["words"], "cannot be compared");
}

#[test]
fn parts_of_a_plan_give_the_rows_of_the_whole() {
    let bars = swinging(3, 700);
    let costs = Costs {
        fee: 0.0026,
        slippage: 0.0005,
    };
    let ground = Ground::new(&bars, costs);
    for kind in ["rsi_reversion", "breakout"] {
        let sweep = sweep_of(kind, Granularity::Medium).unwrap();
        let plan = sweep.plan(None).unwrap().combinations;
        let whole = run_on(None, &plan, &ground, 8760.0).unwrap();
        let parts: Vec<_> = plan
            .chunks(7)
            .flat_map(|part| run_on(Some(1), part, &ground, 8760.0).unwrap())
            .collect();
        assert_eq!(parts, whole);
    }
}
