//! A golden run by hand, a slow reference, and the proof that nothing looks ahead.

use proptest::prelude::*;

use super::{Bar, Exit, FillRule, Leg, Reason, Signal, Stops, legs, legs_filled, run};
use crate::kernel::time::UtcTime;
use crate::research::backtest::leg::Side;
use crate::research::strategy::columns::Columns;
use crate::research::strategy::registry::Rule;
use crate::research::strategy::testing::{given, rule};

fn bars(ohlc: &[(f64, f64, f64, f64)]) -> Vec<Bar> {
    let mut time = UtcTime::EPOCH;
    ohlc.iter()
        .map(|&(open, high, low, close)| {
            time = time.plus_millis(3_600_000);
            Bar {
                time,
                open,
                high,
                low,
                close,
                volume: 1.0,
            }
        })
        .collect()
}

const STOPS: Stops = Stops {
    stop: Some(0.05),
    take_profit: Some(0.1),
    trailing: Some(0.07),
};

#[test]
fn signals_fill_at_the_next_open_and_the_end_closes() {
    use Signal::{Flat, Long};
    let bars = bars(&[
        (100.0, 101.0, 99.0, 100.0),
        (101.0, 102.0, 100.0, 102.0), // entry at 101, on the signal of bar 0
        (103.0, 104.0, 102.0, 103.0),
        (104.0, 105.0, 103.0, 104.0), // exit at 104, on the signal of bar 2
        (100.0, 101.0, 90.0, 91.0),   // entry at 100, stopped at 95
        (91.0, 92.0, 90.0, 91.0),     // signal still long: stays out
        (91.0, 92.0, 90.0, 91.0),     // signal was flat: free again
        (92.0, 93.0, 91.0, 93.0),     // entry at 92, closed at the end at 93
    ]);
    let script = vec![Long, Long, Flat, Long, Long, Flat, Long, Long];
    let legs = legs(&script, STOPS, &bars);
    let seen: Vec<_> = legs
        .iter()
        .map(|l| {
            (
                l.entry_bar,
                l.entry_price,
                l.exit_bar,
                l.exit.price,
                l.exit.reason,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (1, 101.0, 3, 104.0, Reason::Signal),
            (4, 100.0, 4, 95.0, Reason::Stop),
            (7, 92.0, 7, 93.0, Reason::EndOfData),
        ]
    );
}

#[test]
fn signals_fill_at_their_own_close_where_that_is_asked_for() {
    use Signal::{Flat, Long, Short};
    let bars = bars(&[
        (100.0, 101.0, 50.0, 100.0), // entry at 100; the low came before it
        (103.0, 104.0, 102.0, 103.0),
        (104.0, 105.0, 103.0, 104.0), // turned at 104
        (100.0, 100.0, 99.0, 99.0),
        (100.0, 110.0, 99.0, 100.0), // stopped at 109.2; the signal is still short: stays out
        (91.0, 92.0, 90.0, 91.0),    // flat: free again
        (92.0, 93.0, 91.0, 93.0),    // entry at 93
        (80.0, 94.0, 79.0, 90.0),    // a gap through the stop; nothing is entered at the last close
    ]);
    let script = vec![Long, Long, Short, Short, Short, Flat, Long, Long];
    let legs = legs_filled(&script, STOPS, &bars, FillRule::SameClose);
    let seen: Vec<_> = legs
        .iter()
        .map(|l| {
            (
                l.entry_bar,
                l.entry_price,
                l.exit_bar,
                l.exit.price,
                l.exit.reason,
            )
        })
        .collect();
    let trail = 99.0 * (1.0 + 0.07);
    assert_eq!(
        seen,
        [
            (0, 100.0, 2, 104.0, Reason::Signal),
            (2, 104.0, 4, trail, Reason::TrailingStop),
            (6, 93.0, 7, 80.0, Reason::Stop),
        ]
    );
    let held: Vec<usize> = legs
        .iter()
        .map(|l| l.bars_held(FillRule::SameClose))
        .collect();
    assert_eq!(held, [2, 2, 1]);
    // What is held at the end is closed there, whatever the last signal says.
    for last in [Long, Flat] {
        let legs = legs_filled(&[Long, last], STOPS, &bars[5..7], FillRule::SameClose);
        let end = legs[0].exit;
        assert_eq!(
            (legs.len(), end.price, end.reason),
            (1, 93.0, Reason::EndOfData)
        );
    }
}

/// A random walk with gaps, from a seed, as OHLC.
fn walk(steps: &[(i16, u8, u8, i8)]) -> Vec<Bar> {
    let mut close = 100.0_f64;
    let rows: Vec<_> = steps
        .iter()
        .map(|&(change, up, down, gap)| {
            let open = close * (1.0 + f64::from(gap) / 2000.0);
            close = (open * (1.0 + f64::from(change) / 400_000.0)).max(1.0);
            let high = open.max(close) * (1.0 + f64::from(up) / 5000.0);
            let low = open.min(close) * (1.0 - f64::from(down) / 5000.0);
            (open, high, low, close)
        })
        .collect();
    bars(&rows)
}

fn reversion() -> Rule {
    let parameters = given(&[("rsi_window", "3"), ("lower", "30"), ("upper", "70")]);
    rule("rsi_reversion", &parameters)
}

/// The legs as a session makes them, after research has made the same.
fn reverted(bars: &[Bar], short: bool) -> Vec<Leg> {
    let one_by_one = run(reversion().start(short).as_mut(), STOPS, bars);
    let signals = reversion().signals(short, &Columns::of(bars));
    assert_eq!(legs(&signals, STOPS, bars), one_by_one);
    one_by_one
}

/// The same rules written down again, the slow way: at every bar all closes so far are looked at
/// afresh, and what may be entered is worked out from the list of what happened.
fn reference(bars: &[Bar], short: bool) -> Vec<Leg> {
    let wanted_at = |t: usize| {
        let mut fresh = reversion().start(short);
        let signals = bars[..=t].iter().map(|b| fresh.on_close(b));
        Side::wanted(signals.last().unwrap())
    };
    let leg = |held: (Side, usize, f64), exit_bar: usize, price: f64, reason: Reason| Leg {
        side: held.0,
        entry_bar: held.1,
        entry_price: held.2,
        exit_bar,
        exit: Exit { price, reason },
    };
    let mut legs: Vec<Leg> = Vec::new();
    let mut held: Option<(Side, usize, f64)> = None;
    for (t, bar) in bars.iter().enumerate().skip(1) {
        let wanted = wanted_at(t - 1);
        if let Some(h) = held.filter(|h| Some(h.0) != wanted) {
            legs.push(leg(h, t, bar.open, Reason::Signal));
            held = None;
        }
        if let (None, Some(side)) = (held, wanted) {
            // Barred when the last leg was stopped or took profit in this direction, and every
            // signal from that bar's close to now has wanted the same.
            let barred = legs.last().is_some_and(|l| {
                l.exit.reason != Reason::Signal
                    && l.side == side
                    && (l.exit_bar..t).all(|s| wanted_at(s) == Some(side))
            });
            held = (!barred).then_some((side, t, bar.open));
        }
        if let Some(h) = held
            && let Some((price, reason)) = forced(h.0, h.2, &bars[h.1..t], bar)
        {
            legs.push(leg(h, t, price, reason));
            held = None;
        }
    }
    if let Some(h) = held {
        let last = bars.len() - 1;
        legs.push(leg(h, last, bars[last].close, Reason::EndOfData));
    }
    legs
}

/// The exit inside a bar, both sides spelled out; `since` are the earlier bars of the position.
fn forced(side: Side, entry: f64, since: &[Bar], bar: &Bar) -> Option<(f64, Reason)> {
    let (fixed, goal, trail) = match side {
        Side::Long => {
            let best = since.iter().map(|b| b.high).fold(entry, f64::max);
            (
                entry * (1.0 - 0.05),
                entry * (1.0 + 0.1),
                best * (1.0 - 0.07),
            )
        }
        Side::Short => {
            let best = since.iter().map(|b| b.low).fold(entry, f64::min);
            (
                entry * (1.0 + 0.05),
                entry * (1.0 - 0.1),
                best * (1.0 + 0.07),
            )
        }
    };
    let trails = match side {
        Side::Long => trail > fixed,
        Side::Short => trail < fixed,
    };
    let (stop, why) = if trails {
        (trail, Reason::TrailingStop)
    } else {
        (fixed, Reason::Stop)
    };
    let (open_stops, open_wins, stops, wins) = match side {
        Side::Long => (
            bar.open <= stop,
            bar.open >= goal,
            bar.low <= stop,
            bar.high >= goal,
        ),
        Side::Short => (
            bar.open >= stop,
            bar.open <= goal,
            bar.high >= stop,
            bar.low <= goal,
        ),
    };
    match (open_stops, open_wins, stops, wins) {
        (true, ..) => Some((bar.open, why)),
        (_, true, ..) => Some((bar.open, Reason::TakeProfit)),
        (_, _, true, _) => Some((stop, why)),
        (.., true) => Some((goal, Reason::TakeProfit)),
        _ => None,
    }
}

fn steps() -> impl proptest::strategy::Strategy<Value = Vec<(i16, u8, u8, i8)>> {
    proptest::collection::vec(any::<(i16, u8, u8, i8)>(), 2..120)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn agrees_with_the_slow_reference(steps in steps(), short in any::<bool>()) {
        let bars = walk(&steps);
        prop_assert_eq!(reverted(&bars, short), reference(&bars, short));
    }

    #[test]
    fn nothing_up_to_t_depends_on_anything_after_t(
        steps in steps(),
        other in steps(),
        cut in any::<prop::sample::Index>(),
        short in any::<bool>(),
    ) {
        let cut = cut.index(steps.len());
        let mut changed = steps[..cut].to_vec();
        changed.extend(&other);
        let (one, two) = (walk(&steps), walk(&changed));
        let known = |bars: &[Bar]| {
            let known = reverted(bars, short).into_iter().filter(|l| l.entry_bar < cut).map(|l| {
                let ended = l.exit_bar < cut && l.exit.reason != Reason::EndOfData;
                (l.side, l.entry_bar, l.entry_price, ended.then_some((l.exit_bar, l.exit)))
            });
            known.collect::<Vec<_>>()
        };
        prop_assert_eq!(known(&one), known(&two));
    }
}
