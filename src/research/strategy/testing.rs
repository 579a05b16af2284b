//! What the tests of several rules share: parameters, bars and walks.

use std::collections::BTreeMap;

use super::kind::{Kind, Takes};
use super::registry::Rule;
use crate::kernel::decimal::Decimal;
use crate::kernel::time::UtcTime;
use crate::research::market::bar::Bar;
use crate::research::portfolio::configuration::{ComponentParameter, Parameter, Word};

/// Parameters as texts: `true` and `false` are flags, what reads as a number is one, else a word.
pub(crate) fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, Parameter> {
    let value = |text: &str| match text {
        "true" => Parameter::Flag(true),
        "false" => Parameter::Flag(false),
        _ => text.parse().map_or_else(
            |_| Parameter::Word(Word::new(text).unwrap()),
            Parameter::Number,
        ),
    };
    pairs
        .iter()
        .map(|(name, text)| ((*name).to_owned(), value(text)))
        .collect()
}

/// A rule that must exist.
pub(crate) fn rule(kind: &str, parameters: &BTreeMap<String, Parameter>) -> Rule {
    Rule::new(kind, parameters).unwrap()
}

/// One component of a composite.
pub(crate) fn component(kind: &str, weight: &str, pairs: &[(&str, &str)]) -> ComponentParameter {
    ComponentParameter {
        kind: kind.to_owned(),
        weight: weight.parse().unwrap(),
        parameters: given(pairs),
    }
}

/// The parameter `components`: `kinds` with their defaults, all of weight 1.
pub(crate) fn components(kinds: &[&str]) -> (String, Parameter) {
    let parts = kinds.iter().map(|kind| component(kind, "1", &[]));
    (
        "components".to_owned(),
        Parameter::Components(parts.collect()),
    )
}

/// Hourly bars from high, low and close; each opens at the close before, as far as its range holds
/// that.
pub(crate) fn bars(ranges: &[(f64, f64, f64)]) -> Vec<Bar> {
    let mut before = ranges.first().map_or(1.0, |first| first.2);
    ranges
        .iter()
        .enumerate()
        .map(|(index, &(high, low, close))| {
            let open = before.clamp(low, high);
            before = close;
            Bar {
                time: UtcTime::EPOCH.plus_millis(index as i64 * 3_600_000),
                open,
                high,
                low,
                close,
                volume: 1.0,
            }
        })
        .collect()
}

/// Hourly bars that reach no further than from close to close.
pub(crate) fn closes(prices: &[f64]) -> Vec<Bar> {
    let mut before = prices.first().copied().unwrap_or(1.0);
    let range = |close: &f64| {
        let range = (close.max(before), close.min(before), *close);
        before = *close;
        range
    };
    bars(&prices.iter().map(range).collect::<Vec<_>>())
}

/// A random walk without drift: every bar opens at the close before, and the expected close is the
/// open. Steps have two sizes, volatility comes in spells, some bars do not move at all.
pub(crate) fn walk(seed: u64, count: usize) -> Vec<Bar> {
    // Not a multiple of the step below: walks of neighbouring seeds must not be parts of one another.
    let mut state = seed.wrapping_add(1).wrapping_mul(0xd134_2543_de82_ef95);
    // SplitMix64 (Steele, Lea and Flood, 2014); the upper bits as a number in [0, 1).
    let mut uniform = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    };
    let mut close = 100.0_f64;
    let mut ranges = Vec::with_capacity(count);
    for index in 0..count {
        let wild = if (index / 50) % 3 == 1 { 0.03 } else { 0.01 };
        let step = match uniform() {
            x if x < 0.05 => 0.0,
            x if x < 0.5 => wild * 0.5,
            _ => wild,
        };
        let open = close;
        close *= if uniform() < 0.5 {
            1.0 + step
        } else {
            1.0 - step
        };
        let high = open.max(close) * (1.0 + 0.004 * uniform());
        let low = open.min(close) * (1.0 - 0.004 * uniform());
        ranges.push((high, low, close));
    }
    bars(&ranges)
}

/// Parameters inside the declared ranges, windows short, from one number per parameter.
pub(crate) fn drawn(kind: &Kind, draws: &[u32]) -> BTreeMap<String, Parameter> {
    let number = |n: Decimal| Parameter::Number(n);
    let value = |(takes, draw): (&Takes, u32)| match takes {
        Takes::Flag { .. } => Parameter::Flag(draw % 2 == 0),
        Takes::Whole { from, .. } => number(Decimal::from_int(i64::from(from + draw % 25))),
        Takes::Number { from, to, .. } => {
            let (from, to): (f64, f64) = (from.parse().unwrap(), to.parse().unwrap());
            // Many draws near 0, where thresholds of returns and stops are reached.
            let share = (f64::from(draw % 101) / 100.0).powi(if draw % 3 == 0 { 4 } else { 1 });
            let hundredths = ((from + (to - from) * share) * 100.0).round() / 100.0;
            number(Decimal::from_f64(hundredths).unwrap())
        }
        Takes::Word { of, .. } => {
            let word = of[draw as usize % of.len()];
            Parameter::Word(Word::new(word).unwrap())
        }
        Takes::Components => {
            let pool = [
                component(
                    "ma_trend",
                    "0.5",
                    &[("fast_window", "2"), ("slow_window", "5")],
                ),
                component(
                    "donchian",
                    "0.3",
                    &[("lookback", "4"), ("exit_lookback", "2")],
                ),
                component("bollinger", "0.2", &[("bb_period", "6"), ("bb_std", "1")]),
                component(
                    "breakout",
                    "0.4",
                    &[("lookback_breakout", "3"), ("trailing_stop_pct", "0.04")],
                ),
                component("macd", "1", &[("fast_ema", "2"), ("slow_ema", "4")]),
            ];
            let from = draw as usize % 3;
            let parts = pool.into_iter().skip(from).take(2 + draw as usize % 2);
            Parameter::Components(parts.collect())
        }
    };
    let draws = draws.iter().copied().cycle();
    kind.specs
        .iter()
        .zip(draws)
        .map(|(spec, draw)| (spec.name.to_owned(), value((&spec.takes, draw))))
        .collect()
}

/// Bars on a coarse grid of prices: many equal values, gaps, and bars without a range.
pub(crate) fn gridded(steps: &[(u8, u8, u8)]) -> Vec<Bar> {
    let mut close = 40.0_f64;
    let ranges: Vec<(f64, f64, f64)> = steps
        .iter()
        .map(|(step, up, down)| {
            close = (close + f64::from(step % 7) - 3.0).max(2.0);
            let reach = |x: &u8| f64::from(x % 3) / 2.0;
            (close + reach(up), close - reach(down), close)
        })
        .collect();
    bars(&ranges)
}
