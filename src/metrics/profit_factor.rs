//! Profit factor: sum of winning over sum of losing net trade results.
//!
//! # Formula
//! sum(pnl > 0) / |sum(pnl < 0)|, net of costs. Bounds: pf exp(-+ z e / pf) with the standard error
//! e = sqrt(sum((g - pf l)^2)) / sum(l), g and l being what each trade won and lost: the delta method
//! for a ratio of means, on the logarithm, so that no bound is negative. Source: Cochran 1977,
//! Sampling Techniques, 2.11.
//!
//! # Units
//! Ratio.
//!
//! # Degenerate cases
//! No closed trade: `no_trades`. No losing trade: `zero_denominator` (elsewhere: infinity, 0 or
//! 10, by library).

use super::{MetricResult, Undefined, defined};

/// Profit factor of the net results `pnl`, one per closed trade.
///
/// # Errors
/// `no_trades`, `zero_denominator`, `not_a_number`.
pub fn profit_factor(pnl: &[f64]) -> MetricResult {
    if pnl.is_empty() {
        return Err(Undefined::NoTrades);
    }
    let (mut won, mut lost) = (0.0, 0.0);
    for x in pnl {
        let x = defined(*x)?;
        if x > 0.0 {
            won += x;
        } else {
            lost -= x;
        }
    }
    if lost <= 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    defined(won / lost)
}

/// Lower and upper bound of the profit factor of `pnl`, `z` standard errors away, for trades that do
/// not depend on each other.
///
/// # Errors
/// As [`profit_factor`]; `zero_denominator` as well where nothing was won.
pub fn profit_factor_bounds(pnl: &[f64], z: f64) -> Result<(f64, f64), Undefined> {
    let value = profit_factor(pnl)?;
    if value <= 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    let (mut squares, mut lost) = (0.0, 0.0);
    for x in pnl {
        let d = if *x > 0.0 { *x } else { value * x };
        squares += d * d;
        lost -= x.min(0.0);
    }
    let share = z * libm::sqrt(squares) / lost / value;
    Ok((
        defined(value * libm::exp(-share))?,
        defined(value * libm::exp(share))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_by_hand() {
        // 30 won, 10 lost: 3. g - 3 l: 10, 20, -30; e = sqrt(1400) / 10.
        let pnl = [10.0, 20.0, -10.0];
        let (low, high) = profit_factor_bounds(&pnl, 1.0).unwrap();
        let share = 1400.0_f64.sqrt() / 10.0 / 3.0;
        assert!((low - 3.0 * (-share).exp()).abs() < 1e-12);
        assert!((high - 3.0 * share.exp()).abs() < 1e-12);
        let zero = Err(Undefined::ZeroDenominator);
        assert_eq!(profit_factor_bounds(&[-1.0, -2.0], 2.0), zero);
        assert_eq!(profit_factor_bounds(&[1.0], 2.0), zero);
        let none = profit_factor_bounds(&[], 2.0);
        assert_eq!(none, Err(Undefined::NoTrades));
    }

    #[test]
    fn bounds_cover_as_often_as_they_say() {
        // 400 samples of 80 trades that win or lose 1 to 2: the true factor is 1.
        let mut state = 5_u64;
        let mut unit = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / 9_007_199_254_740_992.0
        };
        let mut inside = 0;
        for _ in 0..400 {
            let pnl: Vec<f64> = (0..80)
                .map(|_| {
                    let size = 1.0 + unit();
                    if unit() < 0.5 { size } else { -size }
                })
                .collect();
            let (low, high) = profit_factor_bounds(&pnl, 1.96).unwrap();
            inside += i32::from(low <= 1.0 && high >= 1.0);
        }
        assert!((366..=394).contains(&inside), "{inside}");
    }
}
