//! The test windows of an out-of-sample series, and which trades fall into them.
//!
//! A trade belongs to a window when it was closed inside: from the opening of the window's first
//! bar to the end of its last one (one median spacing of the full series after its opening).

use super::manifest::Span;
use super::parts::span_of;
use super::series::{FullSeries, OosSeries};
use super::trades::Trade;
use crate::kernel::time::UtcTime;
use crate::metrics::periods::median_spacing_ms;

/// Windows as half-open ranges of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    ranges: Vec<(UtcTime, UtcTime)>,
}

impl Windows {
    /// The windows of `oos`, with the bar length of `full`.
    #[must_use]
    pub fn of(full: &FullSeries, oos: &OosSeries) -> Self {
        let bar_ms = median_spacing_ms(&full.times).unwrap_or(0);
        let ranges = spans_of(oos)
            .into_iter()
            .map(|span| (span.first, span.last.plus_millis(bar_ms)))
            .collect();
        Self { ranges }
    }

    /// True when `trade` was closed inside a window.
    #[must_use]
    pub fn hold(&self, trade: &Trade) -> bool {
        trade.exit_time.is_some_and(|exit| {
            let after = self.ranges.partition_point(|(first, _)| *first <= exit);
            let window = after.checked_sub(1).and_then(|i| self.ranges.get(i));
            window.is_some_and(|(_, end)| exit < *end)
        })
    }

    /// Days that the windows cover together.
    #[must_use]
    pub fn days(&self) -> f64 {
        let ms: i64 = self
            .ranges
            .iter()
            .map(|(first, end)| end.millis_since(*first))
            .sum();
        ms as f64 / crate::kernel::time::DAY_MS as f64
    }
}

/// The windows of `oos` in order, by their numbers.
#[must_use]
pub fn spans_of(oos: &OosSeries) -> Vec<Span> {
    let rows: Vec<(UtcTime, u32)> = oos
        .times
        .iter()
        .copied()
        .zip(oos.windows.iter().copied())
        .collect();
    rows.chunk_by(|a, b| a.1 == b.1)
        .filter_map(|window| {
            let times: Vec<UtcTime> = window.iter().map(|(time, _)| *time).collect();
            span_of(&times)
        })
        .collect()
}
