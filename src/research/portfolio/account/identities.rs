//! What must hold for every account, whatever the market did and whatever was asked for: random
//! walks, random signals, random terms.

use proptest::prelude::*;

use super::*;
use crate::kernel::time::UtcTime;
use crate::research::backtest::executor::Stops;
use crate::research::backtest::fill::FillRule;
use crate::research::backtest::run::legs_filled;
use crate::research::portfolio::terms::Rebalance;
use crate::research::strategy::Signal;

const CAPITAL: f64 = 10_000.0;

/// One step of a walk: gap, body, wicks, hours to the next bar, and what the two strategies want.
type Step = (i8, i8, u8, u8, u8, u8);

/// What was asked for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    costs: Costs,
    terms: Terms,
    stops: Stops,
    fraction: f64,
}

fn asked() -> impl Strategy<Value = Asked> {
    let level = || proptest::option::of(1_u8..30);
    let levels = (level(), level(), level());
    let costs = (0_u8..60, 0_u8..40, 0_u16..5000);
    let rules = (
        any::<bool>(),
        0_usize..4,
        prop_oneof![Just(0_u16), 1_u16..6000],
    );
    (levels, costs, rules, 1_u8..=100).prop_map(|(levels, costs, rules, fraction)| {
        let level = |given: Option<u8>| given.map(|percent| f64::from(percent) / 100.0);
        Asked {
            costs: Costs {
                fee: f64::from(costs.0) / 1e4,
                slippage: f64::from(costs.1) / 1e4,
            },
            terms: Terms {
                fill: if rules.0 {
                    FillRule::NextOpen
                } else {
                    FillRule::SameClose
                },
                borrow_per_year: f64::from(costs.2) / 1e3,
                min_notional: f64::from(rules.2),
                rebalance: Rebalance::ALL[rules.1],
            },
            stops: Stops {
                stop: level(levels.0),
                take_profit: level(levels.1),
                trailing: level(levels.2),
            },
            fraction: f64::from(fraction) / 100.0,
        }
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(any::<Step>(), 3..150)
}

fn walk(steps: &[Step], sign: f64) -> Vec<Bar> {
    let (mut price, mut time) = (100.0, UtcTime::parse_loose("2023-12-20").unwrap());
    let part = |n: i8, of: f64| 1.0 + sign * f64::from(n) / of;
    steps
        .iter()
        .map(|&(gap, body, up, down, hours, _)| {
            let open = price * part(gap, 6000.0);
            let close = open * part(body, 3000.0);
            let bar = Bar {
                time,
                open,
                high: open.max(close) * (1.0 + f64::from(up) / 10_000.0),
                low: open.min(close) * (1.0 - f64::from(down) / 10_000.0),
                close,
                volume: 1.0,
            };
            price = close;
            time = time.plus_millis((1 + i64::from(hours % 30)) * 3_600_000);
            bar
        })
        .collect()
}

/// What strategy 0 (shift 0) or 1 (shift 4) wants: it changes its mind on some steps only.
fn signals(steps: &[Step], shift: u8) -> Vec<Signal> {
    let mut held = Signal::Flat;
    steps
        .iter()
        .map(|step| {
            held = match (step.5 >> shift) % 16 {
                0..=1 => Signal::Long,
                2 => Signal::Flat,
                3..=4 => Signal::Short,
                _ => held,
            };
            held
        })
        .collect()
}

struct Scene {
    bars: [Vec<Bar>; 2],
    legs: [Vec<Leg>; 2],
}

impl Scene {
    fn new(steps: &[Step], asked: &Asked) -> Self {
        let bars = [walk(steps, 1.0), walk(steps, -0.7)];
        let legs = [(0, 0), (1, 4)].map(|(index, shift): (usize, u8)| {
            let signals = signals(steps, shift);
            legs_filled(&signals, asked.stops, &bars[index], asked.terms.fill)
        });
        Self { bars, legs }
    }

    fn account(&self, asked: &Asked) -> Result<Account, AccountError> {
        let part = |index: usize, weight: f64| Component {
            weight,
            fraction: asked.fraction,
            bars: &self.bars[index],
            legs: &self.legs[index],
        };
        let parts = [part(0, 0.6), part(1, 0.4)];
        run_under(&parts, CAPITAL, asked.costs, &asked.terms)
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (CAPITAL + a.abs().max(b.abs()))
}

/// Why a leg that a level ended could not have ended otherwise.
fn level_holds(leg: &Leg, asked: &Asked, bars: &[Bar]) -> bool {
    let (sign, bar) = (leg.side.sign(), &bars[leg.exit_bar]);
    let first = match asked.terms.fill {
        FillRule::NextOpen => leg.entry_bar,
        FillRule::SameClose => leg.entry_bar + 1,
    };
    let best = bars[first..leg.exit_bar]
        .iter()
        .map(|b| if sign > 0.0 { b.high } else { b.low })
        .fold(
            leg.entry_price,
            |a, b| if sign * (b - a) > 0.0 { b } else { a },
        );
    let at = |price: f64, distance: Option<f64>| distance.map(|d| price * (1.0 - sign * d));
    let stop = [
        at(leg.entry_price, asked.stops.stop),
        at(best, asked.stops.trailing),
    ]
    .into_iter()
    .flatten()
    .max_by(|a, b| (sign * a).total_cmp(&(sign * b)));
    let goal = asked
        .stops
        .take_profit
        .map(|d| leg.entry_price * (1.0 + sign * d));
    let worst = if sign > 0.0 { bar.low } else { bar.high };
    let passed = |price: f64| stop.is_some_and(|stop| sign * (price - stop) <= 0.0);
    let won = |price: f64| goal.is_some_and(|goal| sign * (price - goal) >= 0.0);
    let exit = leg.exit.price.to_bits();
    match leg.exit.reason {
        Reason::Stop | Reason::TrailingStop if passed(bar.open) => exit == bar.open.to_bits(),
        Reason::Stop | Reason::TrailingStop => stop.is_some_and(|stop| exit == stop.to_bits()),
        Reason::TakeProfit if won(bar.open) => exit == bar.open.to_bits(),
        // Inside the bar the stop would have counted.
        Reason::TakeProfit => !passed(worst) && goal.is_some_and(|goal| exit == goal.to_bits()),
        Reason::Signal | Reason::EndOfData => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn equity_is_cash_and_units_and_gross_less_net_is_what_fills_cost(
        steps in steps(), asked in asked(),
    ) {
        let scene = Scene::new(&steps, &asked);
        let Ok(account) = scene.account(&asked) else { return Ok(()); };
        // The same fills at no cost, in a book of their own.
        let (mut gross_cash, mut paid, mut units) = (CAPITAL, 0.0, [0.0, 0.0]);
        let mut fills = account.fills.iter().peekable();
        for bar in 0..steps.len() {
            while let Some(fill) = fills.next_if(|fill| fill.bar == bar) {
                gross_cash -= fill.quantity * fill.price;
                units[fill.strategy] += fill.quantity;
                paid += fill.costs;
                prop_assert!(fill.costs >= 0.0);
            }
            let close = |strategy: usize| scene.bars[strategy][bar].close;
            let held = |strategy: usize| account.holdings[strategy][bar];
            let valued = held(0) * close(0) + held(1) * close(1);
            prop_assert!(near(account.equity[bar], account.cash[bar] + valued));
            for strategy in [0, 1] {
                prop_assert!((units[strategy] - held(strategy)).abs() < 1e-9);
            }
            let gross = gross_cash + units[0] * close(0) + units[1] * close(1);
            // Borrowing is the rest, and never gives anything back.
            let borrowed = gross - paid - account.equity[bar];
            let rounding = 1e-6 + 1e-10 * gross.abs();
            prop_assert!(borrowed > -rounding && borrowed < account.borrowing + rounding);
        }
        prop_assert!(fills.next().is_none());
        let last = account.equity.last().copied().unwrap_or(CAPITAL);
        let gross = gross_cash;
        prop_assert!(near(gross - last, paid + account.borrowing));
        prop_assert!(units.iter().all(|units| units.abs() < 1e-9));
    }

    #[test]
    fn every_position_is_one_trade_and_the_trades_are_the_equity(
        steps in steps(), asked in asked(),
    ) {
        let scene = Scene::new(&steps, &asked);
        let Ok(account) = scene.account(&asked) else { return Ok(()); };
        let left_out = account.unfunded + account.too_small;
        let legs = scene.legs[0].len() + scene.legs[1].len();
        prop_assert_eq!(account.trades.len() + left_out, legs);
        prop_assert_eq!(account.fills.len(), 2 * account.trades.len() + account.adjustments);
        let mut before = CAPITAL;
        let mut earned = [0.0, 0.0];
        for bar in 0..steps.len() {
            for (strategy, weight) in [(0, 0.6), (1, 0.4)] {
                earned[strategy] += before * weight * account.strategy_returns[strategy][bar];
            }
            before = account.equity[bar];
        }
        for (strategy, earned) in earned.into_iter().enumerate() {
            let own = || account.trades.iter().filter(|t| t.strategy == strategy);
            prop_assert!(near(own().map(|t| t.pnl).sum(), earned));
            // What trades say they turned over is what the fills turned over.
            let fills = account.fills.iter().filter(|f| f.strategy == strategy);
            let turned: f64 = fills.map(|f| (f.quantity * f.price).abs()).sum();
            let said: f64 = own().map(|t| t.quantity * (t.entry_price + t.exit_price)).sum();
            prop_assert!(near(turned, said), "{} {}", turned, said);
        }
        for t in &account.trades {
            let gross = t.side.sign() * t.quantity * (t.exit_price - t.entry_price);
            prop_assert!(near(t.pnl, gross - t.costs) && t.quantity > 0.0 && t.costs >= 0.0);
        }
        let costs: f64 = account.trades.iter().map(|t| t.costs).sum();
        let paid: f64 = account.fills.iter().map(|f| f.costs).sum();
        prop_assert!(near(costs, paid + account.borrowing));
    }

    #[test]
    fn cutting_off_the_future_changes_no_past_fill_and_no_past_equity(
        steps in steps(), asked in asked(), cut in any::<prop::sample::Index>(),
    ) {
        let cut = 2 + cut.index(steps.len() - 2);
        let all = Scene::new(&steps, &asked).account(&asked);
        let known = Scene::new(&steps[..cut], &asked).account(&asked);
        let (Ok(all), Ok(known)) = (all, known) else { return Ok(()); };
        // In the last bar that is known everything is closed; all before it is the same to the bit.
        let last = cut - 1;
        prop_assert_eq!(&all.equity[..last], &known.equity[..last]);
        prop_assert_eq!(&all.returns[..last], &known.returns[..last]);
        prop_assert_eq!(&all.cash[..last], &known.cash[..last]);
        for strategy in [0, 1] {
            prop_assert_eq!(&all.holdings[strategy][..last], &known.holdings[strategy][..last]);
        }
        let past = |account: &Account| -> Vec<Fill> {
            account.fills.iter().copied().filter(|f| f.bar < last).collect()
        };
        prop_assert_eq!(past(&all), past(&known));
        let ended = |account: &Account| -> Vec<Trade> {
            account.trades.iter().copied().filter(|t| t.exit_bar < last).collect()
        };
        prop_assert_eq!(ended(&all), ended(&known));
    }

    #[test]
    fn of_stop_and_goal_the_stop_counts_and_a_gap_fills_at_the_open(
        steps in steps(), asked in asked(),
    ) {
        let scene = Scene::new(&steps, &asked);
        for (legs, bars) in scene.legs.iter().zip(&scene.bars) {
            for leg in legs {
                prop_assert!(level_holds(leg, &asked, bars), "{:?}", leg);
            }
            // At one time one position, in the order of the bars.
            for pair in legs.windows(2) {
                prop_assert!(pair[0].exit_bar <= pair[1].entry_bar);
            }
        }
    }

    #[test]
    fn cash_is_never_below_zero_unless_that_is_counted_and_a_short_was_squeezed(
        steps in steps(), asked in asked(),
    ) {
        let scene = Scene::new(&steps, &asked);
        let Ok(account) = scene.account(&asked) else { return Ok(()); };
        if account.overdrawn == 0 {
            let most = account.equity.iter().fold(CAPITAL, |most, x| most.max(*x));
            prop_assert!(account.cash.iter().all(|cash| *cash >= -1e-9 * most));
        }
        // Without shorts there is nothing that could take it there.
        let long = |legs: &[Leg]| -> Vec<Leg> {
            legs.iter().copied().filter(|leg| leg.side == Side::Long).collect()
        };
        let [one, two] = &scene.legs;
        let longs = Scene { bars: scene.bars.clone(), legs: [long(one), long(two)] };
        let Ok(account) = longs.account(&asked) else { return Ok(()); };
        prop_assert_eq!(account.overdrawn, 0);
        prop_assert!(account.cash.iter().zip(&account.equity).all(|(cash, x)| *cash >= -1e-8 * x));
    }

    #[test]
    fn borrowing_is_paid_exactly_by_shorts_that_are_held_over_a_bar(
        steps in steps(), asked in asked(),
    ) {
        let terms = Terms { borrow_per_year: 2.0, ..asked.terms };
        let asked = Asked { terms, ..asked };
        let Ok(account) = Scene::new(&steps, &asked).account(&asked) else { return Ok(()); };
        let over = |t: &Trade| t.side == Side::Short && t.exit_bar > t.entry_bar;
        prop_assert_eq!(account.borrowing > 0.0, account.trades.iter().any(over));
    }
}
