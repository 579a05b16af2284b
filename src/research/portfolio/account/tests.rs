//! A portfolio by hand, a cash book as reference, and what must always hold.

#![allow(clippy::float_cmp, reason = "identities that hold to the bit")]

use proptest::prelude::*;

use super::*;
use crate::kernel::time::UtcTime;
use crate::research::backtest::fill::FillRule;
use crate::research::backtest::leg::Exit;
use crate::research::portfolio::terms::Rebalance;

fn flat_bars(prices: &[(f64, f64)]) -> Vec<Bar> {
    prices
        .iter()
        .map(|&(open, close)| Bar {
            time: UtcTime::EPOCH,
            open,
            high: open.max(close),
            low: open.min(close),
            close,
            volume: 1.0,
        })
        .collect()
}

fn leg(side: Side, entry: (usize, f64), exit: (usize, f64), reason: Reason) -> Leg {
    Leg {
        side,
        entry_bar: entry.0,
        entry_price: entry.1,
        exit_bar: exit.0,
        exit: Exit {
            price: exit.1,
            reason,
        },
    }
}

const FREE: Costs = Costs {
    fee: 0.0,
    slippage: 0.0,
};

#[test]
fn one_trade_by_hand() {
    let bars = flat_bars(&[(100.0, 100.0), (100.0, 110.0), (120.0, 130.0)]);
    let legs = [leg(Side::Long, (1, 100.0), (2, 120.0), Reason::Signal)];
    let component = Component {
        weight: 1.0,
        fraction: 0.5,
        bars: &bars,
        legs: &legs,
    };
    let costs = Costs {
        fee: 0.01,
        slippage: 0.02,
    };
    let account = run(&[component], 1000.0, costs).unwrap();
    // Half of 1000 at a fill of 102: 500 / 102 units; 5 fee, 10/102 x 100 slippage.
    let quantity = 500.0 / 102.0;
    let entry_costs = quantity * 2.0 + 5.0;
    let exit_costs = quantity * 2.4 + quantity * 117.6 * 0.01;
    let trade = account.trades[0];
    assert!((trade.quantity - quantity).abs() < 1e-12);
    assert!((trade.costs - entry_costs - exit_costs).abs() < 1e-12);
    assert!((trade.pnl - (quantity * 20.0 - entry_costs - exit_costs)).abs() < 1e-12);
    let marked = 1000.0 + quantity * 10.0 - entry_costs;
    assert_eq!(account.equity[0], 1000.0);
    assert!((account.equity[1] - marked).abs() < 1e-9);
    assert!((account.equity[2] - 1000.0 - trade.pnl).abs() < 1e-9);
}

#[test]
fn nothing_is_borrowed() {
    // Both strategies enter in one bar with the whole equity: fees would need more than there is.
    let bars = flat_bars(&[(1.0, 1.0), (100.0, 100.0), (100.0, 100.0)]);
    let legs = [leg(Side::Long, (1, 100.0), (2, 100.0), Reason::EndOfData)];
    let half = Component {
        weight: 0.5,
        fraction: 1.0,
        bars: &bars,
        legs: &legs,
    };
    let costs = Costs {
        fee: 0.1,
        slippage: 0.0,
    };
    let account = run(&[half, half], 1000.0, costs).unwrap();
    let spent: f64 = account
        .trades
        .iter()
        .map(|t| t.quantity * 100.0 * 1.1)
        .sum();
    assert!((spent - 1000.0).abs() < 1e-9, "{spent}");
    assert!(account.trades[0].quantity > account.trades[1].quantity);
}

#[test]
fn an_entry_without_cash_is_left_out_and_counted() {
    let bars = flat_bars(&[(1.0, 1.0), (100.0, 100.0), (100.0, 100.0)]);
    let whole = [leg(Side::Long, (1, 100.0), (2, 100.0), Reason::EndOfData)];
    let late = [leg(Side::Long, (2, 100.0), (2, 100.0), Reason::EndOfData)];
    let part = |weight: f64, legs| Component {
        weight,
        fraction: 1.0,
        bars: &bars,
        legs,
    };
    // Weights of a portfolio add up to 1; here the first takes everything to force the case.
    let account = run(&[part(1.0, &whole), part(0.5, &late)], 1000.0, FREE).unwrap();
    assert_eq!((account.unfunded, account.trades.len()), (1, 1));
}

