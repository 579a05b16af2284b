//! Block length for resampling, chosen from the autocorrelation of the series.
//!
//! # Formula
//! With R(k) the autocovariance (divided by n) and m = 2 max(1, k0), k0 the first lag from which on
//! K = max(5, floor(log10 n)) autocorrelations in a row are below 2 sqrt(log10(n) / n); the window
//! w(k) = 1 up to m/2 and 2 (1 - k/m) beyond; G = sum w |k| R(k) and g = sum w R(k) over
//! k = -m .. m: b = (2 G^2 / D)^(1/3) n^(1/3), with D = 2 g^2 for the stationary bootstrap and
//! 4/3 g^2 for blocks of fixed length on a circle, at most ceil(min(3 sqrt n, n / 3)). Source:
//! Politis and White 2004; the factor of D as corrected by Patton, Politis and White 2009. The
//! autocorrelation at lag k is divided by the two parts it compares, as the authors' program does it.
//!
//! # Units
//! Bars, with a fraction.
//!
//! # Degenerate cases
//! A constant series, or one that is too short to look back (fewer bars than lags, below about 12):
//! 1, resampling bar by bar.

use super::bootstrap::Method;
use super::dispersion::{count_of, spread};
use super::{Undefined, defined};

/// Block lengths that suit one series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockLengths {
    /// Mean length for the stationary bootstrap.
    pub stationary: f64,
    /// Length for blocks of fixed length.
    pub circular: f64,
}

/// No blocks: bar by bar.
const SINGLE: BlockLengths = BlockLengths {
    stationary: 1.0,
    circular: 1.0,
};

/// The block lengths for `values`.
///
/// # Errors
/// `too_few_observations` without values; NaN and infinities.
pub fn block_lengths(values: &[f64]) -> Result<BlockLengths, Undefined> {
    if values.is_empty() {
        return Err(Undefined::TooFewObservations);
    }
    for x in values {
        defined(*x)?;
    }
    let n = count_of(values);
    let quiet_lags = whole(libm::log10(n)).max(5);
    let most_lags = whole(libm::ceil(libm::sqrt(n))) + quiet_lags;
    if values.len() <= most_lags + 1 {
        return Ok(SINGLE);
    }
    let spread = spread(values)?;
    if spread.is_zero() {
        return Ok(SINGLE);
    }
    let centred: Vec<f64> = values.iter().map(|x| x - spread.mean).collect();
    let lags = Lags::new(&centred, most_lags);
    let bandwidth = match lags.first_quiet(quiet_lags) {
        Some(first) => (2 * first.max(1)).min(most_lags),
        None => most_lags,
    };
    let (mut slope, mut level) = (0.0, 0.0);
    for (k, r) in lags.covariance.iter().enumerate().take(bandwidth + 1) {
        let share = k as f64 / bandwidth as f64;
        let window = if share <= 0.5 {
            1.0
        } else {
            2.0 * (1.0 - share)
        };
        // Lags of both signs; lag 0 once.
        let both = if k == 0 { 1.0 } else { 2.0 };
        slope += both * window * k as f64 * r;
        level += both * window * r;
    }
    let most = libm::ceil((3.0 * libm::sqrt(n)).min(n / 3.0));
    let length = |d: f64| {
        let cube = 2.0 * slope * slope / d;
        defined((libm::cbrt(cube) * libm::cbrt(n)).min(most))
    };
    Ok(BlockLengths {
        stationary: length(2.0 * level * level)?,
        circular: length(4.0 / 3.0 * level * level)?,
    })
}

/// Block for resampling `values` by `method`, in whole bars, at least 1; bar by bar it is 1.
///
/// # Errors
/// As [`block_lengths`].
pub fn block_automatic(values: &[f64], method: Method) -> Result<usize, Undefined> {
    let lengths = block_lengths(values)?;
    let length = match method {
        Method::Simple => 1.0,
        Method::MovingBlock => lengths.circular,
        Method::Stationary => lengths.stationary,
    };
    Ok(whole(libm::round(length)).max(1))
}

/// A small number that is not negative, cut to whole.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "logarithm, root or block length of a count: small and not negative"
)]
fn whole(x: f64) -> usize {
    x as usize
}

struct Lags {
    covariance: Vec<f64>,
    correlation: Vec<f64>,
    /// Correlations below it are noise.
    edge: f64,
}

