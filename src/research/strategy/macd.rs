//! MACD: long exactly while the MACD line is above its signal line.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::Columns;
use super::form::{Column, Form, Is};
use super::held::while_holding;
use super::indicators::average::Smooth;
use super::indicators::side_by_side::{Block, Corner, LANES, columns, side_by_side};
use super::kind::{Condition, Kind, Spec, no_stops};
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::market::bar::Bar;

/// `macd`.
pub static KIND: Kind = Kind {
    name: "macd",
    rule: "Line = EMA(`fast_ema`) - EMA(`slow_ema`) of the closes, signal line = EMA(`signal_ema`) of \
           the line, `ema = ema + (x - ema) a` with a = 2 / (n + 1), all started with the first bar. \
           Long exactly while the line is above the signal line; short exactly while it is below.",
    source: "G. Appel, The Moving Average Convergence-Divergence Trading Method, 1979",
    specs: &[
        Spec::window("fast_ema", "span of the fast average", Some(12)),
        Spec::window("slow_ema", "span of the slow average", Some(26)),
        Spec::window("signal_ema", "span of the signal line", Some(9)),
    ],
    conditions: &[Condition {
        parameter: "fast_ema",
        other: "slow_ema",
        wanted: "below `slow_ema`",
        holds: |v| v.decimal("fast_ema") < v.decimal("slow_ema"),
    }],
    warm_up,
    start: |values, allow_short| Box::new(Macd::new(values, allow_short)),
    signals,
    form,
    stops: no_stops,
};

fn warm_up(values: &Values) -> usize {
    values.whole("slow_ema") + values.whole("signal_ema") - 1
}

#[derive(Debug, Clone)]
struct Macd {
    fast: Smooth,
    slow: Smooth,
    signal: Smooth,
    seen: usize,
    warm_up: usize,
    allow_short: bool,
}

impl Macd {
    fn new(values: &Values, allow_short: bool) -> Self {
        Self {
            fast: Smooth::ema(values.whole("fast_ema")),
            slow: Smooth::ema(values.whole("slow_ema")),
            signal: Smooth::ema(values.whole("signal_ema")),
            seen: 0,
            warm_up: warm_up(values),
            allow_short,
        }
    }
}

impl Strategy for Macd {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        let line = self.fast.push(bar.close) - self.slow.push(bar.close);
        let signal = self.signal.push(line);
        if self.seen < self.warm_up {
            self.seen += 1;
        }
        let ready = self.seen == self.warm_up;
        while_holding(
            ready && line > signal,
            ready && line < signal,
            self.allow_short,
        )
    }
}

/// Line and signal line per bar, all three averages in one pass.
fn lines(
    close: &[f64],
    fast: usize,
    slow: usize,
    signal: usize,
) -> impl Iterator<Item = (f64, f64)> {
    let (mut fast, mut slow) = (Smooth::ema(fast), Smooth::ema(slow));
    let mut signal = Smooth::ema(signal);
    close.iter().map(move |close| {
        let line = fast.push(*close) - slow.push(*close);
        (line, signal.push(line))
    })
}

fn signals(values: &Values, allow_short: bool, columns: &Columns<'_>) -> Vec<Signal> {
    let [fast, slow, signal] = ["fast_ema", "slow_ema", "signal_ema"].map(|n| values.whole(n));
    let early = warm_up(values) - 1;
    let ready = lines(&columns.close, fast, slow, signal)
        .skip(early)
        .map(|(line, signal)| while_holding(line > signal, line < signal, allow_short));
    std::iter::repeat_n(Signal::Flat, early.min(columns.close.len()))
        .chain(ready)
        .collect()
}

/// The averages of the closes that histograms are made of.
#[derive(Debug)]
pub struct Averages(BTreeMap<usize, Vec<f64>>);

impl Averages {
    /// Those over `spans`, in bars.
    #[must_use]
    pub fn new(close: &[f64], spans: &BTreeSet<usize>) -> Self {
        let ordered: Vec<usize> = spans.iter().copied().collect();
        let values = |_, bar: usize| rest(close, bar).copied();
        let columns = columns(spans.len(), close.len(), |take| {
            side_by_side(&ordered, close.len(), values, |_, average| average, take);
        });
        Self(ordered.into_iter().zip(columns).collect())
    }

