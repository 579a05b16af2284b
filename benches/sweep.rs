//! Speed of sweeps: `cargo bench --bench sweep`, one thread.
//!
//! 17,520 hourly bars. (a) an RSI sweep of 10,000 combinations with stops and (b) one of moving
//! averages, whose rule is no pair of thresholds, each beside the plain engine (backtest, account,
//! metrics) on a sample of 50 of its combinations. Both sides in one run, in nanoseconds per bar and
//! combination, with the ratio; and how far the figures of the sample differ at most.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a program that measures and prints"
)]

use std::hint::black_box;
use std::time::Instant;

use promote::kernel::decimal::Decimal;
use promote::kernel::time::{HOUR_MS, UtcTime};
use promote::metrics::{drawdown, hit_ratio, profit_factor, sharpe, sortino};
use promote::research::backtest::executor::Stops;
use promote::research::backtest::run::run as engine;
use promote::research::market::Bar;
use promote::research::portfolio::account::{self, Component, Costs};
use promote::research::sweep::grid::{Combination, Plan, Sweeps};
use promote::research::sweep::ground::Ground;
use promote::research::sweep::run::run_on;
use promote::research::sweep::tally::Figures;

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

fn list(values: impl Iterator<Item = f64>) -> String {
    let texts: Vec<String> = values.map(|x| format!("{x}")).collect();
    texts.join(", ")
}

fn plan(text: &str) -> Plan {
    let sweeps = Sweeps::parse(text).unwrap();
    sweeps.0.values().next().unwrap().plan(None).unwrap()
}

/// 10 windows x 20 levels of entry x 10 of exit x 5 stops.
fn thresholds() -> Plan {
    plan(&format!(
        "[sweep.rsi]\nkind = \"rsi_reversion\"\ndescription = \"Thresholds.\"\n\
         stop_pct = [0.01, 0.02, 0.03, 0.04, 0.05]\n\
         [sweep.rsi.parameters]\nrsi_window = [{}]\nlower = [{}]\nupper = 90\nexit_lower = [{}]\n",
        list((0..10).map(|i| f64::from(5 + 2 * i))),
        list((0..20).map(|i| f64::from(15 + i))),
        list((0..10).map(|i| f64::from(45 + 2 * i))),
    ))
}

/// 25 x 40 windows.
fn states() -> Plan {
    plan(&format!(
        "[sweep.ma]\nkind = \"ma_crossover\"\ndescription = \"No thresholds.\"\n\
         [sweep.ma.parameters]\nfast_window = [{}]\nslow_window = [{}]\n",
        list((0..25).map(|i| f64::from(2 + 2 * i))),
        list((0..40).map(|i| f64::from(60 + 5 * i))),
    ))
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

fn compare(what: &str, plan: &Plan, bars: &[Bar], sample: usize, limit: f64) {
    let combinations = &plan.combinations;
    let count = combinations.len();
    let cells = (bars.len() * count) as f64;
    let start = Instant::now();
    let ground = Ground::new(bars, COSTS);
    let rows = black_box(run_on(Some(1), combinations, &ground, YEAR).unwrap());
    let ours = start.elapsed().as_secs_f64();
    let chosen: Vec<usize> = (0..sample).map(|i| i * count / sample).collect();
    let start = Instant::now();
    let full: Vec<Figures> = chosen
        .iter()
        .map(|index| black_box(plain(&combinations[*index], bars)))
        .collect();
    let theirs = start.elapsed().as_secs_f64();
    let furthest = chosen
        .iter()
        .zip(&full)
        .map(|(index, full)| difference(&rows[*index], full))
        .fold(0.0, f64::max);
    let trades: u64 = rows.iter().map(|row| u64::from(row.trades)).sum();
    let ours = ours * 1e9 / cells;
    let theirs = theirs * 1e9 / (bars.len() * sample) as f64;
    println!(
        "  {what:<12} {count:>6} combinations, {:>5.0} trades each: sweep {ours:>6.2} ns (limit {limit}), plain engine {theirs:>6.1} ns, ratio {:>6.1}; figures differ by {furthest:.1e} at most",
        trades as f64 / count as f64,
        theirs / ours
    );
}

fn main() {
    // Under `cargo test` only that it runs is of interest.
    let full = std::env::args().any(|word| word == "--bench");
    let (length, sample) = if full { (17_520, 50) } else { (400, 2) };
    let bars = bars(length);
    println!("sweep, {length} bars, one thread, per bar and combination");
    compare("thresholds", &thresholds(), &bars, sample, 0.5);
    compare("states", &states(), &bars, sample, 2.5);
}
