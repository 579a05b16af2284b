//! NautilusTrader: the account report as CSV, with the positions report beside it.
//!
//! Of the account: `ts_event`, `total`, `currency`. The balance after each event becomes the balance
//! at the end of each day (UTC); days without an event earned nothing. `total` holds what was
//! realised: open positions are valued at nothing, so the series is marked as realised. A CASH
//! account pays for what it buys, so its `total` is not its worth: refused, as are several
//! currencies, which cannot be added without their prices. Of the positions: money such as
//! `12.3 USD`, opening and closing times, `BUY` or `SELL`.

use std::collections::BTreeSet;

use super::backtesting_py::rows;
use super::clock::Clock;
use super::curve::{Value, daily, opening, returns_of};
use super::error::ImportError;
use super::sheet::{Row, Sheet, number};
use super::trading::symbol;
use super::{Imported, Inputs, further};
use crate::evidence::manifest::Valuation;
use crate::evidence::table::TableError;
use crate::evidence::trades::{Side, Trade};
use crate::kernel::text::visible;
use crate::kernel::time::{DAY_MS, UtcTime};
use crate::metrics::Sample;

/// Most days of a backtest.
const DAYS_MAX: i64 = 40_000;

pub(super) fn read(bytes: &[u8], inputs: &Inputs<'_>) -> Result<Imported, ImportError> {
    let sheet = Sheet::read(bytes)?;
    let nameless = sheet
        .header
        .first()
        .is_some_and(String::is_empty)
        .then_some(0);
    let time_at = match sheet.find(&["ts_event"]).or(nameless) {
        Some(at) => at,
        None => sheet.column(&["ts_event"])?,
    };
    let (total_at, currency_at) = (sheet.column(&["total"])?, sheet.column(&["currency"])?);
    check_account(&sheet, currency_at)?;
    let mut clock = Clock::default();
    let mut values: Vec<Value> = Vec::new();
    for row in &sheet.rows {
        let time = instant(&mut clock, row, time_at)?;
        if values.last().is_some_and(|last| last.time > time) {
            return Err(row.fault("earlier than the one before").into());
        }
        let money = money(row, total_at)?;
        let line = row.line;
        values.push(Value { time, money, line });
    }
    let start = opening(&values, inputs.capital, "--capital")?;
    let mut read = Imported::plain(returns_of(&every_day(&values)?, start)?);
    read.capital = start;
    read.valuation = Valuation::Realised;
    read.remarks.push(
        "NautilusTrader: the account's total holds realised results; losses of open positions are \
         not in it"
            .into(),
    );
    if let Some(bytes) = further(inputs.positions.or(inputs.trades))? {
        read.trades = Some(positions(&bytes, inputs)?);
    }
    Ok(read)
}

fn check_account(sheet: &Sheet, currency_at: usize) -> Result<(), ImportError> {
    let currencies: BTreeSet<&str> = sheet.rows.iter().map(|row| row.cell(currency_at)).collect();
    if currencies.len() > 1 {
        let names: Vec<&str> = currencies.into_iter().take(8).collect();
        let names = visible(&names.join(", "), 80);
        return Err(ImportError::Content(format!(
            "the account holds {names}: without their prices they are no equity; export an account \
             in one currency"
        )));
    }
    let kind = sheet.find(&["account_type"]);
    let is_cash = |row: &Row| kind.is_some_and(|at| row.cell(at).eq_ignore_ascii_case("CASH"));
    if sheet.rows.iter().any(is_cash) {
        return Err(ImportError::Content(
            "the total of a CASH account leaves out what it bought: export the equity (balance \
             plus open positions) per day and import it with --tool returns-csv"
                .into(),
        ));
    }
    Ok(())
}

/// The last value of every day, also of the days on which nothing happened.
fn every_day(values: &[Value]) -> Result<Vec<Value>, ImportError> {
    let days = daily(values, 0);
    let mut all: Vec<Value> = Vec::new();
    for value in days {
        if let Some(before) = all.last().copied() {
            let missing = value.time.millis_since(before.time) / DAY_MS;
            if missing > DAYS_MAX {
                return Err(ImportError::line(
                    value.line,
                    "a century after the one before",
                ));
            }
            let quiet = (1..missing).map(|i| Value {
                time: before.time.plus_days(i),
                ..before
            });
            all.extend(quiet);
        }
        all.push(value);
    }
    Ok(all)
}

/// A time, or the nanoseconds since 1970 that raw reports hold.
fn instant(clock: &mut Clock, row: &Row, at: usize) -> Result<UtcTime, TableError> {
    let cell = row.cell(at);
    if cell.len() >= 15 && cell.bytes().all(|b| b.is_ascii_digit()) {
        let ms = cell.parse::<i64>().ok().map(|ns| ns / 1_000_000);
        let time = ms.and_then(|ms| UtcTime::from_millis(ms).ok());
        return time.ok_or_else(|| row.fault("a time beyond the year 9999"));
    }
    clock.read(cell, row.line)
}

/// `12.3`, or `12.3 USD`.
fn money(row: &Row, at: usize) -> Result<f64, TableError> {
    let cell = row.cell(at);
    let plain = cell.split_once(' ').map_or(cell, |(amount, _)| amount);
    let plain = plain.replace('_', "");
    number(&plain).map_err(|what| row.fault(what))
}

fn positions(bytes: &[u8], inputs: &Inputs<'_>) -> Result<Vec<Trade>, ImportError> {
    let Some(sheet) = rows(bytes)? else {
        return Ok(Vec::new());
    };
    let (from, to) = (sheet.column(&["ts_opened"])?, sheet.column(&["ts_closed"])?);
    let pnl = sheet.column(&["realized_pnl"])?;
    let (side, snapshot) = (sheet.find(&["entry"]), sheet.find(&["is_snapshot"]));
    let (entry, exit) = (sheet.find(&["avg_px_open"]), sheet.find(&["avg_px_close"]));
    let quantity = sheet
        .find(&["peak_qty"])
        .or_else(|| sheet.find(&["quantity"]));
    let instrument = sheet.find(&["instrument_id"]);
    let mut clock = Clock::default();
    let mut trades = Vec::new();
    for (i, row) in sheet.rows.iter().enumerate() {
        let known = |at: Option<usize>| match at {
            Some(at) => row.optional(at).map(|x| x.unwrap_or(0.0)),
            None => Ok(0.0),
        };
        let open = matches!(row.cell(to), "" | "0" | "NaT" | "nan" | "None");
        let entry_time = instant(&mut clock, row, from)?;
        let exit_time = if open {
            None
        } else {
            Some(instant(&mut clock, row, to)?)
        };
        if exit_time.is_some_and(|exit| exit < entry_time) {
            return Err(row.fault("closed before it was opened").into());
        }
        let short = side.is_some_and(|at| row.cell(at).eq_ignore_ascii_case("SELL"));
        let again = snapshot.is_some_and(|at| row.cell(at).eq_ignore_ascii_case("true"));
        trades.push(Trade {
            id: format!("{}{i}", if again { "s" } else { "t" }),
            strategy: inputs.id.clone(),
            symbol: symbol(instrument.map_or("", |at| row.cell(at))),
            side: if short { Side::Short } else { Side::Long },
            entry_time,
            exit_time,
            quantity: known(quantity)?.abs(),
            entry_price: known(entry)?,
            exit_price: known(exit)?,
            costs: 0.0,
            pnl: money(row, pnl)?,
            sample: Sample::Full,
        });
    }
    Ok(trades)
}
