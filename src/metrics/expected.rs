//! What a session of a given length may be expected to show, from resamples of an earlier series.
//!
//! # Formula
//! One resample of the returns together with the entries of the same bars (so that a bar keeps what
//! was traded in it) is walked through once; at each wanted length its first bars are a resample of
//! that length. Per length, over all resamples: low, centre and high are the quantiles 1 %, 50 % and
//! 99 % (type 7) of total return, annualised volatility, maximum drawdown and number of entries.
//! Source of the resampling: see [`super::bootstrap`].
//!
//! # Units
//! As the metrics; entries are a count per session.
//!
//! # Degenerate cases
//! A length below 2 or beyond the series, no resamples, or not as many entries as returns:
//! `too_few_observations`. Growth beyond f64: `infinite`.

use super::bootstrap::Resampling;
use super::dispersion::mean;
use super::drift::Range;
use super::quantile::{Worst, quantile, sorted};
use super::{MetricResult, Undefined, defined, returns::check};

/// Quantile of the lower edge.
pub const LOW: f64 = 0.01;
/// Quantile of the upper edge.
pub const HIGH: f64 = 0.99;

/// An earlier series, made ready for resampling.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// Returns per bar.
    pub returns: &'a [f64],
    /// Positions opened per bar.
    pub entries: &'a [u32],
    /// Periods per year.
    pub periods_per_year: f64,
    /// How to resample.
    pub resampling: Resampling,
}

/// What a session of `bars` bars may show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// Length in bars.
    pub bars: usize,
    /// Growth over the session.
    pub total_return: Range,
    /// Annualised volatility.
    pub volatility: Range,
    /// Maximum drawdown, positive.
    pub max_drawdown: Range,
    /// Positions opened.
    pub entries: Range,
}

/// The figures of one resample at one length.
#[derive(Debug, Clone, Copy)]
struct Shown {
    total_return: MetricResult,
    volatility: MetricResult,
    max_drawdown: MetricResult,
    entries: f64,
}

/// What to expect at each of `lengths` (ascending, in bars), over `runs` resamples.
///
/// # Errors
/// As the degenerate cases say.
pub fn expected(
    earlier: &Earlier<'_>,
    lengths: &[usize],
    runs: u32,
) -> Result<Vec<Expected>, Undefined> {
    check(earlier.returns)?;
    let inside = |bars: &usize| (2..=earlier.returns.len()).contains(bars);
    let ascending = lengths.is_sorted_by(|a, b| a < b);
    let aligned = earlier.entries.len() == earlier.returns.len();
    if runs == 0 || !aligned || !ascending || !lengths.iter().all(inside) {
        return Err(Undefined::TooFewObservations);
    }
    let centre = mean(earlier.returns)?;
    let walks: Vec<Vec<Shown>> = (0..u64::from(runs))
        .map(|index| walk(earlier, centre, lengths, index))
        .collect();
    let at = |rung: usize, bars: usize| -> Result<Expected, Undefined> {
        let shown: Vec<Shown> = walks.iter().filter_map(|w| w.get(rung)).copied().collect();
        let range = |figure: &dyn Fn(&Shown) -> MetricResult, worst| {
            let ascending = sorted(shown.iter().map(figure), worst);
            Ok::<_, Undefined>(Range {
                low: quantile(&ascending, LOW)?,
                centre: quantile(&ascending, 0.5)?,
                high: quantile(&ascending, HIGH)?,
            })
        };
        Ok(Expected {
            bars,
            total_return: range(&|s| s.total_return, Worst::Lowest)?,
            volatility: range(&|s| s.volatility, Worst::Highest)?,
            max_drawdown: range(&|s| s.max_drawdown, Worst::Highest)?,
            entries: range(&|s| Ok(s.entries), Worst::Highest)?,
        })
    };
    let rungs = lengths.iter().enumerate();
    rungs.map(|(rung, bars)| at(rung, *bars)).collect()
}

