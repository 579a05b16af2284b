//! `research montecarlo` and `research stress`, end to end: what is printed and written, that it is what
//! the engine and the metrics say, and what is refused.

use std::path::{Path, PathBuf};

use promote::app::exit::Exit;
use promote::app::market::load_bars;
use promote::app::sweep::sweeps;
use promote::app::workspace::Workspace;
use promote::kernel::text::visible;
use promote::metrics::bootstrap::{Method, Resampling, Seed};
use promote::metrics::monte_carlo::MonteCarlo;
use promote::metrics::{drawdown, sharpe, total_return};
use promote::research::market::Bar;
use promote::research::portfolio::account::Costs;
use promote::research::sweep::replay::replay;
use serde_json::Value;

use crate::harness::{Answer, World, golden, numbered};
use crate::robustness::{store, swinging, workspace};
use crate::schemas::fits;

const SWEEP: &str = "rsi_reversion_basic";

/// A workspace without a ledger, with bars that swing, and a sweep on them.
fn swept() -> World {
    let mut world = unswept(1500);
    let words = ["research", "sweep", "--sweep-name", SWEEP];
    world.run(&words).expect(Exit::Done);
    world
}

fn unswept(hours: usize) -> World {
    let world = World::new();
    workspace(&world);
    store(&world, "BTC/EUR", swinging(1, hours), true);
    world
}

fn ask(world: &mut World, verb: &str, more: &[&str]) -> Answer {
    let mut words = vec!["research", verb, "--sweep-name", SWEEP];
    words.extend(more);
    world.run(&words)
}

/// The one directory of results whose name begins with `prefix`.
fn results(world: &World, prefix: &str) -> PathBuf {
    let reports = std::fs::read_dir(world.at("results/reports")).unwrap();
    let mut dated = reports.map(|entry| entry.unwrap().path()).filter(|path| {
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with(prefix)
    });
    let dated = dated.next().unwrap();
    let mut inside = std::fs::read_dir(dated).unwrap();
    let found = inside.next().unwrap().unwrap().path();
    assert!(inside.next().is_none());
    found
}

/// The text without paths and digests.
fn without_digests(world: &World, text: &str, dir: &Path) -> String {
    let short = dir.file_name().unwrap().to_str().unwrap();
    let here = visible(&world.path().display().to_string(), 400);
    numbered(&text.replace(&here, "")).replace(short, "DIGEST8")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn monte_carlo_as_printed_and_written() {
    let mut world = swept();
    let more = [
        "--num-runs",
        "200",
        "--method",
        "block_bootstrap",
        "--cost-jitter",
        "0.5",
        "--parameter-jitter",
        "--sharpe-floor",
        "1",
        "--drawdown-ceiling",
        "0.1",
    ];
    let answer = ask(&mut world, "montecarlo", &more).expect(Exit::Done);
    let dir = results(&world, "montecarlo_");
    let report = read(&dir.join("report.md"));
    let text = format!("{}\n--- report.md\n{report}", answer.out);
    let text = without_digests(&world, &text, &dir);
    golden(Path::new("tests/golden/montecarlo.txt"), &text);
    let bytes = std::fs::read(dir.join("monte_carlo.json")).unwrap();
    let json: Value = serde_json::from_slice(&bytes).unwrap();
    fits("monte-carlo.v1.json", &json);
    let pretty = format!("{json:#}\n");
    let pretty = without_digests(&world, &pretty, &dir);
    golden(Path::new("tests/golden/montecarlo.json"), &pretty);
    let html = read(&dir.join("report.html"));
    assert!(html.contains("SYNTHETIC DATA") && html.matches("<svg").count() == 4);
    for outside in ["http://", "https://", "<script", "url("] {
        let inside = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!inside.contains(outside), "{outside}");
    }
    // The same question in the same place is refused, and its answer left alone.
    let again = ask(&mut world, "montecarlo", &more).expect(Exit::Conflict);
    assert!(again.err.contains("exists already"), "{}", again.err);
    assert_eq!(std::fs::read(dir.join("monte_carlo.json")).unwrap(), bytes);
    // Another question has another directory.
    let other = ask(&mut world, "montecarlo", &["--num-runs", "50", "--json"]);
    let other = other.expect(Exit::Done).json();
    fits("monte-carlo.v1.json", &other);
    assert_ne!(other["path"], Value::Null);
}

