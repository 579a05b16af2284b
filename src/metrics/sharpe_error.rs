//! Standard error of a Sharpe ratio, for returns of any shape.
//!
//! # Formula
//! sqrt((1 - g3 SR + (g4 - 1)/4 SR^2) / (n - 1)) x sqrt(q), with SR per period and g3, g4 the
//! population skewness and raw kurtosis. Source: Jobson and Korkie 1981 for normal returns; Mertens
//! 2002 for the two further moments. Returns that depend on each other need more: see
//! [`super::lo_sharpe`] and the block bootstrap.
//!
//! # Units
//! As the annualised Sharpe ratio.
//!
//! # Degenerate cases
//! Fewer than two returns: `too_few_observations`. A variance that is not positive: `zero_variance`.

use super::psr::Estimate;
use super::{MetricResult, Undefined, defined};

/// Standard error of the annualised Sharpe ratio behind `estimate`.
///
/// # Errors
/// As the degenerate cases say.
pub fn sharpe_error(estimate: &Estimate, periods_per_year: f64) -> MetricResult {
    if estimate.n < 2.0 {
        return Err(Undefined::TooFewObservations);
    }
    let variance = estimate.shape_variance()? / (estimate.n - 1.0);
    defined(libm::sqrt(variance) * libm::sqrt(periods_per_year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Normal, SR 0.2, 101 returns: sqrt(1.02 / 100) = 0.1009950494, x sqrt(252).
        let some = Estimate {
            n: 101.0,
            sharpe: 0.2,
            skewness: 0.0,
            kurtosis: 3.0,
        };
        let value = sharpe_error(&some, 252.0).unwrap();
        assert!((value - 0.0102_f64.sqrt() * 252.0_f64.sqrt()).abs() < 1e-12);
        let one = Estimate { n: 1.0, ..some };
        assert_eq!(
            sharpe_error(&one, 252.0),
            Err(Undefined::TooFewObservations)
        );
        let bent = Estimate {
            skewness: 9.0,
            ..some
        };
        assert_eq!(sharpe_error(&bent, 252.0), Err(Undefined::ZeroVariance));
    }
}