    /// MACD histograms, line less signal line, block by block: NaN until all is warm, and positive
    /// exactly where the line is above. Of each, the spans of the averages, fast and slow, and of the
    /// signal line.
    pub(super) fn histograms(
        &self,
        wanted: &[([usize; 2], usize)],
        mut take: impl FnMut(Corner, &mut Block),
    ) {
        let average = |span| self.0.get(&span).map_or(&[][..], Vec::as_slice);
        let lines: Vec<[&[f64]; 2]> = wanted.iter().map(|(spans, _)| spans.map(average)).collect();
        let values = |lane: usize, bar: usize| {
            let [fast, slow] = lines.get(lane).copied().unwrap_or_default();
            rest(fast, bar).zip(rest(slow, bar)).map(|(f, s)| f - s)
        };
        let signals: Vec<usize> = wanted.iter().map(|(_, signal)| *signal).collect();
        let bars = self.0.values().next().map_or(0, Vec::len);
        let off = |line, signal| line - signal;
        side_by_side(&signals, bars, values, off, |corner, block| {
            let lanes = wanted.iter().skip(corner.lane).take(LANES);
            for (slot, ([_, slow], signal)) in lanes.enumerate() {
                let early = (slow + signal - 2).saturating_sub(corner.bar);
                let rows = block.iter_mut().take(early);
                rows.filter_map(|row| row.get_mut(slot))
                    .for_each(|x| *x = f64::NAN);
            }
            take(corner, block);
        });
    }
}

fn rest(column: &[f64], bar: usize) -> std::slice::Iter<'_, f64> {
    column.get(bar..).unwrap_or_default().iter()
}

fn form(values: &Values) -> Form {
    let [fast, slow, signal] = ["fast_ema", "slow_ema", "signal_ema"].map(|n| values.whole(n));
    let spans = [fast, slow];
    Form::While(vec![
        Column::Histogram { spans, signal }.is_level(Is::Above, 0.0),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::indicators::tests::{same, wandering};
    use super::super::testing::{closes, given, rule};
    use super::*;
    use crate::research::strategy::form::Batch;
    use Signal::{Flat, Long, Short};

    /// Spans 3, 7 and 3: a = 1/2, 1/4 and 1/2. Closes 8, 16, 8, 8.
    #[test]
    fn four_bars_by_hand() {
        let (line, signal): (Vec<f64>, Vec<f64>) = lines(&[8.0, 16.0, 8.0, 8.0], 3, 7, 3).unzip();
        // Fast 8, 12, 10, 9; slow 8, 10, 9.5, 9.125.
        assert_eq!(line, [0.0, 2.0, 0.5, -0.125]);
        assert_eq!(signal, [0.0, 1.0, 0.75, 0.3125]);
    }

    #[test]
    fn histograms_are_line_less_signal_line_once_warm() {
        let close = wandering(41, 150);
        let wanted: Vec<([usize; 2], usize)> = (2..5)
            .flat_map(|fast| (8..11).map(move |slow| ([fast, slow], fast + 1)))
            .collect();
        let bars = closes(&close);
        let histograms = wanted.iter().copied();
        let histograms = histograms.map(|(spans, signal)| Column::Histogram { spans, signal });
        let histograms: Vec<Column> = histograms.collect();
        let found = Batch::Histograms.values(&histograms, &Columns::of(&bars));
        assert_eq!(found.len(), wanted.len());
        for (([fast, slow], signal), found) in wanted.into_iter().zip(found) {
            let off = lines(&close, fast, slow, signal).map(|(line, signal)| line - signal);
            let early = slow + signal - 2;
            let wanted: Vec<f64> = off
                .enumerate()
                .map(|(bar, x)| if bar < early { f64::NAN } else { x })
                .collect();
            assert!(same(&found, &wanted), "{fast} {slow} {signal}");
        }
    }

    #[test]
    fn a_state_from_the_warm_up_on() {
        let names = ["fast_ema", "slow_ema", "signal_ema"];
        let parameters = given(&[(names[0], "2"), (names[1], "3"), (names[2], "2")]);
        let macd = rule("macd", &parameters);
        assert_eq!(macd.warm_up(), 4);
        let bars = closes(&[1.0, 2.0, 4.0, 8.0, 4.0, 2.0]);
        let columns = Columns::of(&bars);
        let wanted = [Flat, Flat, Flat, Long, Flat, Flat];
        assert_eq!(macd.signals(false, &columns), wanted);
        assert_eq!(macd.signals(true, &columns)[4..], [Short, Short]);
    }
}
