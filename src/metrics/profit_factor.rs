//! Profit factor: sum of winning over sum of losing net trade results.
//!
//! # Formula
//! sum(pnl > 0) / |sum(pnl < 0)|, net of costs.
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