#[test]
fn a_short_that_loses_everything_ends_the_run() {
    let bars = flat_bars(&[(100.0, 100.0), (100.0, 100.0), (250.0, 250.0)]);
    let legs = [leg(Side::Short, (1, 100.0), (2, 250.0), Reason::Signal)];
    let component = Component {
        weight: 1.0,
        fraction: 1.0,
        bars: &bars,
        legs: &legs,
    };
    assert_eq!(run(&[component], 1000.0, FREE), Err(AccountError::Ruin(2)));
}

#[test]
fn a_short_that_loses_more_than_its_notional_can_overdraw_the_cash() {
    let up = half_days(&[
        (100.0, 100.0),
        (100.0, 200.0),
        (200.0, 300.0),
        (300.0, 300.0),
    ]);
    let squeezed = half_days(&[
        (100.0, 100.0),
        (100.0, 200.0),
        (250.0, 250.0),
        (250.0, 250.0),
    ]);
    let long = [leg(Side::Long, (1, 100.0), (3, 300.0), Reason::EndOfData)];
    let short = |exit| [leg(Side::Short, (1, 100.0), exit, Reason::Signal)];
    let after = |legs: &[Leg]| {
        let half = |bars, legs| Component {
            weight: 0.5,
            ..whole(1.0, bars, legs)
        };
        run(&[half(&up, &long), half(&squeezed, legs)], 1000.0, FREE).unwrap()
    };
    // 500 for the long, 500 from the short, whose 5 units cost 1250 in bar 2; the long is held on.
    let account = after(&short((2, 250.0)));
    assert_eq!(account.cash, [1000.0, 1000.0, -250.0, 1250.0]);
    assert_eq!(account.equity, [1000.0, 1000.0, 1250.0, 1250.0]);
    assert_eq!(account.overdrawn, 1);
    // Its whole notional, and no more.
    let account = after(&short((2, 200.0)));
    assert_eq!((account.cash[2], account.overdrawn), (0.0, 0));
}

/// Bars of 12 hours from Sunday 2024-06-30 on.
fn half_days(prices: &[(f64, f64)]) -> Vec<Bar> {
    let start = UtcTime::parse_loose("2024-06-30").unwrap();
    let mut bars = flat_bars(prices);
    for (index, bar) in bars.iter_mut().enumerate() {
        bar.time = start.plus_millis(index as i64 * 43_200_000);
    }
    bars
}

fn whole<'a>(fraction: f64, bars: &'a [Bar], legs: &'a [Leg]) -> Component<'a> {
    Component {
        weight: 1.0,
        fraction,
        bars,
        legs,
    }
}

#[test]
fn a_short_pays_for_every_bar_that_it_is_held_over() {
    let bars = half_days(&[
        (100.0, 100.0),
        (100.0, 100.0),
        (100.0, 120.0),
        (110.0, 110.0),
    ]);
    let legs = [leg(Side::Short, (1, 100.0), (3, 110.0), Reason::Signal)];
    let terms = Terms {
        borrow_per_year: 0.73,
        ..Terms::default()
    };
    let account = run_under(&[whole(0.5, &bars, &legs)], 1000.0, FREE, &terms).unwrap();
    // Five units; half a day costs a thousandth of the notional at the close before: 100, then 120.
    let paid = 5.0 * 100.0 * 0.001 + 5.0 * 120.0 * 0.001;
    assert!((account.borrowing - paid).abs() < 1e-12);
    assert!((account.trades[0].costs - paid).abs() < 1e-12);
    assert!((account.equity[3] - (1000.0 - 50.0 - paid)).abs() < 1e-9);
    // A long position borrows nothing.
    let legs = [leg(Side::Long, (1, 100.0), (3, 110.0), Reason::Signal)];
    let account = run_under(&[whole(0.5, &bars, &legs)], 1000.0, FREE, &terms).unwrap();
    assert_eq!(account.borrowing, 0.0);
}

