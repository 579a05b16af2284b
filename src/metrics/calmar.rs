//! Calmar ratio: CAGR over maximum drawdown, both over the whole sample.
//!
//! # Formula
//! cagr / max_drawdown. Source: Young 1991 (who used the last 36 months; here it is the sample).
//!
//! # Units
//! Ratio.
//!
//! # Degenerate cases
//! No drawdown: `zero_denominator`. No returns: `too_few_observations`.

use super::{MetricResult, Undefined, cagr::cagr, defined, drawdown::max_drawdown};

/// Calmar ratio.
///
/// # Errors
/// `zero_denominator`, `too_few_observations`, or returns that are no returns.
pub fn calmar(returns: &[f64], periods_per_year: f64) -> MetricResult {
    let growth = cagr(returns, periods_per_year)?;
    let drawdown = max_drawdown(returns)?;
    if drawdown <= 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    defined(growth / drawdown)
}
