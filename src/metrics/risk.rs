//! Risk decomposition: which strategy carries how much of a portfolio's volatility.
//!
//! # Formula
//! With weights w and the sample covariance S (n - 1) of the strategies' returns:
//! volatility v = sqrt(w'Sw); component c\[i\] = w\[i\] (Sw)\[i\] / v, which add up to v; share
//! p\[i\] = c\[i\] / v. Source: Euler; Litterman 1996; Tasche 1999.
//! Diversification ratio = sum(|w\[i\]| s\[i\]) / v. Source: Choueifaty and Coignard 2008.
//! Effective bets = 1 / sum(p\[i\]^2), the inverse Herfindahl index of the shares.
//!
//! # Units
//! Volatilities per period; shares are fractions, the two others ratios.
//!
//! # Degenerate cases
//! No strategy, or fewer than two bars: `too_few_observations`. No risk at all: `zero_variance`.

use super::correlation::covariance;
use super::dispersion::ZERO_SHARE;
use super::{Undefined, defined};

/// A portfolio's risk, split over its strategies.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    /// Portfolio volatility per period.
    pub volatility: f64,
    /// What one more unit of weight of a strategy adds: (Sw)\[i\] / v.
    pub marginal: Vec<f64>,
    /// Component per strategy; they add up to the volatility.
    pub components: Vec<f64>,
    /// Share per strategy; they add up to 1.
    pub shares: Vec<f64>,
    /// Weighted mean volatility over portfolio volatility.
    pub diversification_ratio: f64,
    /// Inverse Herfindahl index of the shares.
    pub effective_bets: f64,
    /// Largest share.
    pub risk_contribution_max: f64,
    /// Volatility per period if every correlation were 1: sum(|w\[i\]| s\[i\]).
    pub volatility_together: f64,
}

/// Splits the risk of `strategies` (aligned returns) held at `weights`.
///
/// # Errors
/// `too_few_observations`, also when there are not as many weights; `zero_variance`.
pub fn decompose(weights: &[f64], strategies: &[&[f64]]) -> Result<Risk, Undefined> {
    if strategies.is_empty() || weights.len() != strategies.len() {
        return Err(Undefined::TooFewObservations);
    }
    // (Sw)[i], row by row; the diagonal gives the volatilities.
    let (mut variance, mut weighted) = (0.0, 0.0);
    let (mut marginal, mut products) = (Vec::new(), Vec::new());
    for (i, (w, x)) in weights.iter().zip(strategies).enumerate() {
        let mut product = 0.0;
        for (j, (v, y)) in weights.iter().zip(strategies).enumerate() {
            let c = covariance(x, y)?;
            product += c * v;
            if i == j {
                weighted += w.abs() * libm::sqrt(c);
            }
        }
        variance += w * product;
        products.push(w * product);
        marginal.push(product);
    }
    let volatility = defined(libm::sqrt(variance.max(0.0)))?;
    if volatility <= ZERO_SHARE.max(ZERO_SHARE * weighted) {
        return Err(Undefined::ZeroVariance);
    }
    let shares: Vec<f64> = products.iter().map(|p| p / variance).collect();
    let squares = shares.iter().fold(0.0, |sum, p| sum + p * p);
    Ok(Risk {
        volatility,
        marginal: marginal.iter().map(|m| m / volatility).collect(),
        components: products.iter().map(|p| p / volatility).collect(),
        diversification_ratio: defined(weighted / volatility)?,
        effective_bets: defined(1.0 / squares)?,
        risk_contribution_max: shares.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        volatility_together: weighted,
        shares,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        // Unrelated, deviations 0.01 and 0.02 (n - 1 of four: x sqrt(4/3)), half each:
        // v^2 = 0.25 (1 + 4) e-4 x 4/3, shares 0.2 and 0.8.
        let x = [0.01, -0.01, 0.01, -0.01];
        let y = [0.02, 0.02, -0.02, -0.02];
        let risk = decompose(&[0.5, 0.5], &[&x, &y]).unwrap();
        let unit = (4.0_f64 / 3.0).sqrt();
        assert!((risk.volatility - 0.005 * 5.0_f64.sqrt() * unit).abs() < 1e-15);
        assert!((risk.shares[0] - 0.2).abs() < 1e-12);
        assert!((risk.effective_bets - 1.0 / 0.68).abs() < 1e-12);
        assert!((risk.volatility_together - 0.015 * unit).abs() < 1e-15);
        assert!((risk.diversification_ratio - 3.0 / 5.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(
            decompose(&[0.5, -0.5], &[&x, &x]),
            Err(Undefined::ZeroVariance)
        );
    }

    proptest! {
        #[test]
        fn components_add_up_and_are_the_slopes(
            rows in prop::collection::vec(prop::collection::vec(-0.05_f64..0.05, 25), 1..5),
            weights in prop::collection::vec(0.05_f64..1.0, 5),
        ) {
            let series: Vec<&[f64]> = rows.iter().map(|r| &r[..]).collect();
            let weights = &weights[..rows.len()];
            let risk = decompose(weights, &series).unwrap();
            let sum: f64 = risk.components.iter().sum();
            prop_assert!((sum - risk.volatility).abs() <= 1e-12 * risk.volatility);
            prop_assert!((risk.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(risk.volatility <= risk.volatility_together * (1.0 + 1e-12));
            for (i, marginal) in risk.marginal.iter().enumerate() {
                prop_assert!((marginal * weights[i] - risk.components[i]).abs() < 1e-14);
                let mut moved = weights.to_vec();
                moved[i] += 1e-6;
                let up = decompose(&moved, &series).unwrap().volatility;
                prop_assert!(((up - risk.volatility) / 1e-6 - marginal).abs() < 1e-5);
            }
        }
    }
}
