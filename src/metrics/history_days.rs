//! History: time covered by the bars.
//!
//! # Formula
//! (last time - first time + median spacing) / 24 hours: times name the opening of a bar, and the
//! last bar counts too. Out-of-sample windows are added up, the time between them is not.
//!
//! # Units
//! Days of 24 hours.
//!
//! # Degenerate cases
//! No bars: `too_few_observations`; one bar has no spacing: 0.

use super::periods::median_spacing_ms;
use super::{MetricResult, Undefined};
use crate::kernel::time::{DAY_MS, UtcTime};

/// Days covered by bars at `times`, ascending.
///
/// # Errors
/// `too_few_observations` without bars.
pub fn history_days(times: &[UtcTime]) -> MetricResult {
    let spacing = median_spacing_ms(times).unwrap_or(0);
    covered_days(times, spacing)
}

/// Days covered when the length of a bar is known.
///
/// # Errors
/// `too_few_observations` without bars.
pub fn covered_days(times: &[UtcTime], bar_ms: i64) -> MetricResult {
    match (times.first(), times.last()) {
        (Some(first), Some(last)) => {
            Ok((last.millis_since(*first) + bar_ms) as f64 / DAY_MS as f64)
        }
        _ => Err(Undefined::TooFewObservations),
    }
}

/// Age of the last bar at `now`, in days.
///
/// # Errors
/// `out_of_range` when the bar lies in the future.
pub fn age_days(last: UtcTime, now: UtcTime) -> MetricResult {
    let ms = now.millis_since(last);
    if ms < 0 {
        return Err(Undefined::OutOfRange);
    }
    Ok(ms as f64 / DAY_MS as f64)
}
