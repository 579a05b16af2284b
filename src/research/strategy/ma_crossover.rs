//! Moving averages: long exactly while the fast one is above the slow one.
//!
//! A state, not an event: the position ends with the first close at which the fast average is no
//! longer above. `ma_crossover` and `ma_trend` are two names of this rule.

use super::columns::Columns;
use super::form::{Column, Form, Is};
use super::held::while_holding;
use super::indicators::average::{Sma, sma};
use super::kind::{Condition, Kind, Spec, no_stops};
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::market::bar::Bar;

const RULE: &str = "Long exactly while the fast simple moving average of the closes is above the slow \
                    one; short exactly while it is below.";
const SOURCE: &str = "W. Brock, J. Lakonishok and B. LeBaron, Journal of Finance 47 (5), 1992: the \
                      variable-length moving average rule";
const SPECS: &[Spec] = &[
    Spec::window("fast_window", "bars of the fast average", Some(20)),
    Spec::window("slow_window", "bars of the slow average", Some(50)),
];
const CONDITIONS: &[Condition] = &[Condition {
    parameter: "fast_window",
    other: "slow_window",
    wanted: "below `slow_window`",
    holds: |v| v.decimal("fast_window") < v.decimal("slow_window"),
}];

/// `ma_crossover`.
pub static CROSSOVER: Kind = named("ma_crossover");
/// `ma_trend`.
pub static TREND: Kind = named("ma_trend");

const fn named(name: &'static str) -> Kind {
    Kind {
        name,
        rule: RULE,
        source: SOURCE,
        specs: SPECS,
        conditions: CONDITIONS,
        warm_up: |values| values.whole("slow_window"),
        start: |values, allow_short| Box::new(MaCrossover::new(values, allow_short)),
        signals,
        form,
        stops: no_stops,
    }
}

#[derive(Debug, Clone)]
struct MaCrossover {
    fast: Sma,
    slow: Sma,
    allow_short: bool,
}

impl MaCrossover {
    fn new(values: &Values, allow_short: bool) -> Self {
        Self {
            fast: Sma::new(values.whole("fast_window")),
            slow: Sma::new(values.whole("slow_window")),
            allow_short,
        }
    }
}

impl Strategy for MaCrossover {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        let (fast, slow) = (self.fast.push(bar.close), self.slow.push(bar.close));
        while_holding(fast > slow, fast < slow, self.allow_short)
    }
}

fn signals(values: &Values, allow_short: bool, columns: &Columns<'_>) -> Vec<Signal> {
    let fast = sma(&columns.close, values.whole("fast_window"));
    let slow = sma(&columns.close, values.whole("slow_window"));
    fast.iter()
        .zip(&slow)
        .map(|(fast, slow)| while_holding(fast > slow, fast < slow, allow_short))
        .collect()
}

fn form(values: &Values) -> Form {
    let [fast, slow] = ["fast_window", "slow_window"].map(|name| Column::Mean(values.whole(name)));
    Form::While(vec![fast.is(Is::Above, slow)])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{closes, given, rule};
    use super::*;
    use Signal::{Flat, Long, Short};

    fn signals(kind: &str, short: bool, prices: &[f64]) -> Vec<Signal> {
        let parameters = given(&[("fast_window", "2"), ("slow_window", "3")]);
        rule(kind, &parameters).signals(short, &Columns::of(&closes(prices)))
    }

    #[test]
    fn the_position_ends_with_the_condition() {
        // SMA(2): -, 1.5, 2.5, 3.5, 2.5, 1.5. SMA(3): -, -, 2, 3, 8/3, 2.
        let prices = [1.0, 2.0, 3.0, 4.0, 1.0, 2.0];
        let wanted = [Flat, Flat, Long, Long, Flat, Flat];
        for kind in ["ma_crossover", "ma_trend"] {
            assert_eq!(signals(kind, false, &prices), wanted);
            assert_eq!(signals(kind, true, &prices)[4..], [Short, Short]);
        }
    }

    /// A rule that never leaves holds one position over all of these 33 waves.
    #[test]
    fn every_down_cross_ends_a_position() {
        let wave: Vec<f64> = (0..33 * 12 + 6)
            .map(|bar| 100.0 + f64::from((bar % 12 - 6_i32).abs()))
            .collect();
        let seen = signals("ma_trend", false, &wave);
        let exits = seen.windows(2).filter(|w| w == &[Long, Flat]).count();
        assert_eq!(exits, 33);
    }

    #[test]
    fn equal_averages_are_flat() {
        assert_eq!(signals("ma_trend", true, &[5.0; 6]), [Flat; 6]);
    }
}
