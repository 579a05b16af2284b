//! Probabilistic Sharpe ratio: how sure one may be that the true Sharpe ratio is above a benchmark.
//!
//! # Formula
//! P((SR - SR*) sqrt(n - 1) / sqrt(1 - g3 SR + (g4 - 1)/4 SR^2)) with P the standard normal
//! distribution, SR = (mean(r) - rf_p) / std(r) per period (std with n - 1), and g3, g4 the
//! population skewness and raw kurtosis (3 for a normal distribution) of the returns. Source: Bailey
//! and Lopez de Prado 2012, The Sharpe Ratio Efficient Frontier, Journal of Risk 15(2).
//!
//! # Units
//! Fraction from 0 to 1. SR* is per period, not annualised.
//!
//! # Degenerate cases
//! Fewer than two returns: `too_few_observations`. A constant series: `zero_variance`, also where
//! the variance of the estimate is not positive.

use super::dispersion::{count_of, spread};
use super::normal::probability;
use super::sharpe::rate_per_period;
use super::{MetricResult, Undefined, defined, returns::check};

/// What the estimate of a Sharpe ratio rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Number of returns.
    pub n: f64,
    /// Sharpe ratio per period, standard deviation with n - 1.
    pub sharpe: f64,
    /// Population skewness.
    pub skewness: f64,
    /// Population raw kurtosis.
    pub kurtosis: f64,
}

/// The estimate that `returns` give; `risk_free` is an annual fraction.
///
/// # Errors
/// `too_few_observations`, `zero_variance`, or returns that are no returns.
pub fn estimate(
    returns: &[f64],
    periods_per_year: f64,
    risk_free: f64,
) -> Result<Estimate, Undefined> {
    check(returns)?;
    let spread = spread(returns)?;
    if spread.is_zero() {
        return Err(Undefined::ZeroVariance);
    }
    let n = count_of(returns);
    let (mut m2, mut m3, mut m4) = (0.0, 0.0, 0.0);
    for r in returns {
        let d = r - spread.mean;
        let squared = d * d;
        m2 += squared;
        m3 += squared * d;
        m4 += squared * squared;
    }
    let variance = m2 / n;
    let rate = rate_per_period(risk_free, periods_per_year)?;
    Ok(Estimate {
        n,
        sharpe: defined((spread.mean - rate) / spread.std)?,
        skewness: defined(m3 / n / (variance * libm::sqrt(variance)))?,
        kurtosis: defined(m4 / n / (variance * variance))?,
    })
}

impl Estimate {
    /// Probability that the true Sharpe ratio per period is above `benchmark`.
    ///
    /// # Errors
    /// `too_few_observations` below two returns; `zero_variance` when the variance of the estimate
    /// is not positive.
    pub fn probability_above(&self, benchmark: f64) -> MetricResult {
        if self.n < 2.0 {
            return Err(Undefined::TooFewObservations);
        }
        let sr = self.sharpe;
        let variance = self.shape_variance()?;
        let z = (sr - benchmark) * libm::sqrt(self.n - 1.0) / libm::sqrt(variance);
        Ok(probability(defined(z)?))
    }

    /// Variance of the Sharpe ratio's estimate times (n - 1): 1 - g3 SR + (g4 - 1)/4 SR^2.
    ///
    /// # Errors
    /// `zero_variance` when it is not positive.
    pub fn shape_variance(&self) -> MetricResult {
        let sr = self.sharpe;
        let variance = 1.0 - self.skewness * sr + (self.kurtosis - 1.0) / 4.0 * sr * sr;
        if variance.is_nan() || variance <= 0.0 {
            return Err(Undefined::ZeroVariance);
        }
        Ok(variance)
    }
}

/// Probability that the true Sharpe ratio of `returns` is above zero.
///
/// # Errors
/// As [`estimate`] and [`Estimate::probability_above`].
pub fn psr(returns: &[f64], periods_per_year: f64, risk_free: f64) -> MetricResult {
    estimate(returns, periods_per_year, risk_free)?.probability_above(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_the_paper() {
        // Bailey and Lopez de Prado 2012, section 4: 24 months, annualised Sharpe ratio 1.59 (0.458
        // per month), skewness -2.448, kurtosis 10.164: 0.913 against a benchmark of 0; taken as
        // normal, 0.982.
        let paper = Estimate {
            n: 24.0,
            sharpe: 0.458,
            skewness: -2.448,
            kurtosis: 10.164,
        };
        assert!((paper.probability_above(0.0).unwrap() - 0.913).abs() < 5e-4);
        let normal = Estimate {
            skewness: 0.0,
            kurtosis: 3.0,
            ..paper
        };
        assert!((normal.probability_above(0.0).unwrap() - 0.982).abs() < 5e-4);
    }

    #[test]
    fn no_value() {
        assert_eq!(psr(&[0.1], 252.0, 0.0), Err(Undefined::TooFewObservations));
        assert_eq!(psr(&[0.1; 9], 252.0, 0.0), Err(Undefined::ZeroVariance));
        assert_eq!(
            psr(&[0.1, f64::NAN], 252.0, 0.0),
            Err(Undefined::NotANumber)
        );
    }

    proptest! {
        #[test]
        fn leverage_changes_nothing(
            r in prop::collection::vec(-0.05_f64..0.06, 3..60), scale in 0.1_f64..10.0,
        ) {
            let scaled: Vec<f64> = r.iter().map(|x| x * scale).collect();
            if let (Ok(a), Ok(b)) = (psr(&r, 252.0, 0.0), psr(&scaled, 252.0, 0.0)) {
                prop_assert!((a - b).abs() < 1e-9);
                prop_assert!((0.0..=1.0).contains(&a));
            }
        }

        #[test]
        fn more_of_the_same_makes_surer(
            n in 3.0_f64..1e4, more in 1.0_f64..1e4, sharpe in 0.001_f64..1.0,
            skewness in -1.0_f64..0.5, kurtosis in 3.0_f64..9.0,
        ) {
            let few = Estimate { n, sharpe, skewness, kurtosis };
            let many = Estimate { n: n + more, ..few };
            prop_assert!(many.probability_above(0.0).unwrap() >= few.probability_above(0.0).unwrap());
            // A stricter benchmark is passed less surely, and the other side is the complement.
            prop_assert!(few.probability_above(0.2).unwrap() <= few.probability_above(0.1).unwrap());
            let below = Estimate { sharpe: -sharpe, skewness: -skewness, ..few };
            let sum = few.probability_above(0.0).unwrap() + below.probability_above(0.0).unwrap();
            prop_assert!((sum - 1.0).abs() < 1e-12);
        }
    }
}
