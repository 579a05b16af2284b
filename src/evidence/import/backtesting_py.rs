//! backtesting.py: `stats._equity_curve.to_csv()`, with `stats._trades.to_csv()` and the printed
//! stats beside it.
//!
//! The equity column is the series; `DrawdownPct` and the stats are only claimed. `PnL` of a trade
//! is net of its commission in the versions that have the column `Commission`; without that column
//! costs stand in the prices. A position that is open at the end is in no row: then the trades do
//! not explain the equity, and `finalize_trades=True` is what helps.

use super::clock::Clock;
use super::curve::{Value, opening, returns_of};
use super::error::ImportError;
use super::sheet::{Row, Sheet};
use super::{Imported, Inputs, further};
use crate::evidence::trades::{Side, Trade};
use crate::metrics::Sample;

pub(super) fn read(bytes: &[u8], inputs: &Inputs<'_>) -> Result<Imported, ImportError> {
    let sheet = Sheet::read(bytes)?;
    let (time_at, equity_at) = (sheet.time_column()?, sheet.column(&["Equity"])?);
    let mut clock = Clock::default();
    let mut values = Vec::new();
    for row in &sheet.rows {
        values.push(Value {
            time: clock.next(row.cell(time_at), row.line)?,
            money: row.number(equity_at)?,
            line: row.line,
        });
    }
    let start = opening(&values, inputs.capital, "--capital")?;
    let mut read = Imported::plain(returns_of(&values, start)?);
    read.capital = start;
    if let Some(bytes) = further(inputs.trades)? {
        read.trades = Some(trades(&bytes, inputs)?);
    }
    Ok(read)
}

fn trades(bytes: &[u8], inputs: &Inputs<'_>) -> Result<Vec<Trade>, ImportError> {
    let Some(sheet) = rows(bytes)? else {
        return Ok(Vec::new());
    };
    let at = |name: &str| sheet.column(&[name]);
    let (size, entry, exit) = (at("Size")?, at("EntryPrice")?, at("ExitPrice")?);
    let (pnl, from, to) = (at("PnL")?, at("EntryTime")?, at("ExitTime")?);
    let commission = sheet.find(&["Commission"]);
    // Rows are sorted by neither time, so the clock only reads.
    let mut clock = Clock::default();
    let mut time = |row: &Row, at: usize| clock.read(row.cell(at), row.line);
    let mut trades = Vec::new();
    for (i, row) in sheet.rows.iter().enumerate() {
        let units = row.number(size)?;
        let (entry_time, exit_time) = (time(row, from)?, time(row, to)?);
        if exit_time < entry_time {
            return Err(row.fault("closed before it was opened").into());
        }
        trades.push(Trade {
            id: format!("t{i}"),
            strategy: inputs.id.clone(),
            symbol: "unknown".to_owned(),
            side: if units < 0.0 { Side::Short } else { Side::Long },
            entry_time,
            exit_time: Some(exit_time),
            quantity: units.abs(),
            entry_price: row.number(entry)?,
            exit_price: row.number(exit)?,
            costs: commission.map_or(Ok(0.0), |at| row.number(at))?.max(0.0),
            pnl: row.number(pnl)?,
            sample: Sample::Full,
        });
    }
    Ok(trades)
}

/// The table; none when it has a header and not one row: nothing was traded.
pub(super) fn rows(bytes: &[u8]) -> Result<Option<Sheet>, ImportError> {
    let lines = bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    if lines.count() == 1 {
        return Ok(None);
    }
    Ok(Some(Sheet::read(bytes)?))
}
