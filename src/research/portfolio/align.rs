//! Alignment: the bars of several symbols on one time line.
//!
//! Only times at which every symbol has a bar are kept (an inner join): a strategy never trades a
//! bar that another one does not know. A price move across a dropped bar is not lost, it shows as a
//! gap to the next kept open. How many bars each symbol lost is reported, never hidden.

use crate::kernel::time::UtcTime;
use crate::research::market::bar::Bar;

/// Bars on one time line.
#[derive(Debug, Clone, PartialEq)]
pub struct Aligned {
    /// Open times.
    pub times: Vec<UtcTime>,
    /// Per input series, its bars at these times.
    pub bars: Vec<Vec<Bar>>,
    /// Per input series, how many bars inside the common range were dropped because another
    /// series has none there.
    pub dropped: Vec<usize>,
}

/// Why series cannot be aligned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlignError {
    /// A series without bars.
    #[error("a series has no bars")]
    Empty,
    /// No common time.
    #[error("the series have no time in common")]
    Disjoint,
}

/// Joins `series`, each in ascending order of time.
///
/// # Errors
/// When one is empty, or they have no time in common.
pub fn align(series: &[&[Bar]]) -> Result<Aligned, AlignError> {
    let mut firsts = Vec::with_capacity(series.len());
    let mut lasts = Vec::with_capacity(series.len());
    for bars in series {
        firsts.push(bars.first().ok_or(AlignError::Empty)?.time);
        lasts.push(bars.last().ok_or(AlignError::Empty)?.time);
    }
    let first = firsts.into_iter().max().ok_or(AlignError::Empty)?;
    let last = lasts.into_iter().min().ok_or(AlignError::Empty)?;
    let ranges: Vec<&[Bar]> = series
        .iter()
        .map(|bars| between(bars, first, last))
        .collect();
    let mut times: Vec<UtcTime> = Vec::new();
    for (index, range) in ranges.iter().enumerate() {
        if index == 0 {
            times = range.iter().map(|bar| bar.time).collect();
        } else {
            let mut rest = range.iter().map(|bar| bar.time).peekable();
            times.retain(|time| {
                while rest.next_if(|other| other < time).is_some() {}
                rest.peek() == Some(time)
            });
        }
    }
    if times.is_empty() {
        return Err(AlignError::Disjoint);
    }
    let bars: Vec<Vec<Bar>> = ranges.iter().map(|range| at(range, &times)).collect();
    let dropped = ranges
        .iter()
        .map(|range| range.len() - times.len())
        .collect();
    Ok(Aligned {
        times,
        bars,
        dropped,
    })
}

/// The bars from `first` to `last`, both included.
fn between(bars: &[Bar], first: UtcTime, last: UtcTime) -> &[Bar] {
    let from = bars.partition_point(|bar| bar.time < first);
    let to = bars.partition_point(|bar| bar.time <= last);
    bars.get(from..to).unwrap_or_default()
}

fn at(bars: &[Bar], times: &[UtcTime]) -> Vec<Bar> {
    if bars.len() == times.len() {
        return bars.to_vec();
    }
    let mut wanted = times.iter().peekable();
    bars.iter()
        .filter(|bar| wanted.next_if(|time| **time == bar.time).is_some())
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(hours: &[i64]) -> Vec<Bar> {
        hours
            .iter()
            .map(|h| Bar {
                time: UtcTime::EPOCH.plus_millis(h * 3_600_000),
                open: 1.0,
                high: 1.0,
                low: 1.0,
                close: *h as f64,
                volume: 0.0,
            })
            .collect()
    }

    #[test]
    fn only_common_times_are_kept_and_losses_counted() {
        let (a, b, c) = (
            bars(&[0, 1, 2, 4, 5, 6]),
            bars(&[1, 2, 3, 4, 6, 7]),
            bars(&[1, 2, 3, 4, 5, 6]),
        );
        let joined = align(&[&a, &b, &c]).unwrap();
        for own in &joined.bars {
            let hours: Vec<f64> = own.iter().map(|bar| bar.close).collect();
            assert_eq!(hours, [1.0, 2.0, 4.0, 6.0]);
        }
        // Inside 1..=6: a has five, b five, c six.
        assert_eq!(joined.dropped, [1, 1, 2]);
    }

    #[test]
    fn nothing_in_common_is_an_error() {
        let (a, b) = (bars(&[0, 2, 4]), bars(&[1, 3]));
        assert_eq!(align(&[&a, &b]), Err(AlignError::Disjoint));
        assert_eq!(align(&[&a, &[]]), Err(AlignError::Empty));
        let late = bars(&[9]);
        assert_eq!(align(&[&a, &late]), Err(AlignError::Disjoint));
    }
}
