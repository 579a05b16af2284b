//! CSV as tools write it: quotes, CRLF, byte order mark, nameless index column, with or without
//! spaces. In: bytes. Out: a header and rows that know their line. Every row has as many cells as
//! the header; a table of too many rows, or a row of too many cells, is refused before more is read.

use std::io::{self, Read};

use crate::evidence::table::{TableError, line_of};
use crate::kernel::text::visible;

/// Most rows of a table, the header among them.
const ROWS_MAX: usize = 3_000_000;
/// Most cells of a row.
const CELLS_MAX: usize = 4096;
/// Most bytes that are read for one row.
const ROW_BYTES_MAX: usize = 1024 * 1024;

/// A table with its header.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Names of the columns; the index column of pandas has none.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug)]
pub(super) struct Row {
    /// Its line in the file.
    pub line: usize,
    cells: csv::StringRecord,
}

impl Row {
    /// The cell at `at`.
    pub fn cell(&self, at: usize) -> &str {
        self.cells.get(at).unwrap_or_default()
    }

    /// The cell at `at` as a finite number.
    pub fn number(&self, at: usize) -> Result<f64, TableError> {
        number(self.cell(at)).map_err(|what| TableError::line(self.line, what))
    }

    /// The cell at `at` as a finite number; none when it is empty, and for pandas' `nan`.
    pub fn optional(&self, at: usize) -> Result<Option<f64>, TableError> {
        match self.cell(at) {
            "" | "nan" | "NaN" => Ok(None),
            _ => self.number(at).map(Some),
        }
    }

    /// A fault in this row.
    pub fn fault(&self, what: impl Into<String>) -> TableError {
        TableError::line(self.line, what)
    }
}

impl Sheet {
    /// Reads a table whose first line names its columns.
    ///
    /// # Errors
    /// When the bytes are no such table, with the line.
    pub fn read(bytes: &[u8]) -> Result<Self, TableError> {
        let mut rows = records(bytes)?.into_iter();
        let header = rows.next().ok_or(TableError::Empty)?;
        let header: Vec<String> = header.cells.iter().map(str::to_owned).collect();
        let rows: Vec<Row> = rows.collect();
        if rows.is_empty() {
            return Err(TableError::Empty);
        }
        Ok(Self { header, rows })
    }

    /// Reads a table without a header; `names` stand in for it.
    ///
    /// # Errors
    /// As [`Sheet::read`].
    pub fn headless(bytes: &[u8], names: &[&str]) -> Result<Self, TableError> {
        let rows = records(bytes)?;
        if rows.is_empty() {
            return Err(TableError::Empty);
        }
        let header = names.iter().map(|n| (*n).to_owned()).collect();
        Ok(Self { header, rows })
    }

    /// Where the column is whose name, whatever its case, is one of `names`.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        let named = |cell: &String| names.iter().any(|n| n.eq_ignore_ascii_case(cell));
        let mut found = self.header.iter().enumerate().filter(|(_, c)| named(c));
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Some(at),
            _ => None,
        }
    }

    /// As [`Sheet::find`].
    ///
    /// # Errors
    /// When there is no such column, or there are two.
    pub fn column(&self, names: &[&str]) -> Result<usize, TableError> {
        self.find(names).ok_or_else(|| TableError::Header {
            found: visible(&self.header.join(","), 160),
            wanted: format!("a column {}", names.join(" or ")),
        })
    }

    /// The column of times: named so, or the nameless first one.
    ///
    /// # Errors
    /// When there is none.
    pub fn time_column(&self) -> Result<usize, TableError> {
        let names = [
            "date",
            "time",
            "datetime",
            "timestamp",
            "index",
            "Open time",
        ];
        let nameless = self
            .header
            .first()
            .is_some_and(String::is_empty)
            .then_some(0);
        match self.find(&names).or(nameless) {
            Some(at) => Ok(at),
            None => self.column(&names),
        }
    }
}

/// Text of which only so many bytes are given until [`Bounded::left`] is set again.
struct Bounded<'a> {
    rest: &'a [u8],
    left: usize,
}

impl Read for Bounded<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.rest.is_empty() {
            return Err(io::Error::other("longer than 1 MiB"));
        }
        let most = u64::try_from(self.left).unwrap_or(u64::MAX);
        let given = (&mut self.rest).take(most).read(into)?;
        self.left -= given;
        Ok(given)
    }
}

