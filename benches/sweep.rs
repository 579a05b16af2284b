//! Speed of sweeps: `cargo bench --bench sweep`. 17,520 hourly bars; return, Sharpe, Sortino,
//! drawdown, trades, hit ratio, profit factor, costs; with stops.
//!
//! (a) An RSI sweep of 10,000 combinations on one core and on two, beside the fused scalar loop that
//! one would write by hand, and its memory. (b) One sweep of about a thousand combinations for every
//! other kind of rule. Each beside the plain engine (backtest, account, metrics) on a sample of its
//! combinations, with the ratio; and how far the figures of the sample differ at most.
//!
//! With the name of a kind (`-- macd`) only that one.
//!
//! Times are those that the threads computed, where the system says so: what other programs did
//! meanwhile does not count. On two cores that is the busier thread's.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a program that measures and prints"
)]

#[path = "sweep/fused.rs"]
mod fused;
#[path = "sweep/grids.rs"]
mod grids;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use promote::kernel::decimal::Decimal;
use promote::kernel::time::{HOUR_MS, UtcTime};
use promote::metrics::{drawdown, hit_ratio, profit_factor, sharpe, sortino};
use promote::research::backtest::executor::Stops;
use promote::research::backtest::run::run as engine;
use promote::research::market::Bar;
use promote::research::portfolio::account::{self, Component, Costs};
use promote::research::strategy::indicators::rsi::rsi;
use promote::research::sweep::grid::{Combination, Plan, Sweeps};
use promote::research::sweep::ground::Ground;
use promote::research::sweep::run::run;
use promote::research::sweep::tally::Figures;

use fused::{Levels, fused};

const YEAR: f64 = 8760.0;
const COSTS: Costs = Costs {
    fee: 0.0026,
    slippage: 0.0005,
};

