//! Speed of `robustness`: 40,000 hourly bars of two symbols, 2,000 Monte-Carlo runs, reports.
//!
//! `cargo bench --bench robustness`. Both sides in one run: resampling as one would write it first
//! (a list of indices, a resampled series, one pass per metric, one thread) against ours; the kernels
//! alone; and the whole command against its targets of 1 s and 200 MB.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a program that measures and prints"
)]

#[path = "robustness/kernels.rs"]
mod kernels;

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use promote::adapters::host::{SystemClock, SystemEntropy, durable};
use promote::app::exit::Exit;
use promote::app::workspace::Workspace;
use promote::cli::context::Ports;
use promote::kernel::digest::Digest;
use promote::kernel::time::{HOUR_MS, UtcTime};
use promote::metrics::bootstrap::{Method, Resampling, Seed};
use promote::metrics::{drawdown, sharpe, total_return};
use promote::research::market::manifest::Origin;
use promote::research::market::{Bar, BarSeries};
use promote::research::robustness::options::MonteCarloOptions;
use promote::research::robustness::trials::monte_carlo;

const BARS: usize = 40_000;
const RUNS: i64 = 2_000;

fn bars(seed: u64) -> Vec<Bar> {
    let start = UtcTime::parse_loose("2019-01-01").unwrap();
    let mut state = seed;
    let mut close = 100.0_f64;
    (0..BARS)
        .map(|hour| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let open = close;
            let noise = (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5;
            close = open * (1.0 + noise * 0.03);
            Bar {
                time: start.plus_millis(hour as i64 * HOUR_MS),
                open,
                high: open.max(close) * 1.002,
                low: open.min(close) * 0.998,
                close,
                volume: 1.0,
            }
        })
        .collect()
}

fn best(times: usize, mut run: impl FnMut()) -> Duration {
    (0..times)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .min()
        .unwrap()
}

/// Resampling as one would write it first.
fn naive(returns: &[f64], method: Method, block: usize) -> f64 {
    let resampling = Resampling {
        method,
        block,
        seed: Seed::from_int(42),
    };
    (0..RUNS as u64)
        .map(|index| {
            let drawn: Vec<f64> = resampling
                .indices(returns.len(), index)
                .into_iter()
                .map(|i| returns[i])
                .collect();
            sharpe::sharpe(&drawn, 8760.0, 0.0).unwrap()
                + drawdown::max_drawdown(&drawn).unwrap()
                + total_return::total_return(&drawn).unwrap()
        })
        .sum()
}

fn resampling() {
    let prices = bars(1);
    let returns: Vec<f64> = prices.iter().map(|b| b.close / b.open - 1.0).collect();
    println!("resampling, {RUNS} runs of {BARS} bars (best of 3)");
    for method in Method::ALL {
        let options = MonteCarloOptions {
            runs: RUNS,
            method,
            ..MonteCarloOptions::default()
        };
        let slow = best(1, || {
            std::hint::black_box(naive(&returns, method, 20));
        });
        let fast = best(3, || {
            std::hint::black_box(monte_carlo(&returns, 8760.0, &options).unwrap());
        });
        println!(
            "  {:<13} naive {:>8.1} ms   ours {:>7.1} ms   ratio {:>5.1}",
            method.as_str(),
            slow.as_secs_f64() * 1e3,
            fast.as_secs_f64() * 1e3,
            slow.as_secs_f64() / fast.as_secs_f64()
        );
    }
}

fn prepare(root: &Path) {
    for (name, text) in [
        ("config/config.toml", promote::app::config::EMBEDDED),
        (
            "config/portfolio_recipes.toml",
            promote::app::robustness::resolve::EMBEDDED,
        ),
    ] {
        durable::write_file(&root.join(name), text.as_bytes()).unwrap();
    }
    for (name, bytes) in promote::governance::policy::set::embedded_files() {
        durable::write_file(&root.join("policies").join(name), &bytes).unwrap();
    }
    let workspace = Workspace {
        root: root.to_owned(),
    };
    for (symbol, seed) in [("BTC/EUR", 1), ("ETH/EUR", 2)] {
        let series = BarSeries {
            symbol: symbol.parse().unwrap(),
            timeframe: "1h".parse().unwrap(),
            bars: bars(seed),
            synthetic: true,
        };
        let source = Origin::File {
            name: "bench".to_owned(),
            sha256: Digest::of(b"bench"),
            layout: "generic".to_owned(),
            rows: BARS as i64,
        };
        promote::app::market::store::save(&workspace, &series, source, Vec::new()).unwrap();
    }
}

fn command(root: &Path, out: &str) -> Exit {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut entropy = SystemEntropy;
    let mut ports = Ports {
        out: &mut stdout,
        err: &mut stderr,
        input: &mut std::io::empty(),
        clock: &SystemClock,
        entropy: &mut entropy,
        machine: &promote::adapters::host::machine::ThisMachine,
        cwd: root.to_owned(),
        environment: Default::default(),
        terminal: false,
        width: None,
    };
    let runs = RUNS.to_string();
    let words = [
        "promote",
        "robustness",
        "--portfolio-preset",
        "rsi_reversion_moderate",
        "--mc-num-runs",
        &runs,
        "--out",
        out,
    ];
    promote::cli::run(words.map(OsString::from), &mut ports)
}

/// Peak memory of this process in MB, where the system tells.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

fn main() {
    // The command first, so that the peak memory is its own.
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let mut number = 0;
    let took = best(3, || {
        number += 1;
        assert_eq!(command(folder.path(), &format!("out-{number}")), Exit::Done);
    });
    println!("robustness, {BARS} bars x 2 symbols, {RUNS} runs, reports (best of 3)");
    println!(
        "  wall   {:>7.1} ms   target 1000 ms",
        took.as_secs_f64() * 1e3
    );
    match peak_mb() {
        Some(mb) => println!("  memory {mb:>7.1} MB   target  200 MB"),
        None => println!("  memory: this system does not say"),
    }
    resampling();
    kernels::kernels();
}
