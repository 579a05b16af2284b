//! Our own bar files as bytes: see the parent module for the columns.

use std::io::Cursor;
use std::ops::Range;

use polars::io::parquet::metadata::FileMetadataRef;
use polars::prelude::{
    Column, DataFrame, KeyValueMetadata, ParallelStrategy, ParquetCompression, ParquetReader,
    ParquetWriter, PolarsError, SerReader as _,
};

use super::guard::guarded;
use super::pages;
use super::{FrameError, ROWS_MAX, StoredBars};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::research::market::Bar;

/// Largest unpacked column chunk, in bytes.
const UNPACKED_MAX: usize = 1 << 30;
/// The columns of our own files after `time`.
const VALUES: [&str; 5] = ["open", "high", "low", "close", "volume"];
/// File-level key that marks invented bars.
const SYNTHETIC_KEY: &str = "promote.synthetic";

/// Shows an error of polars on one line.
pub(super) fn shown(error: &PolarsError) -> FrameError {
    FrameError::Parquet(visible(&error.to_string(), 160))
}

/// A reader over `bytes`, checked for size; nothing but the file's end is read yet.
pub(super) fn open(bytes: &[u8]) -> Result<ParquetReader<Cursor<&[u8]>>, FrameError> {
    let mut reader = ParquetReader::new(Cursor::new(bytes)).read_parallel(ParallelStrategy::None);
    let rows = reader.num_rows().map_err(|e| shown(&e))?;
    if rows > ROWS_MAX {
        return Err(FrameError::TooManyRows(rows));
    }
    let metadata = reader.get_metadata().map_err(|e| shown(&e))?;
    let plausible = is_plausible(metadata, bytes);
    if plausible {
        Ok(reader)
    } else {
        Err(FrameError::Parquet(
            "its sizes contradict each other".into(),
        ))
    }
}

/// The sizes that the reader allocates by, against the file's own size. A page cannot hold more
/// than its bytes say, so a small file cannot ask for much memory.
fn is_plausible(metadata: &FileMetadataRef, bytes: &[u8]) -> bool {
    let file = bytes.len();
    let at_most = |value: i64, most: usize| usize::try_from(value).is_ok_and(|v| v <= most);
    let groups = &metadata.row_groups;
    let rows = groups.iter().map(|group| group.num_rows());
    // Row groups of at most ROWS_MAX rows each, so the sum cannot overflow before it is refused.
    groups.len() <= ROWS_MAX
        && rows.clone().all(|rows| rows <= ROWS_MAX)
        && rows.sum::<usize>() == metadata.num_rows
        && metadata.max_row_group_height <= ROWS_MAX
        && groups.iter().all(|group| {
            group.parquet_columns().iter().all(|column| {
                at_most(column.num_values(), ROWS_MAX)
                    && at_most(column.compressed_size(), file)
                    && at_most(column.uncompressed_size(), UNPACKED_MAX)
                    && at_most(column.data_page_offset(), file)
                    && column
                        .dictionary_page_offset()
                        .is_none_or(|at| at_most(at, file))
                    && pages_fit(column.byte_range(), column.num_values(), bytes)
            })
        })
}

/// True when the pages of a column chunk hold what the chunk says.
fn pages_fit(range: Range<u64>, values: i64, bytes: &[u8]) -> bool {
    let place = |at: u64| usize::try_from(at).ok();
    let chunk = place(range.start)
        .zip(place(range.end))
        .and_then(|(start, end)| bytes.get(start..end));
    let most = i64::try_from(ROWS_MAX).unwrap_or(i64::MAX);
    chunk.is_some_and(|chunk| pages::check(chunk, values, most).is_ok())
}

/// True when the file carries our mark of invented bars.
pub(super) fn is_synthetic(reader: &mut ParquetReader<Cursor<&[u8]>>) -> Result<bool, FrameError> {
    let metadata = reader.get_metadata().map_err(|e| shown(&e))?;
    let pairs = metadata.key_value_metadata().iter().flatten();
    Ok(pairs
        .into_iter()
        .any(|pair| pair.key == SYNTHETIC_KEY && pair.value.as_deref() == Some("true")))
}

