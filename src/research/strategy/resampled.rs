//! A rule on longer bars, inside a portfolio of shorter ones.
//!
//! Longer bars are made of the shorter ones, on the clock: a 4h bar covers 00:00 to 04:00, 04:00 to
//! 08:00 UTC and so on. The rule sees a longer bar once its last shorter one has closed, and its
//! signal holds until the next. Where that last one is missing, the longer bar counts as closed with
//! the close of the first shorter bar after its end: later than on the clock, never earlier. The
//! bar at the end of a history may be incomplete; it is not seen.

use super::columns::Columns;
use super::registry::Rule;
use super::{Signal, Strategy};
use crate::research::market::bar::Bar;
use crate::research::market::timeframe::Timeframe;

/// Makes longer bars out of shorter ones, one at a time.
#[derive(Debug, Clone)]
struct Joiner {
    short: i64,
    long: i64,
    open: Option<Bar>,
}

impl Joiner {
    fn new(short: Timeframe, long: Timeframe) -> Self {
        Self {
            short: short.millis(),
            long: long.millis(),
            open: None,
        }
    }

    /// Takes a closed shorter bar; gives the longer bar that is known to be complete with it, if
    /// any, and whether the shorter one is part of it.
    fn push(&mut self, bar: &Bar) -> [Option<Bar>; 2] {
        let start = bar.time.millis().div_euclid(self.long) * self.long;
        let late = self.open.take_if(|open| open.time.millis() != start);
        let joined = match self.open {
            None => Bar {
                time: bar.time.plus_millis(start - bar.time.millis()),
                ..*bar
            },
            Some(open) => Bar {
                high: open.high.max(bar.high),
                low: open.low.min(bar.low),
                close: bar.close,
                volume: open.volume + bar.volume,
                ..open
            },
        };
        let ends = bar.time.millis() + self.short >= start + self.long;
        self.open = (!ends).then_some(joined);
        [late, ends.then_some(joined)]
    }
}

/// The incremental form: takes shorter bars, runs a rule on longer ones.
pub struct Resampled {
    joiner: Joiner,
    rule: Box<dyn Strategy>,
    signal: Signal,
}

impl Resampled {
    /// `rule` on bars of `long`, fed with bars of `short`.
    #[must_use]
    pub fn new(rule: Box<dyn Strategy>, short: Timeframe, long: Timeframe) -> Self {
        Self {
            joiner: Joiner::new(short, long),
            rule,
            signal: Signal::Flat,
        }
    }
}

impl Strategy for Resampled {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        for closed in self.joiner.push(bar).into_iter().flatten() {
            self.signal = self.rule.on_close(&closed);
        }
        self.signal
    }
}

/// The batch form: the signals of `rule` on bars of `long`, one per bar of `short`.
#[must_use]
pub fn signals(
    rule: &Rule,
    allow_short: bool,
    bars: &[Bar],
    (short, long): (Timeframe, Timeframe),
) -> Vec<Signal> {
    let mut joiner = Joiner::new(short, long);
    let mut closed = Vec::new();
    // Per shorter bar, how many longer ones are closed with it.
    let known: Vec<usize> = bars
        .iter()
        .map(|bar| {
            closed.extend(joiner.push(bar).into_iter().flatten());
            closed.len()
        })
        .collect();
    let longer = rule.signals(allow_short, &Columns::of(&closed));
    known
        .iter()
        .map(|count| {
            let newest = count.checked_sub(1).and_then(|index| longer.get(index));
            newest.copied().unwrap_or(Signal::Flat)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{given, rule, walk};
    use super::*;
    use crate::kernel::time::UtcTime;

    fn quarter(index: i64, close: f64) -> Bar {
        Bar {
            time: UtcTime::EPOCH.plus_millis(index * 900_000),
            open: close - 1.0,
            high: close + 2.0,
            low: close - 3.0,
            close,
            volume: 1.0,
        }
    }

    fn frames(long: &str) -> (Timeframe, Timeframe) {
        ("15min".parse().unwrap(), long.parse().unwrap())
    }

    #[test]
    fn a_longer_bar_closes_with_its_last_shorter_one() {
        let (short, long) = frames("1h");
        let mut joiner = Joiner::new(short, long);
        let mut seen = Vec::new();
        for index in 0..9 {
            let closed = joiner.push(&quarter(index, 10.0 + index as f64));
            seen.push(closed.into_iter().flatten().count());
            if let [None, Some(bar)] = closed {
                let first = 10.0 + (index - 3) as f64;
                assert_eq!(bar.time, quarter(index - 3, 0.0).time);
                assert_eq!((bar.open, bar.high), (first - 1.0, first + 5.0));
                let rest = (bar.low, bar.close, bar.volume);
                assert_eq!(rest, (first - 3.0, first + 3.0, 4.0));
            }
        }
        assert_eq!(seen, [0, 0, 0, 1, 0, 0, 0, 1, 0]);
    }

    #[test]
    fn a_missing_last_bar_delays_and_never_hurries() {
        let (short, long) = frames("1h");
        let mut joiner = Joiner::new(short, long);
        // 00:00, 00:15, then a gap over the end of the hour, then 01:15 and the last one, 01:45.
        let counts: Vec<[bool; 2]> = [0, 1, 5, 7]
            .map(|i| joiner.push(&quarter(i, 10.0)).map(|bar| bar.is_some()))
            .to_vec();
        assert_eq!(
            counts,
            [[false, false], [false, false], [true, false], [false, true]]
        );
        // An hour of which only the last quarter is there is complete with it; so is the one before.
        let closed = joiner.push(&quarter(8, 10.0));
        assert_eq!(closed, [None, None]);
        let [late, own] = joiner.push(&quarter(15, 11.0));
        assert_eq!(late.unwrap().time, quarter(8, 0.0).time);
        assert_eq!(own.unwrap().time, quarter(12, 0.0).time);
    }

    #[test]
    fn both_forms_agree_and_the_future_changes_nothing() {
        let trend = rule(
            "ma_trend",
            &given(&[("fast_window", "3"), ("slow_window", "8")]),
        );
        for (seed, long) in [(1, "1h"), (2, "30min"), (3, "4h")] {
            let (short, long) = frames(long);
            // Bars as they are stored, some of them missing.
            let bars: Vec<Bar> = walk(seed, 2000)
                .into_iter()
                .enumerate()
                .filter(|(index, _)| (index * 7 + 3) % 11 != 0)
                .map(|(index, bar)| Bar {
                    time: UtcTime::EPOCH.plus_millis(index as i64 * 900_000),
                    ..bar
                })
                .collect();
            let all = signals(&trend, true, &bars, (short, long));
            let mut one = Resampled::new(trend.start(true), short, long);
            let one_by_one: Vec<Signal> = bars.iter().map(|bar| one.on_close(bar)).collect();
            assert_eq!(all, one_by_one);
            assert!(all.contains(&Signal::Long) && all.contains(&Signal::Short));
            for cut in (1..20).map(|part| part * bars.len() / 20) {
                let cut_off = signals(&trend, true, &bars[..cut], (short, long));
                assert_eq!(cut_off, all[..cut]);
            }
        }
    }
}
