//! Tables as CSV: one header line, the same columns always, CRLF-free, quoted where needed.
//!
//! A text that a spreadsheet would take for a formula gets an apostrophe in front; wire words,
//! digests, times and numbers never begin that way.

use super::RenderError;

/// A table with one header line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Column names.
    pub columns: Vec<&'static str>,
    /// One cell per column.
    pub rows: Vec<Vec<String>>,
}

/// The sheet as CSV.
///
/// # Errors
/// When a row has another number of cells than there are columns.
pub fn write(sheet: &Sheet) -> Result<String, RenderError> {
    let header = sheet.columns.iter().map(|name| (*name).to_owned());
    let rows = sheet.rows.iter().map(|row| {
        let cells = row.iter().map(|cell| harmless(cell));
        cells.collect()
    });
    let bytes = write_rows(std::iter::once(header.collect()).chain(rows))?;
    String::from_utf8(bytes).map_err(|e| RenderError::Csv(e.to_string()))
}

/// Rows as they are, the header first: for cells that no user wrote.
///
/// # Errors
/// When a row has another number of cells than the first.
pub fn write_rows(rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, RenderError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row)
            .map_err(|e| RenderError::Csv(e.to_string()))?;
    }
    writer
        .into_inner()
        .map_err(|e| RenderError::Csv(e.to_string()))
}

fn harmless(cell: &str) -> String {
    let number = cell
        .strip_prefix('-')
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'));
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') if !number => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_texts_and_lines_are_whole() {
        let sheet = Sheet {
            columns: vec!["a", "b"],
            rows: vec![
                vec!["=1+1".into(), "-0.5".into()],
                vec!["x,\"y\"".into(), "two\nlines".into()],
                vec!["@cmd".into(), "-x".into()],
            ],
        };
        let wanted = "a,b\n'=1+1,-0.5\n\"x,\"\"y\"\"\",\"two\nlines\"\n'@cmd,'-x\n";
        assert_eq!(write(&sheet).unwrap(), wanted);
        let short = Sheet {
            columns: vec!["a", "b"],
            rows: vec![vec!["x".into()]],
        };
        assert!(write(&short).is_err());
    }
}