/// Bytes of a file that holds `bars`.
pub(super) fn encode(bars: &[Bar], synthetic: bool) -> Result<Vec<u8>, FrameError> {
    let column = |name: &str, value: fn(&Bar) -> f64| {
        let values: Vec<f64> = bars.iter().map(value).collect();
        Column::new(name.into(), values)
    };
    let times: Vec<i64> = bars.iter().map(|bar| bar.time.millis()).collect();
    let columns = vec![
        Column::new("time".into(), times),
        column("open", |bar| bar.open),
        column("high", |bar| bar.high),
        column("low", |bar| bar.low),
        column("close", |bar| bar.close),
        column("volume", |bar| bar.volume),
    ];
    guarded(|| {
        let mut frame = DataFrame::new_infer_height(columns).map_err(|e| shown(&e))?;
        let mark = vec![(SYNTHETIC_KEY.to_owned(), synthetic.to_string())];
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes)
            .with_compression(ParquetCompression::Snappy)
            .with_key_value_metadata(Some(KeyValueMetadata::from_static(mark)))
            .set_parallel(false)
            .finish(&mut frame)
            .map_err(|e| shown(&e))?;
        Ok(bytes)
    })
}

/// The bars in a file's bytes.
pub(super) fn decode(bytes: &[u8]) -> Result<StoredBars, FrameError> {
    guarded(|| {
        let mut reader = open(bytes)?;
        let synthetic = is_synthetic(&mut reader)?;
        let frame = reader.finish().map_err(|e| shown(&e))?;
        if frame.width() != VALUES.len() + 1 {
            return Err(FrameError::Parquet(format!(
                "{} columns, a bar file has {}",
                frame.width(),
                VALUES.len() + 1
            )));
        }
        let times = times(&frame)?;
        let mut values = VALUES.iter().map(|name| floats(&frame, name));
        let mut next = || values.next().unwrap_or_else(|| Ok(Vec::new()));
        let (open, high, low, close, volume) = (next()?, next()?, next()?, next()?, next()?);
        let rest = open
            .iter()
            .zip(&high)
            .zip(low.iter().zip(&close))
            .zip(&volume);
        let bars = times
            .into_iter()
            .zip(rest)
            .map(|(time, (((open, high), (low, close)), volume))| Bar {
                time,
                open: *open,
                high: *high,
                low: *low,
                close: *close,
                volume: *volume,
            })
            .collect();
        Ok(StoredBars { bars, synthetic })
    })
}

fn times(frame: &DataFrame) -> Result<Vec<UtcTime>, FrameError> {
    let problem = |problem: &str| FrameError::Column {
        name: "time".to_owned(),
        problem: problem.to_owned(),
    };
    let column = frame.column("time").map_err(|_| problem("missing"))?;
    let cells = column
        .i64()
        .map_err(|_| problem("64-bit integers are wanted"))?;
    cells
        .iter()
        .map(|cell| {
            cell.and_then(|ms| UtcTime::from_millis(ms).ok())
                .ok_or_else(|| problem("holds a value that is no time"))
        })
        .collect()
}

fn floats(frame: &DataFrame, name: &str) -> Result<Vec<f64>, FrameError> {
    let problem = |problem: &str| FrameError::Column {
        name: name.to_owned(),
        problem: problem.to_owned(),
    };
    let column = frame.column(name).map_err(|_| problem("missing"))?;
    let cells = column
        .f64()
        .map_err(|_| problem("64-bit floats are wanted"))?;
    cells
        .iter()
        .map(|cell| cell.ok_or_else(|| problem("holds an empty cell")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::market::bar::sha256;

    fn bars() -> Vec<Bar> {
        (0..1000)
            .map(|i| Bar {
                time: UtcTime::from_millis(i * 3_600_000).unwrap(),
                open: 0.1 + i as f64 / 3.0,
                high: 1e17,
                low: f64::MIN_POSITIVE,
                close: 0.1 + i as f64 / 7.0,
                volume: 1.0 / (1.0 + i as f64),
            })
            .collect()
    }

    #[test]
    fn what_is_written_is_read_bit_by_bit() {
        for synthetic in [false, true] {
            let bytes = encode(&bars(), synthetic).unwrap();
            assert_eq!(bytes, encode(&bars(), synthetic).unwrap());
            let read = decode(&bytes).unwrap();
            assert_eq!(sha256(&read.bars), sha256(&bars()));
            assert_eq!(
                read,
                StoredBars {
                    bars: bars(),
                    synthetic
                }
            );
        }
    }

    #[test]
    fn damaged_files_are_errors() {
        let small = encode(&bars()[..6], false).unwrap();
        for index in 0..small.len() {
            for change in [0xff, 0x80, 0x55] {
                let mut bad = small.clone();
                bad[index] ^= change;
                // Read differently or refused, but no panic and no memory that the file has not.
                let _read = decode(&bad);
            }
        }
        let good = encode(&bars(), false).unwrap();
        for cut in [0, 1, 4, 100, good.len() / 2, good.len() - 1] {
            assert!(decode(&good[..cut]).is_err(), "{cut}");
        }
        for start in (0..good.len()).step_by(97) {
            let mut bad = good.clone();
            bad[start] ^= 0xff;
            // Read differently or refused, but never a panic.
            let _read = decode(&bad);
        }
    }
}
