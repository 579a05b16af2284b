//! Foreign Parquet files: the columns of bars, found by the same layouts as in CSV files.
//!
//! Only the columns that the layout needs are read. Times may be 64-bit or 32-bit integers (epoch
//! numbers), floats with whole numbers, or text; prices floats or integers. Any other type,
//! timestamps among them, is an error that says so. Rows count from 1, as lines do in CSV.

use std::io::Cursor;

use polars::prelude::{Column, DataFrame, DataType, ParquetReader, SerReader as _};

use super::FrameError;
use super::guard::guarded;
use super::parquet::{is_synthetic, open, shown};
use crate::kernel::text::visible;
use crate::research::market::layout::{self, Layout, Source};
use crate::research::market::rows::{Collector, RawRow, RowError, RowSet, Wanted};

/// What a foreign file holds.
#[derive(Debug)]
pub struct ForeignRows {
    /// Its rows, or why there are none.
    pub rows: Result<RowSet, RowError>,
    /// It carries our own mark of invented bars.
    pub synthetic: bool,
}

/// Reads the rows of a Parquet file in `bytes`.
///
/// # Errors
/// When it is no Parquet, or a needed column has a type that holds no bars.
pub fn read_rows(
    bytes: &[u8],
    source: Option<Source>,
    wanted: &Wanted,
) -> Result<ForeignRows, FrameError> {
    guarded(|| {
        let mut reader = open(bytes)?;
        let synthetic = is_synthetic(&mut reader)?;
        let schema = reader.schema().map_err(|e| shown(&e))?;
        let names: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
        let rows = match layout_of(&names, source, wanted) {
            Err(error) => Err(error),
            Ok(layout) => collect(reader, &names, &layout, wanted)?,
        };
        Ok(ForeignRows { rows, synthetic })
    })
}

fn layout_of(
    names: &[String],
    source: Option<Source>,
    wanted: &Wanted,
) -> Result<Layout, RowError> {
    if !layout::is_header(names) {
        return Err(RowError::NoHeader);
    }
    let symbol = match wanted {
        Wanted::One(symbol) => Some(symbol),
        Wanted::All => None,
    };
    let layout = layout::detect(names, source, symbol, |_| false)?;
    if *wanted == Wanted::All && layout.symbol.is_none() {
        return Err(RowError::NoSymbols);
    }
    Ok(layout)
}

fn collect(
    reader: ParquetReader<Cursor<&[u8]>>,
    names: &[String],
    layout: &Layout,
    wanted: &Wanted,
) -> Result<Result<RowSet, RowError>, FrameError> {
    let mut projection = vec![
        layout.time,
        layout.open,
        layout.high,
        layout.low,
        layout.close,
        layout.volume,
    ];
    projection.extend(layout.symbol);
    projection.extend(layout.quote_volume);
    projection.sort_unstable();
    projection.dedup();
    let frame = reader
        .with_projection(Some(projection))
        .finish()
        .map_err(|e| shown(&e))?;
    let named = |index: usize| names.get(index).map_or("", String::as_str);
    let values = |index: usize| floats(&frame, named(index));
    let (open, high) = (values(layout.open)?, values(layout.high)?);
    let (low, close) = (values(layout.low)?, values(layout.close)?);
    let volume = values(layout.volume)?;
    let quote = layout.quote_volume.map(values).transpose()?;
    let symbols = layout.symbol.map(|i| texts(&frame, named(i))).transpose()?;
    let times = Times::of(&frame, named(layout.time))?;
    Ok(rows(
        &times,
        [&open, &high, &low, &close, &volume],
        quote.as_deref(),
        symbols.as_deref(),
        layout.source,
        wanted,
    ))
}

/// Puts columns together; all have the frame's height.
fn rows(
    times: &Times,
    values: [&[f64]; 5],
    quote: Option<&[f64]>,
    symbols: Option<&[String]>,
    source: Source,
    wanted: &Wanted,
) -> Result<RowSet, RowError> {
    let [open, high, low, close, volume] = values;
    let mut collector = Collector::new(wanted, source);
    let prices = open.iter().zip(high).zip(low.iter().zip(close)).zip(volume);
    for (index, (((open, high), (low, close)), volume)) in prices.enumerate() {
        let line = i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1);
        let row = RawRow {
            line,
            time: times.read(index, line, &mut collector)?,
            open: *open,
            high: *high,
            low: *low,
            close: *close,
            volume: *volume,
            quote: quote.and_then(|cells| cells.get(index).copied()),
        };
        let symbol = symbols
            .and_then(|cells| cells.get(index))
            .map(String::as_str);
        collector.push(symbol, row)?;
    }
    collector.finish()
}

/// A time column.
enum Times {
    Epoch(Vec<Option<i64>>),
    Text(Vec<String>),
}

impl Times {
    fn of(frame: &DataFrame, name: &str) -> Result<Self, FrameError> {
        let column = column(frame, name)?;
        let dtype = column.dtype();
        if dtype == &DataType::String {
            return Ok(Self::Text(texts(frame, name)?));
        }
        if matches!(
            dtype,
            DataType::Int64 | DataType::Int32 | DataType::UInt32 | DataType::UInt64
        ) {
            let cast = column.cast(&DataType::Int64).map_err(|e| shown(&e))?;
            let cells = cast.i64().map_err(|e| shown(&e))?;
            return Ok(Self::Epoch(cells.iter().collect()));
        }
        if matches!(dtype, DataType::Float64 | DataType::Float32) {
            let cells = floats(frame, name)?;
            return Ok(Self::Text(cells.iter().map(|x| format!("{x}")).collect()));
        }
        Err(wrong_type(name, dtype, "epoch numbers or text are wanted"))
    }

    fn read(
        &self,
        index: usize,
        line: i64,
        collector: &mut Collector<'_>,
    ) -> Result<crate::kernel::time::UtcTime, RowError> {
        match self {
            Self::Text(cells) => collector.time(line, cells.get(index).map_or("", String::as_str)),
            Self::Epoch(cells) => match cells.get(index).copied().flatten() {
                Some(value) => collector.epoch(line, value),
                None => collector.time(line, ""),
            },
        }
    }
}

fn column<'f>(frame: &'f DataFrame, name: &str) -> Result<&'f Column, FrameError> {
    frame.column(name).map_err(|e| shown(&e))
}

fn wrong_type(name: &str, dtype: &DataType, wanted: &str) -> FrameError {
    FrameError::Column {
        name: visible(name, 40),
        problem: format!("is of type {}, {wanted}", visible(&dtype.to_string(), 40)),
    }
}

/// A column of numbers; an empty cell is NaN.
fn floats(frame: &DataFrame, name: &str) -> Result<Vec<f64>, FrameError> {
    let column = column(frame, name)?;
    if !column.dtype().is_primitive_numeric() {
        return Err(wrong_type(name, column.dtype(), "numbers are wanted"));
    }
    let cast = column.cast(&DataType::Float64).map_err(|e| shown(&e))?;
    let cells = cast.f64().map_err(|e| shown(&e))?;
    Ok(cells.iter().map(|cell| cell.unwrap_or(f64::NAN)).collect())
}

/// A column of text; an empty cell is an empty text.
fn texts(frame: &DataFrame, name: &str) -> Result<Vec<String>, FrameError> {
    let column = column(frame, name)?;
    let cells = column
        .str()
        .map_err(|_| wrong_type(name, column.dtype(), "text is wanted"))?;
    Ok(cells
        .iter()
        .map(|cell| cell.unwrap_or("").to_owned())
        .collect())
}
