//! Volatility regime: in the market while its volatility is in a band of its recent past.
//!
//! It says nothing about direction; it is meant as a component of a composite.

use std::collections::VecDeque;

use super::columns::Columns;
use super::form::{Column, Form, Is};
use super::indicators::average::push_bounded;
use super::indicators::deviation::{Deviation, Divisor, deviations};
use super::indicators::range::{Atr, atr};
use super::indicators::rank::{Rank, ranks};
use super::indicators::window_sums;
use super::kind::{Condition, Kind, Spec, Takes, no_stops};
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::market::bar::Bar;

/// `vol_regime_filter`.
pub static KIND: Kind = Kind {
    name: "vol_regime_filter",
    rule: "The volatility over `vol_window` bars is ranked among its last `lookback_percentile` values, \
           itself included: percentile = 100 (below + equal / 2) / n. Long while the percentile is from \
           `vol_percentile_low` to `vol_percentile_high`; never short. Measures: `atr` is Wilder's \
           average true range over the close, `std` the sample standard deviation of the returns, \
           `realized` the root of the mean squared log return.",
    source: "J. W. Wilder, 1978 (true range); T. G. Andersen and T. Bollerslev, International Economic \
             Review 39 (4), 1998 (realized volatility)",
    specs: &[
        Spec::window("vol_window", "bars of the volatility", Some(20)),
        Spec {
            name: "vol_method",
            meaning: "measure of volatility",
            takes: Takes::Word {
                of: &["atr", "std", "realized"],
                default: "atr",
            },
        },
        Spec::number(
            "vol_percentile_low",
            "least percentile",
            ("0", "100"),
            Some("25"),
        ),
        Spec::number(
            "vol_percentile_high",
            "greatest percentile",
            ("0", "100"),
            Some("75"),
        ),
        Spec::window(
            "lookback_percentile",
            "values among which the percentile is taken",
            Some(100),
        ),
    ],
    conditions: &[Condition {
        parameter: "vol_percentile_high",
        other: "vol_percentile_low",
        wanted: "above `vol_percentile_low`",
        holds: |v| v.decimal("vol_percentile_high") > v.decimal("vol_percentile_low"),
    }],
    // All three measures need one bar more than their window.
    warm_up: |values| values.whole("vol_window") + values.whole("lookback_percentile"),
    start: |values, _| Box::new(VolRegime::new(values)),
    signals,
    form,
    stops: no_stops,
};

#[derive(Debug, Clone)]
struct Band {
    low: f64,
    high: f64,
}

impl Band {
    fn new(values: &Values) -> Self {
        Self {
            low: values.number("vol_percentile_low"),
            high: values.number("vol_percentile_high"),
        }
    }

    fn signal(&self, percentile: f64) -> Signal {
        if percentile >= self.low && percentile <= self.high {
            Signal::Long
        } else {
            Signal::Flat
        }
    }
}

fn simple(close: f64, before: f64) -> f64 {
    close / before - 1.0
}

fn log_square(close: f64, before: f64) -> f64 {
    let change = libm::log(close / before);
    change * change
}

/// How volatility is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Wilder's average true range over the close.
    Atr,
    /// Sample standard deviation of the returns.
    Std,
    /// Root of the mean squared log return.
    Realized,
}

impl Measure {
    fn of(values: &Values) -> Self {
        match values.word("vol_method") {
            "std" => Self::Std,
            "realized" => Self::Realized,
            _ => Self::Atr,
        }
    }
}

#[derive(Debug, Clone)]
enum Gauge {
    Atr(Atr),
    Std(Deviation),
    Realized {
        window: usize,
        squares: VecDeque<f64>,
    },
}

impl Gauge {
    fn new(values: &Values) -> Self {
        let window = values.whole("vol_window");
        match Measure::of(values) {
            Measure::Std => Self::Std(Deviation::new(window, Divisor::Sample)),
            Measure::Realized => Self::Realized {
                window,
                squares: VecDeque::new(),
            },
            Measure::Atr => Self::Atr(Atr::new(window)),
        }
    }

    fn push(&mut self, bar: &Bar, before: Option<f64>) -> f64 {
        match (self, before) {
            (Self::Atr(atr), _) => atr.push(bar.high, bar.low, bar.close) / bar.close,
            (Self::Std(_) | Self::Realized { .. }, None) => f64::NAN,
            (Self::Std(deviation), Some(before)) => deviation.push(simple(bar.close, before)).1,
            (Self::Realized { window, squares }, Some(before)) => {
                push_bounded(squares, log_square(bar.close, before), *window);
                if squares.len() < *window {
                    return f64::NAN;
                }
                let sum = squares.iter().fold(0.0, |sum, x| sum + x);
                (sum / *window as f64).sqrt()
            }
        }
    }
}

#[derive(Debug, Clone)]
struct VolRegime {
    gauge: Gauge,
    close: Option<f64>,
    rank: Rank,
    band: Band,
}

