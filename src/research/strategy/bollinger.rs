//! Bollinger bands: buy below the lower band, leave at the middle.

use super::columns::Columns;
use super::form::{Column, Form, Is};
use super::held::{Held, Wish};
use super::indicators::deviation::{Deviation, Divisor, deviations, score};
use super::kind::{Kind, Spec, no_stops};
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::market::bar::Bar;

/// `bollinger`.
pub static KIND: Kind = Kind {
    name: "bollinger",
    rule: "Middle m = mean of the last `bb_period` closes, bands m +/- `bb_std` x their population \
           standard deviation. Flat becomes long when the close is below the lower band; long becomes \
           flat when the close is at or above the middle. Short above the upper band, until at or \
           below the middle.",
    source: "J. Bollinger, Bollinger on Bollinger Bands, 2001",
    specs: &[
        Spec::window("bb_period", "bars of the bands", Some(20)),
        Spec::number(
            "bb_std",
            "standard deviations from the middle to a band",
            ("0.1", "10"),
            Some("2"),
        ),
    ],
    conditions: &[],
    warm_up: |values| values.whole("bb_period"),
    start: |values, allow_short| Box::new(Bollinger::new(values, allow_short)),
    signals,
    form,
    stops: no_stops,
};

#[derive(Debug, Clone)]
struct Decision {
    width: f64,
    held: Held,
}

impl Decision {
    fn step(&mut self, close: f64, middle: f64, deviation: f64) -> Signal {
        let z = score(close, middle, deviation);
        let long = Wish {
            enter: z < -self.width,
            leave: z >= 0.0,
        };
        let short = Wish {
            enter: z > self.width,
            leave: z <= 0.0,
        };
        self.held.step(long, short)
    }
}

fn decision(values: &Values, allow_short: bool) -> Decision {
    Decision {
        width: values.number("bb_std"),
        held: Held::new(allow_short),
    }
}

#[derive(Debug, Clone)]
struct Bollinger {
    deviation: Deviation,
    decision: Decision,
}

impl Bollinger {
    fn new(values: &Values, allow_short: bool) -> Self {
        Self {
            deviation: Deviation::new(values.whole("bb_period"), Divisor::Population),
            decision: decision(values, allow_short),
        }
    }
}

impl Strategy for Bollinger {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        let (middle, deviation) = self.deviation.push(bar.close);
        self.decision.step(bar.close, middle, deviation)
    }
}

fn signals(values: &Values, allow_short: bool, columns: &Columns<'_>) -> Vec<Signal> {
    let mut decision = decision(values, allow_short);
    let window = values.whole("bb_period");
    let (middle, deviation) = deviations(&columns.close, window, Divisor::Population);
    columns
        .close
        .iter()
        .zip(middle.iter().zip(&deviation))
        .map(|(close, (middle, deviation))| decision.step(*close, *middle, *deviation))
        .collect()
}

fn form(values: &Values) -> Form {
    let score = Column::Score {
        window: values.whole("bb_period"),
        divisor: Divisor::Population,
    };
    Form::held(
        vec![score.is_level(Is::Below, -values.number("bb_std"))],
        vec![score.is_level(Is::AtLeast, 0.0)],
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{closes, given, rule};
    use super::*;
    use Signal::{Flat, Long, Short};

    /// Bar 4: closes 10, 10, 10, 6: middle 9, deviation sqrt((1 + 1 + 1 + 9) / 4) = 1.73, lower band
    /// at 1.5 deviations 6.40. Bar 5: 10, 10, 6, 7: middle 8.25, deviation 1.79, no exit. Bar 6: 10,
    /// 6, 7, 8: middle 7.75, left. Bar 7: 6, 7, 8, 11: middle 8, deviation 1.87, upper band 10.81.
    #[test]
    fn entered_beyond_the_band_left_at_the_middle() {
        let bollinger = rule(
            "bollinger",
            &given(&[("bb_period", "4"), ("bb_std", "1.5")]),
        );
        let bars = closes(&[10.0, 10.0, 10.0, 6.0, 7.0, 8.0, 11.0]);
        let columns = Columns::of(&bars);
        let wanted = [Flat, Flat, Flat, Long, Long, Flat, Flat];
        assert_eq!(bollinger.signals(false, &columns), wanted);
        assert_eq!(bollinger.signals(true, &columns)[6], Short);
    }
}
