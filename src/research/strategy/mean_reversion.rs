//! Mean reversion: buy far below the mean, in standard deviations, and leave when it is reached.

use super::columns::Columns;
use super::form::{Column, Form, Is};
use super::held::{Held, Wish};
use super::indicators::deviation::{Deviation, Divisor, deviations, score};
use super::kind::{Condition, Kind, Spec, no_stops};
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::market::bar::Bar;

/// `mean_reversion`.
pub static KIND: Kind = Kind {
    name: "mean_reversion",
    rule: "z = (close - mean) / sample standard deviation, over the last `lookback` closes; 0 where \
           they are all equal. Flat becomes long when z < `entry_threshold`; long becomes flat when z \
           >= `exit_threshold`. Short is the mirror image, with -z.",
    source: "E. P. Chan, Algorithmic Trading, 2013, chapter 2: the Bollinger-band form of mean \
             reversion",
    specs: &[
        Spec::window("lookback", "closes in mean and deviation", Some(20)),
        Spec::number(
            "entry_threshold",
            "enter below, standard deviations",
            ("-10", "0"),
            Some("-2"),
        ),
        Spec::number(
            "exit_threshold",
            "leave at or above, standard deviations",
            ("-10", "10"),
            Some("0"),
        ),
    ],
    conditions: &[Condition {
        parameter: "exit_threshold",
        other: "entry_threshold",
        wanted: "above `entry_threshold`",
        holds: |v| v.decimal("exit_threshold") > v.decimal("entry_threshold"),
    }],
    warm_up: |values| values.whole("lookback"),
    start: |values, allow_short| Box::new(MeanReversion::new(values, allow_short)),
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

    fn step(&mut self, close: f64, mean: f64, deviation: f64) -> Signal {
        let z = score(close, mean, deviation);
        let wish = |z: f64| Wish {
            enter: z < self.enter,
            leave: z >= self.leave,
        };
        let (long, short) = (wish(z), wish(-z));
        self.held.step(long, short)
    }
}

#[derive(Debug, Clone)]
struct MeanReversion {
    deviation: Deviation,
    decision: Decision,
}

impl MeanReversion {
    fn new(values: &Values, allow_short: bool) -> Self {
        Self {
            deviation: Deviation::new(values.whole("lookback"), Divisor::Sample),
            decision: Decision::new(values, allow_short),
        }
    }
}

impl Strategy for MeanReversion {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        let (mean, deviation) = self.deviation.push(bar.close);
        self.decision.step(bar.close, mean, deviation)
    }
}

fn signals(values: &Values, allow_short: bool, columns: &Columns<'_>) -> Vec<Signal> {
    let mut decision = Decision::new(values, allow_short);
    let (means, spreads) = deviations(&columns.close, values.whole("lookback"), Divisor::Sample);
    columns
        .close
        .iter()
        .zip(means.iter().zip(&spreads))
        .map(|(close, (mean, deviation))| decision.step(*close, *mean, *deviation))
        .collect()
}

fn form(values: &Values) -> Form {
    let score = Column::Score {
        window: values.whole("lookback"),
        divisor: Divisor::Sample,
    };
    Form::held(
        vec![score.is_level(Is::Below, values.number("entry_threshold"))],
        vec![score.is_level(Is::AtLeast, values.number("exit_threshold"))],
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{closes, given, rule};
    use super::*;
    use Signal::{Flat, Long, Short};

    /// Bar 4: 10, 10, 10, 6: mean 9, sample deviation 2, z -1.5. Bar 5: 10, 10, 6, 8: mean 8.5,
    /// z -0.26. Bar 6: 10, 6, 8, 8: mean 8, z 0. Bar 7: 6, 8, 8, 12: mean 8.5, deviation 2.52, z 1.39.
    #[test]
    fn entered_far_below_the_mean_left_at_it() {
        let parameters = given(&[("lookback", "4"), ("entry_threshold", "-1.3")]);
        let reversion = rule("mean_reversion", &parameters);
        let bars = closes(&[10.0, 10.0, 10.0, 6.0, 8.0, 8.0, 12.0]);
        let columns = Columns::of(&bars);
        let wanted = [Flat, Flat, Flat, Long, Long, Flat, Flat];
        assert_eq!(reversion.signals(false, &columns), wanted);
        assert_eq!(reversion.signals(true, &columns)[6], Short);
    }
}
