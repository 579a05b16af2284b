//! `trend_reversal`: what the portfolio gained in a window turns into losses.
//!
//! # Formula
//! In the window of w bars around i (from i - w/2), a return r above 0 becomes -severity x r; losses
//! stay. With a severity of 1 every gain is lost instead of made.
//!
//! # Units
//! Severity as a fraction (1 mirrors the gains, more is allowed); window in bars.
//!
//! # Degenerate cases
//! As [`super::strike::Strike::check`] says; a return is held at -1. It never helps.

use super::strike::{Replacement, Strike};
use crate::metrics::Undefined;

/// The bars of the window.
///
/// # Errors
/// As the degenerate cases say.
pub fn trend_reversal(returns: &[f64], strike: &Strike) -> Result<Replacement, Undefined> {
    strike.check(returns, f64::MAX)?;
    let (from, part) = strike.around(returns);
    let turned = |r: &f64| {
        if *r > 0.0 {
            (-strike.severity * r).max(-1.0)
        } else {
            *r
        }
    };
    Ok(Replacement {
        from,
        returns: part.iter().map(turned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let r = [0.1, 0.2, -0.1, 0.4, 0.3];
        let strike = Strike {
            severity: 0.5,
            window: 3,
            bar: 2,
        };
        let found = trend_reversal(&r, &strike).unwrap();
        assert_eq!(found.put_into(&r), [0.1, -0.1, -0.1, -0.2, 0.3]);
        let hard = Strike {
            severity: 3.0,
            bar: 4,
            ..strike
        };
        let found = trend_reversal(&r, &hard).unwrap();
        assert_eq!(found.from, 3);
        assert_eq!(found.returns[0].to_bits(), (-1.0_f64).to_bits());
    }
}
