//! Autocorrelation: how much a return says about the one some bars later.
//!
//! # Formula
//! rho\[k\] = sum over t of (x\[t\] - m)(x\[t+k\] - m) / sum over t of (x\[t\] - m)^2, with m the mean of
//! the whole series. Source: Box and Jenkins 1970.
//!
//! # Units
//! Ratio from -1 to 1.
//!
//! # Degenerate cases
//! Not more values than lags: `too_few_observations`. A constant series: `zero_variance`.

use super::dispersion::spread;
use super::{MetricResult, Undefined, defined};

/// Autocorrelation of `values` at `lag`.
///
/// # Errors
/// As the degenerate cases say; NaN and infinities.
pub fn autocorrelation(values: &[f64], lag: usize) -> MetricResult {
    if values.len() <= lag {
        return Err(Undefined::TooFewObservations);
    }
    let spread = spread(values)?;
    if spread.is_zero() {
        return Err(Undefined::ZeroVariance);
    }
    let d = |x: &f64| x - spread.mean;
    let squares = values.iter().fold(0.0, |sum, x| sum + d(x) * d(x));
    let pairs = values.iter().zip(values.iter().skip(lag));
    let products = pairs.fold(0.0, |sum, (a, b)| sum + d(a) * d(b));
    defined(products / squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Mean 2, deviations -1, 0, 1: products 0 and 0 at lag 1, -1 at lag 2, squares 2.
        assert_eq!(autocorrelation(&[1.0, 2.0, 3.0], 0), Ok(1.0));
        assert_eq!(autocorrelation(&[1.0, 2.0, 3.0], 1), Ok(0.0));
        assert_eq!(autocorrelation(&[1.0, 2.0, 3.0], 2), Ok(-0.5));
        assert_eq!(autocorrelation(&[0.01, -0.02], 1), Ok(-0.5));
    }

    #[test]
    fn no_value() {
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(autocorrelation(&[1.0, 2.0, 3.0], 3), few);
        assert_eq!(autocorrelation(&[], 0), few);
        assert_eq!(autocorrelation(&[0.1; 9], 1), Err(Undefined::ZeroVariance));
    }
}
