//! Breakout: buy a break of the channel, with stop, take-profit and trailing stop of its own.
//!
//! The rule follows its own position with the executor's code: entered at the next open, ended by
//! the levels. After a level has ended it, the next break may enter again; without that, a position
//! that was stopped would count as held until the opposite break.

use super::columns::Columns;
use super::form::{Column, Form, Is};
use super::indicators::extreme::{Extreme, Side, extremes_before};
use super::kind::{Kind, Spec};
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::backtest::executor::{Executor, Stops};
use crate::research::market::bar::Bar;

/// `breakout`.
pub static KIND: Kind = Kind {
    name: "breakout",
    rule: "Channels of the bars before this one. Flat becomes long when the close is above the highest \
           high of `lookback_breakout` bars; long becomes flat when the close is below the lowest low \
           of as many bars, or when one of the rule's own levels has ended the position: then the \
           signal is flat at that close, and the next break may enter again. Short is the mirror \
           image; the break of the other side turns a position round.",
    source: "J. J. Murphy, Technical Analysis of the Financial Markets, 1999, chapter 9; levels as in \
             \"Bars to orders\"",
    specs: &[
        Spec::window("lookback_breakout", "bars of the channel", Some(20)),
        Spec::number(
            "stop_loss_pct",
            "stop-loss distance from the entry, fraction; 0 is none",
            ("0", "0.99"),
            Some("0"),
        ),
        Spec::number(
            "take_profit_pct",
            "take-profit distance from the entry, fraction; 0 is none",
            ("0", "0.99"),
            Some("0"),
        ),
        Spec::number(
            "trailing_stop_pct",
            "distance from the best price since the entry, fraction; 0 is none",
            ("0", "0.99"),
            Some("0"),
        ),
    ],
    conditions: &[],
    warm_up: |values| values.whole("lookback_breakout") + 1,
    start: |values, allow_short| Box::new(Breakout::new(values, allow_short)),
    signals,
    form,
    stops,
};

fn stops(values: &Values) -> Stops {
    let level = |name: &str| Some(values.number(name)).filter(|distance| *distance > 0.0);
    Stops {
        stop: level("stop_loss_pct"),
        take_profit: level("take_profit_pct"),
        trailing: level("trailing_stop_pct"),
    }
}

#[derive(Debug, Clone)]
struct Decision {
    allow_short: bool,
    executor: Executor,
    state: Signal,
}

impl Decision {
    fn new(values: &Values, allow_short: bool) -> Self {
        Self {
            allow_short,
            executor: Executor::new(stops(values)),
            state: Signal::Flat,
        }
    }

    /// `high` and `low`: the channel before `bar`.
    fn step(&mut self, bar: &Bar, high: f64, low: f64) -> Signal {
        let fills = self.executor.step(self.state, bar);
        self.state = if fills.exit_inside.is_some() {
            Signal::Flat
        } else if bar.close > high {
            Signal::Long
        } else if bar.close < low {
            if self.allow_short {
                Signal::Short
            } else {
                Signal::Flat
            }
        } else {
            self.state
        };
        self.state
    }
}

#[derive(Debug, Clone)]
struct Breakout {
    high: Extreme,
    low: Extreme,
    decision: Decision,
}

impl Breakout {
    fn new(values: &Values, allow_short: bool) -> Self {
        let window = values.whole("lookback_breakout");
        Self {
            high: Extreme::new(Side::Highest, window),
            low: Extreme::new(Side::Lowest, window),
            decision: Decision::new(values, allow_short),
        }
    }
}

impl Strategy for Breakout {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        let (high, low) = (self.high.get(), self.low.get());
        self.high.push(bar.high);
        self.low.push(bar.low);
        self.decision.step(bar, high, low)
    }
}

fn signals(values: &Values, allow_short: bool, columns: &Columns<'_>) -> Vec<Signal> {
    let window = values.whole("lookback_breakout");
    let high = extremes_before(&columns.high, Side::Highest, window);
    let low = extremes_before(&columns.low, Side::Lowest, window);
    let mut decision = Decision::new(values, allow_short);
    columns
        .bars
        .iter()
        .zip(high.iter().zip(&low))
        .map(|(bar, (high, low))| decision.step(bar, *high, *low))
        .collect()
}

fn form(values: &Values) -> Form {
    let window = values.whole("lookback_breakout");
    Form::Held {
        enter: vec![Column::Close.is(Is::Above, Column::HighBefore(window))],
        leave: vec![Column::Close.is(Is::Below, Column::LowBefore(window))],
        stops: stops(values),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bars, given, rule};
    use super::*;
    use Signal::{Flat, Long, Short};

    fn signals(levels: &[(&str, &str)], short: bool, tail: &[(f64, f64, f64)]) -> Vec<Signal> {
        let mut parameters = given(&[("lookback_breakout", "2")]);
        parameters.extend(given(levels));
        let mut ranges = vec![(10.0, 9.0, 9.5), (10.0, 9.0, 9.5)];
        ranges.extend(tail);
        let history = bars(&ranges);
        let seen = rule("breakout", &parameters).signals(short, &Columns::of(&history));
        assert_eq!(seen[..2], [Flat, Flat]);
        seen[2..].to_vec()
    }

    #[test]
    fn held_from_one_break_to_the_other() {
        let tail = [(11.0, 10.0, 10.5), (11.0, 9.5, 9.6), (9.8, 9.0, 9.2)];
        // Channel before the third: low 9.5 of the last two.
        assert_eq!(signals(&[], false, &tail), [Long, Long, Flat]);
        assert_eq!(signals(&[], true, &tail), [Long, Long, Short]);
    }

    /// Entered at the open of the second bar, 10.5 (the close before); the trail of 10 % stands at
    /// 9.45, then under the high of 12 at 10.8, which the third bar reaches.
    #[test]
    fn its_own_trailing_stop_ends_it_and_the_next_break_enters_again() {
        let tail = [
            (11.0, 10.0, 10.5),
            (12.0, 10.4, 12.0),
            (12.0, 10.7, 11.0),
            (12.0, 11.0, 11.5),
            (13.0, 11.5, 12.5),
        ];
        let trailing = [("trailing_stop_pct", "0.1")];
        assert_eq!(
            signals(&trailing, false, &tail),
            [Long, Long, Flat, Flat, Long]
        );
        assert_eq!(signals(&[], false, &tail), [Long; 5]);
    }
}