fn records(bytes: &[u8]) -> Result<Vec<Row>, TableError> {
    records_up_to(bytes, ROWS_MAX)
}

fn records_up_to(bytes: &[u8], rows_max: usize) -> Result<Vec<Row>, TableError> {
    let text = std::str::from_utf8(bytes).map_err(|_| TableError::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .has_headers(false)
        .from_reader(Bounded {
            rest: text.as_bytes(),
            left: 0,
        });
    let mut rows: Vec<Row> = Vec::new();
    let mut cells = csv::StringRecord::new();
    loop {
        reader.get_mut().left = ROW_BYTES_MAX;
        let more = reader.read_record(&mut cells).map_err(|e| {
            let after = rows.last().map_or(1, |row| row.line + 1);
            let line = e
                .position()
                .map_or(after, |p| line_of(text, p.byte(), p.line()));
            TableError::line(line, visible(&e.to_string(), 200))
        })?;
        if !more {
            return Ok(rows);
        }
        let at = cells.position();
        let line = at.map_or(0, |p| line_of(text, p.byte(), p.line()));
        if cells.len() > CELLS_MAX {
            return Err(TableError::line(
                line,
                format!("more than {CELLS_MAX} cells"),
            ));
        }
        if rows.len() >= rows_max {
            return Err(TableError::line(line, format!("more than {rows_max} rows")));
        }
        rows.push(Row {
            line,
            cells: cells.clone(),
        });
    }
}

/// A finite number in the spelling of common tools: decimal, exponents allowed, nothing else.
pub(super) fn number(cell: &str) -> Result<f64, String> {
    let numeric = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    let parsed = cell.parse::<f64>().ok().filter(|x| x.is_finite());
    parsed
        .filter(|_| cell.bytes().all(numeric))
        .ok_or_else(|| format!("`{}` is not a finite number", visible(cell, 40)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_rows_or_cells_than_a_table_has_are_refused() {
        assert_eq!(records_up_to(b"a\n1\n2\n", 3).unwrap().len(), 3);
        let error = records_up_to(b"a\n1\n2\n3\n", 3).unwrap_err().to_string();
        assert_eq!(error, "line 4: more than 3 rows");
        let wide = |cells: usize| format!("{}\n", ",".repeat(cells - 1)).repeat(2);
        assert_eq!(records(wide(CELLS_MAX).as_bytes()).unwrap().len(), 2);
        let error = records(wide(CELLS_MAX + 1).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "line 1: more than 4096 cells");
        let long = format!("a\n{}\n", "\"\n\",".repeat(ROW_BYTES_MAX));
        let error = records(long.as_bytes()).unwrap_err().to_string();
        assert!(
            error.starts_with("line 2: ") && error.contains("1 MiB"),
            "{error}"
        );
        // What was read beforehand of the next row does not count against it.
        let many = format!("a\n{}", "1\n".repeat(ROW_BYTES_MAX));
        assert_eq!(records(many.as_bytes()).unwrap().len(), ROW_BYTES_MAX + 1);
    }

    #[test]
    fn columns_and_rows() {
        let sheet = Sheet::read("\u{feff},\"a, b\",Value\r\nx,1,2\r\n\"y\",nan,3e2\r\n".as_bytes());
        let sheet = sheet.unwrap();
        assert_eq!(sheet.header, ["", "a, b", "Value"]);
        assert_eq!(sheet.time_column(), Ok(0));
        assert_eq!(sheet.column(&["value"]), Ok(2));
        assert_eq!(sheet.rows[1].optional(1), Ok(None));
        assert_eq!(sheet.rows[1].number(2), Ok(300.0));
        assert!(
            sheet.rows[1]
                .number(1)
                .unwrap_err()
                .to_string()
                .starts_with("line 3")
        );
        for bad in ["", "a,b\n", "a,b\n1\n", "a,b\n1,2,3\n"] {
            assert!(Sheet::read(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert_eq!(Sheet::read(b"a\n\xff\n").unwrap_err(), TableError::NotText);
        assert!(sheet.column(&["nope"]).is_err());
        for bad in ["inf", "1_0", "0x1", "1e999", "", " 1", "5%"] {
            assert!(number(bad).is_err(), "{bad:?}");
        }
    }
}
