//! vectorbt: `pf.returns().to_csv()` or `pf.value().to_csv()`, with
//! `pf.trades.records_readable.to_csv()` and `pf.stats().to_csv()` beside it.
//!
//! Whether a column holds returns or money is said by its name (`return`, `value`, `equity`) or,
//! for the nameless columns that pandas writes, by its values: see [`is_money`]. The first value
//! stands after the first bar, so a `Start Value` in the stats that differs from it is the first
//! bar's return; `--capital` alone may not differ, since nothing in the files bears it out. Pickles
//! (`pf.save`) are never opened. The fees of both sides are the costs of a trade, and `PnL` is net
//! of them. A trade that is still open is valued at the last price.

use super::backtesting_py::rows;
use super::clock::Clock;
use super::curve::{Value, is_same, opening, returns_of};
use super::error::ImportError;
use super::quantstats::{column, returns};
use super::sheet::{Row, Sheet};
use super::stats::amount;
use super::trading::symbol;
use super::{Figure, Imported, Inputs, further};
use crate::evidence::trades::{Side, Trade};
use crate::kernel::text::visible;
use crate::metrics::Sample;

/// Reads the series, and the trades beside it; `printed` are the stats.
///
/// # Errors
/// When the inputs are no such tables, or contradict each other.
pub(super) fn read(
    bytes: &[u8],
    inputs: &Inputs<'_>,
    printed: &[Figure],
) -> Result<Imported, ImportError> {
    let sheet = Sheet::read(bytes)?;
    let time_at = sheet.time_column()?;
    let named = sheet.find(&["value", "equity"]);
    let at = match (named, inputs.strategy) {
        (Some(at), None) => at,
        (_, strategy) => column(&sheet, time_at, strategy)?,
    };
    let printed = printed.iter().find(|f| f.name == "Start Value");
    let printed = printed.and_then(|f| Some(amount(&f.value)?.value));
    if let (Some(stated), Some(printed)) = (inputs.capital, printed)
        && !is_same(stated, printed)
    {
        return Err(ImportError::Content(format!(
            "--capital is {stated}, but the stats print a Start Value of {printed}"
        )));
    }
    let start = inputs.capital.or(printed);
    let mut read = if is_money(&sheet, at, start)? {
        let values = values(&sheet, time_at, at)?;
        let start = match printed {
            Some(_) => start,
            None => opening(
                &values,
                start,
                "--capital (without the Start Value of --stats)",
            )?,
        };
        let mut read = Imported::plain(returns_of(&values, start)?);
        read.capital = start;
        read
    } else {
        let mut read = Imported::plain(returns(&sheet, time_at, at)?);
        read.capital = start.filter(|money| *money > 0.0);
        read
    };
    if let Some(bytes) = further(inputs.trades)? {
        read.trades = Some(trades(&bytes, inputs)?);
    }
    Ok(read)
}

/// True when the column holds money, false for returns. Where its name says neither: a first value
/// above 0.5, or one within a factor of two of what the account began with (`start`), is money;
/// a first value that is not above 0, or a negative one anywhere, belongs to returns.
///
/// # Errors
/// When the values could be either.
fn is_money(sheet: &Sheet, at: usize, start: Option<f64>) -> Result<bool, ImportError> {
    let name = sheet.header.get(at).map(|n| n.to_ascii_lowercase());
    let name = name.unwrap_or_default();
    if name.contains("value") || name.contains("equity") {
        return Ok(true);
    }
    if name.contains("return") {
        return Ok(false);
    }
    let numbers = sheet.rows.iter().map(|row| row.number(at));
    let numbers = numbers.collect::<Result<Vec<f64>, _>>()?;
    let first = numbers.first().copied().unwrap_or(0.0);
    let near = |start: f64| start > 0.0 && (0.5..=2.0).contains(&(first / start));
    if first > 0.5 || start.is_some_and(near) {
        return Ok(true);
    }
    if first <= 0.0 || numbers.iter().any(|x| *x < 0.0) {
        return Ok(false);
    }
    Err(ImportError::Content(
        "the column could hold money or returns: name it `value` or `return` in the header".into(),
    ))
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
