//! Monte-Carlo: Sharpe ratio, maximum drawdown and total return of resampled series.
//!
//! # Formula
//! Per replicate as [`super::sharpe`], [`super::drawdown`] and [`super::total_return`], in one
//! pass over its runs: with c the mean of the whole series, s1 = sum(r - c) and
//! s2 = sum((r - c)^2), mean = c + s1/n and variance = (s2 - s1^2/n) / (n - 1). Over the
//! replicates, quantiles of type 7, and the share of Sharpe ratios above a floor.
//!
//! # Units
//! As the metrics; the share is a fraction.
//!
//! # Degenerate cases
//! A replicate whose variance is at most 1e-10 of s2/(n-1) has no Sharpe ratio: `zero_variance`.
//! It counts as worse than every other one: lowest in the quantiles, and not above the floor. A
//! quantile that touches it has no value. A replicate that outgrows f64 has neither total return nor
//! drawdown, `infinite`, and counts as the worst of both. No runs, or no returns: `too_few_observations`.

use super::bootstrap::Resampling;
use super::dispersion::{count_of, mean};
use super::quantile::{Worst, quantile, sorted};
use super::quantile_bounds::{Bounds, quantile_bounds, share_bounds};
use super::sharpe::rate_per_period;
use super::{MetricResult, Undefined, defined, returns::check};

/// Below this share of the second moment, a replicate's variance is rounding noise.
const ZERO_SHARE: f64 = 1e-10;

/// One resampled series' figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replicate {
    /// Annualised Sharpe ratio.
    pub sharpe: MetricResult,
    /// Maximum drawdown, positive.
    pub max_drawdown: MetricResult,
    /// Growth over the sample.
    pub total_return: MetricResult,
}

/// A series made ready for resampling. Replicates depend on their index only, so any number of
/// threads may compute them.
#[derive(Debug, Clone)]
pub struct MonteCarlo<'a> {
    returns: &'a [f64],
    centre: f64,
    periods_per_year: f64,
    rate: f64,
    resampling: Resampling,
}

impl<'a> MonteCarlo<'a> {
    /// Makes `returns` ready; `risk_free` is an annual fraction.
    ///
    /// # Errors
    /// `too_few_observations` without returns; returns that are no returns.
    pub fn new(
        returns: &'a [f64],
        periods_per_year: f64,
        risk_free: f64,
        resampling: Resampling,
    ) -> Result<Self, Undefined> {
        check(returns)?;
        Ok(Self {
            returns,
            centre: mean(returns)?,
            periods_per_year,
            rate: rate_per_period(risk_free, periods_per_year)?,
            resampling,
        })
    }

    /// Replicate number `index`.
    #[must_use]
    pub fn replicate(&self, index: u64) -> Replicate {
        let (mut s1, mut s2) = (0.0_f64, 0.0_f64);
        let (mut growth, mut peak, mut lowest) = (1.0_f64, 1.0_f64, 1.0_f64);
        for run in self.resampling.runs(self.returns.len(), index) {
            let part = self.returns.get(run.start..run.start + run.len);
            for r in part.unwrap_or_default() {
                let d = r - self.centre;
                s1 += d;
                s2 += d * d;
                growth *= 1.0 + r;
                // One instruction, unlike `max`, which would also look for NaN.
                if growth > peak {
                    peak = growth;
                }
                // Seldom true, so the division is off the path.
                if growth < peak * lowest {
                    lowest = growth / peak;
                }
            }
        }
        let total_return = defined(growth - 1.0);
        Replicate {
            sharpe: self.sharpe(s1, s2),
            // A series that outgrows f64 hides what it lost afterwards.
            max_drawdown: total_return.and(defined(1.0 - lowest)),
            total_return,
        }
    }

    /// The series.
    pub(super) fn returns(&self) -> &'a [f64] {
        self.returns
    }

    /// Its mean.
    pub(super) fn centre(&self) -> f64 {
        self.centre
    }

    /// How it is resampled.
    pub(super) fn resampling(&self) -> &Resampling {
        &self.resampling
    }

    /// Sharpe ratio from the sums of the centred returns and of their squares.
    pub(super) fn sharpe(&self, s1: f64, s2: f64) -> MetricResult {
        let n = count_of(self.returns);
        if n < 2.0 {
            return Err(Undefined::TooFewObservations);
        }
        let squares = s2 - s1 * s1 / n;
        if squares <= ZERO_SHARE * s2 {
            return Err(Undefined::ZeroVariance);
        }
        let excess = self.centre + s1 / n - self.rate;
        defined(excess / libm::sqrt(squares / (n - 1.0)) * libm::sqrt(self.periods_per_year))
    }

    /// The first `runs` replicates, one after the other.
    #[must_use]
    pub fn replicates(&self, runs: u32) -> Vec<Replicate> {
        (0..u64::from(runs)).map(|i| self.replicate(i)).collect()
    }
}

/// What the replicates say together.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    sharpe: Vec<MetricResult>,
    max_drawdown: Vec<MetricResult>,
    total_return: Vec<MetricResult>,
}

