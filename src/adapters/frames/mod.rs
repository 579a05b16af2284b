//! Frames: bars in Parquet. The only room that names polars, and only its eager readers.
//!
//! Our own files have six columns: `time` (i64, milliseconds since 1970), `open`, `high`, `low`,
//! `close`, `volume` (f64), and one file-level key `promote.synthetic`. Foreign files are read
//! column by column in [`foreign`]. A hostile file is an error, never a panic: polars runs behind
//! [`guard`], single-threaded, on at most [`FILE_MAX_BYTES`] and [`ROWS_MAX`].

pub mod foreign;
mod guard;
mod pages;
mod parquet;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::adapters::host::durable;
use crate::kernel::digest::Digest;
use crate::research::market::Bar;

/// Largest file that is read, in bytes.
pub const FILE_MAX_BYTES: u64 = 512 * 1024 * 1024;
/// Most rows that are read.
pub const ROWS_MAX: usize = 10_000_000;

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The file system refused.
    #[error("could not be read or written")]
    Io(#[source] io::Error),
    /// More bytes than allowed.
    #[error("larger than {FILE_MAX_BYTES} bytes")]
    TooLarge,
    /// More rows than allowed.
    #[error("{0} rows, more than {ROWS_MAX}")]
    TooManyRows(usize),
    /// Not Parquet, or damaged.
    #[error("not a readable Parquet file: {0}")]
    Parquet(String),
    /// Its bytes are not those that were written.
    #[error("its SHA-256 is not the one in the manifest")]
    Changed,
    /// A column that is missing or of another type.
    #[error("column `{name}`: {problem}")]
    Column {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Bars as they stand in one of our files.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredBars {
    /// The bars, in file order.
    pub bars: Vec<Bar>,
    /// The file's own mark.
    pub synthetic: bool,
}

/// The bytes of a file, up to [`FILE_MAX_BYTES`].
///
/// # Errors
/// When it is larger or cannot be read.
pub fn read_capped(path: &Path) -> Result<Vec<u8>, FrameError> {
    let file = File::open(path).map_err(FrameError::Io)?;
    if file.metadata().map_err(FrameError::Io)?.is_dir() {
        return Err(FrameError::Io(io::ErrorKind::IsADirectory.into()));
    }
    let mut bytes = Vec::new();
    let read = file
        .take(FILE_MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(FrameError::Io)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > FILE_MAX_BYTES {
        return Err(FrameError::TooLarge);
    }
    Ok(bytes)
}

/// Reads a file in the form of our own bar files.
///
/// # Errors
/// When it cannot be read, is no Parquet or has other columns. The bars are not checked:
/// `BarSeries::check` does that.
pub fn read_bars(path: &Path) -> Result<StoredBars, FrameError> {
    parquet::decode(&read_capped(path)?)
}

/// Reads one of our own bar files, whose bytes must have the digest `sha256`.
///
/// # Errors
/// As [`read_bars`], and when it has other bytes.
pub fn read_known_bars(path: &Path, sha256: &Digest) -> Result<StoredBars, FrameError> {
    let bytes = read_capped(path)?;
    if Digest::of(&bytes) != *sha256 {
        return Err(FrameError::Changed);
    }
    parquet::decode(&bytes)
}

/// One of our own bar files as bytes; the same bars give the same bytes.
///
/// # Errors
/// When the Parquet writer refuses.
pub fn bars_file(bars: &[Bar], synthetic: bool) -> Result<Vec<u8>, FrameError> {
    parquet::encode(bars, synthetic)
}

/// Writes the bytes of a bar file atomically and durably, replacing an older one.
///
/// # Errors
/// When the file system refuses; then an older file is unchanged.
pub fn write_bars(path: &Path, file: &[u8]) -> Result<(), FrameError> {
    durable::write_file(path, file).map_err(FrameError::Io)
}
