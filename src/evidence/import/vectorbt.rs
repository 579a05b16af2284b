//! vectorbt: `pf.returns().to_csv()` or `pf.value().to_csv()`, with
//! `pf.trades.records_readable.to_csv()` and `pf.stats().to_csv()` beside it.
//!
//! Whether a column holds returns or money is said by its name (`return`, `value`, `equity`) or,
//! for the nameless columns that pandas writes, by its first value: vectorbt's first return is 0 or
//! small, an account begins with more than 0.5. Pickles (`pf.save`) are never opened. The fees of both sides are
//! the costs of a trade, and `PnL` is net of them. A trade that is still open is valued at the last
//! price.

use super::backtesting_py::rows;
use super::clock::Clock;
use super::curve::{Value, returns_of};
use super::error::ImportError;
use super::quantstats::{column, returns};
use super::sheet::{Row, Sheet};
use super::trading::symbol;
use super::{Imported, Inputs, further};
use crate::evidence::trades::{Side, Trade};
use crate::kernel::text::visible;
use crate::metrics::Sample;

pub(super) fn read(bytes: &[u8], inputs: &Inputs<'_>) -> Result<Imported, ImportError> {
    let sheet = Sheet::read(bytes)?;
    let time_at = sheet.time_column()?;
    let named = sheet.find(&["value", "equity"]);
    let at = match (named, inputs.strategy) {
        (Some(at), None) => at,
        (_, strategy) => column(&sheet, time_at, strategy)?,
    };
    let mut read = if is_money(&sheet, at)? {
        let values = values(&sheet, time_at, at)?;
        let first = values.first().map(|v| v.money);
        let mut read = Imported::plain(returns_of(&values, inputs.capital)?);
        read.capital = inputs.capital.or(first);
        read
    } else {
        Imported::plain(returns(&sheet, time_at, at)?)
    };
    if let Some(bytes) = further(inputs.trades)? {
        read.trades = Some(trades(&bytes, inputs)?);
    }
    Ok(read)
}

fn is_money(sheet: &Sheet, at: usize) -> Result<bool, ImportError> {
    let name = sheet.header.get(at).map(|n| n.to_ascii_lowercase());
    let name = name.unwrap_or_default();
    if name.contains("value") || name.contains("equity") {
        return Ok(true);
    }
    if name.contains("return") {
        return Ok(false);
    }
    let first = sheet.rows.first().map_or(Ok(0.0), |row| row.number(at))?;
    Ok(first.abs() > 0.5)
}

fn values(sheet: &Sheet, time_at: usize, at: usize) -> Result<Vec<Value>, ImportError> {
    let mut clock = Clock::default();
    let mut values = Vec::new();
    for row in &sheet.rows {
        values.push(Value {
            time: clock.next(row.cell(time_at), row.line)?,
            money: row.number(at)?,
            line: row.line,
        });
    }
    Ok(values)
}

fn trades(bytes: &[u8], inputs: &Inputs<'_>) -> Result<Vec<Trade>, ImportError> {
    let Some(sheet) = rows(bytes)? else {
        return Ok(Vec::new());
    };
    let at = |names: &[&str]| sheet.column(names);
    let size = at(&["Size"])?;
    let (entry, exit) = (at(&["Avg Entry Price"])?, at(&["Avg Exit Price"])?);
    let (from, to) = (at(&["Entry Timestamp"])?, at(&["Exit Timestamp"])?);
    let fees = [at(&["Entry Fees"])?, at(&["Exit Fees"])?];
    let (pnl, direction) = (at(&["PnL"])?, at(&["Direction"])?);
    let status = at(&["Status"])?;
    let asset = sheet.find(&["Column"]);
    let mut clock = Clock::default();
    let mut time = |row: &Row, at: usize| clock.read(row.cell(at), row.line);
    let mut trades = Vec::new();
    for (i, row) in sheet.rows.iter().enumerate() {
        let (entry_time, exit_time) = (time(row, from)?, time(row, to)?);
        if exit_time < entry_time {
            return Err(row.fault("closed before it was opened").into());
        }
        let closed = word(row, status, "Closed", "Open")?;
        let long = word(row, direction, "Long", "Short")?;
        trades.push(Trade {
            id: format!("t{i}"),
            strategy: inputs.id.clone(),
            symbol: symbol(asset.map_or("", |at| row.cell(at))),
            side: if long { Side::Long } else { Side::Short },
            entry_time,
            exit_time: closed.then_some(exit_time),
            quantity: row.number(size)?.abs(),
            entry_price: row.number(entry)?,
            exit_price: row.number(exit)?,
            costs: (row.number(fees[0])? + row.number(fees[1])?).max(0.0),
            pnl: row.number(pnl)?,
            sample: Sample::Full,
        });
    }
    Ok(trades)
}

/// True for `yes`, false for `no`.
fn word(row: &Row, at: usize, yes: &str, no: &str) -> Result<bool, ImportError> {
    match row.cell(at) {
        cell if cell.eq_ignore_ascii_case(yes) => Ok(true),
        cell if cell.eq_ignore_ascii_case(no) => Ok(false),
        other => {
            let what = format!("`{}` is neither {yes} nor {no}", visible(other, 20));
            Err(row.fault(what).into())
        }
    }
}
