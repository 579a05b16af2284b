//! Skewness and kurtosis corrected for the size of the sample, as some tools report them.
//!
//! # Formula
//! G1 = g3 sqrt(n (n - 1)) / (n - 2); G2 = (n - 1) / ((n - 2)(n - 3)) ((n + 1)(g4 - 3) + 6), an
//! excess kurtosis, with the population values g3 and g4 of [`super::psr::Estimate`]. Source: Joanes
//! and Gill 1998. Policies judge the population values; these are for comparison with quantstats.
//!
//! # Degenerate cases
//! Below three (G1) or four (G2) returns there is no correction and the population value stands, as
//! in scipy.

use super::psr::Estimate;
use super::{MetricResult, defined};

/// G1, the corrected skewness.
///
/// # Errors
/// NaN and infinities.
pub fn skewness_corrected(estimate: &Estimate) -> MetricResult {
    let n = estimate.n;
    if n < 3.0 {
        return defined(estimate.skewness);
    }
    defined(estimate.skewness * libm::sqrt(n * (n - 1.0)) / (n - 2.0))
}

/// G2, the corrected excess kurtosis (0 for a normal distribution).
///
/// # Errors
/// NaN and infinities.
pub fn excess_kurtosis_corrected(estimate: &Estimate) -> MetricResult {
    let (n, excess) = (estimate.n, estimate.kurtosis - 3.0);
    if n < 4.0 {
        return defined(excess);
    }
    defined((n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * excess + 6.0))
}

/// The estimate with both corrected moments, for a probabilistic Sharpe ratio as quantstats has it.
///
/// # Errors
/// NaN and infinities.
pub fn bias_corrected(estimate: &Estimate) -> Result<Estimate, super::Undefined> {
    Ok(Estimate {
        skewness: skewness_corrected(estimate)?,
        kurtosis: excess_kurtosis_corrected(estimate)? + 3.0,
        ..*estimate
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::psr::estimate;

    #[test]
    fn by_hand() {
        // 0, 0, 0, 4 (as per mille): mean 1, m2 3, m3 6, m4 21: g3 = 6 / 3^1.5, g4 = 21 / 9.
        let some = estimate(&[0.0, 0.0, 0.0, 0.004], 252.0, 0.0).unwrap();
        let g3 = 6.0 / 3.0_f64.powf(1.5);
        let wanted = g3 * 12.0_f64.sqrt() / 2.0;
        assert!((skewness_corrected(&some).unwrap() - wanted).abs() < 1e-12);
        // 3 / 2 (5 (7/3 - 3) + 6) = 4.
        assert!((excess_kurtosis_corrected(&some).unwrap() - 4.0).abs() < 1e-12);
        let corrected = bias_corrected(&some).unwrap();
        assert!((corrected.kurtosis - 7.0).abs() < 1e-12);
    }

    #[test]
    fn small_samples_stay_as_they_are() {
        let two = estimate(&[0.01, -0.02], 252.0, 0.0).unwrap();
        assert!(skewness_corrected(&two).unwrap().abs() < 1e-12);
        assert!((excess_kurtosis_corrected(&two).unwrap() + 2.0).abs() < 1e-12);
        let three = estimate(&[0.01, -0.02, 0.04], 252.0, 0.0).unwrap();
        let excess = excess_kurtosis_corrected(&three).unwrap();
        assert!((excess - (three.kurtosis - 3.0)).abs() < 1e-15);
    }
}
