//! The quality of the rows of one symbol: which faults they have, and the bars that remain.
//!
//! In: rows in file order, the interval, the faults accepted by name. Out: figures that describe
//! the file as it is, and bars after the remedies of `FaultCode::remedy`. A file that runs newest
//! first is turned round; that is no fault. A row is counted under the first fault that it has, in
//! the order non_finite, non_positive, invalid_bar.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::bar::Bar;
use super::fault::{FaultCode, FaultRecord};
use super::rows::RawRow;
use super::timeframe::Timeframe;
use super::volume_swap::{self, Volumes};
use crate::kernel::time::UtcTime;

/// Numbers beyond this are no prices and no volumes.
const MAGNITUDE_MAX: f64 = 1e18;
/// Jumps between a close and the next open that splits make: ratios, each within 2 %.
const SPLIT_RATIOS: [f64; 14] = [
    1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 50.0, 100.0,
];
/// How near a jump must be to one of them.
const SPLIT_TOLERANCE: f64 = 0.02;

/// What was found in the rows of one symbol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Figures {
    /// Rows in the file.
    pub rows: i64,
    /// Earliest time.
    pub first: Option<UtcTime>,
    /// Latest time.
    pub last: Option<UtcTime>,
    /// Steps longer than the interval.
    pub gaps: i64,
    /// Bars missing in them.
    pub missing_bars: i64,
    /// Rows without trading.
    pub zero_volume: i64,
    /// Rows whose range does not hold open and close.
    pub invalid_bars: i64,
    /// Rows repeated word by word.
    pub duplicates: i64,
    /// Every fault found.
    pub faults: Vec<FaultRecord>,
    /// The interval that most steps have, where it is a timeframe: for a hint, not for the record.
    #[serde(skip)]
    #[schemars(skip)]
    pub usual_step: Option<Timeframe>,
}

/// Figures, and the bars after the remedies.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// What was found.
    pub figures: Figures,
    /// What remains; to be used only when nothing is refused.
    pub bars: Vec<Bar>,
}

impl Figures {
    /// The faults that refuse the file.
    #[must_use]
    pub fn refusing(&self) -> Vec<&FaultRecord> {
        self.faults.iter().filter(|fault| !fault.accepted).collect()
    }
}

/// Faults while they are counted.
#[derive(Debug, Default)]
struct Counts(BTreeMap<FaultCode, (i64, i64)>);

impl Counts {
    fn add(&mut self, code: FaultCode, line: i64) {
        let entry = self.0.entry(code).or_insert((0, line));
        entry.0 += 1;
        entry.1 = entry.1.min(line);
    }

    fn of(&self, code: FaultCode) -> i64 {
        self.0.get(&code).map_or(0, |(count, _)| *count)
    }
}

/// Judges the rows of one symbol.
#[must_use]
pub fn assess(
    rows: Vec<RawRow>,
    timeframe: Timeframe,
    accepted: &BTreeSet<FaultCode>,
) -> Assessment {
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let mut counts = Counts::default();
    let mut swapped = Counts::default();
    let mut rows = in_order(rows, &mut counts);
    let interval = timeframe.millis();
    let grid = grid_offset(&rows, interval);
    let mut times: Vec<(UtcTime, i64)> = rows.iter().map(|row| (row.time, row.line)).collect();
    times.dedup_by_key(|(time, _)| *time);
    let missing_bars = check_steps(&times, interval, grid, &mut counts);

    rows.retain_mut(|row| keep_values(row, &mut counts, &mut swapped));
    rows = without_duplicates(rows, &mut counts);
    rows.retain(|row| row.time.millis().rem_euclid(interval) == grid);
    check_jumps(&rows, &mut counts);
    if rows.is_empty() {
        counts.0.insert(FaultCode::Empty, (1, 0));
    }

    let figures = Figures {
        rows: count,
        first: times.first().map(|(time, _)| *time),
        last: times.last().map(|(time, _)| *time),
        gaps: counts.of(FaultCode::Gap),
        missing_bars,
        zero_volume: counts.of(FaultCode::ZeroVolume),
        invalid_bars: counts.of(FaultCode::InvalidBar),
        duplicates: counts.of(FaultCode::Duplicate),
        faults: records(&counts, &swapped, accepted),
        usual_step: Timeframe::from_millis(usual_step(&times).unwrap_or(interval)),
    };
    Assessment {
        figures,
        bars: rows.iter().map(bar_of).collect(),
    }
}

/// The rows by time, oldest first; a step against the file's own direction is an order break.
fn in_order(mut rows: Vec<RawRow>, counts: &mut Counts) -> Vec<RawRow> {
    let steps = || rows.iter().zip(rows.iter().skip(1));
    let up = steps().filter(|(a, b)| a.time < b.time).count();
    let down = steps().filter(|(a, b)| a.time > b.time).count();
    let newest_first = down > up;
    let mut breaks = Vec::new();
    for (a, b) in steps() {
        let broken = if newest_first {
            a.time < b.time
        } else {
            a.time > b.time
        };
        if broken {
            breaks.push(b.line);
        }
    }
    for line in breaks {
        counts.add(FaultCode::OrderBreak, line);
    }
    if newest_first {
        rows.reverse();
    }
    rows.sort_by_key(|row| row.time);
    rows
}

/// The rest of the division by the interval that most times have.
fn grid_offset(rows: &[RawRow], interval: i64) -> i64 {
    let rests = rows
        .iter()
        .map(|row| row.time.millis().rem_euclid(interval));
    most_common(rests).unwrap_or(0)
}

