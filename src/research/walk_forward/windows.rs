//! The windows of a walk-forward over a time line.
//!
//! Test windows begin `train` after the first bar and then every `step`; each lasts `test`. The train
//! window of a test window is the `train` before it, or all bars from the first one on when it is
//! anchored. The last test window is cut where the data ends. Windows are measured in time, so that a
//! gap in the data shortens a window and does not move the others; a test window without a bar is left
//! out.
//!
//! **Purge**: the last `purge` bars before a test window are not in its train window, which gets
//! shorter by them. **Embargo**: the `embargo` bars behind every earlier test window are left out of
//! the train windows of later ones, which get holes: inside a hole nothing is held and nothing counts.
//! Both are after Lopez de Prado 2018 ("Advances in Financial Machine Learning", chapter 7), who leaves
//! observations out of the train set whose outcome overlaps the test set, and those that follow the
//! test set too closely to be independent of it. A position here ends with its window, so that no
//! outcome overlaps anything; what purge and embargo thin out is the serial dependence of the bars
//! about the edges. Left-out bars still feed the indicators: they are the past of what comes later.

use std::ops::Range;

use crate::kernel::time::UtcTime;
use crate::metrics::periods::median_spacing_ms;

/// Most windows of one walk-forward: each costs a sweep over its train bars.
pub const WINDOWS_MAX: usize = 10_000;

/// How windows are laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lengths {
    /// Length of the train window, milliseconds, above 0.
    pub train_ms: i64,
    /// Length of the test window, milliseconds, above 0.
    pub test_ms: i64,
    /// From one test window's start to the next one's, milliseconds, at least `test_ms`.
    pub step_ms: i64,
    /// Train windows begin at the first bar.
    pub anchored: bool,
    /// Bars before a test window that are not trained on.
    pub purge: usize,
    /// Bars behind an earlier test window that are not trained on.
    pub embargo: usize,
}

/// One window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Bars that are trained on, as ranges in order; no range where nothing is left.
    pub train: Vec<Range<usize>>,
    /// Bars that are tested on.
    pub test: Range<usize>,
    /// The data ends before the test window does.
    pub cut: bool,
}

/// Why there are no windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowsError {
    /// A length that is none.
    #[error("train, test and step have to be longer than nothing")]
    Empty,
    /// Test windows that overlap.
    #[error(
        "a step shorter than the test window tests the same bars twice, and no series can be made of them"
    )]
    Overlap,
    /// No bar behind the first train window.
    #[error("the bars end before the first test window begins: the train window takes all of them")]
    TooShort,
    /// More than anybody reads.
    #[error("there would be more than {WINDOWS_MAX} windows; take a longer step")]
    TooMany,
}

impl Window {
    /// Bars that are trained on.
    #[must_use]
    pub fn train_bars(&self) -> usize {
        self.train.iter().map(Range::len).sum()
    }
}

/// The windows over `times`, ascending.
///
/// # Errors
/// Lengths that do not fit together, or no bar behind the first train window.
pub fn windows(times: &[UtcTime], lengths: Lengths) -> Result<Vec<Window>, WindowsError> {
    let Lengths {
        train_ms,
        test_ms,
        step_ms,
        ..
    } = lengths;
    if train_ms <= 0 || test_ms <= 0 || step_ms <= 0 {
        return Err(WindowsError::Empty);
    }
    if step_ms < test_ms {
        return Err(WindowsError::Overlap);
    }
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return Err(WindowsError::TooShort);
    };
    let at = |time: UtcTime| times.partition_point(|t| *t < time);
    // A window is cut when not even the last bar, as long as most are, reaches its end.
    let bar = median_spacing_ms(times).unwrap_or(0);
    let mut windows: Vec<Window> = Vec::new();
    let mut from = first.plus_millis(train_ms);
    while from <= *last {
        let to = from.plus_millis(test_ms);
        let test = at(from)..at(to);
        if !test.is_empty() {
            if windows.len() == WINDOWS_MAX {
                return Err(WindowsError::TooMany);
            }
            let begin = match lengths.anchored {
                true => 0,
                false => at(from.plus_millis(-train_ms)),
            };
            let end = test.start.saturating_sub(lengths.purge);
            let earlier = windows.iter().map(|window| window.test.end);
            windows.push(Window {
                train: kept(begin..end, earlier, lengths.embargo),
                test,
                cut: to.millis_since(*last) > bar,
            });
        }
        let next = from.plus_millis(step_ms);
        // Times end with the year 9999: what no longer moves is at their end.
        if next <= from {
            break;
        }
        from = next;
    }
    match windows.is_empty() {
        true => Err(WindowsError::TooShort),
        false => Ok(windows),
    }
}

