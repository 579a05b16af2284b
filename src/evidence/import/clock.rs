//! Times of a foreign table: one zone discipline per table, strictly later from row to row.
//!
//! A time is a date, or a date and a time with or without its zone; without one it is UTC. Within
//! one table either every time says its zone or none does, and the offsets are those of one place:
//! at most one hour apart (summer time). Anything else is two clocks in one column, and refused.

use crate::evidence::table::TableError;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

/// Reads the times of one table.
#[derive(Debug, Default)]
pub(super) struct Clock {
    zoned: Option<bool>,
    /// Smallest and largest offset seen, minutes.
    offsets: Option<(i32, i32)>,
    last: Option<UtcTime>,
}

impl Clock {
    /// The time in `cell`, which stands in `line`.
    ///
    /// # Errors
    /// When it is no time, or of another clock than the ones before.
    pub fn read(&mut self, cell: &str, line: usize) -> Result<UtcTime, TableError> {
        let refuse = |what: String| TableError::line(line, what);
        let (time, offset) = parse(cell)
            .ok_or_else(|| refuse(format!("`{}` is not a date or time", visible(cell, 40))))?;
        let zoned = offset.is_some();
        if self.zoned.is_some_and(|before| before != zoned) {
            return Err(refuse(format!(
                "`{}`: some times of this table say their zone and others do not",
                visible(cell, 40)
            )));
        }
        self.zoned = Some(zoned);
        if let Some(offset) = offset {
            let (low, high) = self.offsets.unwrap_or((offset, offset));
            let (low, high) = (low.min(offset), high.max(offset));
            if high - low > 60 {
                return Err(refuse(format!(
                    "`{}`: the zones of this table are more than an hour apart",
                    visible(cell, 40)
                )));
            }
            self.offsets = Some((low, high));
        }
        Ok(time)
    }

    /// As [`Clock::read`], and later than the one before.
    ///
    /// # Errors
    /// As [`Clock::read`]; also when it is not later.
    pub fn next(&mut self, cell: &str, line: usize) -> Result<UtcTime, TableError> {
        let time = self.read(cell, line)?;
        match self.last.replace(time) {
            Some(last) if last == time => Err(TableError::line(
                line,
                format!("time {time} is there twice"),
            )),
            Some(last) if last > time => Err(TableError::line(
                line,
                format!("time {time} is earlier than the one before: the table is not in order"),
            )),
            _ => Ok(time),
        }
    }
}

/// A time and its offset in minutes, where it says one.
fn parse(cell: &str) -> Option<(UtcTime, Option<i32>)> {
    let text = cell.trim().replacen(' ', "T", 1);
    if text.len() <= 10 {
        return Some((UtcTime::parse_loose(&text).ok()?, None));
    }
    if let Ok(time) = UtcTime::parse_loose(&format!("{text}Z")) {
        return Some((time, None));
    }
    // Python's %z and pandas: +0000 beside +00:00.
    let split = text.len().checked_sub(5)?;
    let (head, tail) = (text.get(..split)?, text.get(split..)?);
    let digits = |t: &str| t.len() == 4 && t.bytes().all(|b| b.is_ascii_digit());
    let compact = tail
        .strip_prefix(['+', '-'])
        .filter(|rest| digits(rest))
        .and_then(|_| Some(format!("{head}{}:{}", tail.get(..3)?, tail.get(3..)?)));
    let text = compact.unwrap_or(text);
    let time = UtcTime::parse_loose(&text).ok()?;
    Some((time, Some(offset_of(&text)?)))
}

fn offset_of(text: &str) -> Option<i32> {
    if text.ends_with(['Z', 'z']) {
        return Some(0);
    }
    let tail = text.get(text.len().checked_sub(6)?..)?;
    let (hours, minutes) = tail.get(1..)?.split_once(':')?;
    let all = hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?;
    Some(if tail.starts_with('-') { -all } else { all })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(cells: &[&str]) -> Result<Vec<UtcTime>, TableError> {
        let mut clock = Clock::default();
        let lines = cells.iter().enumerate();
        lines.map(|(i, cell)| clock.next(cell, i + 2)).collect()
    }

    #[test]
    fn spellings_of_one_clock() {
        for cells in [
            ["2024-01-01", "2024-01-02"],
            ["2024-01-01 00:00:00", "2024-01-02T00:00:00.000"],
            ["2024-01-01 00:00:00+00:00", "2024-01-02T00:00:00Z"],
            ["2024-01-01 00:00:00+0000", "2024-01-02 00:00:00+0000"],
        ] {
            let times = all(&cells).unwrap();
            assert_eq!(
                times[1].to_string(),
                "2024-01-02T00:00:00.000Z",
                "{cells:?}"
            );
        }
        // One place over a change of its summer time.
        let times = all(&["2024-03-08 00:00:00-05:00", "2024-03-11 00:00:00-04:00"]).unwrap();
        assert_eq!(times[1].to_string(), "2024-03-11T04:00:00.000Z");
    }

    #[test]
    fn two_clocks_and_disorder_are_refused_with_their_line() {
        for (cells, wanted) in [
            (
                ["2024-01-01 00:00:00", "2024-01-02 00:00:00Z"],
                "say their zone",
            ),
            (
                ["2024-01-01 00:00:00+09:00", "2024-01-02 00:00:00-05:00"],
                "an hour apart",
            ),
            (["2024-01-02", "2024-01-02"], "there twice"),
            (["2024-01-02", "2024-01-01"], "not in order"),
            (["2024-01-02", "NaT"], "not a date"),
            (["2024-01-02", "1e9"], "not a date"),
            (["2024-01-02", ""], "not a date"),
            (["2024-01-02", "1969-01-01"], "not a date"),
        ] {
            let error = all(&cells).unwrap_err().to_string();
            assert!(
                error.contains("line 3") && error.contains(wanted),
                "{error}"
            );
        }
    }
}
