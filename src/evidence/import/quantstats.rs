//! quantstats: the CSV of returns that went into its report.
//!
//! Two columns (date, return), whatever they are called, or several of which one is named: by
//! `--strategy`, or `Strategy`, `returns` and the like. Its HTML report holds no series; the table
//! of `reports.metrics(display=False)` is read as figures.

use super::clock::Clock;
use super::curve::check;
use super::error::ImportError;
use super::sheet::Sheet;
use super::{Imported, Inputs};
use crate::evidence::returns_csv::Returns;
use crate::kernel::text::visible;

const RETURN_NAMES: [&str; 5] = ["strategy", "return", "returns", "ret", "strategy_returns"];

/// Columns of these names are not returns.
const MONEY_NAMES: [&str; 7] = [
    "close",
    "adj close",
    "price",
    "value",
    "equity",
    "nav",
    "balance",
];
/// A table whose every number is above this holds no returns.
const RETURN_USUAL: f64 = 0.5;

pub(super) fn read(bytes: &[u8], inputs: &Inputs<'_>) -> Result<Imported, ImportError> {
    let sheet = Sheet::read(bytes)?;
    let time_at = sheet.time_column()?;
    let at = column(&sheet, time_at, inputs.strategy)?;
    Ok(Imported::plain(returns(&sheet, time_at, at)?))
}

/// The column that holds the series: as named, the only one, or the one that is called so.
pub(super) fn column(
    sheet: &Sheet,
    time_at: usize,
    strategy: Option<&str>,
) -> Result<usize, ImportError> {
    let others: Vec<usize> = (0..sheet.header.len())
        .filter(|at| *at != time_at)
        .collect();
    if let [only] = others.as_slice() {
        return Ok(*only);
    }
    let named = match strategy {
        Some(name) => sheet.find(&[name]),
        None => sheet.find(&RETURN_NAMES),
    };
    named.filter(|at| *at != time_at).ok_or_else(|| {
        let names: Vec<&str> = others
            .iter()
            .filter_map(|at| sheet.header.get(*at).map(String::as_str))
            .collect();
        ImportError::Strategy {
            message: "several columns could be the series: name one with --strategy".into(),
            names: visible(&names.join(", "), 200),
        }
    })
}

/// The returns in one column.
pub(super) fn returns(sheet: &Sheet, time_at: usize, at: usize) -> Result<Returns, ImportError> {
    let mut clock = Clock::default();
    let mut read = Returns {
        times: Vec::new(),
        returns: Vec::new(),
    };
    let name = sheet.header.get(at).map(|n| n.to_ascii_lowercase());
    let name = name.unwrap_or_default();
    let money = MONEY_NAMES.contains(&name.as_str());
    let said = RETURN_NAMES.contains(&name.as_str()) || name.contains("return");
    for row in &sheet.rows {
        read.times.push(clock.next(row.cell(time_at), row.line)?);
        read.returns.push(check(row.number(at)?, row.line)?);
    }
    if money || read.returns.iter().all(|r| *r > RETURN_USUAL) {
        return Err(ImportError::Content(
            "the column holds prices or values, not returns: export `.pct_change().dropna()`"
                .into(),
        ));
    }
    if !said && read.returns.iter().all(|r| *r > 0.0) {
        return Err(ImportError::Content(
            "every number is above 0, so the column could hold values of an account: if they are \
             returns, name it `return` in the header"
                .into(),
        ));
    }
    Ok(read)
}
