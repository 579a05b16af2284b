//! Each combination, run alone by the engine's rule, is the reference.

use super::*;
use crate::kernel::time::UtcTime;
use crate::research::market::bar::Bar;
use crate::research::portfolio::account::Costs;
use crate::research::strategy::Signal;
use crate::research::sweep::grid::Sweeps;
use crate::research::sweep::replay::replay;
use crate::research::sweep::stretches::spans_of;
use crate::research::sweep::tally::Tally;

const SWEEPS: &str = r#"
[sweep.thresholds]
kind = "rsi_reversion"
description = "Thresholds, with and without a filter."
stop_pct = [0.01, 0.04]

[sweep.thresholds.parameters]
rsi_window = [2, 7, 14]
lower = [20, 30, 45]
upper = 70
exit_lower = [50, 60]
use_trend_filter = [false, true]
trend_ma_window = 20
use_wilder = [true, false]

[sweep.states]
kind = "ma_crossover"
description = "A rule that is no threshold."
constraints = ["fast_window < slow_window"]

[sweep.states.parameters]
fast_window = [3, 5, 20]
slow_window = [10, 30]
"#;

fn walk(bars: usize) -> Vec<Bar> {
    let (mut price, mut state, mut time) = (100.0, 7_u64, UtcTime::EPOCH);
    let mut step = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5
    };
    (0..bars)
        .map(|_| {
            let open = price * (1.0 + 0.002 * step());
            let close = open * (1.0 + 0.02 * step());
            (price, time) = (close, time.plus_millis(3_600_000));
            Bar {
                time,
                open,
                high: open.max(close) * (1.0 + 0.005 * step().abs()),
                low: open.min(close) * (1.0 - 0.005 * step().abs()),
                close,
                volume: 1.0,
            }
        })
        .collect()
}

const COSTS: Costs = Costs {
    fee: 0.0026,
    slippage: 0.0005,
};

#[test]
fn shared_tables_change_no_figure() {
    let bars = walk(700);
    let ground = Ground::new(&bars, COSTS);
    let sweeps = Sweeps::parse(SWEEPS).unwrap();
    for sweep in sweeps.0.values() {
        let plan = sweep.plan(None).unwrap();
        let rows = run(&plan.combinations, &ground, 8760.0);
        assert_eq!(rows.len(), plan.combinations.len());
        let mut traded = 0;
        for (combination, row) in plan.combinations.iter().zip(&rows) {
            let mut rule = combination.rule.start(false);
            let long: Vec<bool> = bars
                .iter()
                .map(|bar| rule.on_close(bar) == Signal::Long)
                .collect();
            let mut tally = Tally::new(&ground, combination.stops());
            spans_of(&long)
                .into_iter()
                .for_each(|span| tally.hold(span));
            assert_eq!(*row, tally.figures(8760.0), "{:?}", combination.rule);
            traded += row.trades;
        }
        assert!(traded > 100, "{traded}");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_rows() {
    let bars = walk(300);
    let ground = Ground::new(&bars, COSTS);
    let sweeps = Sweeps::parse(SWEEPS).unwrap();
    let plan = sweeps.sweep("thresholds").unwrap().plan(None).unwrap();
    let rows: Vec<_> = [1, 2, 5]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap()
                .install(|| run(&plan.combinations, &ground, 8760.0))
        })
        .collect();
    assert!(rows.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn the_engine_gives_the_figures_of_a_replayed_combination() {
    let bars = walk(700);
    let ground = Ground::new(&bars, COSTS);
    let sweeps = Sweeps::parse(SWEEPS).unwrap();
    for sweep in sweeps.0.values() {
        let plan = sweep.plan(None).unwrap();
        let rows = run(&plan.combinations, &ground, 8760.0);
        for (combination, row) in plan.combinations.iter().zip(&rows) {
            let account = replay(combination, &bars, COSTS).unwrap();
            let total_return = account.equity.last().unwrap() - 1.0;
            assert!((total_return - row.total_return).abs() < 1e-9);
            assert_eq!(account.trades.len(), row.trades as usize);
        }
    }
}
