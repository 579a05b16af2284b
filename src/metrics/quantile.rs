//! Quantiles of type 7 (linear between order statistics), as numpy, R and Excel give by default.
//!
//! # Formula
//! h = (n - 1) p, i = floor(h), x\[i\] + (h - i) (x\[i+1\] - x\[i\]) on the sorted values.
//! Source: Hyndman and Fan 1996, definition 7.
//!
//! # Degenerate cases
//! No values: `too_few_observations`. Values without a number are sorted to the end at which they
//! hurt; a quantile that touches one has no value either.

use super::{MetricResult, Undefined, defined};

/// Which end of the order takes the results that have no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worst {
    /// Lower is worse: a Sharpe ratio.
    Lowest,
    /// Higher is worse: a drawdown.
    Highest,
}

/// `results` sorted ascending, those without a value at the end where they are worst.
#[must_use]
pub fn sorted(results: impl IntoIterator<Item = MetricResult>, worst: Worst) -> Vec<MetricResult> {
    let edge = match worst {
        Worst::Lowest => f64::NEG_INFINITY,
        Worst::Highest => f64::INFINITY,
    };
    let mut sorted: Vec<MetricResult> = results.into_iter().collect();
    let key = |x: &MetricResult| x.unwrap_or(edge);
    sorted.sort_by(|a, b| key(a).total_cmp(&key(b)));
    sorted
}

/// The quantile `p` (0 to 1) of values in ascending order.
///
/// # Errors
/// `too_few_observations` without values; the reason of a value that it touches.
pub fn quantile(ascending: &[MetricResult], p: f64) -> MetricResult {
    let last = ascending
        .len()
        .checked_sub(1)
        .ok_or(Undefined::TooFewObservations)?;
    let h = last as f64 * p.clamp(0.0, 1.0);
    let below = index(h).min(last);
    let at = |i: usize| {
        ascending
            .get(i)
            .copied()
            .unwrap_or(Err(Undefined::TooFewObservations))
    };
    let low = at(below)?;
    let share = h - below as f64;
    if share <= 0.0 {
        return Ok(low);
    }
    let high = at((below + 1).min(last))?;
    defined(low + share * (high - low))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "floor of a number from 0 to the length of a slice"
)]
#[expect(clippy::cast_sign_loss, reason = "not negative")]
fn index(h: f64) -> usize {
    libm::floor(h) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_numpy_does() {
        let values = sorted([3.0, 1.0, 4.0, 2.0].map(Ok), Worst::Lowest);
        for (p, wanted) in [
            (0.0, 1.0),
            (0.05, 1.15),
            (0.5, 2.5),
            (0.975, 3.925),
            (1.0, 4.0),
        ] {
            assert!(
                (quantile(&values, p).unwrap() - wanted).abs() < 1e-12,
                "{p}"
            );
        }
        assert_eq!(quantile(&[Ok(7.0)], 0.3), Ok(7.0));
        assert_eq!(quantile(&[], 0.3), Err(Undefined::TooFewObservations));
    }

    #[test]
    fn results_without_a_value_stand_at_the_worse_end() {
        let results = [Ok(1.0), Err(Undefined::ZeroVariance), Ok(3.0)];
        let low = sorted(results, Worst::Lowest);
        assert_eq!(quantile(&low, 0.05), Err(Undefined::ZeroVariance));
        assert_eq!(quantile(&low, 0.5), Ok(1.0));
        let high = sorted(results, Worst::Highest);
        assert_eq!(quantile(&high, 0.95), Err(Undefined::ZeroVariance));
        assert_eq!(quantile(&high, 0.5), Ok(3.0));
    }
}