/// What of `train` is left when `embargo` bars behind each of `ends`, ascending, are taken out.
fn kept(
    train: Range<usize>,
    ends: impl Iterator<Item = usize>,
    embargo: usize,
) -> Vec<Range<usize>> {
    let mut left = Vec::new();
    let mut from = train.start;
    if embargo > 0 {
        for end in ends {
            let hole = end.max(from)..end.saturating_add(embargo).min(train.end);
            if hole.is_empty() {
                continue;
            }
            left.push(from..hole.start);
            from = hole.end;
        }
    }
    left.push(from..train.end);
    left.retain(|range| !range.is_empty());
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::{DAY_MS, HOUR_MS};
    use proptest::prelude::*;

    fn hours(n: i64) -> Vec<UtcTime> {
        (0..n)
            .map(|h| UtcTime::EPOCH.plus_millis(h * HOUR_MS))
            .collect()
    }

    fn lengths(train: i64, test: i64, step: i64) -> Lengths {
        Lengths {
            train_ms: train * DAY_MS,
            test_ms: test * DAY_MS,
            step_ms: step * DAY_MS,
            anchored: false,
            purge: 0,
            embargo: 0,
        }
    }

    fn days(windows: &[Window]) -> Vec<(usize, usize, usize, usize)> {
        let day = |w: &Window| {
            let (first, last) = (w.train.first().unwrap(), w.train.last().unwrap());
            (
                first.start / 24,
                last.end / 24,
                w.test.start / 24,
                w.test.end / 24,
            )
        };
        windows.iter().map(day).collect()
    }

    #[test]
    fn windows_roll_and_the_last_is_cut() {
        let found = windows(&hours(24 * 200), lengths(90, 30, 30)).unwrap();
        assert_eq!(
            days(&found),
            [
                (0, 90, 90, 120),
                (30, 120, 120, 150),
                (60, 150, 150, 180),
                (90, 180, 180, 200)
            ]
        );
        let cut: Vec<bool> = found.iter().map(|w| w.cut).collect();
        assert_eq!(cut, [false, false, false, true]);
        // A last window that the data fills is whole.
        let found = windows(&hours(24 * 150), lengths(90, 30, 30)).unwrap();
        assert!(!found[1].cut && found.len() == 2);
    }

    #[test]
    fn a_hole_before_the_last_bar_does_not_make_a_cut_window_whole() {
        // Hourly to day 125, then one bar on day 140: the window to day 150 lacks ten days.
        let mut times = hours(24 * 125);
        times.push(UtcTime::EPOCH.plus_millis(140 * DAY_MS));
        let found = windows(&times, lengths(90, 30, 30)).unwrap();
        let cut: Vec<bool> = found.iter().map(|w| w.cut).collect();
        assert_eq!(cut, [false, true]);
        // With its last hour behind the hole it is whole.
        times.push(UtcTime::EPOCH.plus_millis(150 * DAY_MS - HOUR_MS));
        let found = windows(&times, lengths(90, 30, 30)).unwrap();
        assert!(!found[1].cut && found.len() == 2);
    }

    #[test]
    fn anchored_train_windows_grow_and_steps_leave_bars_out() {
        let rule = Lengths {
            anchored: true,
            ..lengths(90, 10, 30)
        };
        let found = windows(&hours(24 * 160), rule).unwrap();
        assert_eq!(
            days(&found),
            [(0, 90, 90, 100), (0, 120, 120, 130), (0, 150, 150, 160)]
        );
    }

    #[test]
    fn purge_shortens_and_embargo_makes_holes() {
        let rule = Lengths {
            purge: 24,
            embargo: 48,
            ..lengths(90, 30, 30)
        };
        let found = windows(&hours(24 * 210), rule).unwrap();
        let train = |k: usize| -> Vec<(usize, usize)> {
            let day = |r: &Range<usize>| (r.start / 24, r.end / 24);
            found[k].train.iter().map(day).collect()
        };
        assert_eq!(train(0), [(0, 89)]);
        // The window before ended where this test begins: its embargo lies in the test window.
        assert_eq!(train(1), [(30, 119)]);
        assert_eq!(train(2), [(60, 120), (122, 149)]);
        assert_eq!(train(3), [(90, 120), (122, 150), (152, 179)]);
        assert_eq!(found[3].train_bars(), (30 + 28 + 27) * 24);
        // So much of both that nothing is left to train on.
        let rule = Lengths {
            purge: 24 * 90,
            ..lengths(90, 30, 30)
        };
        assert!(windows(&hours(24 * 100), rule).unwrap()[0].train.is_empty());
    }

    #[test]
    fn lengths_that_fit_nothing_are_refused() {
        let times = hours(24 * 90);
        let refused = |lengths| windows(&times, lengths).unwrap_err();
        assert_eq!(refused(lengths(90, 30, 30)), WindowsError::TooShort);
        assert_eq!(refused(lengths(0, 30, 30)), WindowsError::Empty);
        assert_eq!(refused(lengths(10, 30, 29)), WindowsError::Overlap);
        assert_eq!(windows(&[], lengths(1, 1, 1)), Err(WindowsError::TooShort));
        let many = Lengths {
            train_ms: HOUR_MS,
            test_ms: HOUR_MS,
            step_ms: HOUR_MS,
            ..lengths(1, 1, 1)
        };
        let found = windows(&hours(20_000), many);
        assert_eq!(found, Err(WindowsError::TooMany));
    }

    proptest! {
        #[test]
        fn no_train_bar_is_at_or_after_its_test_window(
            (bars, train, test, more) in (50_i64..800, 1_i64..300, 1_i64..100, 0_i64..50),
            (purge, embargo) in (0_usize..40, 0_usize..40),
            anchored: bool,
            gap in 0_usize..400,
        ) {
            let mut times = hours(bars);
            let gap = gap.min(times.len());
            times.drain(gap..(gap + 60).min(times.len()));
            let rule = Lengths {
                train_ms: train * HOUR_MS,
                test_ms: test * HOUR_MS,
                step_ms: (test + more) * HOUR_MS,
                anchored,
                purge,
                embargo,
            };
            let Ok(found) = windows(&times, rule) else {
                return Ok(());
            };
            let mut tested = 0;
            for (index, window) in found.iter().enumerate() {
                prop_assert!(!window.test.is_empty() && window.test.start >= tested);
                tested = window.test.end;
                let mut before = 0;
                for range in &window.train {
                    prop_assert!(range.start >= before && !range.is_empty());
                    before = range.end;
                    for earlier in found.iter().take(index) {
                        let end = earlier.test.end;
                        let apart = range.end <= end || range.start >= end + embargo;
                        prop_assert!(apart || embargo == 0);
                    }
                }
                prop_assert!(before + purge <= window.test.start || window.train.is_empty());
            }
            // Truncating the future changes no window that it does not reach into.
            let half = times.len() / 2;
            let shorter = windows(&times[..half], rule).unwrap_or_default();
            for (window, whole) in shorter.iter().zip(&found) {
                prop_assert_eq!(&window.train, &whole.train);
                prop_assert_eq!(window.test.start, whole.test.start);
                prop_assert_eq!(window.test.end, whole.test.end.min(half));
            }
        }
    }
}
