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

#[path = "robustness/desk.rs"]
mod desk;
#[path = "robustness/kernels.rs"]
mod kernels;

use std::time::{Duration, Instant};

use promote::app::exit::Exit;
use promote::metrics::bootstrap::{Method, Resampling, Seed};
use promote::metrics::{drawdown, sharpe, total_return};
use promote::research::robustness::options::MonteCarloOptions;
use promote::research::robustness::trials::monte_carlo;

const BARS: usize = 40_000;
const RUNS: i64 = 2_000;

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
    let prices = desk::bars(1, BARS);
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

/// Peak memory of this process in MB, where the system tells.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// The whole command on `bars` bars of each symbol, and what it took of the processor and by the clock.
fn command(preset: &str, bars: usize, runs: i64) -> (Duration, Duration) {
    let folder = tempfile::tempdir().unwrap();
    desk::prepare(folder.path(), bars);
    let mut number = 0;
    let mut cpu = Duration::MAX;
    let wall = best(3, || {
        number += 1;
        let before = computed();
        let out = format!("out-{number}");
        assert_eq!(
            desk::robustness(folder.path(), preset, runs, &out),
            Exit::Done
        );
        cpu = cpu.min(computed().saturating_sub(before));
    });
    (wall, cpu)
}

/// What all threads of this process, also those that have ended, have computed; zero where the system
/// does not say.
fn computed() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<u64> = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|word| word.parse().ok())
        .collect();
    // Ticks are hundredths of a second on every Linux.
    Duration::from_millis(10 * ticks.iter().sum::<u64>())
}

fn main() {
    // The command first, so that the peak memory is its own.
    let (wall, cpu) = command("rsi_reversion_moderate", BARS, RUNS);
    println!("robustness, {BARS} bars x 2 symbols, {RUNS} runs, reports (best of 3)");
    println!(
        "  wall   {:>7.1} ms   target 1000 ms   processor {:>7.1} ms",
        wall.as_secs_f64() * 1e3,
        cpu.as_secs_f64() * 1e3
    );
    match peak_mb() {
        Some(mb) => println!("  memory {mb:>7.1} MB   target  200 MB"),
        None => println!("  memory: this system does not say"),
    }
    let (wall, cpu) = command("multi_style_moderate", 17_520, 3_000);
    println!(
        "robustness of multi_style_moderate, 17520 bars x 2 symbols, 3000 runs, stress, reports"
    );
    println!(
        "  wall   {:>7.1} ms   target  500 ms   processor {:>7.1} ms",
        wall.as_secs_f64() * 1e3,
        cpu.as_secs_f64() * 1e3
    );
    resampling();
    kernels::kernels();
}
