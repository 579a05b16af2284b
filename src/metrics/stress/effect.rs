//! What a scenario did to a series, in absolute figures, and whether it helped.
//!
//! # Formula
//! Maximum drawdown and total return of both series. A stress helps when the stressed series falls
//! less deep, or ends higher, than the series itself, by more than rounding (1e-12): a crash bar that
//! replaces a worse one, a window in which wilder returns happen to cancel. Such a result is no
//! evidence of robustness, and is flagged.
//!
//! # Units
//! Positive fraction; fraction.
//!
//! # Degenerate cases
//! A series that outgrows f64 has no total return; only the drawdowns are compared then.

use crate::metrics::drawdown::max_drawdown;
use crate::metrics::total_return::total_return;
use crate::metrics::{MetricResult, Undefined};

const ROUNDING: f64 = 1e-12;

/// The stressed series' own figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Maximum drawdown of the stressed series.
    pub max_drawdown: f64,
    /// Total return of the stressed series.
    pub total_return: MetricResult,
    /// True when the stress made something better.
    pub helps: bool,
}

/// Compares `stressed` with `returns`.
///
/// # Errors
/// Returns that are no returns.
pub fn effect(returns: &[f64], stressed: &[f64]) -> Result<Effect, Undefined> {
    let (before, after) = (max_drawdown(returns)?, max_drawdown(stressed)?);
    let (grown, left) = (total_return(returns), total_return(stressed));
    let higher = match (grown, left) {
        (Ok(grown), Ok(left)) => left > grown + ROUNDING * (1.0 + grown.abs()),
        _ => false,
    };
    Ok(Effect {
        max_drawdown: after,
        total_return: left,
        helps: higher || after < before - ROUNDING,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_seen() {
        let r = [0.1, -0.4, 0.1];
        let worse = effect(&r, &[0.1, -0.5, 0.1]).unwrap();
        assert!(!worse.helps);
        assert!((worse.max_drawdown - 0.5).abs() < 1e-15);
        assert!(effect(&r, &[0.1, -0.2, 0.1]).unwrap().helps);
        // Deeper, but it ends higher.
        assert!(effect(&r, &[0.1, -0.5, 9.0]).unwrap().helps);
        // The same is no help.
        assert!(!effect(&r, &r).unwrap().helps);
        assert_eq!(effect(&r, &[-2.0]), Err(Undefined::OutOfRange));
    }
}