/// The bars of the world, and what config/config.toml ships as costs.
fn ground(world: &World) -> (Vec<Bar>, Costs) {
    let place = Workspace {
        root: world.path().to_owned(),
    };
    let stored = load_bars(&place, &"BTC/EUR".parse().unwrap(), "1h".parse().unwrap()).unwrap();
    let costs = Costs {
        fee: 0.0026,
        slippage: 0.0005,
    };
    (stored.series.bars, costs)
}

/// The returns of row `run` of the sweep.
fn returns(world: &World, run: u64) -> Vec<f64> {
    let (bars, costs) = ground(world);
    let (named, _) = sweeps(None, None).unwrap();
    let plan = named.sweep(SWEEP).unwrap().plan(None).unwrap();
    let index = usize::try_from(run - 1).unwrap();
    replay(&plan.combinations[index], &bars, costs)
        .unwrap()
        .returns
}

#[test]
fn replicates_are_those_of_the_candidates_own_series() {
    let mut world = swept();
    for (method, name) in [
        (Method::Simple, "simple"),
        (Method::Stationary, "stationary"),
    ] {
        let more = [
            "--num-runs",
            "60",
            "--method",
            name,
            "--out",
            name,
            "--json",
            "-n",
            "2",
        ];
        let json = ask(&mut world, "montecarlo", &more)
            .expect(Exit::Done)
            .json();
        assert_eq!(json["candidates"].as_array().unwrap().len(), 2);
        for (rank, candidate) in (1..).zip(json["candidates"].as_array().unwrap()) {
            let own = returns(&world, candidate["best"]["run"].as_u64().unwrap());
            let resampling = Resampling {
                method,
                block: 20,
                seed: Seed::from_int(42),
            };
            let plain = MonteCarlo::new(&own, 8760.0, 0.0, resampling).unwrap();
            let file = world.at(&format!("{name}/candidate_{rank}/replicates.csv"));
            let text = read(&file);
            let mut lines = text.lines();
            assert_eq!(
                lines.next(),
                Some("run,sharpe,cagr,total_return,max_drawdown")
            );
            let mut rows = 0;
            for (index, line) in lines.enumerate() {
                let cells: Vec<f64> = line.split(',').map(|c| c.parse().unwrap()).collect();
                let wanted = plain.replicate(index as u64);
                let total = wanted.total_return.unwrap();
                let cagr = (1.0 + total).powf(8760.0 / own.len() as f64) - 1.0;
                let deepest = wanted.max_drawdown.unwrap();
                let wanted = [index as f64, wanted.sharpe.unwrap(), cagr, total, deepest];
                for (found, wanted) in cells.iter().zip(wanted) {
                    let far = (found - wanted).abs() / (1.0 + wanted.abs());
                    assert!(far < 1e-9, "{line}: {wanted}");
                }
                rows += 1;
            }
            assert_eq!(rows, 60);
            let figures = candidate["figures"].as_array().unwrap();
            let shown = number(&figures[0]["own"]);
            assert!((shown - sharpe::sharpe(&own, 8760.0, 0.0).unwrap()).abs() < 1e-9);
        }
    }
}

