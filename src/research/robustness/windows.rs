//! Walk-forward windows over a time line.
//!
//! From the first bar on, `train` days are skipped; then come test windows of `test` days, one after
//! the other without gap (the step is the test window), the last one cut at the end of the data.
//! The parameters are never refitted (`fixed_parameters`), so a test window is a slice of the full
//! run, with positions carried over its edges; the training windows only say how much history came
//! before. Where a preset says until when it was developed, everything later is the one window.

use std::ops::Range;

use crate::kernel::time::UtcTime;
use crate::research::portfolio::configuration::WalkForward;

/// The test windows as index ranges into `times` (ascending); windows without bars are left out.
#[must_use]
pub fn test_windows(times: &[UtcTime], walk_forward: WalkForward) -> Vec<Range<usize>> {
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return Vec::new();
    };
    let step = walk_forward.test_days.max(1);
    let mut from = first.plus_days(walk_forward.train_days);
    let mut windows = Vec::new();
    let mut start = times.partition_point(|time| *time < from);
    while from <= *last {
        let to = from.plus_days(step);
        if to <= from {
            break;
        }
        let end = times.partition_point(|time| *time < to);
        if end > start {
            windows.push(start..end);
        }
        (from, start) = (to, end);
    }
    windows
}

/// Everything after `end`, the time at which development stopped: one window, or none.
#[must_use]
pub fn window_after(times: &[UtcTime], end: UtcTime) -> Vec<Range<usize>> {
    let start = times.partition_point(|time| *time <= end);
    let window = (start < times.len()).then_some(start..times.len());
    window.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::HOUR_MS;

    fn hours(n: i64) -> Vec<UtcTime> {
        (0..n)
            .map(|h| UtcTime::EPOCH.plus_millis(h * HOUR_MS))
            .collect()
    }

    const RULE: WalkForward = WalkForward {
        train_days: 90,
        test_days: 30,
    };

    #[test]
    fn test_windows_follow_each_other_and_the_last_is_cut() {
        let windows = test_windows(&hours(24 * 200), RULE);
        let days: Vec<_> = windows.iter().map(|w| (w.start / 24, w.end / 24)).collect();
        assert_eq!(days, [(90, 120), (120, 150), (150, 180), (180, 200)]);
    }

    #[test]
    fn every_later_bar_is_in_exactly_one_window() {
        let mut times = hours(24 * 400);
        times.drain(24 * 100..24 * 260);
        let windows = test_windows(&times, RULE);
        assert_eq!(windows.first().unwrap().start, 24 * 90);
        assert_eq!(windows.last().unwrap().end, times.len());
        for pair in windows.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
        }
        assert!(windows.iter().all(|w| !w.is_empty()));
    }

    #[test]
    fn short_histories_have_no_out_of_sample_part() {
        assert!(test_windows(&hours(24 * 90), RULE).is_empty());
        assert_eq!(test_windows(&hours(24 * 90 + 1), RULE).len(), 1);
        assert!(test_windows(&[], RULE).is_empty());
    }

    #[test]
    fn only_bars_that_open_later_come_after_the_development() {
        let times = hours(48);
        let after = |hour: i64| window_after(&times, UtcTime::EPOCH.plus_millis(hour * HOUR_MS));
        assert_eq!(after(23).first(), Some(&(24..48)));
        assert_eq!(after(46).first(), Some(&(47..48)));
        assert!(after(47).is_empty() && after(1000).is_empty());
        assert!(window_after(&[], UtcTime::EPOCH).is_empty());
    }
}
