//! Mean and sample standard deviation: the two sums below most ratios, and the one test that says
//! when a dispersion is zero.
//!
//! # Formula
//! mean = x\[0\] + sum(x - x\[0\]) / n; std = sqrt(sum((x - mean)^2) / (n - 1)), in two passes and in
//! the order of the slice. Taking out the first value keeps a constant series exactly constant.
//!
//! # Degenerate cases
//! No value: `too_few_observations`; one value has a mean, but no standard deviation. A standard
//! deviation counts as zero when it is at most 1e-12 of the largest magnitude in the series (a
//! spread of that size is what rounding leaves of a constant), see [`Spread::is_zero`].

use super::{MetricResult, Undefined, defined};

/// A standard deviation at most this share of the largest magnitude is rounding noise.
pub const ZERO_SHARE: f64 = 1e-12;

/// Mean, sample standard deviation and largest magnitude of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation, n - 1.
    pub std: f64,
    /// Largest absolute value.
    pub largest: f64,
}

impl Spread {
    /// True when the standard deviation is zero or lost in rounding: a ratio over it has no value.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.std <= ZERO_SHARE * self.largest
    }
}

/// Arithmetic mean.
///
/// # Errors
/// `too_few_observations` without values; NaN and infinities as they come.
pub fn mean(values: &[f64]) -> MetricResult {
    let first = values
        .first()
        .copied()
        .ok_or(Undefined::TooFewObservations)?;
    let count = count_of(values);
    let sum = values.iter().fold(0.0, |sum, x| sum + (x - first));
    defined(first + sum / count)
}

/// Mean and sample standard deviation.
///
/// # Errors
/// `too_few_observations` for fewer than two values; NaN and infinities as they come.
pub fn spread(values: &[f64]) -> Result<Spread, Undefined> {
    if values.len() < 2 {
        return Err(Undefined::TooFewObservations);
    }
    let mean = mean(values)?;
    let (mut squares, mut largest) = (0.0, 0.0_f64);
    for x in values {
        let d = x - mean;
        squares += d * d;
        largest = largest.max(x.abs());
    }
    let std = defined(libm::sqrt(squares / (count_of(values) - 1.0)))?;
    Ok(Spread { mean, std, largest })
}

/// The number of values as f64; exact up to 2^53.
#[must_use]
pub fn count_of<T>(values: &[T]) -> f64 {
    values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_have_no_spread_whatever_their_rounding() {
        for constant in [0.0, 0.001, -0.3, 1e-9, 0.1] {
            let s = spread(&vec![constant; 40_000]).unwrap();
            assert!(s.is_zero(), "{constant}: {s:?}");
            assert_eq!(s.mean.to_bits(), constant.to_bits());
        }
        // A constant that went through an addition.
        let noisy: Vec<f64> = (0..1000)
            .map(|i| (0.1 + f64::from(i % 7)) - f64::from(i % 7))
            .collect();
        assert!(!noisy.iter().all(|x| x.to_bits() == noisy[0].to_bits()));
        assert!(spread(&noisy).unwrap().is_zero());
        // Small, but real.
        assert!(!spread(&[1e-9, 2e-9]).unwrap().is_zero());
    }

    #[test]
    fn hand_computed() {
        // 1, 2, 4: mean 7/3, squares 16/9 + 1/9 + 25/9 = 14/3, over 2 = 7/3.
        let s = spread(&[1.0, 2.0, 4.0]).unwrap();
        assert!((s.mean - 7.0 / 3.0).abs() < 1e-15);
        assert!((s.std - (7.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert_eq!(spread(&[1.0]), Err(Undefined::TooFewObservations));
        assert_eq!(mean(&[]), Err(Undefined::TooFewObservations));
        assert_eq!(spread(&[1.0, f64::NAN]), Err(Undefined::NotANumber));
    }
}
