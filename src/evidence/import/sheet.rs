//! CSV as tools write it: quotes, CRLF, byte order mark, nameless index column, with or without
//! spaces. In: bytes. Out: a header and rows that know their line. Every row has as many cells as
//! the header.

use crate::evidence::table::{TableError, line_of};
use crate::kernel::text::visible;

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

fn records(bytes: &[u8]) -> Result<Vec<Row>, TableError> {
    let text = std::str::from_utf8(bytes).map_err(|_| TableError::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let cells = record.map_err(|e| {
            let line = e
                .position()
                .map_or(1, |p| line_of(text, p.byte(), p.line()));
            TableError::line(line, visible(&e.to_string(), 200))
        })?;
        let at = cells.position();
        let line = at.map_or(0, |p| line_of(text, p.byte(), p.line()));
        rows.push(Row { line, cells });
    }
    Ok(rows)
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
