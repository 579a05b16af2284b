//! What is chosen depends on nothing later, what is tried is what the engine says, and the summary is
//! that of the formulas.

use super::*;
use crate::kernel::time::{HOUR_MS, UtcTime};
use crate::metrics::total_return::total_return;
use crate::research::portfolio::account::Costs;
use crate::research::sweep::grid::{Combination, Sweeps};
use crate::research::walk_forward::stitched::Stitched;
use crate::research::walk_forward::summary::{self, Summary};
use crate::research::walk_forward::windows::{Lengths, windows};
use proptest::prelude::*;

const GRIDS: &str = r#"
[sweep.rsi]
kind = "rsi_reversion"
description = "Thresholds."
stop_pct = [0.02, 0.2]
[sweep.rsi.parameters]
rsi_window = [3, 5, 9]
lower = [30, 45]
upper = 70

[sweep.ma]
kind = "ma_crossover"
description = "Signals."
[sweep.ma.parameters]
fast_window = [2, 4]
slow_window = [8, 16]

[sweep.never]
kind = "rsi_reversion"
description = "Never enters."
[sweep.never.parameters]
rsi_window = [5, 6]
lower = 0
upper = 70
exit_lower = 50
"#;

fn plan(name: &str) -> Vec<Combination> {
    let sweeps = Sweeps::parse(GRIDS).unwrap();
    sweeps.sweep(name).unwrap().plan(None).unwrap().combinations
}

/// Hourly bars from draws of 0 to 99 per bar: each moves the price by up to one percent.
fn bars(draws: &[u8]) -> Vec<Bar> {
    let mut close = 100.0;
    let bar = |(index, draw): (usize, &u8)| {
        let open = close;
        close *= 1.0 + (f64::from(*draw) - 49.5) / 5000.0;
        Bar {
            time: UtcTime::EPOCH.plus_millis(index as i64 * HOUR_MS),
            open,
            high: f64::max(open, close) * 1.001,
            low: f64::min(open, close) * 0.999,
            close,
            volume: 1.0,
        }
    };
    draws.iter().enumerate().map(bar).collect()
}

const COSTS: Costs = Costs {
    fee: 0.001,
    slippage: 0.0005,
};

fn search(combinations: &[Combination]) -> Search<'_> {
    Search {
        combinations,
        costs: COSTS,
        periods_per_year: Some(8760.0),
        primary: Figure::Sharpe,
        fallback: Figure::TotalReturn,
        top: 3,
    }
}

const RULE: Lengths = Lengths {
    train_ms: 60 * HOUR_MS,
    test_ms: 20 * HOUR_MS,
    step_ms: 20 * HOUR_MS,
    anchored: false,
    purge: 2,
    embargo: 3,
};

fn walked_over(search: &Search<'_>, bars: &[Bar], rule: Lengths) -> Vec<Walked> {
    let times: Vec<UtcTime> = bars.iter().map(|bar| bar.time).collect();
    walk(search, bars, &windows(&times, rule).unwrap()).unwrap()
}

