//! Strict CSV: the reader and writer below every table of a bundle.
//!
//! One header line with exact names, LF line ends (also after the last line), commas, no quotes,
//! no empty lines, the same number of cells everywhere. Numbers follow the decimal grammar of the
//! manifest (no exponent, at most 30 integer and 40 fraction digits) and are written as the
//! shortest decimal that reads back to the same f64. Errors name the line.

use crate::kernel::decimal::{FRACTION_DIGITS_MAX, INTEGER_DIGITS_MAX};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

/// Magnitudes below this are written as 0: their digits would not fit the grammar.
const TINY: f64 = 1e-23;

/// What is wrong with a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Bytes that are no text.
    #[error("not UTF-8")]
    NotText,
    /// The last line does not end with a line feed.
    #[error("the last line has no line feed")]
    Unterminated,
    /// Another header.
    #[error("line 1: header `{found}`, wanted `{wanted}`")]
    Header {
        /// Header found.
        found: String,
        /// Header wanted.
        wanted: String,
    },
    /// No row at all.
    #[error("no rows")]
    Empty,
    /// Something is wrong with one line.
    #[error("line {line}: {what}")]
    Line {
        /// Line number, the header is line 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A number that the grammar cannot hold.
    #[error("{0} cannot be written: at most 30 integer and 40 fraction digits")]
    OutOfRange(String),
}

impl TableError {
    /// A fault in line `line`.
    pub(crate) fn line(line: usize, what: impl Into<String>) -> Self {
        Self::Line {
            line,
            what: what.into(),
        }
    }
}

/// The line of a record that begins at `at` in `text`, where the reader counts `line`: it stands
/// still before the second half of a CRLF and before empty lines, which it skips.
pub(crate) fn line_of(text: &str, at: u64, line: u64) -> usize {
    let from = usize::try_from(at).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let skipped = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    let more = skipped.filter(|b| **b == b'\n').count();
    usize::try_from(line)
        .unwrap_or(usize::MAX)
        .saturating_add(more)
}

/// One row with its line number.
pub(crate) struct Row<'a> {
    /// Line number in the file.
    pub line: usize,
    cells: std::str::Split<'a, char>,
}

impl<'a> Row<'a> {
    /// The next cell.
    pub fn text(&mut self) -> Result<&'a str, TableError> {
        self.cells
            .next()
            .ok_or_else(|| TableError::line(self.line, "too few cells"))
    }

    /// The next cell as a number.
    pub fn number(&mut self) -> Result<f64, TableError> {
        let line = self.line;
        let cell = self.text()?;
        parse_number(cell).map_err(|what| TableError::line(line, what))
    }

    /// The next cell as a number; none when it is empty.
    pub fn optional_number(&mut self) -> Result<Option<f64>, TableError> {
        self.parsed(|cell| match cell {
            "" => Ok(None),
            cell => parse_number(cell).map(Some),
        })
    }

    /// The next cell as a time in its one spelling.
    pub fn time(&mut self) -> Result<UtcTime, TableError> {
        let line = self.line;
        self.text()?
            .parse()
            .map_err(|e: crate::kernel::time::TimeError| TableError::line(line, e.to_string()))
    }

    /// The next cell, read by `parse`.
    pub fn parsed<T, E: std::fmt::Display>(
        &mut self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, TableError> {
        let line = self.line;
        parse(self.text()?).map_err(|e| TableError::line(line, e.to_string()))
    }

    /// No further cell.
    pub fn end(&mut self) -> Result<(), TableError> {
        match self.cells.next() {
            None => Ok(()),
            Some(_) => Err(TableError::line(self.line, "too many cells")),
        }
    }
}

