//! Turnover: what share of a portfolio is exchanged by rebalancing.
//!
//! # Formula
//! Per rebalance 1/2 sum over i of |w\[i\] - d\[i\]|, with d the weights that the market left (see
//! [`drifted`]) and w those wanted; the rest to 1 is cash and is not counted on its own. Per year:
//! the sum over the years covered. Source: Grinold and Kahn 2000.
//!
//! # Units
//! Fraction of the portfolio: 0.1 exchanges a tenth; a round trip of everything is 1 twice.
//!
//! # Degenerate cases
//! Weights of different lengths: `too_few_observations`. No time covered: `zero_denominator`. No
//! rebalance: 0. A portfolio that is used up has no weights: `zero_denominator`.

use super::{MetricResult, Undefined, defined};

/// One rebalance.
#[derive(Debug, Clone, PartialEq)]
pub struct Rebalance {
    /// Weights that the market left.
    pub before: Vec<f64>,
    /// Weights after it.
    pub after: Vec<f64>,
}

/// Share exchanged by one rebalance.
///
/// # Errors
/// As the degenerate cases say; NaN and infinities.
pub fn exchanged(rebalance: &Rebalance) -> MetricResult {
    if rebalance.before.len() != rebalance.after.len() {
        return Err(Undefined::TooFewObservations);
    }
    let pairs = rebalance.before.iter().zip(&rebalance.after);
    defined(0.5 * pairs.fold(0.0, |sum, (before, after)| sum + (after - before).abs()))
}

/// Turnover per year of all `rebalances` within `years`.
///
/// # Errors
/// As the degenerate cases say.
pub fn turnover(rebalances: &[Rebalance], years: f64) -> MetricResult {
    let years = defined(years)?;
    if years <= 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    let mut sum = 0.0;
    for rebalance in rebalances {
        sum += exchanged(rebalance)?;
    }
    defined(sum / years)
}

/// The weights after the components made `returns`: w (1 + r) over the growth of the whole, cash
/// standing still.
///
/// # Errors
/// As the degenerate cases say; NaN and infinities.
pub fn drifted(weights: &[f64], returns: &[f64]) -> Result<Vec<f64>, Undefined> {
    if weights.len() != returns.len() {
        return Err(Undefined::TooFewObservations);
    }
    let pairs = weights.iter().zip(returns);
    let growth = defined(1.0 + pairs.fold(0.0, |sum, (w, r)| sum + w * r))?;
    if growth <= 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    let pairs = weights.iter().zip(returns);
    pairs
        .map(|(w, r)| defined(w * (1.0 + r) / growth))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Half in each, one gains 20 %: 0.6 and 0.5 of 1.1.
        let before = drifted(&[0.5, 0.5], &[0.2, 0.0]).unwrap();
        assert!((before[0] - 0.6 / 1.1).abs() < 1e-15);
        let back = Rebalance {
            before,
            after: vec![0.5, 0.5],
        };
        let wanted = 0.6 / 1.1 - 0.5;
        assert!((exchanged(&back).unwrap() - wanted).abs() < 1e-15);
        let year = turnover(&[back.clone(), back], 0.5).unwrap();
        assert!((year - 4.0 * wanted).abs() < 1e-12);
        // Everything out of one and into the other.
        let all = Rebalance {
            before: vec![1.0, 0.0],
            after: vec![0.0, 1.0],
        };
        assert_eq!(exchanged(&all), Ok(1.0));
        assert_eq!(turnover(&[], 2.0), Ok(0.0));
    }

    #[test]
    fn no_value() {
        assert_eq!(turnover(&[], 0.0), Err(Undefined::ZeroDenominator));
        assert_eq!(drifted(&[1.0], &[-1.0]), Err(Undefined::ZeroDenominator));
        assert_eq!(drifted(&[1.0], &[]), Err(Undefined::TooFewObservations));
        let odd = Rebalance {
            before: vec![1.0],
            after: vec![],
        };
        assert_eq!(turnover(&[odd], 1.0), Err(Undefined::TooFewObservations));
    }
}