fn draws(n: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0_u8..100, n)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_bar_from_the_test_window_on_changes_the_choice(
        before in draws(150),
        after in draws(150),
        name in prop::sample::select(&["rsi", "ma"][..]),
        anchored: bool,
        from in 62_usize..150,
    ) {
        let combinations = plan(name);
        let search = search(&combinations);
        let rule = Lengths { anchored, ..RULE };
        let mut changed = before.clone();
        changed[from..].copy_from_slice(&after[from..]);
        let (one, other) = (bars(&before), bars(&changed));
        let (one, other) = (walked_over(&search, &one, rule), walked_over(&search, &other, rule));
        for (one, other) in one.iter().zip(&other) {
            if one.window.test.start <= from {
                // Choice, and everything that was seen while choosing.
                let trained = |w: &Walked| -> Vec<_> {
                    let bits = |f: Option<f64>| f.map(f64::to_bits);
                    let candidate = |c: &Candidate| (
                        c.index,
                        c.value.to_bits(),
                        c.plateau.to_bits(),
                        bits(c.train.sharpe),
                        c.train.trades,
                    );
                    w.best.iter().map(candidate).collect()
                };
                prop_assert_eq!(trained(one), trained(other));
                prop_assert_eq!(one.figure, other.figure);
            }
            if one.window.test.end <= from {
                prop_assert_eq!(one, other);
            }
        }
    }

    #[test]
    fn a_shorter_future_changes_no_window_that_was_complete(
        draws in draws(170),
        name in prop::sample::select(&["rsi", "ma"][..]),
        end in 70_usize..170,
    ) {
        let combinations = plan(name);
        let search = search(&combinations);
        let bars = bars(&draws);
        let whole = walked_over(&search, &bars, RULE);
        let shorter = walked_over(&search, &bars[..end], RULE);
        for (short, whole) in shorter.iter().zip(&whole) {
            if whole.window.test.end <= end && !whole.window.cut && !short.window.cut {
                prop_assert_eq!(short, whole);
            }
            let chosen = |w: &Walked| w.chosen().map(|c| c.index);
            prop_assert_eq!(chosen(short), chosen(whole));
        }
    }

    #[test]
    fn the_series_of_the_chosen_one_has_the_figures_of_its_row(draws in draws(150)) {
        for name in ["rsi", "ma"] {
            let combinations = plan(name);
            let bars = bars(&draws);
            for walked in walked_over(&search(&combinations), &bars, RULE) {
                let Some(chosen) = walked.chosen() else { continue };
                let (Some(row), found) = (chosen.test, total_return(&walked.returns).unwrap()) else {
                    continue;
                };
                prop_assert!((row.total_return - found).abs() < 1e-9);
                prop_assert_eq!(row.trades as usize, walked.trades);
                prop_assert_eq!(walked.returns.len(), walked.window.test.len());
            }
        }
    }
}

#[test]
fn indicators_are_warm_and_positions_are_not_carried() {
    // Rising all the time: the fast mean is above the slow one long before the second half.
    let bars = bars(&[99; 100]);
    let combinations = plan("ma");
    let free = Costs {
        fee: 0.0,
        slippage: 0.0,
    };
    let search = Search {
        costs: free,
        ..search(&combinations)
    };
    let rows = search.rows(&bars, std::slice::from_ref(&(50..100)));
    // Entered at the first open of the range, closed at its last close.
    let held = bars[99].close / bars[50].open - 1.0;
    for row in &rows {
        assert_eq!(row.trades, 1);
        assert!((row.total_return - held).abs() < 1e-12, "{row:?}");
    }
    // Cold, the slow mean needs its bars first.
    let cold = search.rows(&bars[50..], std::slice::from_ref(&(0..50)));
    assert!(cold[0].total_return < rows[0].total_return);
    // With a hole, what is held over it is closed before and entered again behind.
    let rows = search.rows(&bars, &[50..70, 80..100]);
    let twice = (bars[69].close / bars[50].open) * (bars[99].close / bars[80].open) - 1.0;
    assert_eq!(rows[0].trades, 2);
    assert!((rows[0].total_return - twice).abs() < 1e-12);
}

#[test]
fn where_nothing_trades_the_window_stays_in_cash() {
    let combinations = plan("never");
    let draws: Vec<u8> = (0..140_u32).map(|n| (n * 37 % 100) as u8).collect();
    let bars = bars(&draws);
    let walked = walked_over(&search(&combinations), &bars, RULE);
    assert_eq!(walked.len(), 4);
    for walked in &walked {
        assert_eq!((walked.chosen(), walked.figure), (None, None));
        assert!(walked.returns.iter().all(|r| r.to_bits() == 0) && walked.returns.len() == 20);
    }
    let summary = Summary::of(&walked);
    assert_eq!((summary.windows, summary.cash, summary.positive), (4, 4, 0));
    assert_eq!((summary.changes, summary.distinct), (0, 0));
    assert_eq!(summary.efficiency, Err(Undefined::ZeroDenominator));
    assert_eq!(summary.efficiency_pooled, Err(Undefined::ZeroDenominator));
    let stitched = Stitched::of(&bars, &walked);
    let figures = stitched.figures(Some(8760.0));
    assert_eq!((figures.total_return, stitched.bars.len()), (Ok(0.0), 80));
    assert_eq!(figures.sharpe, Err(Undefined::ZeroVariance));
}

