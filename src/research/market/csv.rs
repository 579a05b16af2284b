//! CSV files of bars: bytes in, rows out.
//!
//! The header is searched in the first [`TOP_LINES`] records, so a banner above it does no harm;
//! comma, semicolon and tab are tried as separators. Quoting is RFC 4180. After the header every
//! record must have as many cells as it.

use csv::{ByteRecord, ReaderBuilder, Trim};

use super::layout::{self, Layout, Source};
use super::rows::{Collector, RawRow, RowError, RowSet, Wanted, number};
use super::stamp;

/// Records among which the header is searched.
const TOP_LINES: usize = 10;

type Reader<'b> = csv::Reader<&'b [u8]>;

/// Reads the rows of a CSV file.
///
/// # Errors
/// When it is not UTF-8 text with a usable header, or a line cannot be read.
pub fn read(bytes: &[u8], source: Option<Source>, wanted: &Wanted) -> Result<RowSet, RowError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Collector::new(wanted, source.unwrap_or(Source::Generic)).finish();
    }
    let (mut reader, header) = find_header(bytes)?;
    let mut record = ByteRecord::new();
    let mut more = next(&mut reader, &mut record)?;
    let symbol = match wanted {
        Wanted::One(symbol) => Some(symbol),
        Wanted::All => None,
    };
    let layout = layout::detect(&header, source, symbol, |column| {
        let cell = record.get(column).and_then(|c| std::str::from_utf8(c).ok());
        cell.and_then(stamp::parse)
            .is_none_or(|(_, unit)| unit != stamp::Unit::Date)
    })?;
    if *wanted == Wanted::All && layout.symbol.is_none() {
        return Err(RowError::NoSymbols);
    }
    let mut collector = Collector::new(wanted, layout.source);
    while more {
        let line = line_of(bytes, &record);
        if record.len() != header.len() {
            return Err(RowError::Cells {
                line,
                found: record.len(),
                wanted: header.len(),
            });
        }
        let cells = Cells {
            record: &record,
            line,
        };
        let row = cells.row(&layout, &mut collector)?;
        let symbol = layout.symbol.map(|column| cells.text(column)).transpose()?;
        collector.push(symbol, row)?;
        more = next(&mut reader, &mut record)?;
    }
    collector.finish()
}

/// A reader that stands behind the header, and the header's names.
fn find_header(bytes: &[u8]) -> Result<(Reader<'_>, Vec<String>), RowError> {
    for separator in [b',', b';', b'\t'] {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .trim(Trim::All)
            .from_reader(bytes);
        let mut record = ByteRecord::new();
        for _ in 0..TOP_LINES {
            if !next(&mut reader, &mut record)? {
                break;
            }
            let names: Vec<String> = record
                .iter()
                .map(|cell| String::from_utf8_lossy(cell).into_owned())
                .collect();
            if layout::is_header(&names) {
                return Ok((reader, names));
            }
        }
    }
    Err(RowError::NoHeader)
}

fn next(reader: &mut Reader<'_>, record: &mut ByteRecord) -> Result<bool, RowError> {
    reader.read_byte_record(record).map_err(|e| RowError::Csv {
        line: e.position().map_or(0, |p| small(p.line())),
        problem: crate::kernel::text::visible(&e.to_string(), 120),
    })
}

/// The line in which a record really begins: the reader's position stands before the line feed of
/// a CRLF and before blank lines.
fn line_of(bytes: &[u8], record: &ByteRecord) -> i64 {
    let Some(position) = record.position() else {
        return 0;
    };
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = bytes.get(start..).unwrap_or_default();
    let ends = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    let skipped = ends.filter(|b| **b == b'\n').count();
    small(position.line()).saturating_add(i64::try_from(skipped).unwrap_or(0))
}

fn small(line: u64) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}

/// One record.
struct Cells<'r> {
    record: &'r ByteRecord,
    line: i64,
}

impl<'r> Cells<'r> {
    fn text(&self, column: usize) -> Result<&'r str, RowError> {
        let cell = self.record.get(column).unwrap_or_default();
        std::str::from_utf8(cell).map_err(|_| RowError::NotText(self.line))
    }

    fn number(&self, column: usize, name: &'static str) -> Result<f64, RowError> {
        let text = self.text(column)?;
        number(text).ok_or_else(|| RowError::Number {
            line: self.line,
            column: name,
            text: crate::kernel::text::visible(text, 40),
        })
    }

    fn row(&self, layout: &Layout, collector: &mut Collector<'_>) -> Result<RawRow, RowError> {
        Ok(RawRow {
            line: self.line,
            time: collector.time(self.line, self.text(layout.time)?)?,
            open: self.number(layout.open, "open")?,
            high: self.number(layout.high, "high")?,
            low: self.number(layout.low, "low")?,
            close: self.number(layout.close, "close")?,
            volume: self.number(layout.volume, "volume")?,
            quote: layout
                .quote_volume
                .map(|column| self.number(column, "quote volume"))
                .transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &[u8]) -> Result<RowSet, RowError> {
        read(text, None, &Wanted::One("BTC/EUR".parse().unwrap()))
    }

    #[test]
    fn banner_separator_and_byte_order_mark_do_no_harm() {
        let rows = |text: &str| {
            let set = one(text.as_bytes()).unwrap();
            let rows = set.series.into_values().next().unwrap();
            rows.iter()
                .map(|r| (r.line, r.time.date(), r.close))
                .collect::<Vec<_>>()
        };
        let want = vec![(3, "2020-01-01".to_owned(), 1.5)];
        assert_eq!(
            rows("https://example.org\ntime,open,high,low,close,volume\n2020-01-01,1,2,1,1.5,3\n"),
            want
        );
        assert_eq!(
            rows("x;y\r\n\r\ntime;open;high;low;close;volume\r\n2020-01-01;1;2;1; 1.5 ;3\r\n"),
            vec![(4, "2020-01-01".to_owned(), 1.5)]
        );
        let marked = "\u{feff}time\topen\thigh\tlow\tclose\tvolume\n2020-01-01\t1\t2\t1\t1.5\t3";
        assert_eq!(rows(marked), vec![(2, "2020-01-01".to_owned(), 1.5)]);
    }

    #[test]
    fn symbols_are_told_apart() {
        let text = b"symbol,date,open,high,low,close,volume\n\
            BTCEUR,2020-01-01,1,2,1,1.5,3\nETH-EUR,2020-01-01,1,2,1,1.5,3\n\
            BTC/EUR,2020-01-02,1,2,1,1.5,3\n";
        let set = one(text).unwrap();
        assert_eq!((set.series.len(), set.skipped), (1, 1));
        assert_eq!(set.series.values().next().unwrap().len(), 2);
        let all = read(text, None, &Wanted::All).unwrap();
        let names: Vec<String> = all.series.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["BTC/EUR", "BTCEUR", "ETH/EUR"]);
        let other = read(text, None, &Wanted::One("SOL/EUR".parse().unwrap()));
        assert!(
            matches!(other, Err(RowError::OtherSymbols { .. })),
            "{other:?}"
        );
        let none = read(b"date,open,high,low,close,volume\n", None, &Wanted::All);
        assert_eq!(none, Err(RowError::NoSymbols));
    }
}
