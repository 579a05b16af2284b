//! RSI reversion: buy weakness, leave when strength has come back to the middle.
//!
//! Per closed bar, with RSI over the closes: flat becomes long when RSI < `lower` (with the trend
//! filter also close > moving average), and, where shorts are allowed, short when RSI > `upper`
//! (close < moving average). Long becomes flat when RSI >= `exit_lower`, short when RSI <=
//! `exit_upper`; in the bar of such an exit the opposite side may be entered at once. Until the
//! indicators are defined the signal is flat.

use super::columns::Columns;
use super::form::{Column, Form, Is};
use super::held::{Held, Wish};
use super::indicators::average::{Sma, sma};
use super::indicators::rsi::{Rsi, rsi};
use super::kind::{Condition, Kind, Spec, no_stops};
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::market::bar::Bar;

/// `rsi_reversion`.
pub static KIND: Kind = Kind {
    name: "rsi_reversion",
    rule: "Flat becomes long when RSI < `lower`; long becomes flat when RSI >= `exit_lower`. Short \
           when RSI > `upper`, until RSI <= `exit_upper`. With the trend filter, long only with the \
           close above its moving average, short only below. RSI = 100 G / (G + L), with G and L the \
           smoothed gains and losses of the closes, `avg = avg + (x - avg) / n` started with the \
           first change; without a loss 100, without a gain 0, on a flat line 50.",
    source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978, chapter 6",
    specs: &[
        Spec::window("rsi_window", "changes in the RSI", None),
        Spec::number("lower", "buy below", ("0", "100"), None),
        Spec::number("upper", "sell short above", ("0", "100"), None),
        Spec::number(
            "exit_lower",
            "leave a long position at or above",
            ("0", "100"),
            Some("50"),
        ),
        Spec::number(
            "exit_upper",
            "leave a short position at or below",
            ("0", "100"),
            Some("50"),
        ),
        Spec::flag(
            "use_trend_filter",
            "enter long only above, short only below the moving average",
            false,
        ),
        Spec::window("trend_ma_window", "bars of the moving average", Some(50)),
        Spec::flag(
            "use_wilder",
            "Wilder's smoothing; otherwise plain means",
            true,
        ),
    ],
    conditions: &[
        Condition {
            parameter: "exit_lower",
            other: "lower",
            wanted: "at least `lower`",
            holds: |v| v.decimal("exit_lower") >= v.decimal("lower"),
        },
        Condition {
            parameter: "exit_upper",
            other: "upper",
            wanted: "at most `upper`",
            holds: |v| v.decimal("exit_upper") <= v.decimal("upper"),
        },
        Condition {
            parameter: "upper",
            other: "lower",
            wanted: "above `lower`",
            holds: |v| v.decimal("upper") > v.decimal("lower"),
        },
    ],
    warm_up,
    start: |values, allow_short| Box::new(RsiReversion::new(values, allow_short)),
    signals,
    form,
    stops: no_stops,
};

fn warm_up(values: &Values) -> usize {
    let strength = values.whole("rsi_window") + 1;
    if values.flag("use_trend_filter") {
        strength.max(values.whole("trend_ma_window"))
    } else {
        strength
    }
}

fn form(values: &Values) -> Form {
    let strength = Column::Strength {
        window: values.whole("rsi_window"),
        wilder: values.flag("use_wilder"),
    };
    let mut enter = vec![strength.is_level(Is::Below, values.number("lower"))];
    if values.flag("use_trend_filter") {
        let mean = Column::Mean(values.whole("trend_ma_window"));
        enter.push(Column::Close.is(Is::Above, mean));
    }
    let leave = strength.is_level(Is::AtLeast, values.number("exit_lower"));
    Form::held(enter, vec![leave])
}

/// The decision, once the indicators are known.
#[derive(Debug, Clone)]
struct Decision {
    lower: f64,
    upper: f64,
    exit_lower: f64,
    exit_upper: f64,
    held: Held,
}

