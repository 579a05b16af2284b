//! Hit ratio: winning over winning and losing closed trades.
//!
//! # Formula
//! wins / (wins + losses) on net results; break-even trades count on neither side.
//!
//! # Units
//! Fraction.
//!
//! # Degenerate cases
//! No closed trade: `no_trades`. Only break-even trades: `zero_denominator`.

use super::{MetricResult, Undefined, defined};

/// Hit ratio of the net results `pnl`, one per closed trade.
///
/// # Errors
/// `no_trades`, `zero_denominator`, `not_a_number`.
pub fn hit_ratio(pnl: &[f64]) -> MetricResult {
    if pnl.is_empty() {
        return Err(Undefined::NoTrades);
    }
    let (mut wins, mut decided) = (0_u32, 0_u32);
    for x in pnl {
        let x = defined(*x)?;
        wins += u32::from(x > 0.0);
        decided += u32::from(x.abs() > 0.0);
    }
    if decided == 0 {
        return Err(Undefined::ZeroDenominator);
    }
    defined(f64::from(wins) / f64::from(decided))
}
