//! `returns-csv`: a table of dates and returns, as any tool can write it.
//!
//! In: the bytes of a CSV file with a header. The time column is called date, time, datetime,
//! timestamp or index (or is the nameless first column that pandas writes), the return column
//! return, returns, ret, strategy or strategy_returns; capitals and further columns do not
//! matter. Times are dates, or times that say their zone; without one they are UTC. Returns are
//! simple decimal fractions; exponents are fine, empty cells, NaN and infinities are not, nor is
//! anything below -1. Rows are in order and no time is there twice: nothing is sorted, dropped or
//! filled. Out: times and returns, or the line that is wrong.

use super::table::{TableError, check_order, check_return, line_of};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

const TIME_NAMES: [&str; 5] = ["date", "time", "datetime", "timestamp", "index"];
const RETURN_NAMES: [&str; 5] = ["return", "returns", "ret", "strategy", "strategy_returns"];

/// Times and returns of a foreign series.
#[derive(Debug, Clone, PartialEq)]
pub struct Returns {
    /// Time of each row, ascending.
    pub times: Vec<UtcTime>,
    /// Return of each row.
    pub returns: Vec<f64>,
}

/// Reads a table of returns.
///
/// # Errors
/// With the line that is wrong.
pub fn parse(bytes: &[u8]) -> Result<Returns, TableError> {
    let text = std::str::from_utf8(bytes).map_err(|_| TableError::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| table_error(&e))?.clone();
    let (time_at, return_at) = columns(&header)?;
    let mut read = Returns {
        times: Vec::new(),
        returns: Vec::new(),
    };
    for record in reader.records() {
        let record = record.map_err(|e| table_error(&e))?;
        let at = record.position();
        let line = at.map_or(0, |p| line_of(text, p.byte(), p.line()));
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let time = time_of(cell(time_at)).map_err(|what| TableError::line(line, what))?;
        check_order(&read.times, time, line)?;
        let r = return_of(cell(return_at)).map_err(|what| TableError::line(line, what))?;
        read.times.push(time);
        read.returns.push(check_return(r, line)?);
    }
    if read.times.is_empty() {
        return Err(TableError::Empty);
    }
    Ok(read)
}

fn columns(header: &csv::StringRecord) -> Result<(usize, usize), TableError> {
    let find = |names: &[&str]| {
        let named = |cell: &str| names.contains(&cell.to_ascii_lowercase().as_str());
        let mut found = header.iter().enumerate().filter(|(_, cell)| named(cell));
        // Two candidates would have to be guessed between.
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Some(at),
            _ => None,
        }
    };
    let nameless = header.get(0).is_some_and(str::is_empty).then_some(0);
    let time = find(&TIME_NAMES).or(nameless);
    time.zip(find(&RETURN_NAMES))
        .ok_or_else(|| TableError::Header {
            found: visible(&header.iter().collect::<Vec<_>>().join(","), 120),
            wanted: "date,return (one of each)".to_owned(),
        })
}

fn time_of(cell: &str) -> Result<UtcTime, String> {
    let spaced = cell.replacen(' ', "T", 1);
    [cell.to_owned(), spaced.clone(), format!("{spaced}Z")]
        .iter()
        .find_map(|text| UtcTime::parse_loose(text).ok())
        .ok_or_else(|| format!("`{}` is not a date or time", visible(cell, 40)))
}

fn return_of(cell: &str) -> Result<f64, String> {
    let numeric = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    let number = cell.parse::<f64>().ok().filter(|x| x.is_finite());
    number.filter(|_| cell.bytes().all(numeric)).ok_or_else(|| {
        format!(
            "`{}` is not a return: a decimal fraction is wanted",
            visible(cell, 40)
        )
    })
}

fn table_error(error: &csv::Error) -> TableError {
    let line = error
        .position()
        .and_then(|p| usize::try_from(p.line()).ok());
    TableError::line(line.unwrap_or(1), visible(&error.to_string(), 200))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_of_common_tools() {
        for text in [
            "date,return\n2024-01-01,0.01\n2024-01-02,-0.5\n",
            "Date,Close,Returns\r\n2024-01-01,5,0.01\r\n2024-01-02,5,-5e-1\r\n",
            ",strategy\n2024-01-01 00:00:00,0.01\n2024-01-02 00:00:00+00:00,-0.5",
            "\u{feff}\"timestamp\",\"ret\"\n\"2024-01-01T00:00:00Z\",\"0.01\"\n2024-01-02T01:00:00+01:00, -0.5 \n",
        ] {
            let read = parse(text.as_bytes()).unwrap();
            assert_eq!(read.returns, [0.01, -0.5], "{text:?}");
            assert_eq!(read.times[1].date(), "2024-01-02");
        }
    }

    #[test]
    fn what_is_refused_names_its_line() {
        let body = "date,return\n2024-01-01,0.01\n";
        for bad in [
            "2024-01-02,NaN",
            "2024-01-02,nan",
            "2024-01-02,inf",
            "2024-01-02,1e999",
            "2024-01-02,",
            "2024-01-02,5%",
            "2024-01-02,-1.01",
            "2024-01-01,0.02",
            "2023-12-31,0.02",
            "yesterday,0.02",
            "2024-13-02,0.02",
            "2024-01-02",
            "2024-01-02,0.02,1",
        ] {
            let error = parse(format!("{body}{bad}\n").as_bytes()).unwrap_err();
            assert!(error.to_string().contains("line 3"), "{bad}: {error}");
        }
        let crlf = b"date,return\r\n2024-01-01,0.01\r\n\r\n2024-01-02,NaN\r\n";
        assert!(parse(crlf).unwrap_err().to_string().contains("line 4"));
        for bad in [
            "",
            "date,return\n",
            "date,price\n2024-01-01,5\n",
            "date,return,returns\n2024-01-01,0.1,0.1\n",
            "date,time,return\n2024-01-01,1,0.1\n",
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert_eq!(parse(b"date,return\n\xff,0.1\n"), Err(TableError::NotText));
    }
}
