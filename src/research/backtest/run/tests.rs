//! A golden run by hand, a slow reference, and the proof that nothing looks ahead.

use proptest::prelude::*;

use super::{Bar, Exit, Leg, Reason, Signal, Stops, run};
use crate::kernel::time::UtcTime;
use crate::research::backtest::leg::Side;
use crate::research::strategy::rsi_reversion::{RsiReversion, RsiReversionParameters};

/// A strategy that says what it was told.
struct Script(std::vec::IntoIter<Signal>);

impl crate::research::strategy::Strategy for Script {
    fn on_close(&mut self, _bar: &Bar) -> Signal {
        self.0.next().unwrap_or(Signal::Flat)
    }
}

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
    let legs = run(&mut Script(script.into_iter()), STOPS, &bars);
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

fn rule(short: bool) -> RsiReversion {
    let parameters = RsiReversionParameters {
        window: 3,
        lower: crate::kernel::decimal::Decimal::from_int(30),
        upper: crate::kernel::decimal::Decimal::from_int(70),
        exit_lower: crate::kernel::decimal::Decimal::from_int(50),
        exit_upper: crate::kernel::decimal::Decimal::from_int(50),
        use_trend_filter: false,
        trend_ma_window: 5,
        use_wilder: true,
    };
    RsiReversion::new(&parameters, short)
}

/// The same rules written down again, the slow way: at every bar all closes so far are looked at
/// afresh, and the position is worked out from the list of what happened.
fn reference(bars: &[Bar], short: bool) -> Vec<Leg> {
    let signal_at = |t: usize| {
        let mut fresh = rule(short);
        bars[..=t]
            .iter()
            .map(|b| fresh.push(b.close))
            .last()
            .unwrap()
    };
    let mut legs: Vec<Leg> = Vec::new();
    let mut held: Option<(f64, usize, f64)> = None;
    for t in 1..bars.len() {
        let bar = bars[t];
        let want = match signal_at(t - 1) {
            Signal::Long => 1.0,
            Signal::Flat => 0.0,
            Signal::Short => -1.0,
        };
        let mut close = |held: (f64, usize, f64), price: f64, reason: Reason| {
            legs.push(Leg {
                side: if held.0 > 0.0 {
                    Side::Long
                } else {
                    Side::Short
                },
                entry_bar: held.1,
                entry_price: held.2,
                exit_bar: t,
                exit: Exit { price, reason },
            });
        };
        if let Some(h) = held.filter(|h| h.0 != want) {
            close(h, bar.open, Reason::Signal);
            held = None;
        }
        if held.is_none() && want != 0.0 {
            // Barred when the last leg was stopped or took profit in this direction, and every
            // signal from that bar's close to now has wanted the same.
            let barred = legs.last().is_some_and(|l| {
                l.exit.reason != Reason::Signal
                    && l.side.sign() == want
                    && (l.exit_bar..t).all(|s| Side::wanted(signal_at(s)) == Some(l.side))
            });
            if !barred {
                held = Some((want, t, bar.open));
            }
        }
        if let Some(h) = held {
            let (stop, goal) = (h.2 * (1.0 - h.0 * 0.05), h.2 * (1.0 + h.0 * 0.1));
            let mut close = |price: f64, reason: Reason| {
                legs.push(Leg {
                    side: if h.0 > 0.0 { Side::Long } else { Side::Short },
                    entry_bar: h.1,
                    entry_price: h.2,
                    exit_bar: t,
                    exit: Exit { price, reason },
                });
                held = None;
            };
            let long = h.0 > 0.0;
            if long && bar.open <= stop || !long && bar.open >= stop {
                close(bar.open, Reason::Stop);
            } else if long && bar.open >= goal || !long && bar.open <= goal {
                close(bar.open, Reason::TakeProfit);
            } else if long && bar.low <= stop || !long && bar.high >= stop {
                close(stop, Reason::Stop);
            } else if long && bar.high >= goal || !long && bar.low <= goal {
                close(goal, Reason::TakeProfit);
            }
        }
    }
    if let Some(h) = held {
        legs.push(Leg {
            side: if h.0 > 0.0 { Side::Long } else { Side::Short },
            entry_bar: h.1,
            entry_price: h.2,
            exit_bar: bars.len() - 1,
            exit: Exit {
                price: bars[bars.len() - 1].close,
                reason: Reason::EndOfData,
            },
        });
    }
    legs
}

fn steps() -> impl proptest::strategy::Strategy<Value = Vec<(i16, u8, u8, i8)>> {
    proptest::collection::vec(any::<(i16, u8, u8, i8)>(), 2..120)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn agrees_with_the_slow_reference(steps in steps(), short in any::<bool>()) {
        let bars = walk(&steps);
        prop_assert_eq!(run(&mut rule(short), STOPS, &bars), reference(&bars, short));
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
        let known = |bars: &[Bar]| -> Vec<(Side, usize, f64, Option<(usize, Exit)>)> {
            run(&mut rule(short), STOPS, bars)
                .into_iter()
                .filter(|l| l.entry_bar < cut)
                .map(|l| {
                    let ended = l.exit_bar < cut && l.exit.reason != Reason::EndOfData;
                    (l.side, l.entry_bar, l.entry_price, ended.then_some((l.exit_bar, l.exit)))
                })
                .collect()
        };
        prop_assert_eq!(known(&one), known(&two));
    }
}