impl Lags {
    fn new(centred: &[f64], most: usize) -> Self {
        let n = count_of(centred);
        let square = |part: &[f64]| part.iter().fold(0.0, |sum, x| sum + x * x);
        let (mut covariance, mut correlation) = (Vec::new(), Vec::new());
        for lag in 0..=most {
            let late = centred.get(lag..).unwrap_or_default();
            let product = late
                .iter()
                .zip(centred)
                .fold(0.0, |sum, (a, b)| sum + a * b);
            // One bar less on either side than the product has, as in the authors' program.
            let after = square(centred.get(lag + 1..).unwrap_or_default());
            let until = centred.len().saturating_sub(lag + 1);
            let before = square(centred.get(..until).unwrap_or_default());
            covariance.push(product / n);
            correlation.push(product.abs() / libm::sqrt(after * before));
        }
        Self {
            covariance,
            correlation,
            edge: 2.0 * libm::sqrt(libm::log10(n) / n),
        }
    }

    /// First lag at which `in_a_row` correlations are below the edge. The last lag is not looked at.
    fn first_quiet(&self, in_a_row: usize) -> Option<usize> {
        let looked_at = self.correlation.len().saturating_sub(1);
        let correlation = self.correlation.get(..looked_at)?;
        correlation
            .windows(in_a_row)
            .position(|window| window.iter().all(|r| *r < self.edge))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_and_short_series_are_drawn_bar_by_bar() {
        assert_eq!(block_lengths(&[0.001; 200]), Ok(SINGLE));
        assert_eq!(block_lengths(&[0.01, -0.02, 0.01]), Ok(SINGLE));
        assert_eq!(block_automatic(&[0.5], Method::Stationary), Ok(1));
        let teeth: Vec<f64> = (0..60).map(|i| -0.0001 * f64::from(1 + i % 7)).collect();
        let found = Method::ALL.map(|method| block_automatic(&teeth, method).unwrap());
        assert_eq!(found, [1, 20, 20]);
        assert_eq!(block_lengths(&[]), Err(Undefined::TooFewObservations));
        let hole = [0.01, f64::NAN, 0.02];
        assert_eq!(block_lengths(&hole), Err(Undefined::NotANumber));
    }

    /// A made-up series whose neighbours hang together.
    fn linked(n: usize, share: f64) -> Vec<f64> {
        let mut state = 7_u64;
        let mut last = 0.0;
        (0..n)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let noise = (state >> 11) as f64 / 9_007_199_254_740_992.0 - 0.5;
                last = share * last + noise;
                last
            })
            .collect()
    }

    #[test]
    fn the_closer_the_neighbours_the_longer_the_blocks() {
        let lengths = [0.0, 0.5, 0.9].map(|share| block_lengths(&linked(4000, share)).unwrap());
        for pair in lengths.windows(2) {
            assert!(pair[0].stationary < pair[1].stationary, "{lengths:?}");
        }
        for both in lengths {
            // (3 / 2)^(1/3) apart.
            let ratio = both.circular / both.stationary;
            assert!((ratio - 1.5_f64.cbrt()).abs() < 1e-12);
        }
        // An AR(1) series of 0.9: b = (2 a / (1 - a^2))^(2/3) n^(1/3) = 70.9 in theory.
        assert!(
            (40.0..120.0).contains(&lengths[2].stationary),
            "{lengths:?}"
        );
    }

    #[test]
    fn never_longer_than_a_third() {
        // Of 60 bars that repeat every seven; arch 8.0.0 gives 20 as well.
        let teeth: Vec<f64> = (0..60).map(|i| -0.0001 * f64::from(1 + i % 7)).collect();
        let found = block_lengths(&teeth).unwrap();
        assert_eq!(found.stationary.to_bits(), 20.0_f64.to_bits());
        assert_eq!(found.circular.to_bits(), 20.0_f64.to_bits());
    }

    #[test]
    fn by_hand() {
        // One spike in twelve bars would have no lags to look at; forty bars of +1, -1: the sum over
        // both signs of lags follows the definition above, written out.
        let swing: Vec<f64> = (0..40)
            .map(|i| if i % 2 == 0 { 1.0 } else { -1.0 })
            .collect();
        let n = 40.0_f64;
        // No lag is quiet, so m = ceil(sqrt 40) + 5 = 12; R(k) = (-1)^k (40 - k) / 40.
        let (mut slope, mut level) = (0.0, 1.0);
        for k in 1..=12 {
            let w = if k <= 6 {
                1.0
            } else {
                2.0 * (1.0 - f64::from(k) / 12.0)
            };
            let r = if k % 2 == 0 { 1.0 } else { -1.0 } * (40.0 - f64::from(k)) / 40.0;
            slope += 2.0 * w * f64::from(k) * r;
            level += 2.0 * w * r;
        }
        let raw = (slope * slope / (level * level)).cbrt() * n.cbrt();
        let found = block_lengths(&swing).unwrap().stationary;
        assert!((found - raw.min(14.0)).abs() < 1e-9, "{found} {raw}");
    }
}
