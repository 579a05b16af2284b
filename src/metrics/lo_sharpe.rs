//! Sharpe ratio annualised with the autocorrelation of the returns, instead of the square root of
//! time.
//!
//! # Formula
//! SR q / sqrt(q + 2 sum over k = 1 .. m of (q - k) rho\[k\]), with SR per period, q periods per year
//! and rho of [`super::autocorrelation`]. Without autocorrelation it is SR sqrt(q). Source: Lo 2002,
//! The Statistics of Sharpe Ratios, Financial Analysts Journal 58(4). The sum has few lags on
//! purpose: the noise of many small ones would outweigh what they correct.
//!
//! # Units
//! Ratio.
//!
//! # Degenerate cases
//! As [`super::sharpe`]; fewer returns than lags: `too_few_observations`; a sum of autocorrelations
//! that makes the variance of a year not positive: `out_of_range`.

use super::autocorrelation::autocorrelation;
use super::sharpe::sharpe;
use super::{MetricResult, Undefined, defined};

/// Lags that reports use.
pub const LAGS: usize = 5;

/// Annualised Sharpe ratio with the first `lags` autocorrelations; `risk_free` is an annual fraction.
///
/// # Errors
/// As the degenerate cases say.
pub fn lo_sharpe(
    returns: &[f64],
    periods_per_year: f64,
    risk_free: f64,
    lags: usize,
) -> MetricResult {
    let q = periods_per_year;
    let plain = sharpe(returns, q, risk_free)?;
    let mut sum = 0.0;
    for lag in 1..=lags {
        let ahead = q - lag as f64;
        if ahead <= 0.0 {
            break;
        }
        sum += ahead * autocorrelation(returns, lag)?;
    }
    let scale = q + 2.0 * sum;
    if scale <= 0.0 {
        return Err(Undefined::OutOfRange);
    }
    // plain is SR sqrt(q).
    defined(plain * libm::sqrt(q) / libm::sqrt(scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // 1, 2, 3 per cent: SR 2, rho[1] = 0, rho[2] = -1/2; a year of four: 4 + 2 (2 x -1/2) = 2.
        let r = [0.01, 0.02, 0.03];
        let value = lo_sharpe(&r, 4.0, 0.0, 2).unwrap();
        assert!(
            (value - 2.0 * 4.0 / 2.0_f64.sqrt()).abs() < 1e-12,
            "{value}"
        );
        let none = lo_sharpe(&r, 4.0, 0.0, 0).unwrap();
        assert!((none - sharpe(&r, 4.0, 0.0).unwrap()).abs() < 1e-12);
        // Lags of a year and more weigh nothing.
        assert_eq!(lo_sharpe(&r, 1.0, 0.0, 2), lo_sharpe(&r, 1.0, 0.0, 0));
    }

    #[test]
    fn trends_lower_and_swings_raise_it() {
        let trend: Vec<f64> = (0..200).map(|i| f64::from((i / 10) % 2) * 0.01).collect();
        let swing: Vec<f64> = (0..200).map(|i| f64::from(i % 2) * 0.01).collect();
        let plain = sharpe(&trend, 252.0, 0.0).unwrap();
        assert!(lo_sharpe(&trend, 252.0, 0.0, 5).unwrap() < plain);
        let found = lo_sharpe(&swing, 252.0, 0.0, 2).unwrap();
        assert!(found > sharpe(&swing, 252.0, 0.0).unwrap());
    }

    #[test]
    fn no_value() {
        assert_eq!(
            lo_sharpe(&[0.1; 9], 252.0, 0.0, 5),
            Err(Undefined::ZeroVariance)
        );
        assert_eq!(
            lo_sharpe(&[0.1, 0.2], 252.0, 0.0, 2),
            Err(Undefined::TooFewObservations)
        );
        // Perfect swings cancel within a year.
        let swing: Vec<f64> = (0..400).map(|i| f64::from(i % 2) * 0.01).collect();
        assert_eq!(lo_sharpe(&swing, 252.0, 0.0, 1), Err(Undefined::OutOfRange));
    }
}
