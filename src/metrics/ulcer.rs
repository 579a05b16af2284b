//! Ulcer index, and the conditional drawdown at risk: how deep and how long below the peak.
//!
//! # Formula
//! With d\[t\] the drawdown after bar t (see [`super::drawdown`]): ulcer index sqrt(mean(d^2)) over all
//! n bars (quantstats divides by n - 1); conditional drawdown at risk the expected shortfall of d, see
//! [`super::expected_shortfall`]. Source: Martin 1987; Chekhlov, Uryasev and Zabarankin 2005.
//!
//! # Units
//! Fraction, positive.
//!
//! # Degenerate cases
//! No returns: ulcer index `too_few_observations`, as the conditional drawdown. Never below the peak:
//! 0.

use super::dispersion::count_of;
use super::expected_shortfall::tail_mean;
use super::{MetricResult, Undefined, defined, returns::check};

/// The drawdown after every bar, positive fractions.
///
/// # Errors
/// Returns that are no returns.
pub fn drawdowns(returns: &[f64]) -> Result<Vec<f64>, Undefined> {
    check(returns)?;
    let mut ratio = 1.0_f64;
    let below = returns.iter().map(|r| {
        ratio = (ratio * (1.0 + r)).min(1.0);
        1.0 - ratio
    });
    Ok(below.collect())
}

/// Ulcer index.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn ulcer_index(returns: &[f64]) -> MetricResult {
    let below = drawdowns(returns)?;
    if below.is_empty() {
        return Err(Undefined::TooFewObservations);
    }
    let squares = below.iter().fold(0.0, |sum, d| sum + d * d);
    defined(libm::sqrt(squares / count_of(&below)))
}

/// Mean of the worst `tail` of the drawdowns.
///
/// # Errors
/// As the degenerate cases say; `out_of_range` for a tail outside 0 to 1.
pub fn conditional_drawdown(returns: &[f64], tail: f64) -> MetricResult {
    tail_mean(&drawdowns(returns)?, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Equity 1, 0.9, 0.99, 1.089, 0.5445: drawdowns 0.1, 0.01, 0, 0.5.
        let r = [-0.1, 0.1, 0.1, -0.5];
        let wanted = ((0.01 + 0.0001 + 0.25) / 4.0_f64).sqrt();
        assert!((ulcer_index(&r).unwrap() - wanted).abs() < 1e-15);
        let half = conditional_drawdown(&r, 0.5).unwrap();
        assert!((half - 0.3).abs() < 1e-15);
        assert_eq!(ulcer_index(&[0.1, 0.2]), Ok(0.0));
        assert_eq!(ulcer_index(&[]), Err(Undefined::TooFewObservations));
        assert_eq!(ulcer_index(&[-2.0]), Err(Undefined::OutOfRange));
    }
}