#[test]
fn a_shuffle_of_trades_keeps_the_end_and_has_no_sharpe_ratio() {
    let mut world = swept();
    let more = [
        "--method",
        "trade_shuffle",
        "--num-runs",
        "100",
        "--json",
        "--out",
        "r",
    ];
    let json = ask(&mut world, "montecarlo", &more)
        .expect(Exit::Done)
        .json();
    fits("monte-carlo.v1.json", &json);
    let candidate = &json["candidates"][0];
    let names: Vec<&str> = candidate["figures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["figure"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["max_drawdown", "losing_streak"]);
    assert_eq!(json["asked"]["block"], Value::Null);
    let only = candidate["probabilities"].as_array().unwrap();
    assert_eq!(only.len(), 1);
    assert_eq!(only[0]["name"], "drawdown_below_ceiling");
    // From trade to trade it falls no deeper than from bar to bar.
    let own = number(&candidate["figures"][0]["own"]);
    assert!(own <= number(&candidate["best"]["figures"]["max_drawdown"]) + 1e-12);
    assert!(read(&world.at("r/report.md")).contains("independent of each other"));
}

#[test]
fn neighbours_are_the_rows_one_step_away() {
    let mut world = swept();
    let more = [
        "--num-runs",
        "20",
        "--parameter-jitter",
        "--json",
        "--out",
        "r",
    ];
    let json = ask(&mut world, "montecarlo", &more)
        .expect(Exit::Done)
        .json();
    let candidate = &json["candidates"][0];
    let near = candidate["neighbours"]["each"].as_array().unwrap();
    assert_eq!(
        near.len() as u64,
        candidate["best"]["neighbours"].as_u64().unwrap()
    );
    let rows = read(&results(&world, "sweep_").join("results.csv"));
    let rows: Vec<Vec<&str>> = rows.lines().map(|l| l.split(',').collect()).collect();
    let own = &rows[candidate["best"]["run"].as_u64().unwrap() as usize];
    let columns = rows[0].iter().filter(|c| c.starts_with("param_")).count();
    for neighbour in near {
        let row = &rows[neighbour["run"].as_u64().unwrap() as usize];
        let differs: Vec<usize> = (1..=columns).filter(|i| row[*i] != own[*i]).collect();
        assert_eq!(differs.len(), 1, "{row:?} {own:?}");
        let name = format!("param_{}", neighbour["parameter"].as_str().unwrap());
        assert_eq!(rows[0][differs[0]], name);
        assert_eq!(row[differs[0]], neighbour["value"].as_str().unwrap());
    }
}

#[test]
fn stress_as_printed_and_written() {
    let mut world = swept();
    let answer = ask(&mut world, "stress", &["--top-n", "2"]).expect(Exit::Done);
    let dir = results(&world, "stress_");
    let report = read(&dir.join("report.md"));
    let text = format!("{}\n--- report.md\n{report}", answer.out);
    let text = without_digests(&world, &text, &dir);
    golden(Path::new("tests/golden/stress.txt"), &text);
    let json: Value = serde_json::from_str(&read(&dir.join("stress.json"))).unwrap();
    fits("stress.v1.json", &json);
    let pretty = without_digests(&world, &format!("{json:#}\n"), &dir);
    golden(Path::new("tests/golden/stress.json"), &pretty);
    let html = read(&dir.join("report.html"));
    assert!(html.contains("SYNTHETIC DATA") && html.matches("<svg").count() == 6);
    let again = ask(&mut world, "stress", &["--top-n", "2"]).expect(Exit::Conflict);
    assert!(again.err.contains("exists already"), "{}", again.err);
}

#[test]
fn stressed_figures_are_absolute() {
    let mut world = swept();
    let words = [
        "--scenarios",
        "single_crash_bar",
        "--severity",
        "0.3",
        "-n",
        "1",
    ];
    let words = [words.as_slice(), &["--json", "--out", "big"]].concat();
    let json = ask(&mut world, "stress", &words).expect(Exit::Done).json();
    let candidate = &json["candidates"][0];
    let own = returns(&world, candidate["best"]["run"].as_u64().unwrap());
    let middle = own.len() / 2;
    let crash = &candidate["scenarios"][0];
    assert_eq!(crash["struck"]["bar"].as_u64().unwrap() as usize, middle);
    let mut stressed = own.clone();
    stressed[middle] = -0.3;
    let near = |found: &Value, wanted: f64| {
        assert!((number(found) - wanted).abs() < 1e-9, "{found} {wanted}");
    };
    near(
        &crash["stressed"]["max_drawdown"],
        drawdown::max_drawdown(&stressed).unwrap(),
    );
    near(
        &crash["stressed"]["total_return"],
        total_return::total_return(&stressed).unwrap(),
    );
    near(
        &crash["stressed"]["sharpe"],
        sharpe::sharpe(&stressed, 8760.0, 0.0).unwrap(),
    );
    near(
        &candidate["baseline"]["max_drawdown"],
        drawdown::max_drawdown(&own).unwrap(),
    );
    let table = read(&world.at("big/candidate_1/equity.csv"));
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("time,baseline,single_crash_bar"));
    let last: Vec<&str> = lines.next_back().unwrap().split(',').collect();
    let end = 1.0 + total_return::total_return(&stressed).unwrap();
    assert!((last[2].parse::<f64>().unwrap() - end).abs() < 1e-9);
}

