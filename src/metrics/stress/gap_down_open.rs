//! `gap_down_open`: the bar opens lower by the severity and does after that what it did.
//!
//! # Formula
//! r\[i\] - severity, held at -1.
//!
//! # Units
//! Severity as a fraction, 0 to 1.
//!
//! # Degenerate cases
//! As [`super::strike::Strike::check`] says. It never helps.

use super::strike::{Replacement, Strike};
use crate::metrics::Undefined;

/// The bar with the gap.
///
/// # Errors
/// As the degenerate cases say.
pub fn gap_down_open(returns: &[f64], strike: &Strike) -> Result<Replacement, Undefined> {
    strike.check(returns, 1.0)?;
    let own = returns.get(strike.bar).copied().unwrap_or(0.0);
    Ok(Replacement {
        from: strike.bar,
        returns: vec![(own - strike.severity).max(-1.0)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let strike = Strike {
            severity: 0.25,
            window: 1,
            bar: 1,
        };
        let found = gap_down_open(&[0.1, 0.02, -0.9], &strike).unwrap();
        assert_eq!(found.put_into(&[0.1, 0.02, -0.9]), [0.1, -0.23, -0.9]);
        let last = Strike { bar: 2, ..strike };
        let found = gap_down_open(&[0.1, 0.02, -0.9], &last).unwrap();
        assert_eq!(found.returns, [-1.0]);
        for bad in [
            Strike {
                severity: 1.1,
                ..strike
            },
            Strike { bar: 3, ..strike },
        ] {
            let found = gap_down_open(&[0.1, 0.02, -0.9], &bad);
            assert_eq!(found, Err(Undefined::OutOfRange));
        }
    }
}