impl Summary {
    /// Sorts the replicates, those without a value to the worse end.
    #[must_use]
    pub fn new(replicates: &[Replicate]) -> Self {
        Self {
            sharpe: sorted(replicates.iter().map(|r| r.sharpe), Worst::Lowest),
            max_drawdown: sorted(replicates.iter().map(|r| r.max_drawdown), Worst::Highest),
            total_return: sorted(replicates.iter().map(|r| r.total_return), Worst::Lowest),
        }
    }

    /// Quantile `p` of the Sharpe ratio.
    ///
    /// # Errors
    /// `too_few_observations` without replicates; the reason of a replicate that it touches.
    pub fn sharpe(&self, p: f64) -> MetricResult {
        quantile(&self.sharpe, p)
    }

    /// Quantile `p` of the maximum drawdown.
    ///
    /// # Errors
    /// As [`Self::sharpe`].
    pub fn max_drawdown(&self, p: f64) -> MetricResult {
        quantile(&self.max_drawdown, p)
    }

    /// Quantile `p` of the total return.
    ///
    /// # Errors
    /// As [`Self::sharpe`].
    pub fn total_return(&self, p: f64) -> MetricResult {
        quantile(&self.total_return, p)
    }

    /// Share of replicates with a Sharpe ratio above `floor`; one without a value is not above.
    ///
    /// # Errors
    /// `too_few_observations` without replicates.
    pub fn prob_sharpe_above(&self, floor: f64) -> MetricResult {
        if self.sharpe.is_empty() {
            return Err(Undefined::TooFewObservations);
        }
        defined(self.sharpes_above(floor) as f64 / count_of(&self.sharpe))
    }

    fn sharpes_above(&self, floor: f64) -> usize {
        let above = |s: &&MetricResult| s.is_ok_and(|s| s > floor);
        self.sharpe.iter().filter(above).count()
    }

    /// Bounds, with `confidence`, of the probability of a Sharpe ratio above `floor`: what more
    /// runs would narrow.
    ///
    /// # Errors
    /// `too_few_observations` without replicates; `out_of_range` for a confidence outside 0 to 1.
    pub fn prob_sharpe_above_bounds(
        &self,
        floor: f64,
        confidence: f64,
    ) -> Result<(f64, f64), Undefined> {
        share_bounds(self.sharpes_above(floor), self.sharpe.len(), confidence)
    }

    /// Share of replicates with a maximum drawdown below `ceiling`; one without a value is not below.
    ///
    /// # Errors
    /// `too_few_observations` without replicates.
    pub fn prob_drawdown_below(&self, ceiling: f64) -> MetricResult {
        if self.max_drawdown.is_empty() {
            return Err(Undefined::TooFewObservations);
        }
        let below = |d: &&MetricResult| d.is_ok_and(|d| d < ceiling);
        let count = self.max_drawdown.iter().filter(below).count();
        defined(count as f64 / count_of(&self.max_drawdown))
    }

    /// Bounds of quantile `p` of the Sharpe ratio, with `confidence`.
    ///
    /// # Errors
    /// As [`quantile_bounds`].
    pub fn sharpe_bounds(&self, p: f64, confidence: f64) -> Result<Bounds, Undefined> {
        quantile_bounds(&self.sharpe, p, confidence)
    }

    /// Bounds of quantile `p` of the maximum drawdown, with `confidence`.
    ///
    /// # Errors
    /// As [`quantile_bounds`].
    pub fn max_drawdown_bounds(&self, p: f64, confidence: f64) -> Result<Bounds, Undefined> {
        quantile_bounds(&self.max_drawdown, p, confidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(sharpes: &[f64]) -> Summary {
        let replicates: Vec<Replicate> = sharpes
            .iter()
            .map(|s| Replicate {
                sharpe: Ok(*s),
                max_drawdown: Ok(0.1 * s),
                total_return: Ok(0.0),
            })
            .collect();
        Summary::new(&replicates)
    }

    #[test]
    fn probabilities_and_their_bounds() {
        let all: Vec<f64> = (1..=10).map(f64::from).collect();
        let found = summary(&all);
        assert_eq!(found.prob_sharpe_above(2.0), Ok(0.8));
        let (low, high) = found.prob_sharpe_above_bounds(2.0, 0.95).unwrap();
        assert!((low - 0.443_904_5).abs() < 1e-6 && (high - 0.974_789_3).abs() < 1e-6);
        assert_eq!(found.prob_drawdown_below(0.35), Ok(0.3));
        let median = found.sharpe_bounds(0.5, 0.95).unwrap();
        assert_eq!((median.low, median.high), (Ok(2.0), Ok(9.0)));
        let deep = found.max_drawdown_bounds(0.5, 0.95).unwrap();
        assert!((deep.low.unwrap() - 0.2).abs() < 1e-15);
        let none = summary(&[]);
        let few = Undefined::TooFewObservations;
        assert_eq!(none.prob_drawdown_below(1.0), Err(few));
        assert_eq!(none.prob_sharpe_above_bounds(1.0, 0.9), Err(few));
    }
}
