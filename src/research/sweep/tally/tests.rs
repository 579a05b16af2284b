//! The engine and the metrics, run in full, are the reference.

use proptest::prelude::*;

use super::*;
use crate::kernel::time::UtcTime;
use crate::metrics;
use crate::research::backtest::run::run;
use crate::research::market::bar::Bar;
use crate::research::portfolio::account::{self, Component, Costs};
use crate::research::strategy::{Signal, Strategy};
use crate::research::sweep::stretches::spans_of;

struct Script<'a>(std::slice::Iter<'a, bool>);

impl Strategy for Script<'_> {
    fn on_close(&mut self, _bar: &Bar) -> Signal {
        match self.0.next() {
            Some(true) => Signal::Long,
            _ => Signal::Flat,
        }
    }
}

const COSTS: Costs = Costs {
    fee: 0.0026,
    slippage: 0.0005,
};
const YEAR: f64 = 8760.0;

/// Bars that gap, from steps of the open, the close, and the wicks, in thousandths.
fn bars(steps: &[(i32, i32, u32, u32)]) -> Vec<Bar> {
    let (mut price, mut time) = (100.0, UtcTime::EPOCH);
    let part = |n: i32| 1.0 + f64::from(n) / 1000.0;
    steps
        .iter()
        .map(|(gap, body, up, down)| {
            let open = price * part(*gap);
            let close = open * part(*body);
            (price, time) = (close, time.plus_millis(3_600_000));
            Bar {
                time,
                open,
                high: open.max(close) * (1.0 + f64::from(*up) / 1000.0),
                low: open.min(close) * (1.0 - f64::from(*down) / 1000.0),
                close,
                volume: 1.0,
            }
        })
        .collect()
}

fn swept(bars: &[Bar], long: &[bool], stops: Stops) -> Figures {
    let ground = Ground::new(bars, COSTS);
    let mut tally = Tally::new(&ground, stops);
    spans_of(long).into_iter().for_each(|span| tally.hold(span));
    tally.figures(YEAR)
}

fn in_full(bars: &[Bar], long: &[bool], stops: Stops) -> Figures {
    let legs = run(&mut Script(long.iter()), stops, bars);
    let component = Component {
        weight: 1.0,
        fraction: 1.0,
        bars,
        legs: &legs,
    };
    let account = account::run(&[component], 1.0, COSTS).unwrap();
    let pnl: Vec<f64> = account.trades.iter().map(|t| t.pnl).collect();
    let returns = &account.returns;
    Figures {
        total_return: account.equity.last().map_or(0.0, |e| e - 1.0),
        sharpe: metrics::sharpe::sharpe(returns, YEAR, 0.0).ok(),
        sortino: metrics::sortino::sortino(returns, YEAR).ok(),
        max_drawdown: metrics::drawdown::max_drawdown(returns).unwrap(),
        trades: u32::try_from(account.trades.len()).unwrap(),
        hit_ratio: metrics::hit_ratio::hit_ratio(&pnl).ok(),
        profit_factor: metrics::profit_factor::profit_factor(&pnl).ok(),
        costs: account.trades.iter().map(|t| t.costs).sum(),
    }
}

fn near(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * (1.0 + b.abs()),
        _ => false,
    }
}

#[track_caller]
fn same(bars: &[Bar], long: &[bool], stops: Stops) {
    let (fast, full) = (swept(bars, long, stops), in_full(bars, long, stops));
    let pairs = |f: &Figures| {
        [
            Some(f.total_return),
            f.sharpe,
            f.sortino,
            Some(f.max_drawdown),
            Some(f64::from(f.trades)),
            f.hit_ratio,
            f.profit_factor,
            Some(f.costs),
        ]
    };
    let equal = pairs(&fast)
        .iter()
        .zip(pairs(&full))
        .all(|(a, b)| near(*a, b));
    assert!(equal, "{fast:?}\n{full:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn a_run_is_what_the_engine_and_the_metrics_say(
        steps in prop::collection::vec((-20..20, -40..40, 0..30_u32, 0..30_u32), 2..60),
        seed in prop::collection::vec(any::<bool>(), 60),
        stop in prop::option::of(1..60_u32),
        target in prop::option::of(1..60_u32),
        trail in prop::option::of(1..60_u32),
    ) {
        let bars = bars(&steps);
        let stops = Stops {
            stop: stop.map(|s| f64::from(s) / 1000.0),
            take_profit: target.map(|t| f64::from(t) / 1000.0),
            trailing: trail.map(|t| f64::from(t) / 1000.0),
        };
        same(&bars, &seed[..bars.len()], stops);
    }
}

#[test]
fn a_run_without_a_trade_has_no_ratios() {
    let bars = bars(&[(0, 1, 0, 0); 5]);
    let none = swept(&bars, &[false; 5], Stops::default());
    assert_eq!(
        (none.total_return, none.max_drawdown, none.trades),
        (0.0, 0.0, 0)
    );
    assert_eq!((none.sharpe, none.sortino), (None, None));
    assert_eq!((none.hit_ratio, none.profit_factor), (None, None));
}

#[test]
fn a_wrong_span_holds_nothing() {
    let bars = bars(&[(0, 1, 0, 0); 5]);
    let ground = Ground::new(&bars, COSTS);
    let mut tally = Tally::new(&ground, Stops::default());
    for (entry, exit) in [(5, 6), (3, 3), (3, 2)] {
        tally.hold(Span { entry, exit });
    }
    assert_eq!(tally.figures(YEAR).trades, 0);
}
