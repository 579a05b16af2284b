//! Tail ratio: how far the good days reach compared with the bad ones.
//!
//! # Formula
//! |q95 / q5|, quantiles of type 7. Source: empyrical's definition, in wide use.
//!
//! # Units
//! Ratio; above 1 the gains reach further.
//!
//! # Degenerate cases
//! No returns: `too_few_observations`. A quantile of 0 at 5 %: `zero_denominator`.

use super::quantile::{Worst, quantile, sorted};
use super::{MetricResult, Undefined, defined, returns::check};

/// Tail ratio.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn tail_ratio(returns: &[f64]) -> MetricResult {
    check(returns)?;
    let ascending = sorted(returns.iter().map(|r| Ok(*r)), Worst::Lowest);
    let (high, low) = (quantile(&ascending, 0.95)?, quantile(&ascending, 0.05)?);
    if low.abs() <= 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    defined((high / low).abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Two values: 0.95 of the way is 0.0185 - 0.0015..., from -0.01 to 0.02.
        let found = tail_ratio(&[-0.01, 0.02]).unwrap();
        assert!((found - 0.0185 / 0.0085).abs() < 1e-12);
        assert_eq!(tail_ratio(&[]), Err(Undefined::TooFewObservations));
        assert_eq!(tail_ratio(&[0.0; 9]), Err(Undefined::ZeroDenominator));
    }
}
