//! Which strategy carries how much of a portfolio's expected shortfall.
//!
//! # Formula
//! The portfolio's loss in a bar is -sum over i of w\[i\] r\[i\]; its expected shortfall is the mean of the
//! worst `tail` of them, see [`super::expected_shortfall`]. Strategy i contributes the mean of
//! -w\[i\] r\[i\] over the same bars with the same weights, so the contributions add up to the shortfall.
//! Source: Euler; Tasche 1999, Risk Contributions and Performance Measurement.
//!
//! # Units
//! Fractions per period, losses positive; a negative one is a strategy that gains when the portfolio
//! loses. Shares are fractions and add up to 1.
//!
//! # Degenerate cases
//! No strategy, other number of weights, different lengths, no bar: `too_few_observations`. A tail of
//! 0 or outside 0 to 1: `out_of_range`. A shortfall of 0 or below (even the tail does not lose) has no
//! shares: `zero_denominator`.

use super::expected_shortfall::tail_weights;
use super::{Undefined, defined};

/// A portfolio's expected shortfall, split over its strategies.
#[derive(Debug, Clone, PartialEq)]
pub struct ShortfallComponents {
    /// Expected shortfall of the portfolio.
    pub shortfall: f64,
    /// Component per strategy; they add up to the shortfall.
    pub components: Vec<f64>,
}

impl ShortfallComponents {
    /// Splits the expected shortfall of `strategies` (aligned returns) held at `weights`.
    ///
    /// # Errors
    /// As the degenerate cases say; NaN and infinities.
    pub fn new(weights: &[f64], strategies: &[&[f64]], tail: f64) -> Result<Self, Undefined> {
        let bars = strategies.first().map_or(0, |s| s.len());
        let unequal = strategies.iter().any(|s| s.len() != bars);
        if bars == 0 || unequal || weights.len() != strategies.len() {
            return Err(Undefined::TooFewObservations);
        }
        let mut losses = vec![0.0; bars];
        for (weight, strategy) in weights.iter().zip(strategies) {
            for (loss, r) in losses.iter_mut().zip(*strategy) {
                *loss -= weight * r;
            }
        }
        let chosen = tail_weights(&losses, tail)?;
        let mut components = Vec::with_capacity(weights.len());
        let mut shortfall = 0.0;
        for (weight, strategy) in weights.iter().zip(strategies) {
            let part = chosen.iter().fold(0.0, |sum, (bar, share)| {
                sum - share * weight * strategy.get(*bar).copied().unwrap_or(0.0)
            });
            components.push(defined(part)?);
            shortfall += part;
        }
        Ok(Self {
            shortfall: defined(shortfall)?,
            components,
        })
    }

    /// The components as shares of the whole.
    ///
    /// # Errors
    /// `zero_denominator`.
    pub fn shares(&self) -> Result<Vec<f64>, Undefined> {
        if self.shortfall <= 0.0 {
            return Err(Undefined::ZeroDenominator);
        }
        Ok(self.components.iter().map(|c| c / self.shortfall).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::expected_shortfall::expected_shortfall;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        // Portfolio -0.02, 0.015, -0.005, 0: the worst half is the bars 0 and 2.
        let (a, b) = ([-0.03, 0.01, 0.01, 0.0], [-0.01, 0.02, -0.02, 0.0]);
        let found = ShortfallComponents::new(&[0.5, 0.5], &[&a, &b], 0.5).unwrap();
        assert!((found.shortfall - 0.0125).abs() < 1e-15);
        assert!((found.components[0] - 0.005).abs() < 1e-15);
        assert!((found.components[1] - 0.0075).abs() < 1e-15);
        let shares = found.shares().unwrap();
        assert!((shares[0] - 0.4).abs() < 1e-12);
    }

    #[test]
    fn no_value() {
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(ShortfallComponents::new(&[], &[], 0.05), few);
        let a = [0.01, 0.02];
        assert_eq!(ShortfallComponents::new(&[1.0], &[&a, &a], 0.5), few);
        assert_eq!(
            ShortfallComponents::new(&[0.5, 0.5], &[&a, &a[..1]], 0.5),
            few
        );
        let zero = ShortfallComponents::new(&[1.0], &[&a], 0.0);
        assert_eq!(zero, Err(Undefined::OutOfRange));
        let gains = ShortfallComponents::new(&[1.0], &[&a], 0.5).unwrap();
        assert_eq!(gains.shares(), Err(Undefined::ZeroDenominator));
    }

    proptest! {
        #[test]
        fn the_components_add_up_to_the_portfolios_own_shortfall(
            rows in prop::collection::vec(prop::collection::vec(-0.1_f64..0.1, 40), 1..5),
            weights in prop::collection::vec(-0.5_f64..1.0, 5), tail in 0.03_f64..1.0,
        ) {
            let series: Vec<&[f64]> = rows.iter().map(|r| &r[..]).collect();
            let weights = &weights[..rows.len()];
            let found = ShortfallComponents::new(weights, &series, tail).unwrap();
            let sum: f64 = found.components.iter().sum();
            prop_assert!((sum - found.shortfall).abs() < 1e-15);
            let portfolio: Vec<f64> = (0..40)
                .map(|t| weights.iter().zip(&rows).map(|(w, s)| w * s[t]).sum())
                .collect();
            let own = expected_shortfall(&portfolio, tail).unwrap();
            prop_assert!((own - found.shortfall).abs() < 1e-12);
        }
    }
}