fn walk(earlier: &Earlier<'_>, centre: f64, lengths: &[usize], index: u64) -> Vec<Shown> {
    let mut shown = Vec::with_capacity(lengths.len());
    let mut wanted = lengths.iter().copied().peekable();
    let (mut s1, mut s2, mut entries, mut bars) = (0.0_f64, 0.0_f64, 0_u64, 0_usize);
    let (mut growth, mut ratio, mut lowest) = (1.0_f64, 1.0_f64, 1.0_f64);
    for run in earlier.resampling.runs(earlier.returns.len(), index) {
        let drawn = run.start..run.start + run.len;
        let returns = earlier.returns.get(drawn.clone()).unwrap_or_default();
        let opened = earlier.entries.get(drawn).unwrap_or_default();
        for (r, opened) in returns.iter().zip(opened) {
            let Some(next) = wanted.peek() else {
                return shown;
            };
            let d = r - centre;
            s1 += d;
            s2 += d * d;
            growth *= 1.0 + r;
            ratio = (ratio * (1.0 + r)).min(1.0);
            lowest = lowest.min(ratio);
            entries += u64::from(*opened);
            bars += 1;
            if bars == *next {
                let n = bars as f64;
                let squares = (s2 - s1 * s1 / n).max(0.0);
                let variance = squares / (n - 1.0) * earlier.periods_per_year;
                shown.push(Shown {
                    total_return: defined(growth - 1.0),
                    volatility: defined(libm::sqrt(variance)),
                    max_drawdown: Ok(1.0 - lowest),
                    entries: entries as f64,
                });
                wanted.next();
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::bootstrap::{Method, Seed};
    use crate::metrics::{drawdown, total_return, volatility};

    fn wave(n: usize) -> Vec<f64> {
        (0..n)
            .map(|i| 0.01 * ((i * i % 17) as f64 / 8.0 - 0.9))
            .collect()
    }

    fn by(method: Method) -> Resampling {
        Resampling {
            method,
            block: 5,
            seed: Seed::from_int(3),
        }
    }

    #[test]
    fn every_length_is_what_the_plain_metrics_give() {
        let returns = wave(90);
        let entries: Vec<u32> = (0..90).map(|i| u32::from(i % 7 == 0)).collect();
        for method in Method::ALL {
            let earlier = Earlier {
                returns: &returns,
                entries: &entries,
                periods_per_year: 365.0,
                resampling: by(method),
            };
            // One resample: low, centre and high are that resample's own figures.
            let found = expected(&earlier, &[2, 30, 90], 1).unwrap();
            let drawn = by(method).indices(90, 0);
            for expected in found {
                let part: Vec<f64> = drawn[..expected.bars].iter().map(|i| returns[*i]).collect();
                let opened: u32 = drawn[..expected.bars].iter().map(|i| entries[*i]).sum();
                let pairs = [
                    (expected.total_return, total_return::total_return(&part)),
                    (expected.volatility, volatility::volatility(&part, 365.0)),
                    (expected.max_drawdown, drawdown::max_drawdown(&part)),
                    (expected.entries, Ok(f64::from(opened))),
                ];
                for (range, plain) in pairs {
                    let plain = plain.unwrap();
                    assert!((range.low - plain).abs() < 1e-12, "{method:?}");
                    assert!((range.high - plain).abs() < 1e-12, "{method:?}");
                    assert!((range.centre - plain).abs() < 1e-12, "{method:?}");
                }
            }
        }
    }

    #[test]
    fn longer_sessions_fall_deeper_and_trade_more() {
        let returns = wave(400);
        let entries = vec![1; 400];
        let earlier = Earlier {
            returns: &returns,
            entries: &entries,
            periods_per_year: 8760.0,
            resampling: by(Method::Stationary),
        };
        let found = expected(&earlier, &[10, 100, 400], 300).unwrap();
        for pair in found.windows(2) {
            assert!(pair[0].max_drawdown.centre <= pair[1].max_drawdown.centre);
            assert!(pair[0].volatility.width() > pair[1].volatility.width());
            assert_eq!(pair[1].entries.width().to_bits(), 0.0_f64.to_bits());
        }
        for bad in [&[1][..], &[401], &[5, 5], &[9, 3]] {
            assert_eq!(
                expected(&earlier, bad, 10),
                Err(Undefined::TooFewObservations)
            );
        }
        assert_eq!(
            expected(&earlier, &[9], 0),
            Err(Undefined::TooFewObservations)
        );
    }
}
