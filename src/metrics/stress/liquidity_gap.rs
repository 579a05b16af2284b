//! `liquidity_gap`: for a window nothing can be traded; when it can again, everything that happened
//! arrives at once, lower by the severity.
//!
//! # Formula
//! The window's bars return 0, the last of them (1 - s) x product of (1 + r) over the window - 1. The
//! stop that would have sold in between does not exist.
//!
//! # Units
//! Severity as a fraction, 0 to 1; window in bars from the bar on.
//!
//! # Degenerate cases
//! As [`super::strike::Strike::check`] says. At the end of the series the window is cut. The end is
//! lower by the severity, but a fall inside the window that was made up there is not seen: a drawdown
//! below that of the series itself is possible and is flagged (see [`super::effect`]).

use super::strike::{Replacement, Strike};
use crate::metrics::Undefined;

/// The bars of the window.
///
/// # Errors
/// As the degenerate cases say.
pub fn liquidity_gap(returns: &[f64], strike: &Strike) -> Result<Replacement, Undefined> {
    strike.check(returns, 1.0)?;
    let part = strike.ahead(returns);
    let growth = part.iter().fold(1.0, |growth, r| growth * (1.0 + r));
    let mut silent = vec![0.0; part.len()];
    if let Some(last) = silent.last_mut() {
        *last = growth * (1.0 - strike.severity) - 1.0;
    }
    Ok(Replacement {
        from: strike.bar,
        returns: silent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let r = [0.1, -0.5, 1.0, 0.1];
        let strike = Strike {
            severity: 0.2,
            window: 3,
            bar: 0,
        };
        let found = liquidity_gap(&r, &strike).unwrap();
        assert_eq!(found.returns[..2], [0.0, 0.0]);
        // 1.1 x 0.5 x 2 = 1.1, less 20 %.
        assert!((found.returns[2] + 0.12).abs() < 1e-12);
        let late = Strike { bar: 3, ..strike };
        let found = liquidity_gap(&r, &late).unwrap();
        assert_eq!(found.returns.len(), 1);
        assert!((found.returns[0] + 0.12).abs() < 1e-12);
    }
}
