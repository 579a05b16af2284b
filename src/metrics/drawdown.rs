//! Maximum drawdown and its duration.
//!
//! # Formula
//! max over t of 1 - E\[t\] / max(E\[0\] .. E\[t\]), with E\[0\] = 1 before the first return included.
//! The ratio u\[t\] = E\[t\] / peak is carried on its own: u\[t\] = min(1, u\[t-1\] (1 + r\[t\])), which
//! neither over- nor underflows however long the series is.
//! Duration: the longest time from a peak to the bar at which the equity is back at it, or to the
//! last bar when it is never back.
//!
//! # Units
//! Fraction, positive: a fall of 18 % is 0.18. Durations in bars, or in days of 24 hours between
//! bar times, where E\[0\] stands one median spacing before the first bar.
//!
//! # Degenerate cases
//! No returns, or none negative: 0. Ruin: 1, and the drawdown never ends.

use super::periods::median_spacing_ms;
use super::{MetricResult, Undefined, returns::check};
use crate::kernel::time::{DAY_MS, UtcTime};

/// Maximum drawdown, positive.
///
/// # Errors
/// Returns that are no returns.
pub fn max_drawdown(returns: &[f64]) -> MetricResult {
    check(returns)?;
    let (mut ratio, mut lowest) = (1.0_f64, 1.0_f64);
    for r in returns {
        ratio = (ratio * (1.0 + r)).min(1.0);
        lowest = lowest.min(ratio);
    }
    Ok(1.0 - lowest)
}

/// Longest drawdown in bars.
///
/// # Errors
/// Returns that are no returns.
pub fn drawdown_bars(returns: &[f64]) -> Result<usize, Undefined> {
    let spans = spans(returns)?;
    Ok(spans.iter().map(|(from, to)| to - from).max().unwrap_or(0))
}

/// Longest drawdown in days; `times` are the bars' times, one per return.
///
/// # Errors
/// Returns that are no returns; `too_few_observations` when there are not as many times.
pub fn drawdown_days(returns: &[f64], times: &[UtcTime]) -> MetricResult {
    if returns.len() != times.len() {
        return Err(Undefined::TooFewObservations);
    }
    let spacing = median_spacing_ms(times).unwrap_or(0);
    let start = times.first().map_or(0, |t| t.millis() - spacing);
    // Equity index 0 is before the first return, index i is after return i - 1.
    let at = |index: usize| match index.checked_sub(1) {
        None => start,
        Some(bar) => times.get(bar).map_or(start, |t| t.millis()),
    };
    let longest = spans(returns)?
        .iter()
        .map(|(from, to)| at(*to) - at(*from))
        .max();
    Ok(longest.unwrap_or(0) as f64 / DAY_MS as f64)
}

/// Every drawdown as (index of its peak, index of its recovery or of the last bar) in the equity
/// curve E\[0\] .. E\[n\].
fn spans(returns: &[f64]) -> Result<Vec<(usize, usize)>, Undefined> {
    check(returns)?;
    let mut spans = Vec::new();
    let (mut ratio, mut peak) = (1.0_f64, 0_usize);
    for (bar, r) in returns.iter().enumerate() {
        let (before, next) = (ratio, ratio * (1.0 + r));
        ratio = next.min(1.0);
        if next >= 1.0 {
            if before < 1.0 {
                spans.push((peak, bar + 1));
            }
            peak = bar + 1;
        }
    }
    if ratio < 1.0 {
        spans.push((peak, returns.len()));
    }
    Ok(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bar_counts() {
        assert_eq!(max_drawdown(&[-0.25]), Ok(0.25));
        assert_eq!(drawdown_bars(&[-0.25]), Ok(1));
        assert_eq!(max_drawdown(&[]), Ok(0.0));
        assert_eq!(max_drawdown(&[0.0, 0.5]), Ok(0.0));
        assert_eq!(max_drawdown(&[0.01, -1.0, 0.5]), Ok(1.0));
        assert_eq!(max_drawdown(&[f64::NAN]), Err(Undefined::NotANumber));
    }

    #[test]
    fn durations_end_at_the_recovery_or_stay_open() {
        // 1, 0.5, 1, 1.5: peak 0, back at bar 2.
        assert_eq!(drawdown_bars(&[-0.5, 1.0, 0.5]), Ok(2));
        // 1, 2, 1, 1.5: peak 1, open to the end at bar 3.
        assert_eq!(drawdown_bars(&[1.0, -0.5, 0.5]), Ok(2));
        let times: Vec<UtcTime> = [0, 1, 2, 9]
            .iter()
            .map(|d| UtcTime::EPOCH.plus_days(10 + d))
            .collect();
        assert_eq!(drawdown_days(&[1.0, -0.5, 0.1, 0.1], &times), Ok(9.0));
        // From one spacing before the first bar.
        assert_eq!(drawdown_days(&[-0.5, 0.1, 0.1, 9.0], &times), Ok(10.0));
    }

    #[test]
    fn growth_beyond_f64_still_has_a_drawdown() {
        let mut returns = vec![1.0; 5000];
        returns.extend([-0.5, -0.5]);
        assert_eq!(max_drawdown(&returns), Ok(0.75));
    }
}