impl VolRegime {
    fn new(values: &Values) -> Self {
        Self {
            gauge: Gauge::new(values),
            close: None,
            rank: Rank::new(values.whole("lookback_percentile")),
            band: Band::new(values),
        }
    }
}

impl Strategy for VolRegime {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        let before = self.close.replace(bar.close);
        let volatility = self.gauge.push(bar, before);
        if volatility.is_nan() {
            return Signal::Flat;
        }
        self.band.signal(self.rank.push(volatility))
    }
}

/// The volatility per bar; NaN until `window` bars and the one before them were seen.
pub(super) fn volatility(measure: Measure, window: usize, columns: &Columns<'_>) -> Vec<f64> {
    let close = &columns.close;
    // One value per bar; the first has no bar before it.
    let changes = |of: fn(f64, f64) -> f64| -> Vec<f64> {
        let first = close.first().map(|_| f64::NAN);
        let later = close.iter().skip(1).zip(close).map(|(c, b)| of(*c, *b));
        first.into_iter().chain(later).collect()
    };
    match measure {
        Measure::Std => deviations(&changes(simple), window, Divisor::Sample).1,
        Measure::Realized => window_sums(&changes(log_square), window)
            .iter()
            .map(|sum| (sum / window as f64).sqrt())
            .collect(),
        Measure::Atr => atr(&columns.high, &columns.low, close, window)
            .iter()
            .zip(close)
            .map(|(range, close)| range / close)
            .collect(),
    }
}

fn signals(values: &Values, _: bool, columns: &Columns<'_>) -> Vec<Signal> {
    let band = Band::new(values);
    let volatility = volatility(Measure::of(values), values.whole("vol_window"), columns);
    ranks(&volatility, values.whole("lookback_percentile"))
        .iter()
        .map(|percentile| band.signal(*percentile))
        .collect()
}

fn form(values: &Values) -> Form {
    let rank = Column::VolRank {
        measure: Measure::of(values),
        window: values.whole("vol_window"),
        among: values.whole("lookback_percentile"),
    };
    Form::While(vec![
        rank.is_level(Is::AtLeast, values.number("vol_percentile_low")),
        rank.is_level(Is::AtMost, values.number("vol_percentile_high")),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{closes, given, rule};
    use super::*;
    use Signal::{Flat, Long};

    /// Moves of 1, 1, 9, 9 and 4 %: over two of them the volatility is low, middle, high, middle.
    const CLOSES: [f64; 6] = [100.0, 101.0, 102.0, 111.2, 121.2, 126.2];

    fn signals(method: &str, low: &str, high: &str) -> Vec<Signal> {
        let mut parameters = given(&[("vol_window", "2"), ("lookback_percentile", "3")]);
        parameters.extend(given(&[("vol_method", method)]));
        parameters.extend(given(&[
            ("vol_percentile_low", low),
            ("vol_percentile_high", high),
        ]));
        let filter = rule("vol_regime_filter", &parameters);
        assert_eq!(filter.warm_up(), 5);
        filter.signals(true, &Columns::of(&closes(&CLOSES)))
    }

    #[test]
    fn in_the_market_while_the_percentile_is_in_the_band() {
        // realized: 1.0, 6.1, 8.6, 6.7 %. atr: 0.010, 0.046, 0.062, 0.050. Bar 5 is the highest of
        // three, percentile 83.3; bar 6 is between the two before, 50.
        for method in ["realized", "atr"] {
            assert_eq!(signals(method, "60", "100")[4..], [Long, Flat], "{method}");
            assert_eq!(signals(method, "40", "60")[4..], [Flat, Long], "{method}");
        }
        assert_eq!(
            signals("std", "0", "100"),
            [Flat, Flat, Flat, Flat, Long, Long]
        );
    }

    #[test]
    fn smoothing_and_window_start_with_the_second_bar() {
        let bars = closes(&CLOSES);
        for method in ["atr", "std", "realized"] {
            let parameters = given(&[("vol_window", "2"), ("vol_method", method)]);
            let values = Values::resolve(&KIND, &parameters).unwrap();
            let measured = volatility(Measure::of(&values), 2, &Columns::of(&bars));
            let first = measured.iter().position(|x| !x.is_nan());
            assert_eq!(first, Some(2), "{method}");
        }
        // The return over two bars of 1 % and 0.99 %: the root of their mean square.
        let parameters = given(&[("vol_window", "2"), ("vol_method", "realized")]);
        let values = Values::resolve(&KIND, &parameters).unwrap();
        let measured = volatility(Measure::of(&values), 2, &Columns::of(&bars))[2];
        let by_hand = ((1.01_f64.ln().powi(2) + (102.0_f64 / 101.0).ln().powi(2)) / 2.0).sqrt();
        assert!((measured - by_hand).abs() < 1e-15);
    }
}