#[test]
fn a_crash_that_replaces_a_worse_bar_helps() {
    let mut world = unswept(1500);
    // The bar in the middle loses 2 % while every other one gains or stands still.
    let mut bars = swinging(1, 1500);
    let mut price = 100.0;
    for (index, bar) in bars.iter_mut().enumerate() {
        bar.open = price;
        price *= match index {
            750 => 0.98,
            _ if index % 2 == 0 => 1.001,
            _ => 1.0,
        };
        bar.close = price;
        (bar.high, bar.low) = (bar.open.max(price), bar.open.min(price));
    }
    store(&world, "ETH/EUR", bars, true);
    world.write(
        "s.toml",
        "[sweep.held]\nkind = \"ma_crossover\"\ndescription = \"Held from the start.\"\n\
         [sweep.held.parameters]\nfast_window = [5, 6]\nslow_window = 200\n",
    );
    let more = ["--sweeps-config", "s.toml", "--symbol", "ETH/EUR"];
    let words = [&["research", "sweep", "--sweep-name", "held"][..], &more].concat();
    world.run(&words).expect(Exit::Done);
    let words = [
        "research",
        "stress",
        "--sweep-name",
        "held",
        "--severity",
        "0.005",
        "-n",
        "1",
    ];
    let json = ["--scenarios", "single_crash_bar", "--json"];
    let json = world
        .run(&[&words[..], &json].concat())
        .expect(Exit::Done)
        .json();
    let crash = &json["candidates"][0]["scenarios"][0];
    assert_eq!(crash["helps"], true, "{crash:#}");
    let report = read(&results(&world, "stress_").join("report.md"));
    assert!(report.contains("| HELPS |"), "{report}");
    // Before the first signal nothing is held: a wild stretch there does nothing, and says so.
    let words = [
        "research",
        "stress",
        "--sweep-name",
        "held",
        "--position",
        "start",
        "-n",
        "1",
    ];
    let more = [
        "--scenarios",
        "vol_spike",
        "gap_down_open",
        "--json",
        "--out",
        "flat",
    ];
    let json = world
        .run(&[&words[..], &more].concat())
        .expect(Exit::Done)
        .json();
    let tested = &json["candidates"][0]["scenarios"];
    assert_eq!(
        (&tested[0]["nothing"], &tested[0]["helps"]),
        (&true.into(), &false.into())
    );
    assert_eq!(tested[1]["nothing"], false);
    let report = read(&world.at("flat/report.md"));
    assert!(report.contains("| NOTHING |"), "{report}");
}

