//! `correlations_to_one`: what if the strategies had always moved together?
//!
//! # Formula
//! With weights w, volatilities s and covariance S of the strategies, the portfolio's volatility
//! sqrt(w'Sw) becomes sum(|w| s). The portfolio's returns are scaled about their mean by that ratio
//! (the diversification ratio), m + ratio (r - m), held at -1: the mean stays, all diversification is
//! gone. The formula of the volatility is in [`crate::metrics::risk`].
//!
//! # Units
//! No severity, window or bar: the scenario is about all bars.
//!
//! # Degenerate cases
//! One strategy, or no risk at all: the series as it is. Weights and strategies that do not fit:
//! `too_few_observations`.

use crate::metrics::dispersion::mean;
use crate::metrics::risk::decompose;
use crate::metrics::{Undefined, returns::check};

/// A portfolio's strategies with their weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Composition<'a> {
    /// Weight per strategy.
    pub weights: &'a [f64],
    /// Aligned returns per strategy.
    pub strategies: &'a [&'a [f64]],
}

/// The portfolio's returns without diversification.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn correlations_to_one(
    returns: &[f64],
    composition: &Composition<'_>,
) -> Result<Vec<f64>, Undefined> {
    check(returns)?;
    if returns.is_empty() {
        return Err(Undefined::TooFewObservations);
    }
    if composition.strategies.len() == 1 {
        return Ok(returns.to_vec());
    }
    let ratio = match decompose(composition.weights, composition.strategies) {
        Ok(risk) => risk.diversification_ratio,
        Err(Undefined::ZeroVariance) => return Ok(returns.to_vec()),
        Err(reason) => return Err(reason),
    };
    let centre = mean(returns)?;
    let stressed: Vec<f64> = returns
        .iter()
        .map(|r| (centre + ratio * (r - centre)).max(-1.0))
        .collect();
    check(&stressed)?;
    Ok(stressed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::dispersion::spread;

    const X: [f64; 4] = [0.01, -0.01, 0.01, -0.01];
    const Y: [f64; 4] = [0.03, 0.01, -0.01, -0.03];

    #[test]
    fn the_volatilities_add_up() {
        let composition = Composition {
            weights: &[0.5, 0.5],
            strategies: &[&X, &Y],
        };
        let portfolio: Vec<f64> = X.iter().zip(&Y).map(|(x, y)| 0.5 * (x + y)).collect();
        let stressed = correlations_to_one(&portfolio, &composition).unwrap();
        let wanted = 0.5 * (spread(&X).unwrap().std + spread(&Y).unwrap().std);
        let found = spread(&stressed).unwrap();
        assert!((found.std - wanted).abs() < 1e-15);
        assert!((found.mean - spread(&portfolio).unwrap().mean).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_lose() {
        let alone = Composition {
            weights: &[1.0],
            strategies: &[&X],
        };
        assert_eq!(correlations_to_one(&X, &alone).unwrap(), X);
        let flat = Composition {
            weights: &[0.5, 0.5],
            strategies: &[&[0.0; 4], &[0.0; 4]],
        };
        assert_eq!(correlations_to_one(&[0.0; 4], &flat).unwrap(), [0.0; 4]);
        let few = Err(Undefined::TooFewObservations);
        let odd = Composition {
            weights: &[1.0],
            strategies: &[&X, &Y],
        };
        assert_eq!(correlations_to_one(&X, &odd), few);
        assert_eq!(correlations_to_one(&[], &alone), few);
    }
}
