//! How sure a quantile of resamples is: bounds from order statistics, and of a share.
//!
//! # Formula
//! Of n sorted values the number below the true quantile p is binomial (n, p), whatever the
//! distribution. The lower bound is the value of rank l, the largest with P(B <= l - 1) <= a/2; the
//! upper one that of rank u, the smallest with P(B <= u - 1) >= 1 - a/2, with a = 1 - confidence.
//! Source: David and Nagaraja 2003, Order Statistics, 7.1. The bounds of a share k of n are those of
//! Clopper and Pearson 1934: the p at which k or more, and k or fewer, have a probability of a/2.
//! They cover what resampling leaves open (more runs narrow them), not what the history does.
//!
//! # Units
//! As the values; a share is a fraction.
//!
//! # Degenerate cases
//! No values, or too few for a bound at this confidence: `too_few_observations`; a bound that is a
//! value without a number: its reason. A confidence outside 0 to 1: `out_of_range`.

use super::binomial::at_most;
use super::{MetricResult, Undefined, defined};

/// Lower and upper bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Not above the true value, with half of the error allowed.
    pub low: MetricResult,
    /// Not below it.
    pub high: MetricResult,
}

/// Bounds of the quantile `p` behind `ascending` values.
///
/// # Errors
/// `out_of_range`, `too_few_observations`.
pub fn quantile_bounds(
    ascending: &[MetricResult],
    p: f64,
    confidence: f64,
) -> Result<Bounds, Undefined> {
    check(p)?;
    let half = half_error(confidence)?;
    let n = count(ascending.len())?;
    // Rank l - 1 is the last k with P(B <= k) <= a/2, and u - 1 the first with >= 1 - a/2.
    let below = first(n, |k| at_most(n, k, p) > half);
    let above = first(n, |k| at_most(n, k, p) >= 1.0 - half);
    let rank = |rank: Option<u32>| {
        let place = rank.and_then(|r| usize::try_from(r).ok());
        let found = place.and_then(|at| ascending.get(at)).copied();
        found.unwrap_or(Err(Undefined::TooFewObservations))
    };
    Ok(Bounds {
        // The value of rank l stands at index l - 1, which is `below - 1`.
        low: rank(below.checked_sub(1)),
        high: rank(Some(above)),
    })
}

/// Bounds of the probability behind `hits` of `n`.
///
/// # Errors
/// `out_of_range` also for more hits than tries; `too_few_observations` without a try.
pub fn share_bounds(hits: usize, n: usize, confidence: f64) -> Result<(f64, f64), Undefined> {
    let half = half_error(confidence)?;
    let (hits, n) = (u32::try_from(hits).unwrap_or(u32::MAX), count(n)?);
    if hits > n {
        return Err(Undefined::OutOfRange);
    }
    let low = match hits.checked_sub(1) {
        None => 0.0,
        // P(B >= hits) grows with p.
        Some(fewer) => halve(|p| 1.0 - at_most(n, fewer, p) < half),
    };
    let high = if hits == n {
        1.0
    } else {
        halve(|p| at_most(n, hits, p) > half)
    };
    Ok((low, high))
}

fn check(p: f64) -> Result<(), Undefined> {
    if (0.0..=1.0).contains(&p) {
        Ok(())
    } else {
        Err(Undefined::OutOfRange)
    }
}

fn half_error(confidence: f64) -> MetricResult {
    if confidence > 0.0 && confidence < 1.0 {
        defined((1.0 - confidence) / 2.0)
    } else {
        Err(Undefined::OutOfRange)
    }
}

fn count(n: usize) -> Result<u32, Undefined> {
    match u32::try_from(n) {
        Ok(0) => Err(Undefined::TooFewObservations),
        Ok(n) => Ok(n),
        Err(_) => Err(Undefined::OutOfRange),
    }
}

/// The first k below `n` for which a condition that once true stays true holds; `n` for none.
fn first(n: u32, holds: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The p up to which a condition that once false stays false holds.
fn halve(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: u32) -> Vec<MetricResult> {
        (1..=n).map(|i| Ok(f64::from(i))).collect()
    }

    #[test]
    fn the_median_of_ten() {
        // Tables of the sign test: ranks 2 and 9 of 10 cover the median with 97.9 %, 3 and 8 with 89.1 %.
        let bounds = quantile_bounds(&numbers(10), 0.5, 0.95).unwrap();
        assert_eq!((bounds.low, bounds.high), (Ok(2.0), Ok(9.0)));
        let bounds = quantile_bounds(&numbers(10), 0.5, 0.89).unwrap();
        assert_eq!((bounds.low, bounds.high), (Ok(3.0), Ok(8.0)));
        // 100: ranks 40 and 61.
        let bounds = quantile_bounds(&numbers(100), 0.5, 0.95).unwrap();
        assert_eq!((bounds.low, bounds.high), (Ok(40.0), Ok(61.0)));
    }

    #[test]
    fn too_few_runs_have_no_bound_in_the_tail() {
        let bounds = quantile_bounds(&numbers(20), 0.05, 0.95).unwrap();
        assert_eq!(bounds.low, Err(Undefined::TooFewObservations));
        assert!(bounds.high.is_ok());
        let mut holes = numbers(10);
        holes[1] = Err(Undefined::ZeroVariance);
        let bounds = quantile_bounds(&holes, 0.5, 0.95).unwrap();
        assert_eq!(bounds.low, Err(Undefined::ZeroVariance));
        let none = quantile_bounds(&[], 0.5, 0.95);
        assert_eq!(none, Err(Undefined::TooFewObservations));
        for (p, confidence) in [(1.5, 0.9), (0.5, 0.0), (0.5, 1.0), (f64::NAN, 0.9)] {
            let found = quantile_bounds(&numbers(9), p, confidence);
            assert_eq!(found, Err(Undefined::OutOfRange));
        }
    }

    #[test]
    fn shares_as_tabulated() {
        // Clopper and Pearson, 95 %: 8 of 10 from 0.4439 to 0.9748; 0 of 10 up to 0.3085.
        let (low, high) = share_bounds(8, 10, 0.95).unwrap();
        assert!((low - 0.443_904_5).abs() < 1e-6, "{low}");
        assert!((high - 0.974_789_3).abs() < 1e-6, "{high}");
        let (low, high) = share_bounds(0, 10, 0.95).unwrap();
        assert!(
            low.abs() < 1e-12 && (high - 0.308_497_1).abs() < 1e-6,
            "{high}"
        );
        assert_eq!(
            share_bounds(10, 10, 0.95).unwrap().1.to_bits(),
            1.0_f64.to_bits()
        );
        assert_eq!(share_bounds(2, 1, 0.9), Err(Undefined::OutOfRange));
        assert_eq!(share_bounds(0, 0, 0.9), Err(Undefined::TooFewObservations));
    }

    #[test]
    fn bounds_cover_as_often_as_they_say() {
        // 400 samples of 101 numbers from 0 to 1 of a counter generator: the true 20 % quantile is 0.2.
        let mut state = 11_u64;
        let mut inside = 0;
        for _ in 0..400 {
            let mut sample: Vec<f64> = (0..101)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    (state >> 11) as f64 / 9_007_199_254_740_992.0
                })
                .collect();
            sample.sort_by(f64::total_cmp);
            let sorted: Vec<MetricResult> = sample.into_iter().map(Ok).collect();
            let bounds = quantile_bounds(&sorted, 0.2, 0.9).unwrap();
            inside += i32::from(bounds.low.unwrap() <= 0.2 && bounds.high.unwrap() >= 0.2);
        }
        assert!((345..=395).contains(&inside), "{inside}");
    }
}
