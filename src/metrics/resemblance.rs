//! Resemblance: how closely the returns of one configuration follow those of another.
//!
//! # Formula
//! Pearson correlation of both over the bars that both have: the same opening times.
//!
//! # Units
//! Ratio from -1 to 1; bars.
//!
//! # Degenerate cases
//! Fewer than [`COMMON_MIN`] common bars: `too_few_observations`, for a high correlation over so few
//! is luck. One that never moves on them: `zero_variance`.

use super::correlation::pearson;
use super::{MetricResult, Undefined};
use crate::kernel::time::UtcTime;

/// Fewest bars that both have.
pub const COMMON_MIN: usize = 60;

/// Returns per bar, with the opening times of the bars in ascending order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timed<'a> {
    /// Opening times.
    pub times: &'a [UtcTime],
    /// Returns; as many.
    pub returns: &'a [f64],
}

/// How two series move together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resemblance {
    /// Bars that both have.
    pub common_bars: usize,
    /// Correlation over them.
    pub correlation: MetricResult,
}

/// How `one` and `other` move together over the bars that both have.
#[must_use]
pub fn resemblance(one: &Timed<'_>, other: &Timed<'_>) -> Resemblance {
    let (x, y) = common(one, other);
    Resemblance {
        common_bars: x.len(),
        correlation: match x.len() < COMMON_MIN {
            true => Err(Undefined::TooFewObservations),
            false => pearson(&x, &y),
        },
    }
}

/// The returns of both on the bars that both have.
fn common(one: &Timed<'_>, other: &Timed<'_>) -> (Vec<f64>, Vec<f64>) {
    let mut others = other.times.iter().zip(other.returns).peekable();
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for (time, r) in one.times.iter().zip(one.returns) {
        while others.next_if(|(at, _)| *at < time).is_some() {}
        if let Some((_, same)) = others.next_if(|(at, _)| *at == time) {
            x.push(*r);
            y.push(*same);
        }
    }
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: i64, n: i64) -> Vec<UtcTime> {
        let each = from..from + n;
        each.map(|d| UtcTime::EPOCH.plus_days(d)).collect()
    }

    /// Returns without a pattern that repeats within a hundred bars.
    fn returns(n: usize, seed: u32) -> Vec<f64> {
        let step = |x: &mut u32, _| {
            *x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Some(f64::from(*x >> 16) / 65_536.0 - 0.5)
        };
        (0..n).scan(seed, step).collect()
    }

    #[test]
    fn only_bars_that_both_have_count() {
        // Days 0 to 99 and days 30 to 129: seventy in common, on which one is half the other.
        let (early, late) = (days(0, 100), days(30, 100));
        let own = returns(100, 1);
        let mut half: Vec<f64> = own.iter().skip(30).map(|r| r / 2.0).collect();
        half.extend(returns(30, 2));
        let one = Timed {
            times: &early,
            returns: &own,
        };
        let other = Timed {
            times: &late,
            returns: &half,
        };
        for found in [resemblance(&one, &other), resemblance(&other, &one)] {
            assert_eq!(found.common_bars, 70);
            assert!((found.correlation.unwrap() - 1.0).abs() < 1e-12);
        }
        let against: Vec<f64> = half.iter().map(|r| -r).collect();
        let against = Timed {
            returns: &against,
            ..other
        };
        let found = resemblance(&one, &against);
        assert!((found.correlation.unwrap() + 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_gap_in_one_shifts_nothing() {
        let times = days(0, 90);
        let own = returns(90, 3);
        let odd = |at: &usize| !at.is_multiple_of(7);
        let kept: Vec<usize> = (0..90).filter(odd).collect();
        let gaps: Vec<UtcTime> = kept
            .iter()
            .filter_map(|at| times.get(*at).copied())
            .collect();
        let same: Vec<f64> = kept.iter().filter_map(|at| own.get(*at).copied()).collect();
        let one = Timed {
            times: &times,
            returns: &own,
        };
        let other = Timed {
            times: &gaps,
            returns: &same,
        };
        let found = resemblance(&one, &other);
        assert_eq!(found.common_bars, kept.len());
        assert!((found.correlation.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn too_few_and_flat_have_no_value() {
        let own = returns(100, 4);
        for (from, bars, reason) in [(41, 59, true), (40, 60, false)] {
            let (all, later) = (days(0, 100), days(from, 100));
            let one = Timed {
                times: &all,
                returns: &own,
            };
            let other = Timed {
                times: &later,
                returns: &own,
            };
            let found = resemblance(&one, &other);
            assert_eq!(found.common_bars, bars);
            let few = found.correlation == Err(Undefined::TooFewObservations);
            assert_eq!(few, reason);
            let flat = Timed {
                times: &all,
                returns: &[0.0; 100],
            };
            let found = resemblance(&one, &flat);
            assert_eq!(found.correlation, Err(Undefined::ZeroVariance));
        }
    }
}