#[test]
fn an_entry_below_the_least_notional_is_left_out_and_counted() {
    let bars = half_days(&[(100.0, 100.0), (100.0, 100.0), (100.0, 110.0)]);
    let legs = [leg(Side::Long, (1, 100.0), (2, 110.0), Reason::EndOfData)];
    let ends = |least: f64| {
        let terms = Terms {
            min_notional: least,
            ..Terms::default()
        };
        let account = run_under(&[whole(0.5, &bars, &legs)], 1000.0, FREE, &terms).unwrap();
        (account.too_small, account.unfunded, account.equity[2])
    };
    assert_eq!(ends(500.0), (0, 0, 1050.0));
    assert_eq!(ends(500.1), (1, 0, 1000.0));
}

#[test]
fn at_its_own_close_a_signal_takes_the_equity_of_that_close() {
    let bars = half_days(&[
        (100.0, 100.0),
        (100.0, 200.0),
        (200.0, 100.0),
        (100.0, 50.0),
    ]);
    let legs = [
        leg(Side::Long, (0, 100.0), (1, 200.0), Reason::Signal),
        leg(Side::Short, (1, 200.0), (2, 100.0), Reason::Signal),
        leg(Side::Long, (2, 100.0), (3, 50.0), Reason::EndOfData),
    ];
    let terms = Terms {
        fill: FillRule::SameClose,
        ..Terms::default()
    };
    let account = run_under(&[whole(0.5, &bars, &legs)], 1000.0, FREE, &terms).unwrap();
    // 5 units; then half of 1500 at 200; then half of 1875 at 100.
    assert_eq!(account.equity, [1000.0, 1500.0, 1875.0, 1406.25]);
    let quantities: Vec<f64> = account.trades.iter().map(|t| t.quantity).collect();
    assert_eq!(quantities, [5.0, 3.75, 9.375]);
    assert_eq!(account.holdings[0], [5.0, -3.75, 9.375, 0.0]);
}

/// Monday begins with the third bar, and a day with every second.
#[test]
fn a_position_is_brought_back_to_its_share_and_stays_one_trade() {
    let prices = [
        (100.0, 100.0),
        (100.0, 200.0),
        (200.0, 200.0),
        (200.0, 50.0),
        (50.0, 50.0),
    ];
    let bars = half_days(&[&prices[..], &[(50.0, 50.0)]].concat());
    let legs = [leg(Side::Long, (1, 100.0), (5, 50.0), Reason::EndOfData)];
    let after = |rebalance: Rebalance, costs: Costs| {
        let terms = Terms {
            rebalance,
            ..Terms::default()
        };
        run_under(&[whole(0.5, &bars, &legs)], 1000.0, costs, &terms).unwrap()
    };
    // Untouched: 5 units all the way.
    let none = after(Rebalance::None, FREE);
    assert_eq!((none.adjustments, none.equity[4]), (0, 750.0));
    // On Monday equity is 1500, so that 3.75 units of 200 are the half: 1.25 are sold.
    let weekly = after(Rebalance::Weekly, FREE);
    assert_eq!(weekly.holdings[0], [0.0, 5.0, 3.75, 3.75, 3.75, 0.0]);
    assert_eq!(
        (weekly.adjustments, weekly.equity[4]),
        (1, 1500.0 - 3.75 * 150.0)
    );
    // On Tuesday equity is 937.5 at 50: 9.375 units are the half.
    let daily = after(Rebalance::Daily, FREE);
    assert_eq!(daily.holdings[0], [0.0, 5.0, 3.75, 3.75, 9.375, 0.0]);
    assert_eq!((daily.adjustments, daily.trades.len()), (2, 1));
    let trade = daily.trades[0];
    // 5 at 100 and 5.625 at 50 came in; 1.25 at 200 and the rest at 50 went out.
    assert_eq!(trade.quantity, 10.625);
    assert!((trade.entry_price - 781.25 / 10.625).abs() < 1e-12);
    assert!((trade.exit_price - (250.0 + 9.375 * 50.0) / 10.625).abs() < 1e-12);
    assert!((trade.pnl - (daily.equity[5] - 1000.0)).abs() < 1e-9);
    // Each difference pays: 2.5 at the entry, 1.25 on what was sold, and so on.
    let costs = Costs {
        fee: 0.005,
        slippage: 0.0,
    };
    let paid = after(Rebalance::Weekly, costs);
    let fills: Vec<(usize, bool)> = paid
        .fills
        .iter()
        .map(|f| (f.bar, f.quantity > 0.0))
        .collect();
    assert_eq!(fills, [(1, true), (2, false), (5, false)]);
    let share = 0.5 * paid.equity[1] / 200.0;
    assert!((paid.holdings[0][2] - share).abs() < 1e-12);
    assert!((paid.fills[1].costs - (5.0 - share) * 200.0 * 0.005).abs() < 1e-12);
}

