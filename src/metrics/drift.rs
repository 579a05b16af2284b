//! Drift: how far what a session showed lies from what was expected, in half-widths.
//!
//! # Formula
//! (x - centre) / (high - centre) above the centre, (centre - x) / (centre - low) below it: 0 at
//! the centre, 1 on either edge of the range. Where only one side is worse (drawdown, slippage),
//! everything on the better side is 0. The range itself comes from [`super::expected`].
//!
//! # Units
//! Ratio, not negative; the same for every metric, whatever its own unit.
//!
//! # Degenerate cases
//! At the centre: 0, also when that side has no width. Beside it on a side without width:
//! `zero_denominator`. A range whose numbers are not in order: `not_a_number`.

use super::{MetricResult, Undefined, defined};

/// What is expected of one figure: low and high edge, and the centre between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Lower edge: the 1 % quantile.
    pub low: f64,
    /// Centre: the median.
    pub centre: f64,
    /// Upper edge: the 99 % quantile.
    pub high: f64,
}

impl Range {
    /// Distance between the edges.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.high - self.low
    }

    /// The range that lies `share` (0 to 1) of the way from this one to `other`.
    #[must_use]
    pub fn towards(&self, other: &Self, share: f64) -> Self {
        let between = |a: f64, b: f64| a + share * (b - a);
        Self {
            low: between(self.low, other.low),
            centre: between(self.centre, other.centre),
            high: between(self.high, other.high),
        }
    }
}

/// Distance from the centre in half-widths, either side.
///
/// # Errors
/// As the degenerate cases say.
pub fn drift(observed: f64, range: &Range) -> MetricResult {
    let observed = defined(observed)?;
    let in_order = range.low <= range.centre && range.centre <= range.high;
    if !in_order {
        return Err(Undefined::NotANumber);
    }
    let (distance, half) = if observed >= range.centre {
        (observed - range.centre, range.high - range.centre)
    } else {
        (range.centre - observed, range.centre - range.low)
    };
    if distance <= 0.0 {
        Ok(0.0)
    } else if half <= 0.0 {
        Err(Undefined::ZeroDenominator)
    } else {
        defined(distance / half)
    }
}

/// The same where only more than expected is worse.
///
/// # Errors
/// As [`drift`].
pub fn drift_above(observed: f64, range: &Range) -> MetricResult {
    drift(defined(observed)?.max(range.centre), range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RANGE: Range = Range {
        low: -0.02,
        centre: 0.01,
        high: 0.05,
    };

    #[test]
    fn centre_edges_and_beyond() {
        for (x, wanted) in [
            (0.01, 0.0),
            (0.05, 1.0),
            (-0.02, 1.0),
            (0.03, 0.5),
            (-0.05, 2.0),
        ] {
            assert!((drift(x, &RANGE).unwrap() - wanted).abs() < 1e-12, "{x}");
        }
        assert_eq!(drift_above(-7.0, &RANGE), Ok(0.0));
        assert!((drift_above(0.05, &RANGE).unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_side_without_width() {
        let none = Range {
            low: 0.0,
            centre: 0.0,
            high: 2.0,
        };
        // Zero trades where zero is expected: an ordinary value.
        assert_eq!(drift(0.0, &none), Ok(0.0));
        assert_eq!(drift(1.0, &none), Ok(0.5));
        assert_eq!(drift(-1.0, &none), Err(Undefined::ZeroDenominator));
        assert_eq!(drift(f64::NAN, &none), Err(Undefined::NotANumber));
        assert_eq!(drift_above(f64::NAN, &none), Err(Undefined::NotANumber));
        let reversed = Range { high: -1.0, ..none };
        assert_eq!(drift(0.0, &reversed), Err(Undefined::NotANumber));
    }

    proptest! {
        #[test]
        fn zero_at_the_centre_and_growing_from_it(
            low in -1.0_f64..0.0, high in 0.001_f64..1.0, x in 0.0_f64..2.0, more in 0.0_f64..1.0,
        ) {
            let range = Range { low, centre: 0.0, high };
            prop_assert_eq!(drift(0.0, &range), Ok(0.0));
            prop_assert!(drift(x + more, &range).unwrap() >= drift(x, &range).unwrap());
            prop_assert!(drift(x, &range).unwrap() >= 0.0);
            // Another unit changes nothing.
            let scaled = Range { low: 100.0 * low, centre: 0.0, high: 100.0 * high };
            prop_assert!((drift(100.0 * x, &scaled).unwrap() - drift(x, &range).unwrap()).abs() < 1e-9);
        }
    }
}
