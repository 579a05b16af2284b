//! Covered time: the length of the union of what sessions cover.

use serde::{Deserialize, Serialize};

use crate::kernel::time::UtcTime;

/// A half-open range of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interval {
    /// Begin.
    pub from: UtcTime,
    /// End.
    pub to: UtcTime,
}

/// Milliseconds that `intervals` cover together; what two cover counts once.
#[must_use]
pub fn union_ms(intervals: &[Interval]) -> i64 {
    let mut sorted = intervals.to_vec();
    sorted.sort();
    let mut total = 0_i64;
    let mut end: Option<UtcTime> = None;
    for interval in sorted {
        let from = end.map_or(interval.from, |end| interval.from.max(end));
        let to = interval.to.max(from);
        total = total.saturating_add(to.millis_since(from));
        end = Some(to);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(from: i64, to: i64) -> Interval {
        let at = |hours: i64| UtcTime::EPOCH.plus_millis(hours * 3_600_000);
        Interval {
            from: at(from),
            to: at(to),
        }
    }

    #[test]
    fn what_is_covered_twice_counts_once() {
        let hours = |list: &[(i64, i64)]| {
            let all: Vec<Interval> = list.iter().map(|(a, b)| interval(*a, *b)).collect();
            union_ms(&all) / 3_600_000
        };
        assert_eq!(hours(&[]), 0);
        assert_eq!(hours(&[(0, 5), (5, 7)]), 7);
        assert_eq!(hours(&[(3, 9), (0, 5)]), 9);
        assert_eq!(hours(&[(0, 10), (2, 3), (12, 13)]), 11);
        assert_eq!(hours(&[(0, 10), (0, 10), (9, 8)]), 10);
        assert_eq!(hours(&[(3, 3), (4, 2), (4, 6)]), 2);
    }
}
