//! Time-series momentum: own what has risen over a look-back.

use std::collections::VecDeque;

use super::columns::Columns;
use super::form::{Column, Form, Is};
use super::held::{Held, Wish};
use super::kind::{Condition, Kind, Spec, no_stops};
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::market::bar::Bar;

/// `momentum`.
pub static KIND: Kind = Kind {
    name: "momentum",
    rule: "m = close / close of `lookback_period` bars ago - 1. Flat becomes long when m > \
           `entry_threshold`; long becomes flat when m < `exit_threshold`. Short when -m > \
           `entry_threshold`, until -m < `exit_threshold`.",
    source: "T. Moskowitz, Y. H. Ooi and L. H. Pedersen, Journal of Financial Economics 104 (2), 2012",
    specs: &[
        Spec::window("lookback_period", "bars back", Some(20)),
        Spec::number(
            "entry_threshold",
            "enter above, fraction",
            ("0", "1"),
            Some("0.02"),
        ),
        Spec::number(
            "exit_threshold",
            "leave below, fraction",
            ("-1", "1"),
            Some("-0.01"),
        ),
    ],
    conditions: &[Condition {
        parameter: "exit_threshold",
        other: "entry_threshold",
        wanted: "at most `entry_threshold`",
        holds: |v| v.decimal("exit_threshold") <= v.decimal("entry_threshold"),
    }],
    warm_up: |values| values.whole("lookback_period") + 1,
    start: |values, allow_short| Box::new(Momentum::new(values, allow_short)),
    signals,
    form,
    stops: no_stops,
};

#[derive(Debug, Clone)]
struct Decision {
    enter: f64,
    leave: f64,
    held: Held,
}

impl Decision {
    fn new(values: &Values, allow_short: bool) -> Self {
        Self {
            enter: values.number("entry_threshold"),
            leave: values.number("exit_threshold"),
            held: Held::new(allow_short),
        }
    }

    fn step(&mut self, momentum: f64) -> Signal {
        let wish = |momentum: f64| Wish {
            enter: momentum > self.enter,
            leave: momentum < self.leave,
        };
        let (long, short) = (wish(momentum), wish(-momentum));
        self.held.step(long, short)
    }
}

#[derive(Debug, Clone)]
struct Momentum {
    lookback: usize,
    recent: VecDeque<f64>,
    decision: Decision,
}

impl Momentum {
    fn new(values: &Values, allow_short: bool) -> Self {
        Self {
            lookback: values.whole("lookback_period"),
            recent: VecDeque::new(),
            decision: Decision::new(values, allow_short),
        }
    }
}

impl Strategy for Momentum {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        let earlier = if self.recent.len() == self.lookback {
            self.recent.pop_front()
        } else {
            None
        };
        self.recent.push_back(bar.close);
        let earlier = earlier.unwrap_or(f64::NAN);
        self.decision.step(growth(bar.close, earlier))
    }
}

fn signals(values: &Values, allow_short: bool, columns: &Columns<'_>) -> Vec<Signal> {
    let mut decision = Decision::new(values, allow_short);
    let lookback = values.whole("lookback_period");
    momenta(&columns.close, lookback)
        .iter()
        .map(|momentum| decision.step(*momentum))
        .collect()
}

fn growth(close: f64, earlier: f64) -> f64 {
    close / earlier - 1.0
}

/// Momentum per bar; NaN for the first `lookback` ones.
pub(super) fn momenta(close: &[f64], lookback: usize) -> Vec<f64> {
    let undefined = std::iter::repeat_n(f64::NAN, close.len().min(lookback));
    let later = close.iter().skip(lookback).zip(close);
    undefined
        .chain(later.map(|(close, earlier)| growth(*close, *earlier)))
        .collect()
}

fn form(values: &Values) -> Form {
    let momentum = Column::Momentum(values.whole("lookback_period"));
    Form::held(
        vec![momentum.is_level(Is::Above, values.number("entry_threshold"))],
        vec![momentum.is_level(Is::Below, values.number("exit_threshold"))],
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{closes, given, rule};
    use super::*;
    use Signal::{Flat, Long, Short};

    #[test]
    fn entered_above_one_threshold_left_below_the_other() {
        let parameters = given(&[
            ("lookback_period", "2"),
            ("entry_threshold", "0.1"),
            ("exit_threshold", "-0.05"),
        ]);
        // Momentum: -, -, 0.2, 0, -0.075, -0.2
        let bars = closes(&[100.0, 100.0, 120.0, 100.0, 111.0, 80.0]);
        let columns = Columns::of(&bars);
        let momentum = rule("momentum", &parameters);
        let wanted = [Flat, Flat, Long, Long, Flat, Flat];
        assert_eq!(momentum.signals(false, &columns), wanted);
        assert_eq!(momentum.signals(true, &columns)[5], Short);
    }
}