/// The most common value; of several the smallest.
fn most_common(values: impl Iterator<Item = i64>) -> Option<i64> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let most = counts.values().copied().max()?;
    counts.into_iter().find(|(_, n)| *n == most).map(|(v, _)| v)
}

/// The most common step.
fn usual_step(times: &[(UtcTime, i64)]) -> Option<i64> {
    let pairs = times.iter().zip(times.iter().skip(1));
    most_common(pairs.map(|(a, b)| b.0.millis_since(a.0)))
}

/// Gaps, and whether the bars really are one interval apart. Gives the number of missing bars.
fn check_steps(times: &[(UtcTime, i64)], interval: i64, grid: i64, counts: &mut Counts) -> i64 {
    let steps: Vec<(i64, i64)> = times
        .iter()
        .zip(times.iter().skip(1))
        .map(|(a, b)| (b.0.millis_since(a.0), b.1))
        .collect();
    let usual = usual_step(times).unwrap_or(interval);
    let exact = steps.iter().filter(|(step, _)| *step == interval).count();
    let often = steps.iter().filter(|(step, _)| *step == usual).count();
    let other_interval = usual != interval && often > exact;
    let mut missing = 0;
    for (step, line) in &steps {
        if *step > interval {
            counts.add(FaultCode::Gap, *line);
            missing += step / interval - 1;
        }
        if other_interval && *step != interval {
            counts.add(FaultCode::IntervalMismatch, *line);
        }
    }
    if !other_interval {
        for (time, line) in times {
            if time.millis().rem_euclid(interval) != grid {
                counts.add(FaultCode::IntervalMismatch, *line);
            }
        }
    }
    missing
}

/// Judges the values of a row and repairs its volume; false when the row is to be dropped.
fn keep_values(row: &mut RawRow, counts: &mut Counts, swapped: &mut Counts) -> bool {
    let prices = [row.open, row.high, row.low, row.close];
    let quote = row.quote.unwrap_or(0.0);
    let in_range = |x: f64| x.is_finite() && x.abs() <= MAGNITUDE_MAX;
    if !prices.into_iter().chain([row.volume, quote]).all(in_range) {
        counts.add(FaultCode::NonFinite, row.line);
        return false;
    }
    if prices.iter().any(|p| *p <= 0.0) || row.volume < 0.0 || quote < 0.0 {
        counts.add(FaultCode::NonPositive, row.line);
        return false;
    }
    if row.high < row.open.max(row.close) || row.low > row.open.min(row.close) {
        counts.add(FaultCode::InvalidBar, row.line);
        return false;
    }
    match volume_swap::judge(row) {
        Volumes::Right if row.volume > 0.0 => {}
        Volumes::Right | Volumes::Zero => counts.add(FaultCode::ZeroVolume, row.line),
        Volumes::Swapped => {
            swapped.add(FaultCode::ColumnSwap, row.line);
            row.volume = quote;
        }
        Volumes::Contradictory => {
            counts.add(FaultCode::ColumnSwap, row.line);
            row.volume = 0.0;
        }
    }
    true
}

/// One row per time: of identical ones the first, of conflicting ones none.
fn without_duplicates(rows: Vec<RawRow>, counts: &mut Counts) -> Vec<RawRow> {
    let mut kept: Vec<RawRow> = Vec::with_capacity(rows.len());
    let mut conflicting: BTreeSet<UtcTime> = BTreeSet::new();
    for row in rows {
        match kept.last() {
            Some(last) if last.time == row.time => {
                if bar_of(last) == bar_of(&row) {
                    counts.add(FaultCode::Duplicate, row.line.max(last.line));
                } else {
                    counts.add(FaultCode::ConflictingDuplicate, row.line.max(last.line));
                    conflicting.insert(row.time);
                }
            }
            _ => kept.push(row),
        }
    }
    kept.retain(|row| !conflicting.contains(&row.time));
    kept
}

/// Jumps that look like splits.
fn check_jumps(rows: &[RawRow], counts: &mut Counts) {
    for (before, row) in rows.iter().zip(rows.iter().skip(1)) {
        if is_split_suspect(before.close, row.open) {
            counts.add(FaultCode::SplitSuspect, row.line);
        }
    }
}

/// True when the step from a close to the next open is one that splits make, either way.
fn is_split_suspect(close: f64, open: f64) -> bool {
    let jump = (close / open).max(open / close);
    let near = |ratio: &f64| (jump / ratio - 1.0).abs() <= SPLIT_TOLERANCE;
    SPLIT_RATIOS.iter().any(near)
}

/// How many steps of `bars` look like splits.
#[must_use]
pub fn split_suspects(bars: &[Bar]) -> usize {
    let steps = bars.iter().zip(bars.iter().skip(1));
    steps
        .filter(|(before, bar)| is_split_suspect(before.close, bar.open))
        .count()
}

fn records(counts: &Counts, swapped: &Counts, accepted: &BTreeSet<FaultCode>) -> Vec<FaultRecord> {
    let record = |code: FaultCode, (count, line): (i64, i64), accepted| FaultRecord {
        code,
        count,
        first_line: (code != FaultCode::Empty).then_some(line),
        accepted,
    };
    let mut records = Vec::new();
    for code in FaultCode::ALL {
        if let Some(found) = swapped.0.get(&code) {
            records.push(record(code, *found, true));
        }
        if let Some(found) = counts.0.get(&code) {
            let accepted = code.is_recorded_only() || accepted.contains(&code);
            records.push(record(code, *found, accepted));
        }
    }
    records
}

fn bar_of(row: &RawRow) -> Bar {
    Bar {
        time: row.time,
        open: row.open,
        high: row.high,
        low: row.low,
        close: row.close,
        volume: row.volume + 0.0,
    }
}