/// Splits `bytes` into the header and its rows.
pub(crate) fn open(bytes: &[u8]) -> Result<(&str, impl Iterator<Item = Row<'_>>), TableError> {
    let text = std::str::from_utf8(bytes).map_err(|_| TableError::NotText)?;
    let body = text.strip_suffix('\n').ok_or(TableError::Unterminated)?;
    let (header, rows) = body.split_once('\n').ok_or(TableError::Empty)?;
    let rows = rows.split('\n').enumerate().map(|(i, row)| Row {
        line: i + 2,
        cells: row.split(','),
    });
    Ok((header, rows))
}

/// As [`open`], with exactly the header `wanted`.
pub(crate) fn open_with<'a>(
    bytes: &'a [u8],
    wanted: &str,
) -> Result<impl Iterator<Item = Row<'a>>, TableError> {
    match open(bytes) {
        Ok((header, rows)) if header == wanted => Ok(rows),
        Ok((header, _)) => Err(TableError::Header {
            found: visible(header, 120),
            wanted: wanted.to_owned(),
        }),
        Err(e) => Err(e),
    }
}

/// Refuses a time that is not later than the one before.
pub(crate) fn check_order(times: &[UtcTime], next: UtcTime, line: usize) -> Result<(), TableError> {
    match times.last() {
        Some(last) if *last >= next => Err(TableError::line(
            line,
            format!("time {next} is not later than the one before"),
        )),
        _ => Ok(()),
    }
}

/// A return: finite by the grammar, and at least -1.
pub(crate) fn check_return(r: f64, line: usize) -> Result<f64, TableError> {
    if r < -1.0 {
        return Err(TableError::line(line, format!("return {r} is below -1")));
    }
    Ok(r)
}

fn parse_number(cell: &str) -> Result<f64, String> {
    let refuse = || format!("`{}` is not a decimal number", visible(cell, 40));
    let unsigned = cell.strip_prefix('-').unwrap_or(cell);
    let (integer, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return Err(refuse()),
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = integer.len() > 1 && integer.starts_with('0');
    if integer.is_empty() || leading_zero || !digits(integer) || !digits(fraction) {
        return Err(refuse());
    }
    if integer.len() > INTEGER_DIGITS_MAX || fraction.len() > FRACTION_DIGITS_MAX {
        return Err(format!("`{}` has too many digits", visible(cell, 40)));
    }
    cell.parse().map_err(|_| refuse())
}

/// Appends `x` in the decimal grammar.
pub(crate) fn put_number(out: &mut String, x: f64) -> Result<(), TableError> {
    use std::fmt::Write as _;
    if x.abs() < TINY {
        out.push('0');
        return Ok(());
    }
    if !x.is_finite() || x.abs() >= 1e30 {
        return Err(TableError::OutOfRange(format!("{x}")));
    }
    // Display of f64 prints the shortest digits that read back, never an exponent.
    let _written = write!(out, "{x}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(x: f64) -> String {
        let mut out = String::new();
        put_number(&mut out, x).unwrap();
        out
    }

    proptest! {
        #[test]
        fn floats_read_back(x in prop_oneof![-1e29_f64..1e29, -1.0_f64..1.0, -1e-15_f64..1e-15]) {
            let wanted = if x.abs() < TINY { 0.0 } else { x };
            prop_assert_eq!(parse_number(&written(x)).unwrap().to_bits(), wanted.to_bits());
        }
    }

    #[test]
    fn edges() {
        assert_eq!(written(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(written(-0.0), "0");
        assert_eq!(written(1e-40), "0");
        let smallest = written(1.234_567_890_123_456_7e-23);
        assert_eq!(
            parse_number(&smallest).unwrap().to_bits(),
            1.234_567_890_123_456_7e-23_f64.to_bits()
        );
        for bad in [f64::NAN, f64::INFINITY, 1e30] {
            assert!(put_number(&mut String::new(), bad).is_err());
        }
        for bad in [
            "", "NaN", "inf", "1e5", "+1", ".5", "5.", "01", " 1", "1_0", "0x1", "--1",
        ] {
            assert!(parse_number(bad).is_err(), "{bad:?}");
        }
    }
}