#[test]
fn one_strategy_alone_has_no_correlations() {
    let mut world = swept();
    let more = ["--scenarios", "correlations_to_one"];
    let refused = ask(&mut world, "stress", &more).expect(Exit::Usage);
    assert!(
        refused.err.contains("no effect on a single strategy"),
        "{}",
        refused.err
    );
    let more = [
        "--scenarios",
        "correlations_to_one",
        "vol_spike",
        "--json",
        "--out",
        "r",
    ];
    let json = ask(&mut world, "stress", &more).expect(Exit::Done).json();
    let scenario = &json["candidates"][0]["scenarios"][0];
    assert_eq!(
        (
            &scenario["scenario"],
            &scenario["stressed"],
            &scenario["worst"]
        ),
        (&"correlations_to_one".into(), &Value::Null, &Value::Null)
    );
    assert!(
        scenario["no_effect"]
            .as_str()
            .unwrap()
            .contains("one strategy alone")
    );
    let header = read(&world.at("r/candidate_1/equity.csv"));
    assert!(header.starts_with("time,baseline,vol_spike\n"));
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let mut seen = Vec::new();
    let world = swept();
    for threads in [1, 2, 5] {
        let mut world = world.copy();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let asked = |world: &mut World| {
            let more = [
                "--method",
                "stationary",
                "--block-size",
                "auto",
                "--out",
                "m",
            ];
            ask(world, "montecarlo", &more).expect(Exit::Done);
            ask(world, "stress", &["--out", "s"]).expect(Exit::Done);
        };
        pool.install(|| asked(&mut world));
        let files = [
            "m/monte_carlo.json",
            "m/report.html",
            "m/candidate_1/replicates.csv",
            "s/stress.json",
            "s/report.html",
            "s/candidate_3/equity.csv",
        ];
        seen.push(files.map(|file| std::fs::read(world.at(file)).unwrap()));
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn invented_bars_are_marked_and_need_no_results() {
    let mut world = unswept(10);
    for (verb, file) in [
        ("montecarlo", "monte_carlo.json"),
        ("stress", "stress.json"),
    ] {
        let more = ["--use-dummy-data", "--out", verb];
        let answer = ask(&mut world, verb, &more).expect(Exit::Done);
        assert!(answer.out.contains("SYNTHETIC") && answer.err.contains("SYNTHETIC"));
        let json: Value =
            serde_json::from_str(&read(&world.at(&format!("{verb}/{file}")))).unwrap();
        let ground = &json["ground"];
        assert_eq!(ground["data"]["synthetic"], true);
        assert_eq!(ground["data"]["bars"], 500);
        assert_eq!(
            (&ground["results"], &ground["trials"]["portfolio"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(ground["trials"]["runs"], 27);
        let command = json["command"].as_str().unwrap();
        assert!(
            command.contains("--use-dummy-data --dummy-bars 500"),
            "{command}"
        );
        for report in ["report.md", "report.html"] {
            let text = read(&world.at(&format!("{verb}/{report}")));
            assert!(text.contains("SYNTHETIC DATA"));
        }
    }
    // Nothing was counted anywhere.
    assert!(!world.at("results").exists());
    let few = ["--use-dummy-data", "--dummy-bars", "15"];
    let few = ask(&mut world, "stress", &few).expect(Exit::Invalid);
    assert!(few.err.contains("too few"), "{}", few.err);
    let unknown = [
        "research",
        "stress",
        "--sweep-name",
        "nope",
        "--use-dummy-data",
    ];
    let unknown = world.run(&unknown).expect(Exit::Usage);
    assert!(
        unknown.err.contains("unknown sweep `nope`"),
        "{}",
        unknown.err
    );
}

#[test]
fn what_is_not_the_sweep_is_refused() {
    let mut world = unswept(1500);
    for verb in ["montecarlo", "stress"] {
        let none = ask(&mut world, verb, &[]).expect(Exit::Invalid);
        let next = format!("promote research sweep --sweep-name {SWEEP}");
        assert!(none.err.contains(&next), "{}", none.err);
    }
    let mut world = swept();
    // Costs and grid that the user names must be those of the results.
    ask(
        &mut world,
        "stress",
        &["--config", "config/config.toml", "--out", "a"],
    )
    .expect(Exit::Done);
    let text = read(&world.at("config/config.toml"));
    let dearer = text.replacen("fee_bps = 26", "fee_bps = 99", 1);
    assert_ne!(dearer, text);
    world.write("dear.toml", dearer);
    let dear = ask(&mut world, "stress", &["--config", "dear.toml"]).expect(Exit::Invalid);
    assert!(
        dear.err.contains("other costs than --config says"),
        "{}",
        dear.err
    );
    assert!(dear.err.contains("promote research sweep"), "{}", dear.err);
    let grid = format!(
        "[sweep.{SWEEP}]\nkind = \"rsi_reversion\"\ndescription = \"Another.\"\n\
         [sweep.{SWEEP}.parameters]\nrsi_window = [5, 6]\nlower = 30\nupper = 70\n"
    );
    world.write("grid.toml", grid);
    let other = ask(&mut world, "montecarlo", &["--sweeps-config", "grid.toml"]);
    let other = other.expect(Exit::Invalid);
    assert!(
        other.err.contains("another grid than --sweeps-config says"),
        "{}",
        other.err
    );
    // A block as long as the series draws nothing but the series.
    let block = ["--method", "moving_block", "--block-size", "1500"];
    let block = ask(&mut world, "montecarlo", &block).expect(Exit::Usage);
    assert!(
        block.err.contains("is not below the 1500 bars"),
        "{}",
        block.err
    );
    for bad in [
        &["--num-runs", "0"][..],
        &["--block-size", "0"],
        &["--cost-jitter", "0"],
        &["--cost-jitter", "1.5"],
        &["--drawdown-ceiling", "30"],
        &["--method", "lucky"],
        &["--top-n", "0"],
    ] {
        ask(&mut world, "montecarlo", bad).expect(Exit::Usage);
    }
    for bad in [
        &["--severity", "25"][..],
        &["--window", "0"],
        &["--position", "nowhere"],
        &["--scenarios", "rain"],
        &["--dummy-bars", "0", "--use-dummy-data"],
    ] {
        ask(&mut world, "stress", bad).expect(Exit::Usage);
    }
    // Rows that are not those of the summary.
    let mut edited = world.copy();
    let rows = results(&edited, "sweep_").join("results.csv");
    let text = read(&rows);
    std::fs::write(&rows, text.replacen("\n1,", "\n2,", 1)).unwrap();
    let refused = ask(&mut edited, "stress", &[]).expect(Exit::Integrity);
    assert!(
        refused.err.contains("not the file that its summary names"),
        "{}",
        refused.err
    );
    // Rows that no run of these combinations comes to, however well they are summed up.
    let mut forged = world.copy();
    let dir = results(&forged, "sweep_");
    let text = read(&dir.join("results.csv"));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in lines.iter_mut().skip(1) {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        let at = cells.len() - 8;
        cells[at] = "9.5".to_owned();
        *line = cells.join(",");
    }
    let text = lines.join("\n") + "\n";
    let digest = promote::kernel::digest::Digest::of(text.as_bytes()).to_string();
    std::fs::write(dir.join("results.csv"), text).unwrap();
    let summary = read(&dir.join("summary.json"));
    let json: Value = serde_json::from_str(&summary).unwrap();
    let summary = summary.replace(json["results_sha256"].as_str().unwrap(), &digest);
    std::fs::write(dir.join("summary.json"), summary).unwrap();
    let refused = ask(&mut forged, "montecarlo", &[]).expect(Exit::Integrity);
    assert!(
        refused.err.contains("does not come to the figures"),
        "{}",
        refused.err
    );
    // More bars than then are no harm; other bars are.
    store(&world, "BTC/EUR", swinging(1, 1600), true);
    ask(&mut world, "stress", &["--out", "b"]).expect(Exit::Done);
    let mut bars = swinging(1, 1600);
    bars[700].close *= 1.0001;
    bars[700].high *= 1.01;
    store(&world, "BTC/EUR", bars, true);
    let refused = ask(&mut world, "montecarlo", &[]).expect(Exit::Invalid);
    assert!(refused.err.contains("no longer those"), "{}", refused.err);
    assert!(
        refused.err.contains("promote research sweep"),
        "{}",
        refused.err
    );
}

#[test]
fn a_sweep_without_a_trade_has_no_candidate() {
    let mut world = unswept(300);
    // Prices that never move.
    let mut bars = swinging(1, 300);
    for bar in &mut bars {
        (bar.open, bar.high, bar.low, bar.close) = (50.0, 50.0, 50.0, 50.0);
    }
    store(&world, "BTC/EUR", bars, true);
    let words = ["research", "sweep", "--sweep-name", "breakout_basic"];
    world.run(&words).expect(Exit::Done);
    let words = ["research", "stress", "--sweep-name", "breakout_basic"];
    let none = world.run(&words).expect(Exit::Invalid);
    assert!(
        none.err.contains("no combination of the sweep"),
        "{}",
        none.err
    );
}
