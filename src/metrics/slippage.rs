//! Slippage: how much worse fills were than the prices at which they were decided.
//!
//! # Formula
//! sum(s q (f - p)) / sum(q p) over all fills, with s = 1 for a purchase and -1 for a sale, q the
//! units, p the reference price and f the price of the fill: the mean per side, weighted by value.
//!
//! # Units
//! Fraction of price; positive is worse.
//!
//! # Degenerate cases
//! No fills: 0, nothing was paid. Prices without value: `zero_denominator`.

use super::{MetricResult, Undefined, defined};

/// One fill.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fill {
    /// Units, positive for a purchase, negative for a sale.
    pub units: f64,
    /// Price at which it was decided.
    pub reference: f64,
    /// Price that it got.
    pub price: f64,
}

/// Mean slippage per side.
///
/// # Errors
/// As the degenerate cases say.
pub fn slippage(fills: &[Fill]) -> MetricResult {
    if fills.is_empty() {
        return Ok(0.0);
    }
    let (mut paid, mut value) = (0.0, 0.0);
    for fill in fills {
        paid += fill.units * (fill.price - fill.reference);
        value += fill.units.abs() * fill.reference;
    }
    if value <= 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    defined(paid / value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_side_and_weighted() {
        let fill = |units, price| Fill {
            units,
            reference: 100.0,
            price,
        };
        assert_eq!(slippage(&[]), Ok(0.0));
        assert!((slippage(&[fill(1.0, 100.2)]).unwrap() - 0.002).abs() < 1e-12);
        assert!((slippage(&[fill(-1.0, 99.8)]).unwrap() - 0.002).abs() < 1e-12);
        assert!(slippage(&[fill(-1.0, 100.1)]).unwrap() < 0.0);
        // 3 units at 10 bp, 1 unit at 50 bp: 20 bp.
        let mixed = [fill(3.0, 100.1), fill(-1.0, 99.5)];
        assert!((slippage(&mixed).unwrap() - 0.002).abs() < 1e-12);
        assert_eq!(slippage(&[fill(0.0, 1.0)]), Err(Undefined::ZeroDenominator));
        assert_eq!(slippage(&[fill(1.0, f64::NAN)]), Err(Undefined::NotANumber));
    }
}
