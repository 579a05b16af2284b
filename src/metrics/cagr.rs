//! CAGR: compound annual growth rate.
//!
//! # Formula
//! E\[n\]^(q/n) - 1, with q periods per year (looked up, see [`super::periods`]) and n returns.
//! Source: geometric linking, GIPS.
//!
//! # Units
//! Fraction per year.
//!
//! # Degenerate cases
//! No returns: `too_few_observations`. Ruin: -1. A short sample can give a huge value; beyond f64
//! it is `infinite`.

use super::dispersion::count_of;
use super::{MetricResult, Undefined, defined, total_return::growth};

/// Compound annual growth rate.
///
/// # Errors
/// `too_few_observations` without returns; returns that are no returns; `infinite` beyond f64.
pub fn cagr(returns: &[f64], periods_per_year: f64) -> MetricResult {
    if returns.is_empty() {
        return Err(Undefined::TooFewObservations);
    }
    let growth = growth(returns)?;
    defined(libm::pow(growth, periods_per_year / count_of(returns)) - 1.0)
}
