//! What the tests of several rules share: parameters, bars and walks.

use std::collections::BTreeMap;

use super::registry::Rule;
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
