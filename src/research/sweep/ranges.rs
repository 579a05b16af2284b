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
//! n bars; every table holds n summaries per level, and there are about log2 n levels.

use crate::research::market::bar::Bar;

/// Consecutive bars, as a run that holds them needs them; half a cache line.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(32))]
pub struct Course {
    /// 1 / the highest close.
    pub inverse_max: f64,
    /// The lowest close.
    pub min: f64,
    /// The smallest ratio of a close to itself or an earlier one: 0.8 after a fall of 20 %.
    pub fall: f64,
    /// No low is below it, and the lowest is at most a rounding above.
    pub floor: f32,
    /// No high is above it, likewise.
    pub ceiling: f32,
}

impl Course {
    /// One bar.
    #[must_use]
    pub fn of(bar: &Bar) -> Self {
        Self {
            inverse_max: 1.0 / bar.close,
            min: bar.close,
            fall: 1.0,
            floor: at_most(bar.low),
            ceiling: -at_most(-bar.high),
        }
    }

    /// This, and `later` after it.
    #[inline(always)]
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            inverse_max: smaller(self.inverse_max, later.inverse_max),
            min: smaller(self.min, later.min),
            fall: smaller(smaller(self.fall, later.fall), later.min * self.inverse_max),
            floor: smaller(self.floor, later.floor),
            ceiling: larger(self.ceiling, later.ceiling),
        }
    }
}

/// The next shorter number, rounded down.
#[allow(
    clippy::cast_possible_truncation,
    reason = "rounded, and checked to be below"
)]
fn at_most(x: f64) -> f32 {
    let near = x as f32;
    if f64::from(near) > x {
        near.next_down()
    } else {
        near
    }
}

/// Highs and lows of consecutive bars, and how far a low fell below an earlier high.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Falls {
    /// The highest high.
    pub high: f64,
    /// 1 / `high`.
    pub inverse_high: f64,
    /// The lowest low.
    pub low: f64,
    /// The smallest ratio of a low to the high of an earlier bar; infinite for one bar.
    pub fall: f64,
}

impl Falls {
    /// One bar.
    #[must_use]
    pub fn of(bar: &Bar) -> Self {
        Self {
            high: bar.high,
            inverse_high: 1.0 / bar.high,
            low: bar.low,
            fall: f64::INFINITY,
        }
    }

    /// This, and `later` after it.
    #[inline(always)]
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            high: larger(self.high, later.high),
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
pub(super) fn smaller<T: PartialOrd>(a: T, b: T) -> T {
    if a < b { a } else { b }
}

#[inline(always)]
pub(super) fn larger<T: PartialOrd>(a: T, b: T) -> T {
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
        // One level per bit of the last bar's number.
        let above = usize::BITS - bars.saturating_sub(1).leading_zeros();
        levels.reserve_exact(above as usize * bars);
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
    use crate::kernel::time::UtcTime;
    use proptest::prelude::*;

    fn bar(&(close, low, high): &(f64, f64, f64)) -> Bar {
        Bar {
            time: UtcTime::EPOCH,
            open: close,
            high,
            low,
            close,
            volume: 1.0,
        }
    }

    fn courses(bars: &[(f64, f64, f64)]) -> Ranges<Course> {
        let each = bars.iter().map(|prices| Course::of(&bar(prices)));
        Ranges::new(each.collect(), Course::then)
    }

    /// Highest and lowest close, and the deepest fall.
    fn slowly(bars: &[(f64, f64, f64)]) -> (f64, f64, f64) {
        let (mut max, mut min, mut fall) = (0.0_f64, f64::INFINITY, 1.0_f64);
        for (at, (close, ..)) in bars.iter().enumerate() {
            max = max.max(*close);
            min = min.min(*close);
            for (earlier, ..) in &bars[..=at] {
                fall = fall.min(close / earlier);
            }
        }
        (max, min, fall)
    }

    proptest! {
        #[test]
        fn every_range_is_what_a_slow_look_finds(
            bars in prop::collection::vec((1.0..100.0_f64, 0.1..1.0_f64, 1.0..9.0_f64), 1..70),
        ) {
            let bars: Vec<_> = bars.iter().map(|(close, d, u)| (*close, close * d, close * u)).collect();
            let ranges = courses(&bars);
            for first in 0..bars.len() {
                for last in first..bars.len() {
                    let found = ranges.between(first, last, Course::then);
                    let (max, min, fall) = slowly(&bars[first..=last]);
                    prop_assert_eq!((found.inverse_max, found.min), (1.0 / max, min));
                    prop_assert!((found.fall - fall).abs() < 1e-15, "{first}..={last}");
                    let low = bars[first..=last].iter().fold(f64::INFINITY, |low, bar| low.min(bar.1));
                    let high = bars[first..=last].iter().fold(0.0_f64, |high, bar| high.max(bar.2));
                    let (floor, ceiling) = (f64::from(found.floor), f64::from(found.ceiling));
                    prop_assert!(floor <= low && low <= floor * (1.0 + 1.2e-7), "{floor} {low}");
                    prop_assert!(ceiling >= high && high >= ceiling * (1.0 - 1.2e-7), "{ceiling} {high}");
                }
            }
        }
    }

    #[test]
    fn bounds_hold_beyond_what_short_numbers_can_say() {
        let bounds = |low, high| {
            let course = Course::of(&bar(&(low, low, high)));
            (course.floor, course.ceiling)
        };
        assert_eq!(bounds(1e-60, 1e-60), (0.0, f32::from_bits(1)));
        assert_eq!(bounds(1e60, 1e60), (f32::MAX, f32::INFINITY));
        assert_eq!(bounds(0.5, 0.5), (0.5, 0.5));
    }

    #[test]
    fn the_order_counts() {
        let fall = |closes: [f64; 3]| {
            let ranges = courses(&closes.map(|close| (close, close, close)));
            ranges.between(0, 2, Course::then).fall
        };
        assert_eq!(fall([4.0, 2.0, 8.0]).to_bits(), 0.5_f64.to_bits());
        assert_eq!(fall([2.0, 4.0, 8.0]).to_bits(), 1.0_f64.to_bits());
        assert_eq!(fall([8.0, 4.0, 2.0]).to_bits(), 0.25_f64.to_bits());
    }
}
