//! Minimum track record length: how many returns it takes until a Sharpe ratio of this size is above
//! a benchmark with a given confidence.
//!
//! # Formula
//! 1 + (1 - g3 SR + (g4 - 1)/4 SR^2) (Z(confidence) / (SR - SR*))^2, with SR, SR*, g3 and g4 as in
//! [`super::psr`] and Z the normal quantile: the number of returns at which the probabilistic Sharpe
//! ratio is exactly the confidence. Source: Bailey and Lopez de Prado 2012, The Sharpe Ratio
//! Efficient Frontier, Journal of Risk 15(2).
//!
//! # Units
//! Returns (bars), with a fraction. SR* is per period, not annualised.
//!
//! # Degenerate cases
//! A Sharpe ratio at or below the benchmark: `infinite`, no length is enough. The square would give
//! a small number there (2.13 bars for 60 losses in a row), which is what libraries print. A
//! confidence at or below one half, or not below 1: `out_of_range`. A variance of the estimate that
//! is not positive: `zero_variance`.

use super::normal::quantile;
use super::psr::Estimate;
use super::{MetricResult, Undefined, defined};

/// Returns needed until `estimate` is above `benchmark` (per period) with `confidence`.
///
/// # Errors
/// As the degenerate cases say.
pub fn min_track_record(estimate: &Estimate, benchmark: f64, confidence: f64) -> MetricResult {
    if !(confidence > 0.5 && confidence < 1.0) {
        return Err(Undefined::OutOfRange);
    }
    let above = defined(estimate.sharpe - benchmark)?;
    if above <= 0.0 {
        return Err(Undefined::Infinite);
    }
    let variance = estimate.shape_variance()?;
    let ratio = quantile(confidence)? / above;
    defined(1.0 + variance * ratio * ratio)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MONTHS: Estimate = Estimate {
        n: 24.0,
        sharpe: 0.458,
        skewness: -2.448,
        kurtosis: 10.164,
    };

    #[test]
    fn by_hand() {
        // Normal returns, SR 0.1: 1 + 1.005 (1.644853626951 / 0.1)^2.
        let normal = Estimate {
            n: 100.0,
            sharpe: 0.1,
            skewness: 0.0,
            kurtosis: 3.0,
        };
        let wanted = 1.0 + 1.005 * 16.448_536_269_514_73_f64.powi(2);
        let value = min_track_record(&normal, 0.0, 0.95).unwrap();
        assert!((value - wanted).abs() < 1e-9, "{value}");
        // The paper's hedge fund is short of 95 %: 0.913 after 24 months.
        assert!(min_track_record(&MONTHS, 0.0, 0.95).unwrap() > 24.0);
        assert!(min_track_record(&MONTHS, 0.0, 0.91).unwrap() < 24.0);
    }

    #[test]
    fn no_value() {
        for (benchmark, reason) in [
            (0.458, Undefined::Infinite),
            (0.6, Undefined::Infinite),
            (f64::NAN, Undefined::NotANumber),
        ] {
            let found = min_track_record(&MONTHS, benchmark, 0.95);
            assert_eq!(found, Err(reason), "{benchmark}");
        }
        for confidence in [0.0, 0.5, 1.0, f64::NAN] {
            let found = min_track_record(&MONTHS, 0.0, confidence);
            assert_eq!(found, Err(Undefined::OutOfRange), "{confidence}");
        }
        let bent = Estimate {
            skewness: 20.0,
            ..MONTHS
        };
        let found = min_track_record(&bent, 0.0, 0.95);
        assert_eq!(found, Err(Undefined::ZeroVariance));
    }

    proptest! {
        #[test]
        fn after_that_many_returns_the_confidence_is_reached(
            sharpe in 0.01_f64..1.0, below in 0.005_f64..0.9, skewness in -1.0_f64..0.5,
            kurtosis in 3.0_f64..9.0, confidence in 0.55_f64..0.999,
        ) {
            let some = Estimate { n: 100.0, sharpe, skewness, kurtosis };
            let n = min_track_record(&some, sharpe - below, confidence).unwrap();
            let then = Estimate { n: n.max(2.0), ..some };
            if n >= 2.0 {
                let reached = then.probability_above(sharpe - below).unwrap();
                prop_assert!((reached - confidence).abs() < 1e-9);
            }
        }
    }
}