impl Decision {
    fn new(values: &Values, allow_short: bool) -> Self {
        Self {
            lower: values.number("lower"),
            upper: values.number("upper"),
            exit_lower: values.number("exit_lower"),
            exit_upper: values.number("exit_upper"),
            held: Held::new(allow_short),
        }
    }

    /// `above` and `below`: the filter lets longs, shorts through.
    fn step(&mut self, rsi: f64, above: bool, below: bool) -> Signal {
        let long = Wish {
            enter: rsi < self.lower && above,
            leave: rsi >= self.exit_lower,
        };
        let short = Wish {
            enter: rsi > self.upper && below,
            leave: rsi <= self.exit_upper,
        };
        self.held.step(long, short)
    }
}

/// The rule while it runs.
#[derive(Debug, Clone)]
struct RsiReversion {
    rsi: Rsi,
    average: Option<Sma>,
    decision: Decision,
}

impl RsiReversion {
    fn new(values: &Values, allow_short: bool) -> Self {
        Self {
            rsi: Rsi::new(values.whole("rsi_window"), values.flag("use_wilder")),
            average: values
                .flag("use_trend_filter")
                .then(|| Sma::new(values.whole("trend_ma_window"))),
            decision: Decision::new(values, allow_short),
        }
    }
}

impl Strategy for RsiReversion {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        let rsi = self.rsi.push(bar.close);
        let (above, below) = match &mut self.average {
            None => (true, true),
            Some(average) => {
                let mean = average.push(bar.close);
                (bar.close > mean, bar.close < mean)
            }
        };
        self.decision.step(rsi, above, below)
    }
}

fn signals(values: &Values, allow_short: bool, columns: &Columns<'_>) -> Vec<Signal> {
    let mut decision = Decision::new(values, allow_short);
    let window = values.whole("rsi_window");
    let strengths = rsi(&columns.close, window, values.flag("use_wilder"));
    if !values.flag("use_trend_filter") {
        return strengths
            .iter()
            .map(|rsi| decision.step(*rsi, true, true))
            .collect();
    }
    let means = sma(&columns.close, values.whole("trend_ma_window"));
    strengths
        .iter()
        .zip(columns.close.iter().zip(&means))
        .map(|(rsi, (close, mean))| decision.step(*rsi, close > mean, close < mean))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{closes, given, rule};
    use super::*;
    use Signal::{Flat, Long, Short};

    fn signals(filter: bool, short: bool, prices: &[f64]) -> Vec<Signal> {
        let mut parameters = given(&[("rsi_window", "2"), ("lower", "25"), ("upper", "75")]);
        parameters.extend(given(&[
            ("use_wilder", "false"),
            ("trend_ma_window", "3"),
            ("use_trend_filter", if filter { "true" } else { "false" }),
        ]));
        rule("rsi_reversion", &parameters).signals(short, &Columns::of(&closes(prices)))
    }

    #[test]
    fn long_below_the_band_until_the_middle() {
        // RSI(2), plain: -, -, 0, 1/(1+2) = 33, 3/(3+0) = 100
        let prices = [10.0, 9.0, 7.0, 8.0, 10.0];
        assert_eq!(
            signals(false, false, &prices),
            [Flat, Flat, Long, Long, Flat]
        );
    }

    #[test]
    fn with_shorts_the_exit_bar_may_turn_round() {
        let prices = [10.0, 9.0, 7.0, 8.0, 10.0];
        assert_eq!(
            signals(false, true, &prices),
            [Flat, Flat, Long, Long, Short]
        );
    }

    #[test]
    fn a_pure_rise_is_100_and_sells_short() {
        let prices = [1.0, 2.0, 3.0];
        assert_eq!(signals(false, true, &prices), [Flat, Flat, Short]);
        assert_eq!(signals(false, false, &prices), [Flat, Flat, Flat]);
    }

    #[test]
    fn the_trend_filter_keeps_out_of_a_falling_market() {
        let falling = [10.0, 9.0, 7.0, 6.0];
        assert_eq!(signals(true, false, &falling), [Flat; 4]);
        assert_eq!(signals(false, false, &falling)[3], Long);
    }
}
