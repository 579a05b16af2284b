//! The Sharpe ratio over a moving window: whether it came from all of the history or from a part.
//!
//! # Formula
//! [`super::sharpe`] of the last `window` returns up to every `step`-th bar, the last one at the last
//! bar.
//!
//! # Units
//! Annualised ratio; window and step in bars.
//!
//! # Degenerate cases
//! A window below two or longer than the series: `too_few_observations`. A step of 0:
//! `out_of_range`. A window in which nothing moves has no value: `zero_variance`.

use super::sharpe::sharpe;
use super::{MetricResult, Undefined};

/// Every window as (its last bar, its Sharpe ratio); `risk_free` is an annual fraction.
///
/// # Errors
/// As the degenerate cases say.
pub fn rolling_sharpe(
    returns: &[f64],
    (window, step): (usize, usize),
    periods_per_year: f64,
    risk_free: f64,
) -> Result<Vec<(usize, MetricResult)>, Undefined> {
    let bars = returns.len();
    if window < 2 || window > bars {
        return Err(Undefined::TooFewObservations);
    }
    if step == 0 {
        return Err(Undefined::OutOfRange);
    }
    let first = window + (bars - window) % step;
    let ends = (first..=bars).step_by(step);
    Ok(ends
        .map(|end| {
            let part = returns.get(end - window..end).unwrap_or_default();
            (end - 1, sharpe(part, periods_per_year, risk_free))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_end_at_the_last_bar() {
        let returns = [0.01, -0.02, 0.03, 0.01, 0.0, 0.0, 0.0];
        let found = rolling_sharpe(&returns, (3, 2), 252.0, 0.0).unwrap();
        let bars: Vec<usize> = found.iter().map(|w| w.0).collect();
        assert_eq!(bars, [2, 4, 6]);
        assert_eq!(found[0].1, sharpe(&returns[..3], 252.0, 0.0));
        assert_eq!(found[2].1, Err(Undefined::ZeroVariance));
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(rolling_sharpe(&returns, (8, 1), 252.0, 0.0), few);
        assert_eq!(rolling_sharpe(&returns, (1, 1), 252.0, 0.0), few);
        assert_eq!(
            rolling_sharpe(&returns, (3, 0), 252.0, 0.0),
            Err(Undefined::OutOfRange)
        );
    }
}
