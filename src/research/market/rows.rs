//! Rows of a file before anything is judged: times and numbers read, symbols sorted out, each row
//! with the line it stands in.
//!
//! A cell that is empty or says `null`, `NaN` or the like becomes NaN and is judged later
//! (`non_finite`); a cell that is no number at all is an error of the file, because then the
//! column is not what its name says.

use std::collections::BTreeMap;

use super::layout::{LayoutError, Source};
use super::stamp::{self, Unit};
use super::symbol::Symbol;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RawRow {
    /// Line in the file, counted from 1; rows of a Parquet file count from 1.
    pub line: i64,
    /// When the bar begins.
    pub time: UtcTime,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Volume as the header says.
    pub volume: f64,
    /// Quote volume as the header says, where the file has one.
    pub quote: Option<f64>,
}

/// Which rows are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Those of one symbol; a file without symbol column is taken to be all of it.
    One(Symbol),
    /// Those of every symbol that the file names.
    All,
}

/// The rows of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct RowSet {
    /// Layout as which the file was read.
    pub source: Source,
    /// Rows per symbol, in file order.
    pub series: BTreeMap<Symbol, Vec<RawRow>>,
    /// Rows of symbols that were not wanted.
    pub skipped: i64,
}

/// Why a file gives no rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// No line with the names of the columns.
    #[error("no header: a line that names open, high, low and close is wanted at the top")]
    NoHeader,
    /// The header is there, but not usable.
    #[error("the header is not usable")]
    Layout(#[from] LayoutError),
    /// The CSV reader gave up.
    #[error("line {line}: {problem}")]
    Csv {
        /// Where.
        line: i64,
        /// What it said.
        problem: String,
    },
    /// Bytes that are no UTF-8.
    #[error("line {0} is not UTF-8 text")]
    NotText(i64),
    /// Too few or too many cells.
    #[error("line {line} has {found} cells, the header has {wanted}")]
    Cells {
        /// Where.
        line: i64,
        /// Cells in the line.
        found: usize,
        /// Cells in the header.
        wanted: usize,
    },
    /// A time that is none.
    #[error("line {line}: `{text}` is not a time")]
    Time {
        /// Where.
        line: i64,
        /// The cell.
        text: String,
    },
    /// Times in two units.
    #[error("line {line}: times in {found}, but the lines before have {before}")]
    MixedTimes {
        /// Where.
        line: i64,
        /// Unit in this line.
        found: &'static str,
        /// Unit so far.
        before: &'static str,
    },
    /// A number that is none.
    #[error("line {line}: `{text}` in column `{column}` is not a number")]
    Number {
        /// Where.
        line: i64,
        /// Column.
        column: &'static str,
        /// The cell.
        text: String,
    },
    /// A symbol that is none.
    #[error("line {line}: {problem}")]
    Symbol {
        /// Where.
        line: i64,
        /// What is wrong.
        problem: String,
    },
    /// All symbols are wanted, but there is no column that names them.
    #[error("no column names a symbol")]
    NoSymbols,
    /// The wanted symbol is not in the file.
    #[error("no row of {wanted}; the file has {have}")]
    OtherSymbols {
        /// What was wanted.
        wanted: String,
        /// What is there.
        have: String,
    },
    /// More rows than allowed.
    #[error("more than {0} rows")]
    TooMany(usize),
}

/// Most rows that are read.
pub const ROWS_MAX: usize = 10_000_000;

/// Collects rows, keeping times to one unit and symbols apart.
#[derive(Debug)]
pub struct Collector<'a> {
    wanted: &'a Wanted,
    source: Source,
    unit: Option<Unit>,
    series: BTreeMap<Symbol, Vec<RawRow>>,
    others: BTreeMap<String, i64>,
    rows: usize,
}

impl<'a> Collector<'a> {
    /// Starts with no row.
    #[must_use]
    pub fn new(wanted: &'a Wanted, source: Source) -> Self {
        let mut series = BTreeMap::new();
        if let Wanted::One(symbol) = wanted {
            series.insert(symbol.clone(), Vec::new());
        }
        Self {
            wanted,
            source,
            unit: None,
            series,
            others: BTreeMap::new(),
            rows: 0,
        }
    }

    /// Reads the time in `text`, which must be spelled as the times before.
    ///
    /// # Errors
    /// When it is none, or of another unit.
    pub fn time(&mut self, line: i64, text: &str) -> Result<UtcTime, RowError> {
        let read = stamp::parse(text).ok_or_else(|| RowError::Time {
            line,
            text: visible(text, 40),
        })?;
        self.same_unit(line, read)
    }

    /// The same for an epoch number.
    ///
    /// # Errors
    /// When it is out of range, or of another unit.
    pub fn epoch(&mut self, line: i64, value: i64) -> Result<UtcTime, RowError> {
        let read = stamp::from_integer(value).ok_or_else(|| RowError::Time {
            line,
            text: value.to_string(),
        })?;
        self.same_unit(line, read)
    }

    fn same_unit(&mut self, line: i64, read: (UtcTime, Unit)) -> Result<UtcTime, RowError> {
        let before = *self.unit.get_or_insert(read.1);
        if before == read.1 {
            return Ok(read.0);
        }
        Err(RowError::MixedTimes {
            line,
            found: read.1.as_str(),
            before: before.as_str(),
        })
    }

    /// Adds a row of the symbol that its file names, if it names one.
    ///
    /// # Errors
    /// When the symbol cannot be read, or there are too many rows.
    pub fn push(&mut self, symbol: Option<&str>, row: RawRow) -> Result<(), RowError> {
        self.rows += 1;
        if self.rows > ROWS_MAX {
            return Err(RowError::TooMany(ROWS_MAX));
        }
        let symbol = match (self.wanted, symbol) {
            (Wanted::One(wanted), Some(text)) if !wanted.is_spelled(text) => {
                let shown = visible(text.trim(), 40);
                // A hostile file may name a million symbols; a few are enough to say so.
                if self.others.len() < 1000 || self.others.contains_key(&shown) {
                    *self.others.entry(shown).or_default() += 1;
                } else {
                    *self.others.entry("…".to_owned()).or_default() += 1;
                }
                return Ok(());
            }
            (Wanted::One(wanted), _) => wanted.clone(),
            (Wanted::All, Some(text)) => {
                let spelled = text.trim().to_ascii_uppercase().replace(['-', '_'], "/");
                spelled
                    .parse()
                    .map_err(|e: super::symbol::SymbolError| RowError::Symbol {
                        line: row.line,
                        problem: e.to_string(),
                    })?
            }
            (Wanted::All, None) => return Err(RowError::NoSymbols),
        };
        self.series.entry(symbol).or_default().push(row);
        Ok(())
    }

    /// The collected rows.
    ///
    /// # Errors
    /// When the file has rows, but none of the wanted symbol.
    pub fn finish(self) -> Result<RowSet, RowError> {
        if let Wanted::One(symbol) = self.wanted
            && !self.others.is_empty()
            && self.series.values().all(Vec::is_empty)
        {
            let have: Vec<String> = self
                .others
                .keys()
                .take(10)
                .map(|s| format!("`{s}`"))
                .collect();
            return Err(RowError::OtherSymbols {
                wanted: symbol.to_string(),
                have: have.join(", "),
            });
        }
        Ok(RowSet {
            source: self.source,
            series: self.series,
            skipped: self.others.values().sum(),
        })
    }
}

/// A cell as a number: NaN where it says that there is none, none where it is no number.
#[must_use]
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let missing = ["", "null", "nan", "na", "n/a", "none", "-"];
    if missing.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Some(f64::NAN);
    }
    text.parse().ok()
}
