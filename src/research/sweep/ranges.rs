//! What closes, lows and highs did between any two bars, in constant time.
//!
//! # Formula
//! A disjoint sparse table: on level k the bars stand in blocks of 2^(k+1), and every bar holds the
//! summary of all bars between itself and the middle of its block. Two bars differ in their highest
//! bit k exactly where they stand on different sides of a middle of level k, so that two summaries,
//! put together, cover everything between them and nothing twice. The fall needs that: it asks in
//! which order the prices came, so ranges that overlap would not do.
//!
//! # Shapes
//! n bars; both tables hold n summaries per level, and there are about log2 n levels.

/// Closes of consecutive bars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Closes {
    /// The highest.
    pub max: f64,
    /// 1 / `max`.
    pub inverse_max: f64,
    /// The lowest.
    pub min: f64,
    /// The smallest ratio of a close to itself or an earlier one: 0.8 after a fall of 20 %.
    pub fall: f64,
}

impl Closes {
    /// One bar.
    #[must_use]
    pub fn of(close: f64) -> Self {
        Self {
            max: close,
            inverse_max: 1.0 / close,
            min: close,
            fall: 1.0,
        }
    }

    /// This, and `later` after it.
    #[inline(always)]
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            max: larger(self.max, later.max),
            inverse_max: smaller(self.inverse_max, later.inverse_max),
            min: smaller(self.min, later.min),
            fall: smaller(smaller(self.fall, later.fall), later.min * self.inverse_max),
        }
    }
}

/// Extremes inside consecutive bars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wicks {
    /// The lowest low.
    pub low: f64,
    /// The highest high.
    pub high: f64,
}

impl Wicks {
    /// This and `later`.
    #[inline(always)]
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            low: smaller(self.low, later.low),
            high: larger(self.high, later.high),
        }
    }
}

/// Highs and lows of consecutive bars, and how far a low fell below an earlier high.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Falls {
    /// 1 / the highest high.
    pub inverse_high: f64,
    /// The lowest low.
    pub low: f64,
    /// The smallest ratio of a low to the high of an earlier bar; infinite for one bar.
    pub fall: f64,
}

impl Falls {
    /// One bar.
    #[must_use]
    pub fn of(high: f64, low: f64) -> Self {
        Self {
            inverse_high: 1.0 / high,
            low,
            fall: f64::INFINITY,
        }
    }

    /// This, and `later` after it.
    #[inline(always)]
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            inverse_high: smaller(self.inverse_high, later.inverse_high),
            low: smaller(self.low, later.low),
            fall: smaller(
                smaller(self.fall, later.fall),
                later.low * self.inverse_high,
            ),
        }
    }
}

// Prices are never NaN; these are one instruction each, `f64::min` is several.
#[inline(always)]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// Summaries of one kind, ready to be asked.
#[derive(Debug, Clone)]
pub struct Ranges<T> {
    /// Level after level; the first holds the bars themselves.
    levels: Vec<T>,
    bars: usize,
}

impl<T: Copy> Ranges<T> {
    /// From one summary per bar; `then` puts two neighbours together.
    pub fn new(each: Vec<T>, then: impl Fn(T, T) -> T) -> Self {
        let bars = each.len();
        let mut levels = each;
        let mut half = 1;
        while half < bars {
            let from = levels.len();
            levels.extend_from_within(..bars);
            let level = levels.get_mut(from..).unwrap_or_default();
            for block in level.chunks_mut(2 * half) {
                let (left, right) = block.split_at_mut(half.min(block.len()));
                fold(left.iter_mut().rev(), |far, near| then(near, far));
                fold(right.iter_mut(), &then);
            }
            half *= 2;
        }
        Self { levels, bars }
    }

    /// The summary of all bars from `first` to `last`, both included.
    ///
    /// # Panics
    /// When `last` is not a bar, or before `first`.
    #[inline(always)]
    #[must_use]
    #[allow(
        clippy::indexing_slicing,
        reason = "documented, and the innermost step of a sweep"
    )]
    pub fn between(&self, first: usize, last: usize, then: impl Fn(T, T) -> T) -> T {
        assert!(first <= last && last < self.bars);
        if first == last {
            return self.levels[first];
        }
        // The first level holds the bars, so the level of bit k is k + 1.
        let level = (usize::BITS - (first ^ last).leading_zeros()) as usize;
        let start = level * self.bars;
        then(self.levels[start + first], self.levels[start + last])
    }
}

/// Gives every item all those before it as well.
fn fold<'t, T: Copy + 't>(items: impl Iterator<Item = &'t mut T>, then: impl Fn(T, T) -> T) {
    let mut before: Option<T> = None;
    for item in items {
        if let Some(before) = before {
            *item = then(before, *item);
        }
        before = Some(*item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slowly(closes: &[f64]) -> Closes {
        let mut all = Closes::of(closes[0]);
        for (at, close) in closes.iter().enumerate() {
            all.max = all.max.max(*close);
            all.min = all.min.min(*close);
            for earlier in &closes[..=at] {
                all.fall = all.fall.min(close / earlier);
            }
        }
        all.inverse_max = 1.0 / all.max;
        all
    }

    proptest! {
        #[test]
        fn every_range_is_what_a_slow_look_finds(
            closes in prop::collection::vec(1.0..100.0_f64, 1..70),
        ) {
            let each: Vec<Closes> = closes.iter().map(|c| Closes::of(*c)).collect();
            let ranges = Ranges::new(each, Closes::then);
            for first in 0..closes.len() {
                for last in first..closes.len() {
                    let found = ranges.between(first, last, Closes::then);
                    let wanted = slowly(&closes[first..=last]);
                    prop_assert_eq!((found.max, found.min), (wanted.max, wanted.min));
                    prop_assert!((found.fall - wanted.fall).abs() < 1e-15, "{first}..={last}");
                }
            }
        }
    }

    #[test]
    fn the_order_counts() {
        let fall = |closes: [f64; 3]| {
            let ranges = Ranges::new(closes.map(Closes::of).to_vec(), Closes::then);
            ranges.between(0, 2, Closes::then).fall
        };
        assert_eq!(fall([4.0, 2.0, 8.0]).to_bits(), 0.5_f64.to_bits());
        assert_eq!(fall([2.0, 4.0, 8.0]).to_bits(), 1.0_f64.to_bits());
        assert_eq!(fall([8.0, 4.0, 2.0]).to_bits(), 0.25_f64.to_bits());
    }
}
