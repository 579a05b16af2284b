//! Spearman's rank correlation: whether what ranks high in one list ranks high in another.
//!
//! # Formula
//! Pearson correlation of the ranks (1 is the smallest value); equal values share the mean of the
//! ranks that they take together. Source: Spearman 1904; with ties, Kendall and Gibbons, "Rank
//! Correlation Methods", 1990, chapter 3. In finance the correlation between a forecast and what
//! came of it is called the information coefficient (Grinold and Kahn 2000), over ranks the rank IC.
//!
//! # Units
//! Ratio from -1 to 1.
//!
//! # Degenerate cases
//! Fewer than two pairs, or lists of different lengths: `too_few_observations`. All values of one
//! list equal: `zero_variance`. A value that is not a number: `not_a_number`.

use super::correlation::pearson;
use super::{MetricResult, Undefined};

/// Ranks of `values` from 1, the smallest first; equal ones share their mean rank.
///
/// # Errors
/// `not_a_number` when one of them is NaN.
pub fn ranks(values: &[f64]) -> Result<Vec<f64>, Undefined> {
    if values.iter().any(|x| x.is_nan()) {
        return Err(Undefined::NotANumber);
    }
    // A negative zero equals zero.
    let mut order: Vec<(usize, f64)> = values.iter().map(|x| x + 0.0).enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0_usize;
    for alike in order.chunk_by(|a, b| a.1.to_bits() == b.1.to_bits()) {
        let (first, last) = (before + 1, before + alike.len());
        let mean = f64::midpoint(first as f64, last as f64);
        for (index, _) in alike {
            if let Some(rank) = ranks.get_mut(*index) {
                *rank = mean;
            }
        }
        before = last;
    }
    Ok(ranks)
}

/// Rank correlation of two aligned lists.
///
/// # Errors
/// `too_few_observations`, `zero_variance`, `not_a_number`.
pub fn spearman(x: &[f64], y: &[f64]) -> MetricResult {
    if x.len() != y.len() || x.len() < 2 {
        return Err(Undefined::TooFewObservations);
    }
    pearson(&ranks(x)?, &ranks(y)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_mean_rank() {
        let found = ranks(&[30.0, 10.0, 20.0, 20.0, -0.0, 0.0]).unwrap();
        assert_eq!(found, [6.0, 3.0, 4.5, 4.5, 1.5, 1.5]);
        assert_eq!(ranks(&[1.0, f64::NAN]), Err(Undefined::NotANumber));
        let ends = [f64::INFINITY, 0.0, f64::NEG_INFINITY];
        assert_eq!(ranks(&ends).unwrap(), [3.0, 2.0, 1.0]);
    }

    #[test]
    fn hand_computed() {
        // Without ties 1 - 6 sum(d^2) / (n (n^2 - 1)): differences 0, 1, 1, 0, so 1 - 12/60.
        let found = spearman(&[1.0, 2.0, 3.0, 4.0], &[10.0, 30.0, 20.0, 1e9]).unwrap();
        assert!((found - 0.8).abs() < 1e-15, "{found}");
        // Any growing map of the values leaves it as it is.
        let x = [0.3, -2.0, 5.0, 0.1, 7.5];
        let y = x.map(|v: f64| libm::exp(v));
        assert!((spearman(&x, &y).unwrap() - 1.0).abs() < 1e-15);
        let down = x.map(|v| -v);
        assert!((spearman(&x, &down).unwrap() + 1.0).abs() < 1e-15);
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: covariance 4.5, squares 4.5 and 5.
        let found = spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((found - 4.5 / (4.5_f64 * 5.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn without_order_there_is_none() {
        assert_eq!(spearman(&[1.0], &[1.0]), Err(Undefined::TooFewObservations));
        assert_eq!(
            spearman(&[1.0, 2.0], &[1.0]),
            Err(Undefined::TooFewObservations)
        );
        assert_eq!(
            spearman(&[1.0, 2.0], &[5.0, 5.0]),
            Err(Undefined::ZeroVariance)
        );
    }
}
