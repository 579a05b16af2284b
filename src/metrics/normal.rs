//! The standard normal distribution: probability and quantile.
//!
//! # Formula
//! P(x) = erfc(-x / sqrt(2)) / 2 with the `erfc` of `libm`. The quantile is found by halving the
//! interval from -40 to 40 until no f64 lies between its ends: slow, but it needs no table of
//! coefficients and is the exact inverse of the same P.
//!
//! # Degenerate cases
//! A probability of 0 or 1 has an infinite quantile: `infinite`; one outside: `out_of_range`.

use super::{MetricResult, Undefined};

/// Probability that a standard normal variable is at most `x`.
#[must_use]
pub fn probability(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// Density of the standard normal distribution at `x`.
#[must_use]
pub fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) / libm::sqrt(2.0 * std::f64::consts::PI)
}

/// The value that a standard normal variable stays at or below with probability `p`.
///
/// # Errors
/// `infinite` for 0 and 1, `out_of_range` beyond, `not_a_number`.
pub fn quantile(p: f64) -> MetricResult {
    if p.is_nan() {
        return Err(Undefined::NotANumber);
    }
    if !(0.0..=1.0).contains(&p) {
        return Err(Undefined::OutOfRange);
    }
    if p <= 0.0 || p >= 1.0 {
        return Err(Undefined::Infinite);
    }
    // The upper half mirrors the lower one, where small probabilities keep their digits.
    if p > 0.5 {
        return Ok(-quantile(1.0 - p)?);
    }
    let (mut low, mut high) = (-40.0_f64, 0.0_f64);
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return Ok(high);
        }
        if probability(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        // Abramowitz and Stegun 1964, tables 26.1 and 26.5.
        for (x, p) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_543),
            (2.0, 0.977_249_868_051_821),
            (3.0, 0.998_650_101_968_370),
            (-1.0, 0.158_655_253_931_457),
        ] {
            assert!((probability(x) - p).abs() < 1e-14, "{x}");
        }
        for (p, x) in [
            (0.975, 1.959_963_984_540_054),
            (0.95, 1.644_853_626_951_473),
            (0.99, 2.326_347_874_040_841),
            (0.5, 0.0),
            (0.001, -3.090_232_306_167_814),
        ] {
            assert!((quantile(p).unwrap() - x).abs() < 1e-12, "{p}");
        }
        assert_eq!(quantile(0.0), Err(Undefined::Infinite));
        assert_eq!(quantile(1.0), Err(Undefined::Infinite));
        assert_eq!(quantile(1.5), Err(Undefined::OutOfRange));
        assert_eq!(quantile(f64::NAN), Err(Undefined::NotANumber));
    }

    proptest! {
        #[test]
        fn quantile_is_the_inverse(p in 1e-9_f64..1.0) {
            prop_assert!((probability(quantile(p).unwrap()) - p).abs() < 1e-13);
        }
    }
}