fn bars(count: usize) -> Vec<Bar> {
    let start = UtcTime::parse_loose("2022-01-01").unwrap();
    let (mut state, mut close) = (7_u64, 100.0_f64);
    (0..count)
        .map(|hour| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let open = close;
            let noise = (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5;
            close = open * (1.0 + noise * 0.02);
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

fn plain(combination: &Combination, bars: &[Bar]) -> Figures {
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
    let account = account::run(&[component], 1.0, COSTS).unwrap();
    let pnl: Vec<f64> = account.trades.iter().map(|t| t.pnl).collect();
    Figures {
        total_return: account.equity.last().unwrap() - 1.0,
        sharpe: sharpe::sharpe(&account.returns, YEAR, 0.0).ok(),
        sortino: sortino::sortino(&account.returns, YEAR).ok(),
        max_drawdown: drawdown::max_drawdown(&account.returns).unwrap(),
        trades: account.trades.len() as u32,
        hit_ratio: hit_ratio::hit_ratio(&pnl).ok(),
        profit_factor: profit_factor::profit_factor(&pnl).ok(),
        costs: account.trades.iter().map(|t| t.costs).sum(),
    }
}

fn difference(a: &Figures, b: &Figures) -> f64 {
    let pairs = [
        (Some(a.total_return), Some(b.total_return)),
        (a.sharpe, b.sharpe),
        (a.sortino, b.sortino),
        (Some(a.max_drawdown), Some(b.max_drawdown)),
        (Some(f64::from(a.trades)), Some(f64::from(b.trades))),
        (a.hit_ratio, b.hit_ratio),
        (a.profit_factor, b.profit_factor),
        (Some(a.costs), Some(b.costs)),
    ];
    pairs
        .into_iter()
        .map(|pair| match pair {
            (Some(a), Some(b)) => (a - b).abs() / (1.0 + b.abs()),
            (None, None) => 0.0,
            _ => f64::INFINITY,
        })
        .fold(0.0, f64::max)
}

/// Time that this thread has computed, where the system says; else the time that went by.
fn clock(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat");
    let nanoseconds = told
        .ok()
        .and_then(|t| t.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Peak memory of this process in MB, where the system tells.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kb| kb / 1024.0)
}

/// The rows of `plan` on `threads` threads, and the time of the busiest of them, the best of `times`.
fn swept(plan: &Plan, bars: &[Bar], threads: usize, times: usize) -> (Vec<Figures>, Duration) {
    let since = Instant::now();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.unwrap();
    let (mut rows, mut best) = (Vec::new(), Duration::MAX);
    for _ in 0..times {
        let before = pool.broadcast(|_| clock(since));
        rows = pool.install(|| {
            let ground = Ground::new(bars, COSTS);
            black_box(run(&plan.combinations, &ground, YEAR))
        });
        let after = pool.broadcast(|_| clock(since));
        let spent = after.iter().zip(&before).map(|(a, b)| a.saturating_sub(*b));
        best = best.min(spent.max().unwrap_or_default());
    }
    (rows, best)
}

/// Nanoseconds per bar and combination.
fn each(took: Duration, bars: &[Bar], combinations: usize) -> f64 {
    took.as_secs_f64() * 1e9 / (bars.len() * combinations) as f64
}

/// The plain engine on a sample: nanoseconds per bar and combination, and the largest difference.
fn engine_on(plan: &Plan, rows: &[Figures], bars: &[Bar], sample: usize) -> (f64, f64) {
    let count = plan.combinations.len();
    let since = Instant::now();
    let start = clock(since);
    let chosen = (0..sample).map(|i| i * count / sample);
    let full: Vec<(usize, Figures)> = chosen
        .map(|index| (index, black_box(plain(&plan.combinations[index], bars))))
        .collect();
    let spent = clock(since).saturating_sub(start);
    let apart = full
        .iter()
        .map(|(index, full)| difference(&rows[*index], full));
    (each(spent, bars, sample), apart.fold(0.0, f64::max))
}

fn trades_each(rows: &[Figures]) -> f64 {
    let trades: u64 = rows.iter().map(|row| u64::from(row.trades)).sum();
    trades as f64 / rows.len() as f64
}

/// The fused loop over all combinations of the RSI sweep: time, and the largest difference to ours.
fn by_hand(plan: &Plan, rows: &[Figures], bars: &[Bar]) -> (Duration, f64) {
    let close: Vec<f64> = bars.iter().map(|bar| bar.close).collect();
    let mut strengths: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let number =
        |combination: &Combination, name: &str| combination.rule.parameters()[name].to_string();
    let levels: Vec<(String, Levels)> = plan
        .combinations
        .iter()
        .map(|combination| {
            let levels = Levels {
                lower: number(combination, "lower").parse().unwrap(),
                exit: number(combination, "exit_lower").parse().unwrap(),
                stop: combination.exits[0].as_ref().unwrap().to_f64(),
            };
            (number(combination, "rsi_window"), levels)
        })
        .collect();
    let since = Instant::now();
    let start = clock(since);
    let found: Vec<Figures> = levels
        .iter()
        .map(|(window, levels)| {
            let rsi = strengths
                .entry(window.clone())
                .or_insert_with(|| rsi(&close, window.parse().unwrap(), true));
            fused(bars, rsi, *levels, COSTS, YEAR)
        })
        .collect();
    let took = clock(since).saturating_sub(start);
    let pairs = rows.iter().zip(&found);
    (
        took,
        pairs.map(|(a, b)| difference(a, b)).fold(0.0, f64::max),
    )
}

fn rsi_sweep(bars: &[Bar], sample: usize, times: usize) {
    let plan = grids::thresholds();
    let count = plan.combinations.len();
    let at_rest = peak_mb();
    let (rows, one) = swept(&plan, bars, 1, times);
    let memory = peak_mb() - at_rest;
    let (_, two) = swept(&plan, bars, 2, times);
    let (loops, apart) = by_hand(&plan, &rows, bars);
    let (engine, furthest) = engine_on(&plan, &rows, bars, sample);
    let (one, two, loops) = (
        each(one, bars, count),
        each(two, bars, count),
        each(loops, bars, count),
    );
    println!(
        "rsi_reversion, {count} combinations x {} bars, {:.0} trades each",
        bars.len(),
        trades_each(&rows)
    );
    println!(
        "  side               ns per bar and combination      ratio   figures differ by at most"
    );
    println!("  sweep, one core                        {one:>7.3}          1   (limit 0.5)");
    println!(
        "  sweep, two cores                       {two:>7.3}  {:>9.2}",
        two / one
    );
    println!(
        "  fused loop by hand, one core           {loops:>7.3}  {:>9.2}   {apart:.1e}",
        loops / one
    );
    println!(
        "  plain engine, one core                 {engine:>7.1}  {:>9.0}   {furthest:.1e}",
        engine / one
    );
    println!("  memory of the sweep beyond plan and bars: {memory:.1} MB");
}

fn other_kinds(bars: &[Bar], sample: usize, times: usize) {
    println!("other kinds, one core, ns per bar and combination (limit 2.5)");
    println!(
        "  kind               combinations  trades    sweep  plain engine   ratio  figures differ by"
    );
    let wanted = std::env::args()
        .nth(1)
        .filter(|word| !word.starts_with('-'));
    for (kind, plan) in grids::others() {
        if wanted.as_deref().is_some_and(|wanted| wanted != kind) {
            continue;
        }
        let count = plan.combinations.len();
        let (rows, took) = swept(&plan, bars, 1, times);
        let (engine, furthest) = engine_on(&plan, &rows, bars, sample);
        let ours = each(took, bars, count);
        println!(
            "  {kind:<18} {count:>12} {:>7.0} {ours:>8.3} {engine:>13.1} {:>7.0}  {furthest:.1e}",
            trades_each(&rows),
            engine / ours
        );
    }
}

/// Reading a grid, which checks every value of it.
fn reading(times: usize) {
    let text = grids::at_the_limit();
    let since = Instant::now();
    let took = (0..times).map(|_| {
        let start = clock(since);
        black_box(Sweeps::parse(&text).unwrap());
        clock(since).saturating_sub(start)
    });
    let took = took.min().unwrap_or_default();
    println!(
        "a grid of 999,000 combinations, read and checked: {:.1} ms",
        took.as_secs_f64() * 1e3
    );
}

fn main() {
    // Under `cargo test` only that it runs is of interest.
    let full = std::env::args().any(|word| word == "--bench");
    let (length, sample, times) = if full { (17_520, 20, 5) } else { (400, 2, 1) };
    let bars = bars(length);
    if std::env::args()
        .nth(1)
        .is_none_or(|word| word.starts_with('-'))
    {
        rsi_sweep(&bars, sample, times);
        reading(times);
    }
    other_kinds(&bars, sample.min(5), times);
}
