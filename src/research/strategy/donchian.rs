//! Donchian channel: buy a new high, leave on a new low of a shorter channel.

use super::columns::Columns;
use super::form::{Column, Form, Is};
use super::held::{Held, Wish};
use super::indicators::extreme::{Extreme, Side, extremes_before};
use super::kind::{Condition, Kind, Spec, no_stops};
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::market::bar::Bar;

/// `donchian`.
pub static KIND: Kind = Kind {
    name: "donchian",
    rule: "Channels of the bars before this one. Flat becomes long when the close is above the highest \
           high of `lookback` bars; long becomes flat when the close is below the lowest low of \
           `exit_lookback` bars. Short is the mirror image.",
    source: "R. Donchian's four-week rule; with the shorter exit channel C. Faith, The Original Turtle \
             Trading Rules, 2003",
    specs: &[
        Spec::window("lookback", "bars of the channel of entries", Some(20)),
        Spec::window("exit_lookback", "bars of the channel of exits", Some(10)),
    ],
    conditions: &[Condition {
        parameter: "exit_lookback",
        other: "lookback",
        wanted: "at most `lookback`",
        holds: |v| v.decimal("exit_lookback") <= v.decimal("lookback"),
    }],
    warm_up: |values| values.whole("lookback") + 1,
    start: |values, allow_short| Box::new(Donchian::new(values, allow_short)),
    signals,
    form,
    stops: no_stops,
};

/// The edges of both channels before a bar.
#[derive(Debug, Clone, Copy)]
struct Edges {
    entry_high: f64,
    entry_low: f64,
    exit_high: f64,
    exit_low: f64,
}

fn decide(held: &mut Held, close: f64, edges: Edges) -> Signal {
    let long = Wish {
        enter: close > edges.entry_high,
        leave: close < edges.exit_low,
    };
    let short = Wish {
        enter: close < edges.entry_low,
        leave: close > edges.exit_high,
    };
    held.step(long, short)
}

#[derive(Debug, Clone)]
struct Donchian {
    entry_high: Extreme,
    entry_low: Extreme,
    exit_high: Extreme,
    exit_low: Extreme,
    held: Held,
}

impl Donchian {
    fn new(values: &Values, allow_short: bool) -> Self {
        let [entry, exit] = ["lookback", "exit_lookback"].map(|name| values.whole(name));
        Self {
            entry_high: Extreme::new(Side::Highest, entry),
            entry_low: Extreme::new(Side::Lowest, entry),
            exit_high: Extreme::new(Side::Highest, exit),
            exit_low: Extreme::new(Side::Lowest, exit),
            held: Held::new(allow_short),
        }
    }
}

impl Strategy for Donchian {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        let edges = Edges {
            entry_high: self.entry_high.get(),
            entry_low: self.entry_low.get(),
            exit_high: self.exit_high.get(),
            exit_low: self.exit_low.get(),
        };
        for highs in [&mut self.entry_high, &mut self.exit_high] {
            highs.push(bar.high);
        }
        for lows in [&mut self.entry_low, &mut self.exit_low] {
            lows.push(bar.low);
        }
        decide(&mut self.held, bar.close, edges)
    }
}

fn signals(values: &Values, allow_short: bool, columns: &Columns<'_>) -> Vec<Signal> {
    let [entry, exit] = ["lookback", "exit_lookback"].map(|name| values.whole(name));
    let highs = |window| extremes_before(&columns.high, Side::Highest, window);
    let lows = |window| extremes_before(&columns.low, Side::Lowest, window);
    let entries = highs(entry).into_iter().zip(lows(entry));
    let exits = highs(exit).into_iter().zip(lows(exit));
    let mut held = Held::new(allow_short);
    let edges = entries
        .zip(exits)
        .map(|((entry_high, entry_low), (exit_high, exit_low))| Edges {
            entry_high,
            entry_low,
            exit_high,
            exit_low,
        });
    columns
        .close
        .iter()
        .zip(edges)
        .map(|(close, edges)| decide(&mut held, *close, edges))
        .collect()
}

fn form(values: &Values) -> Form {
    let [entry, exit] = ["lookback", "exit_lookback"].map(|name| values.whole(name));
    Form::held(
        vec![Column::Close.is(Is::Above, Column::HighBefore(entry))],
        vec![Column::Close.is(Is::Below, Column::LowBefore(exit))],
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bars, given, rule};
    use super::*;
    use Signal::{Flat, Long, Short};

    #[test]
    fn a_new_high_enters_a_new_low_of_the_shorter_channel_leaves() {
        let parameters = given(&[("lookback", "3"), ("exit_lookback", "2")]);
        let donchian = rule("donchian", &parameters);
        let history = bars(&[
            (10.0, 8.0, 9.0),
            (11.0, 9.0, 10.0),
            (10.0, 8.0, 9.0),
            (11.5, 9.0, 11.0),  // at the highest high, 11: not above
            (13.0, 11.0, 12.0), // above 11.5
            (12.0, 9.5, 10.0),  // the low of two bars is 9: held
            (11.0, 9.0, 9.2),   // the low of two bars is 9.5: left
            (9.0, 7.0, 7.5),    // below 9, the low of three bars
        ]);
        let columns = Columns::of(&history);
        let wanted = [Flat, Flat, Flat, Flat, Long, Long, Flat, Flat];
        assert_eq!(donchian.signals(false, &columns), wanted);
        assert_eq!(donchian.signals(true, &columns)[7], Short);
    }
}
