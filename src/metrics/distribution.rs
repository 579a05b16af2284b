//! The distribution of a figure over many runs: its quantiles, how sure they are, and how often
//! something holds.
//!
//! # Formula
//! Quantiles of type 7 ([`super::quantile`]), their bounds from order statistics and those of a share
//! after Clopper and Pearson ([`super::quantile_bounds`]).
//!
//! # Units
//! As the figure; shares are fractions.
//!
//! # Degenerate cases
//! A run without a value counts at the end at which it hurts; a quantile that touches it has no value.
//! No runs: `too_few_observations`. Mean and standard deviation need a value from every run.

use super::dispersion::{Spread, spread};
use super::quantile::{Worst, quantile, sorted};
use super::quantile_bounds::{Bounds, quantile_bounds, share_bounds};
use super::{MetricResult, Undefined, defined};

/// The values of all runs, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    ascending: Vec<MetricResult>,
}

/// How often something holds, with the bounds of its probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Runs for which it holds.
    pub hits: usize,
    /// All runs.
    pub runs: usize,
    /// Their share.
    pub value: f64,
    /// Not above the probability, with half of the error allowed.
    pub low: f64,
    /// Not below it.
    pub high: f64,
}

impl Distribution {
    /// Sorts the runs, those without a value to the end `worst`.
    #[must_use]
    pub fn new(values: &[MetricResult], worst: Worst) -> Self {
        Self {
            ascending: sorted(values.iter().copied(), worst),
        }
    }

    /// Quantile `p`.
    ///
    /// # Errors
    /// `too_few_observations` without runs; the reason of a run that it touches.
    pub fn quantile(&self, p: f64) -> MetricResult {
        quantile(&self.ascending, p)
    }

    /// Bounds of quantile `p`.
    ///
    /// # Errors
    /// As [`quantile_bounds`].
    pub fn bounds(&self, p: f64, confidence: f64) -> Result<Bounds, Undefined> {
        quantile_bounds(&self.ascending, p, confidence)
    }

    /// Mean and standard deviation.
    ///
    /// # Errors
    /// `too_few_observations` for fewer than two runs; the reason of a run without a value.
    pub fn spread(&self) -> Result<Spread, Undefined> {
        let values: Result<Vec<f64>, Undefined> = self.ascending.iter().copied().collect();
        spread(&values?)
    }

    /// How often `holds` says yes; it is asked about runs without a value too.
    ///
    /// # Errors
    /// `too_few_observations` without runs; `out_of_range` for a confidence outside 0 to 1.
    pub fn share(
        &self,
        confidence: f64,
        holds: impl Fn(MetricResult) -> bool,
    ) -> Result<Share, Undefined> {
        let runs = self.ascending.len();
        let hits = self.ascending.iter().filter(|x| holds(**x)).count();
        let (low, high) = share_bounds(hits, runs, confidence)?;
        Ok(Share {
            hits,
            runs,
            value: defined(hits as f64 / runs as f64)?,
            low,
            high,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let values: Vec<MetricResult> = (1..=10).rev().map(|i| Ok(f64::from(i))).collect();
        let found = Distribution::new(&values, Worst::Lowest);
        assert_eq!(found.quantile(0.5), Ok(5.5));
        let bounds = found.bounds(0.5, 0.95).unwrap();
        assert_eq!((bounds.low, bounds.high), (Ok(2.0), Ok(9.0)));
        let spread = found.spread().unwrap();
        assert!((spread.mean - 5.5).abs() < 1e-15 && (spread.std - 3.027_650_35).abs() < 1e-8);
        // Clopper and Pearson: 8 of 10 from 0.4439 to 0.9748.
        let share = found.share(0.95, |x| x.is_ok_and(|x| x > 2.0)).unwrap();
        assert_eq!((share.hits, share.runs), (8, 10));
        assert!((share.value - 0.8).abs() < 1e-15);
        assert!((share.low - 0.443_904_5).abs() < 1e-6 && (share.high - 0.974_789_3).abs() < 1e-6);
    }

    #[test]
    fn runs_without_a_value_count_where_they_hurt() {
        let values = [Ok(1.0), Err(Undefined::Infinite), Ok(3.0)];
        let deep = Distribution::new(&values, Worst::Highest);
        assert_eq!(deep.quantile(0.0), Ok(1.0));
        assert_eq!(deep.quantile(1.0), Err(Undefined::Infinite));
        assert_eq!(deep.spread(), Err(Undefined::Infinite));
        let below = deep.share(0.9, |x| x.is_ok_and(|x| x < 9.0)).unwrap();
        assert_eq!((below.hits, below.runs), (2, 3));
        let none = Distribution::new(&[], Worst::Lowest);
        let few = Undefined::TooFewObservations;
        assert_eq!(none.quantile(0.5), Err(few));
        assert_eq!(none.share(0.9, |_| true), Err(few));
    }
}
