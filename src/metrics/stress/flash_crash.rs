//! `flash_crash`: prices fall by the severity within one bar, and half of the fall comes back over the
//! rest of the window.
//!
//! # Formula
//! At bar i: (1 + r)(1 - s) - 1. Over the next w - 1 bars (1 + r)(1 + g) - 1 each, with
//! (1 + g)^(w - 1) = (1 - s/2) / (1 - s): at the end of the window half of the fall is made up, on
//! top of what the bars did themselves. The series ends inside the window: so does the recovery.
//!
//! # Units
//! Severity as a fraction, 0 to 1; window in bars, the crash bar included.
//!
//! # Degenerate cases
//! As [`super::strike::Strike::check`] says. A window of one bar, or a severity of 1 (nothing is left
//! that could recover): no recovery. It never helps: the fall is never made up whole.

use super::strike::{Replacement, Strike};
use crate::metrics::Undefined;

/// Share of the fall that comes back.
const RECOVERED: f64 = 0.5;

/// The bars from the crash on.
///
/// # Errors
/// As the degenerate cases say.
pub fn flash_crash(returns: &[f64], strike: &Strike) -> Result<Replacement, Undefined> {
    strike.check(returns, 1.0)?;
    let s = strike.severity;
    let back = if s < 1.0 && strike.window > 1 {
        let whole = (1.0 - RECOVERED * s) / (1.0 - s);
        libm::pow(whole, 1.0 / (strike.window - 1) as f64)
    } else {
        1.0
    };
    let part = strike.ahead(returns).iter().enumerate();
    Ok(Replacement {
        from: strike.bar,
        returns: part
            .map(|(i, r)| (1.0 + r) * if i == 0 { 1.0 - s } else { back } - 1.0)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const R: [f64; 4] = [0.0, 0.1, 0.0, 0.0];

    #[test]
    fn by_hand() {
        // Half the value is lost and a quarter comes back in two bars: 1.5^(1/2) each.
        let strike = Strike {
            severity: 0.5,
            window: 3,
            bar: 1,
        };
        let found = flash_crash(&R, &strike).unwrap();
        assert_eq!(found.from, 1);
        assert!((found.returns[0] + 0.45).abs() < 1e-15);
        let growth: f64 = found.returns.iter().map(|r| 1.0 + r).product();
        assert!((growth - 1.1 * 0.75).abs() < 1e-12);
        // Cut at the end: only one of the two bars of recovery is there.
        let late = Strike { bar: 2, ..strike };
        let found = flash_crash(&R, &late).unwrap();
        assert_eq!(found.returns.len(), 2);
        assert!((found.returns[1] - (1.5_f64.sqrt() - 1.0)).abs() < 1e-12);
        let single = Strike {
            window: 1,
            ..strike
        };
        assert_eq!(flash_crash(&R, &single).unwrap().returns.len(), 1);
        let ruin = Strike {
            severity: 1.0,
            ..strike
        };
        assert_eq!(flash_crash(&R, &ruin).unwrap().returns, [-1.0, 0.0, 0.0]);
    }
}
