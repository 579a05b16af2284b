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
    let (mut variance, mut weighted, mut products) = (0.0, 0.0, Vec::new());
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
    }
    let volatility = defined(libm::sqrt(variance.max(0.0)))?;
    if volatility <= ZERO_SHARE.max(ZERO_SHARE * weighted) {
        return Err(Undefined::ZeroVariance);
    }
    let shares: Vec<f64> = products.iter().map(|p| p / variance).collect();
    let squares = shares.iter().fold(0.0, |sum, p| sum + p * p);
    Ok(Risk {
        volatility,
        components: products.iter().map(|p| p / volatility).collect(),
        diversification_ratio: defined(weighted / volatility)?,
        effective_bets: defined(1.0 / squares)?,
        risk_contribution_max: shares.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        shares,
    })
}
