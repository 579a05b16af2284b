//! Our side of the comparison with other tools; `benches/peers/run.py` is the other, and calls this:
//! `cargo bench --bench peers -- DIRECTORY`.
//!
//! In: columns of little-endian doubles in DIRECTORY, written by the script. Out: one line of JSON per
//! task, with seconds that the thread computed and the figures that both sides must agree on. Without a
//! directory there is nothing to do.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a program that measures and prints"
)]

#[path = "../robustness/desk.rs"]
mod desk;

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use promote::app::exit::Exit;
use promote::kernel::time::{HOUR_MS, UtcTime};
use promote::metrics::bootstrap::{Method, Resampling, Seed};
use promote::metrics::monte_carlo::{MonteCarlo, Summary};
use promote::metrics::pbo::{TrialBlocks, blocks_of, pbo};
use promote::metrics::quick_replicates::QuickReplicates;
use promote::research::market::Bar;
use promote::research::portfolio::account::Costs;
use promote::research::sweep::grid::Sweeps;
use promote::research::sweep::ground::Ground;
use promote::research::sweep::run::run;
use serde_json::json;

const YEAR: f64 = 8760.0;
const COSTS: Costs = Costs {
    fee: 0.001,
    slippage: 0.0005,
};

fn column(folder: &Path, name: &str) -> Vec<f64> {
    let bytes = std::fs::read(folder.join(name)).unwrap();
    let (words, _) = bytes.as_chunks::<8>();
    words.iter().map(|word| f64::from_le_bytes(*word)).collect()
}

/// Time that this thread has computed, where the system says; else the time that went by.
fn clock(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat");
    let nanoseconds = told
        .ok()
        .and_then(|t| t.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// The best of `times`, and the last result.
fn best<T>(times: usize, mut task: impl FnMut() -> T) -> (f64, T) {
    let since = Instant::now();
    let mut timed = || {
        let start = clock(since);
        let done = black_box(task());
        (clock(since).saturating_sub(start), done)
    };
    let (mut least, mut done) = timed();
    for _ in 1..times {
        let (took, again) = timed();
        least = least.min(took);
        done = again;
    }
    (least.as_secs_f64(), done)
}

fn bars(folder: &Path) -> Vec<Bar> {
    let [open, high, low, close] =
        ["open", "high", "low", "close"].map(|name| column(folder, name));
    let start = UtcTime::parse_loose("2022-01-01").unwrap();
    let prices = open.iter().zip(&high).zip(&low).zip(&close);
    (0..)
        .zip(prices)
        .map(|(hour, (((open, high), low), close))| Bar {
            time: start.plus_millis(hour * HOUR_MS),
            open: *open,
            high: *high,
            low: *low,
            close: *close,
            volume: 1.0,
        })
        .collect()
}

/// The grid that the script names, in its order.
fn sweep(folder: &Path) {
    let bars = bars(folder);
    let sweeps =
        Sweeps::parse(&std::fs::read_to_string(folder.join("grid.toml")).unwrap()).unwrap();
    let plan = sweeps.0.values().next().unwrap().plan(None).unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let (seconds, rows) = pool.install(|| {
        best(5, || {
            run(&plan.combinations, &Ground::new(&bars, COSTS), YEAR)
        })
    });
    let rows: Vec<_> = rows
        .iter()
        .map(|row| json!([row.total_return, row.sharpe, row.max_drawdown, row.trades]))
        .collect();
    println!(
        "{}",
        json!({ "task": "sweep", "seconds": seconds, "rows": rows })
    );
}

/// Four strategies at fixed weights, summed inside the measured time.
fn bootstrap(folder: &Path, block: usize) {
    let strategies: Vec<Vec<f64>> = (0..4)
        .map(|i| column(folder, &format!("strategy{i}")))
        .collect();
    let weights = [0.4, 0.3, 0.2, 0.1];
    let resampling = Resampling {
        method: Method::Stationary,
        block,
        seed: Seed::from_int(42),
    };
    let (seconds, replicates) = best(5, || {
        let mut series = vec![0.0; strategies[0].len()];
        for (strategy, weight) in strategies.iter().zip(weights) {
            for (sum, r) in series.iter_mut().zip(strategy) {
                *sum += weight * r;
            }
        }
        let ready = QuickReplicates::new(MonteCarlo::new(&series, YEAR, 0.0, resampling).unwrap());
        (0..3_000)
            .map(|index| ready.replicate(index))
            .collect::<Vec<_>>()
    });
    let summary = Summary::new(&replicates);
    let levels = [0.05, 0.5, 0.95];
    let sharpe = levels.map(|p| summary.sharpe(p).unwrap());
    let deepest = levels.map(|p| summary.max_drawdown(p).unwrap());
    println!(
        "{}",
        json!({
            "task": format!("bootstrap{block}"),
            "seconds": seconds,
            "sharpe": sharpe,
            "max_drawdown": deepest,
        })
    );
}

fn overfitting(folder: &Path) {
    let all = column(folder, "trials");
    let trials: Vec<&[f64]> = all.chunks(all.len() / 1_000).collect();
    let (seconds, found) = best(3, || {
        let blocks: Vec<TrialBlocks> = trials.iter().map(|t| blocks_of(t).unwrap()).collect();
        pbo(&blocks).unwrap()
    });
    println!(
        "{}",
        json!({ "task": "pbo", "seconds": seconds, "pbo": found })
    );
}

/// The whole command: the clock, since it uses all cores.
fn preset() {
    let root = tempfile::tempdir().unwrap();
    desk::prepare(root.path(), 17_520);
    let seconds = (0..3)
        .map(|number| {
            let start = Instant::now();
            let out = format!("out-{number}");
            let exit = desk::robustness(root.path(), "multi_style_moderate", 3_000, &out);
            assert_eq!(exit, Exit::Done);
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    println!("{}", json!({ "task": "preset", "seconds": seconds }));
}

fn main() {
    let folder = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let Some(folder) = folder else {
        println!("nothing to compare with: benches/peers/run.py names a directory");
        return;
    };
    let folder = Path::new(&folder);
    sweep(folder);
    bootstrap(folder, 24);
    bootstrap(folder, 5);
    overfitting(folder);
    preset();
}
