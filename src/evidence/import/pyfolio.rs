//! pyfolio: the returns that went into a tear sheet, and the positions beside them.
//!
//! Returns are a table of dates and returns, as `Series.to_csv` writes it; its older form has no
//! header. Positions are a table of dates, one column of money per symbol, and `cash`: the change
//! of their sum must be the return of the day. They say nothing about single trades.

use super::claimed::POSITIONS;
use super::clock::Clock;
use super::error::ImportError;
use super::quantstats::{column, returns};
use super::sheet::{Sheet, number};
use super::{Figure, Imported, Inputs, further};
use crate::evidence::returns_csv::Returns;

/// Largest difference between a return and what the positions give: prices are rounded.
const TOLERANCE: f64 = 1e-3;

pub(super) fn read(bytes: &[u8], inputs: &Inputs<'_>) -> Result<Imported, ImportError> {
    let sheet = sheet(bytes)?;
    let time_at = sheet.time_column()?;
    let at = column(&sheet, time_at, inputs.strategy)?;
    let mut read = Imported::plain(returns(&sheet, time_at, at)?);
    if let Some(positions) = further(inputs.positions)? {
        read.figures.push(compare(&read.series, &positions)?);
    }
    Ok(read)
}

/// A table whose first line may already be a row.
fn sheet(bytes: &[u8]) -> Result<Sheet, ImportError> {
    let headless = Sheet::headless(bytes, &["date", "returns"])?;
    let row = headless.rows.first();
    let is_row = row.is_some_and(|row| {
        Clock::default().read(row.cell(0), row.line).is_ok() && number(row.cell(1)).is_ok()
    });
    Ok(if is_row {
        headless
    } else {
        Sheet::read(bytes)?
    })
}

/// On how many days the positions contradict the returns.
fn compare(series: &Returns, positions: &[u8]) -> Result<Figure, ImportError> {
    let sheet = Sheet::read(positions)?;
    let time_at = sheet.time_column()?;
    sheet.column(&["cash"])?;
    let mut clock = Clock::default();
    let mut before: Option<f64> = None;
    let (mut compared, mut off) = (0_usize, Vec::new());
    for row in &sheet.rows {
        let time = clock.next(row.cell(time_at), row.line)?;
        let mut total = 0.0;
        for at in (0..sheet.header.len()).filter(|at| *at != time_at) {
            total += row.optional(at)?.unwrap_or(0.0);
        }
        let known = series.times.binary_search(&time).ok();
        let Some(r) = known.and_then(|i| series.returns.get(i)) else {
            return Err(row
                .fault(format!("{} is not a day of the returns", time.date()))
                .into());
        };
        if let Some(before) = before.filter(|before| *before > 0.0) {
            compared += 1;
            if (total / before - 1.0 - r).abs() > TOLERANCE {
                off.push(time);
            }
        }
        before = Some(total);
    }
    let first = off
        .first()
        .map_or(String::new(), |t| format!(", first on {}", t.date()));
    Ok(Figure {
        name: POSITIONS.to_owned(),
        value: off.len().to_string(),
        convention: Some(format!(
            "days, of {compared}, on which the sum of the positions does not give the return{first}"
        )),
    })
}