#[test]
fn the_fallback_decides_where_the_primary_figure_is_undefined() {
    let combinations = plan("ma");
    let bars = bars(&[99; 140]);
    let search = search(&combinations);
    let yearless = Search {
        periods_per_year: None,
        ..search
    };
    for walked in walked_over(&yearless, &bars, RULE) {
        assert_eq!(walked.figure, Some(Figure::TotalReturn));
        let chosen = walked.chosen().unwrap();
        assert!(chosen.value.to_bits() == chosen.train.total_return.to_bits());
        assert_eq!(chosen.train.sharpe, None);
    }
    let walked = walked_over(&search, &bars, RULE);
    assert!(walked.iter().all(|w| w.figure == Some(Figure::Sharpe)));
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let combinations = plan("rsi");
    let draws: Vec<u8> = (0..160_u32).map(|n| (n * n * 31 % 100) as u8).collect();
    let bars = bars(&draws);
    let times: Vec<UtcTime> = bars.iter().map(|bar| bar.time).collect();
    let windows = windows(&times, RULE).unwrap();
    let on = |workers| walk_on(workers, &search(&combinations), &bars, &windows).unwrap();
    let one = on(Some(1));
    assert_eq!(one, on(Some(3)));
    assert_eq!(one, on(None));
}

/// A window of 100 train and 10 test bars in which `index` was chosen.
fn window(index: Option<usize>, train: f64, test: f64, ic: MetricResult) -> Walked {
    let figures = |total_return| Figures {
        total_return,
        sharpe: None,
        sortino: None,
        max_drawdown: 0.0,
        trades: 1,
        hit_ratio: None,
        profit_factor: None,
        costs: 0.0,
    };
    let candidate = |index| Candidate {
        index,
        value: train,
        plateau: train,
        train: figures(train),
        test: Some(figures(test)),
    };
    Walked {
        window: Window {
            train: std::iter::once(0..100).collect(),
            test: 100..110,
            cut: false,
        },
        figure: index.map(|_| Figure::TotalReturn),
        best: index.map(candidate).into_iter().collect(),
        rank_ic: RankIc {
            value: ic,
            combinations: 5,
        },
        returns: vec![test],
        trades: 1,
    }
}

#[test]
fn the_summary_by_hand() {
    let none = Err(Undefined::TooFewObservations);
    let walked = [
        window(Some(3), 0.10, 0.02, Ok(0.5)),
        window(Some(3), 0.20, -0.01, Ok(-0.1)),
        window(None, 0.0, 0.0, none),
        window(Some(1), -0.05, 0.03, Ok(0.2)),
    ];
    // Per bar: 0.001 and 0.002 in, 0.002 and -0.001 out.
    assert!((summary::efficiency(&walked[0]).unwrap() - 2.0).abs() < 1e-12);
    assert_eq!(
        summary::efficiency(&walked[3]),
        Err(Undefined::ZeroDenominator)
    );
    let found = Summary::of(&walked);
    assert_eq!((found.windows, found.cash, found.positive), (4, 1, 2));
    assert_eq!((found.changes, found.distinct), (2, 2));
    assert!((found.efficiency.unwrap() - (2.0 - 0.5) / 2.0).abs() < 1e-12);
    assert_eq!(found.efficiency_windows, 2);
    // 0.04 over 30 bars to 0.25 over 300.
    let pooled = (0.04 / 30.0) / (0.25 / 300.0);
    assert!((found.efficiency_pooled.unwrap() - pooled).abs() < 1e-12);
    assert!((found.rank_ic.unwrap() - 0.2).abs() < 1e-12);
    // Variance of 0.5, -0.1, 0.2: 0.09.
    let error = 0.3 / 3.0_f64.sqrt();
    assert!((found.rank_ic_error.unwrap() - error).abs() < 1e-12);
    assert_eq!(found.rank_ic_windows, 3);
}