#[test]
fn a_stop_that_is_passed_at_the_open_comes_before_the_adjustment() {
    let bars = half_days(&[(100.0, 100.0), (100.0, 200.0), (90.0, 90.0), (90.0, 90.0)]);
    let legs = [leg(Side::Long, (1, 100.0), (2, 90.0), Reason::Stop)];
    let terms = Terms {
        rebalance: Rebalance::Daily,
        ..Terms::default()
    };
    let account = run_under(&[whole(0.5, &bars, &legs)], 1000.0, FREE, &terms).unwrap();
    assert_eq!((account.adjustments, account.equity[2]), (0, 950.0));
}

/// What ends at the close of bar 2 by its signal is adjusted at the open, where that close is not
/// known yet, also when both prices turn out to be the same.
#[test]
fn an_adjustment_does_not_look_at_the_coming_close() {
    let after = |close: f64| {
        let bars = half_days(&[(100.0, 100.0), (100.0, 200.0), (90.0, close)]);
        let legs = [leg(Side::Long, (0, 100.0), (2, close), Reason::Signal)];
        let terms = Terms {
            fill: FillRule::SameClose,
            rebalance: Rebalance::Daily,
            ..Terms::default()
        };
        let account = run_under(&[whole(0.5, &bars, &legs)], 1000.0, FREE, &terms).unwrap();
        let open: Vec<Fill> = account.fills.iter().copied().take(2).collect();
        (account.adjustments, open)
    };
    assert_eq!(after(90.0), after(91.0));
    assert_eq!(after(90.0).0, 1);
}

/// Bars and non-overlapping legs from raw numbers.
fn scene(raw: &[(i8, i8, u8)]) -> (Vec<Bar>, Vec<Leg>) {
    let mut price = 100.0;
    let prices: Vec<(f64, f64)> = raw
        .iter()
        .map(|&(a, b, _)| {
            let open = price * (1.0 + f64::from(a) / 4000.0);
            price = open * (1.0 + f64::from(b) / 2000.0);
            (open, price)
        })
        .collect();
    let bars = flat_bars(&prices);
    let mut legs = Vec::new();
    let mut at = 1;
    while at + 1 < bars.len() {
        let length = usize::from(raw[at].2 % 7);
        let end = (at + length).min(bars.len() - 1);
        // Length 0 and odd lengths end inside the bar, even ones at the open.
        let (price, reason) = match length % 2 {
            0 if length > 0 => (bars[end].open, Reason::Signal),
            _ => ((bars[end].open + bars[end].close) / 2.0, Reason::Stop),
        };
        legs.push(leg(Side::Long, (at, bars[at].open), (end, price), reason));
        at = if reason == Reason::Signal {
            end
        } else {
            end + 1
        };
    }
    (bars, legs)
}

