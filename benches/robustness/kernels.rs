//! The kernels alone, on one core: stationary resampling of a portfolio, and cross-validation of a
//! sweep; each against the same thing as one would write it first.

use std::hint::black_box;
use std::time::{Duration, Instant};

use promote::metrics::bootstrap::{Method, Resampling, Seed};
use promote::metrics::monte_carlo::MonteCarlo;
use promote::metrics::pbo::{TrialBlocks, blocks_of, pbo};
use promote::metrics::quick_replicates::QuickReplicates;
use promote::metrics::{drawdown, sharpe};

const BARS: usize = 17_520;
const RUNS: u64 = 3_000;
const TRIALS: usize = 1_000;

/// Returns of about 1 % deviation from a counter generator.
fn returns(seed: u64, bars: usize) -> Vec<f64> {
    let mut state = seed;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / 9_007_199_254_740_992.0
    };
    (0..bars)
        .map(|_| 0.01 * ((0..6).map(|_| uniform()).sum::<f64>() - 3.0) * 1.4)
        .collect()
}

/// Time that this thread has computed, where the system says (what others did meanwhile does not
/// count then); else the time that went by.
fn clock(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat");
    let nanoseconds = told
        .ok()
        .and_then(|t| t.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

fn best(times: usize, mut run: impl FnMut()) -> Duration {
    let since = Instant::now();
    let timed = (0..times).map(|_| {
        let start = clock(since);
        run();
        clock(since).saturating_sub(start)
    });
    timed.min().unwrap_or_default()
}

/// Four strategies at fixed weights, as one series.
fn together(strategies: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; BARS];
    for (strategy, weight) in strategies.iter().zip(weights) {
        for (sum, r) in sums.iter_mut().zip(strategy) {
            *sum += weight * r;
        }
    }
    sums
}

/// Prints both tables.
pub fn kernels() {
    let strategies: Vec<Vec<f64>> = (1..=4).map(|seed| returns(seed, BARS)).collect();
    let weights = [0.4, 0.3, 0.2, 0.1];
    println!(
        "stationary bootstrap, {RUNS} runs x {BARS} bars, portfolio of 4, Sharpe and drawdown,"
    );
    println!("one core, summing and tables included (best of 5)");
    for (block, target) in [(24, 0.07), (5, 0.2)] {
        let resampling = Resampling {
            method: Method::Stationary,
            block,
            seed: Seed::from_int(42),
        };
        let first = best(1, || {
            let series = together(&strategies, &weights);
            for index in 0..RUNS {
                let drawn = resampling.indices(BARS, index);
                let drawn: Vec<f64> = drawn
                    .into_iter()
                    .filter_map(|i| series.get(i))
                    .copied()
                    .collect();
                black_box(sharpe::sharpe(&drawn, 8760.0, 0.0)).ok();
                black_box(drawdown::max_drawdown(&drawn)).ok();
            }
        });
        let plain = best(2, || {
            let series = together(&strategies, &weights);
            let ready = MonteCarlo::new(&series, 8760.0, 0.0, resampling);
            for index in 0..RUNS {
                black_box(ready.as_ref().map(|r| r.replicate(index)).ok());
            }
        });
        let quick = best(5, || {
            let series = together(&strategies, &weights);
            let ready = MonteCarlo::new(&series, 8760.0, 0.0, resampling).map(QuickReplicates::new);
            for index in 0..RUNS {
                black_box(ready.as_ref().map(|r| r.replicate(index)).ok());
            }
        });
        let seconds = |d: Duration| d.as_secs_f64();
        println!(
            "  mean block {block:>2}: first {:.3} s   bar by bar {:.3} s   from tables {:.4} s   target {target} s",
            seconds(first),
            seconds(plain),
            seconds(quick)
        );
    }
    let blocks: Vec<TrialBlocks> = (0..TRIALS as u64)
        .filter_map(|trial| blocks_of(&returns(100 + trial, 1_600)).ok())
        .collect();
    let took = best(5, || {
        black_box(pbo(&blocks)).ok();
    });
    println!(
        "probability of overfitting, 16 blocks, {TRIALS} trials, 12870 choices, one core (best of 5)"
    );
    println!("  {:.3} s   target 0.2 s", took.as_secs_f64());
}
