//! Trend following: be in a market that moves in one direction, as Wilder's ADX measures it.
//!
//! A held state: entered and left by conditions on ADX, the directional indicators and, with the
//! filter, the moving average of the closes.

use super::columns::Columns;
use super::form::{Column, Form, Is};
use super::held::{Held, Wish};
use super::indicators::average::{Sma, sma};
use super::indicators::directional::{Directional, Movement, directional};
use super::kind::{Condition, Kind, Spec, no_stops};
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::market::bar::Bar;

/// `trend_following`.
pub static KIND: Kind = Kind {
    name: "trend_following",
    rule: "Flat becomes long when ADX > `adx_threshold` and +DI > -DI and, with the filter, the close \
           is above its moving average; long becomes flat when ADX < `exit_threshold` or -DI > +DI. \
           Short is the mirror image.",
    source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978, chapter 4",
    specs: &[
        Spec::window("adx_period", "changes in +DI, -DI and ADX", Some(14)),
        Spec::number(
            "adx_threshold",
            "enter with an ADX above",
            ("0", "100"),
            Some("25"),
        ),
        Spec::number(
            "exit_threshold",
            "leave with an ADX below",
            ("0", "100"),
            Some("20"),
        ),
        Spec::window("ma_period", "bars of the moving average", Some(50)),
        Spec::flag(
            "use_ma_filter",
            "enter long only above, short only below the moving average",
            true,
        ),
    ],
    conditions: &[Condition {
        parameter: "exit_threshold",
        other: "adx_threshold",
        wanted: "at most `adx_threshold`",
        holds: |v| v.decimal("exit_threshold") <= v.decimal("adx_threshold"),
    }],
    warm_up,
    start: |values, allow_short| Box::new(TrendFollowing::new(values, allow_short)),
    signals,
    form,
    stops: no_stops,
};

fn warm_up(values: &Values) -> usize {
    let index = 2 * values.whole("adx_period");
    if values.flag("use_ma_filter") {
        index.max(values.whole("ma_period"))
    } else {
        index
    }
}

#[derive(Debug, Clone)]
struct Decision {
    enter: f64,
    leave: f64,
    held: Held,
}

impl Decision {
    fn new(values: &Values, allow_short: bool) -> Self {
        Self {
            enter: values.number("adx_threshold"),
            leave: values.number("exit_threshold"),
            held: Held::new(allow_short),
        }
    }

    /// `above` and `below`: the filter lets longs, shorts through.
    fn step(&mut self, movement: Movement, above: bool, below: bool) -> Signal {
        let Movement { plus, minus, adx } = movement;
        let (strong, weak) = (adx > self.enter, adx < self.leave);
        let long = Wish {
            enter: strong && plus > minus && above,
            leave: weak || minus > plus,
        };
        let short = Wish {
            enter: strong && minus > plus && below,
            leave: weak || plus > minus,
        };
        self.held.step(long, short)
    }
}

#[derive(Debug, Clone)]
struct TrendFollowing {
    directional: Directional,
    average: Option<Sma>,
    decision: Decision,
}

impl TrendFollowing {
    fn new(values: &Values, allow_short: bool) -> Self {
        Self {
            directional: Directional::new(values.whole("adx_period")),
            average: values
                .flag("use_ma_filter")
                .then(|| Sma::new(values.whole("ma_period"))),
            decision: Decision::new(values, allow_short),
        }
    }
}

impl Strategy for TrendFollowing {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        let movement = self.directional.push(bar.high, bar.low, bar.close);
        let (above, below) = match &mut self.average {
            None => (true, true),
            Some(average) => {
                let mean = average.push(bar.close);
                (bar.close > mean, bar.close < mean)
            }
        };
        self.decision.step(movement, above, below)
    }
}

fn signals(values: &Values, allow_short: bool, columns: &Columns<'_>) -> Vec<Signal> {
    let mut decision = Decision::new(values, allow_short);
    let Columns {
        high, low, close, ..
    } = columns;
    let (plus, minus, adx) = directional(high, low, close, values.whole("adx_period"));
    let movements = plus
        .iter()
        .zip(&minus)
        .zip(&adx)
        .map(|((plus, minus), adx)| Movement {
            plus: *plus,
            minus: *minus,
            adx: *adx,
        });
    if !values.flag("use_ma_filter") {
        return movements.map(|m| decision.step(m, true, true)).collect();
    }
    let means = sma(close, values.whole("ma_period"));
    movements
        .zip(close.iter().zip(&means))
        .map(|(movement, (close, mean))| decision.step(movement, close > mean, close < mean))
        .collect()
}

fn form(values: &Values) -> Form {
    let n = values.whole("adx_period");
    let (plus, minus, adx) = (Column::Plus(n), Column::Minus(n), Column::Adx(n));
    let mut enter = vec![
        adx.is_level(Is::Above, values.number("adx_threshold")),
        plus.is(Is::Above, minus),
    ];
    if values.flag("use_ma_filter") {
        let mean = Column::Mean(values.whole("ma_period"));
        enter.push(Column::Close.is(Is::Above, mean));
    }
    let leave = vec![
        adx.is_level(Is::Below, values.number("exit_threshold")),
        minus.is(Is::Above, plus),
    ];
    Form::held(enter, leave)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bars, given, rule};
    use super::*;
    use Signal::{Flat, Long, Short};

    fn signals(filter: &str, short: bool, ranges: &[(f64, f64, f64)]) -> Vec<Signal> {
        let mut parameters = given(&[("adx_period", "2"), ("adx_threshold", "50")]);
        parameters.extend(given(&[("exit_threshold", "40"), ("ma_period", "4")]));
        parameters.extend(given(&[("use_ma_filter", filter)]));
        rule("trend_following", &parameters).signals(short, &Columns::of(&bars(ranges)))
    }

    /// The first four bars are those worked out beside the indicator: ADX 60, +DI 21, -DI 32.
    const TURNING: [(f64, f64, f64); 4] = [
        (10.0, 8.0, 9.0),
        (12.0, 9.0, 11.0),
        (14.0, 10.0, 11.0),
        (13.0, 7.0, 8.0),
    ];

    #[test]
    fn the_stronger_indicator_gives_the_side() {
        assert_eq!(signals("false", false, &TURNING), [Flat; 4]);
        assert_eq!(signals("false", true, &TURNING), [Flat, Flat, Flat, Short]);
    }

    /// Rising bars: -DI 0, ADX 100. Then a fall: -DI > +DI ends the position at once.
    #[test]
    fn held_until_the_direction_turns() {
        let rising = |bar: i32| {
            let x = f64::from(bar);
            (11.0 + x, 10.0 + x, 10.5 + x)
        };
        let mut ranges: Vec<_> = (0..6).map(rising).collect();
        ranges.extend([(13.0, 8.0, 8.5), (12.0, 7.0, 7.5)]);
        let wanted = [Flat, Flat, Flat, Long, Long, Long, Flat, Flat];
        assert_eq!(signals("true", false, &ranges), wanted);
        assert_eq!(signals("false", false, &ranges), wanted);
    }
}