/// Cash and units, bar by bar, with no return anywhere.
fn cash_book(parts: &[Component<'_>], capital: f64, costs: Costs) -> Vec<f64> {
    let mut cash = capital;
    let mut units = vec![0.0; parts.len()];
    let mut last_equity = capital;
    let mut curve = Vec::new();
    for t in 0..parts[0].bars.len() {
        let sell = |i: usize, l: &Leg, units: &mut Vec<f64>| {
            let fill = l.exit.price * (1.0 - costs.slippage);
            let got = units[i] * fill * (1.0 - costs.fee);
            units[i] = 0.0;
            got
        };
        for (i, part) in parts.iter().enumerate() {
            for l in part
                .legs
                .iter()
                .filter(|l| l.exit_bar == t && l.entry_bar < t && l.exit.reason == Reason::Signal)
            {
                cash += sell(i, l, &mut units);
            }
        }
        for (i, part) in parts.iter().enumerate() {
            for l in part.legs.iter().filter(|l| l.entry_bar == t) {
                let fill = l.entry_price * (1.0 + costs.slippage);
                let want = part.weight * part.fraction * last_equity;
                let notional = want.min(cash / (1.0 + costs.fee)).max(0.0);
                units[i] = notional / fill;
                cash -= notional * (1.0 + costs.fee);
            }
        }
        for (i, part) in parts.iter().enumerate() {
            for l in part
                .legs
                .iter()
                .filter(|l| l.exit_bar == t && l.exit.reason != Reason::Signal)
            {
                cash += sell(i, l, &mut units);
            }
        }
        let held: f64 = parts
            .iter()
            .zip(&units)
            .map(|(p, u)| p.bars[t].close * u)
            .sum();
        last_equity = cash + held;
        curve.push(last_equity);
    }
    curve
}

fn raw() -> impl Strategy<Value = Vec<(i8, i8, u8)>> {
    proptest::collection::vec(any::<(i8, i8, u8)>(), 3..80)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn agrees_with_a_cash_book_and_with_its_own_trades(
        one in raw(), two in raw(), fee in 0_u8..60, slippage in 0_u8..30, fraction in 1_u8..=100,
    ) {
        let length = one.len().min(two.len());
        let (first, second) = (scene(&one[..length]), scene(&two[..length]));
        let fraction = f64::from(fraction) / 100.0;
        let parts = [
            Component { weight: 0.6, fraction, bars: &first.0, legs: &first.1 },
            Component { weight: 0.4, fraction, bars: &second.0, legs: &second.1 },
        ];
        let costs = Costs { fee: f64::from(fee) / 1e4, slippage: f64::from(slippage) / 1e4 };
        let account = run(&parts, 10_000.0, costs).unwrap();
        let book = cash_book(&parts, 10_000.0, costs);
        for (ours, theirs) in account.equity.iter().zip(&book) {
            prop_assert!((ours - theirs).abs() <= 1e-9 * theirs, "{} {}", ours, theirs);
        }
        let mut before = 10_000.0;
        let mut earned = [0.0, 0.0];
        for t in 0..length {
            let (a, b) = (account.strategy_returns[0][t], account.strategy_returns[1][t]);
            prop_assert_eq!(account.returns[t], 0.6 * a + 0.4 * b);
            prop_assert_eq!(account.equity[t], before * (1.0 + account.returns[t]));
            earned[0] += before * 0.6 * a;
            earned[1] += before * 0.4 * b;
            before = account.equity[t];
        }
        for (strategy, earned) in earned.into_iter().enumerate() {
            let pnl: f64 = account.trades.iter().filter(|t| t.strategy == strategy).map(|t| t.pnl).sum();
            prop_assert!((pnl - earned).abs() < 1e-7, "{} {}", pnl, earned);
        }
    }

    #[test]
    fn higher_costs_never_help(raw in raw(), fee in 0_u8..50, slippage in 0_u8..50) {
        let (bars, legs) = scene(&raw);
        let component = Component { weight: 1.0, fraction: 1.0, bars: &bars, legs: &legs };
        let end = |fee: u8, slippage: u8| {
            let costs = Costs { fee: f64::from(fee) / 1e4, slippage: f64::from(slippage) / 1e4 };
            *run(&[component], 1000.0, costs).unwrap().equity.last().unwrap()
        };
        let base = end(fee, slippage);
        prop_assert!(end(fee + 1, slippage) <= base);
        prop_assert!(end(fee, slippage + 1) <= base);
    }
}
