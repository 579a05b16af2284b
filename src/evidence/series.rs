//! The series of a bundle: `series/full.csv`, `series/oos.csv`, `series/stress_NAME.csv` and
//! `mc/replicates.csv`, as values and as bytes.
//!
//! Times are strictly increasing and name the opening of a bar. Returns are simple and per bar, those
//! of the portfolio at least -1. The equity starts at 1 before the first bar: equity\[t\] = equity\[t-1\] x
//! (1 + return\[t\]). Per strategy ID: `weight_ID` is its share of the equity at the start of the
//! bar, `return_ID` its profit in the bar over that share; the rest is cash, and the sum of
//! weight x return is the portfolio's return. The windows of `series/oos.csv` are numbered
//! from 0. Example:
//!
//! ```
//! use promote::evidence::series::FullSeries;
//! let text = "time,return,equity,return_rsi_btc,weight_rsi_btc\n\
//!             2025-01-01T00:00:00.000Z,0.01,1.01,0.02,0.5\n\
//!             2025-01-01T01:00:00.000Z,-0.5,0.505,-1,0.5\n";
//! let series = FullSeries::decode(text.as_bytes()).unwrap();
//! assert_eq!(series.strategies[0].id.as_str(), "rsi_btc");
//! assert_eq!(series.encode().unwrap(), text.as_bytes());
//! ```

use super::configuration::STRATEGIES_MAX;
use super::table::{TableError, check_order, check_return, open, open_with, put_number};
use crate::kernel::id::StrategyId;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::metrics::MetricResult;
use crate::metrics::monte_carlo::Replicate;

const FULL_HEADER: &str = "time,return,equity";
const OOS_HEADER: &str = "time,return,window";
const REPLICATES_HEADER: &str = "index,sharpe,max_drawdown,total_return";

/// One strategy's share of the full series.
#[derive(Debug, Clone, PartialEq)]
pub struct StrategySeries {
    /// Which strategy.
    pub id: StrategyId,
    /// Profit per bar over its share of the equity.
    pub returns: Vec<f64>,
    /// Its weight at the start of the bar.
    pub weights: Vec<f64>,
}

/// `series/full.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct FullSeries {
    /// Opening time of each bar.
    pub times: Vec<UtcTime>,
    /// Return of the portfolio per bar.
    pub returns: Vec<f64>,
    /// Equity at the end of each bar, 1 before the first.
    pub equity: Vec<f64>,
    /// Columns per strategy, all as long as `times`; may be empty.
    pub strategies: Vec<StrategySeries>,
}

/// The equity curve of `returns`, from 1.
#[must_use]
pub fn equity_of(returns: &[f64]) -> Vec<f64> {
    returns
        .iter()
        .scan(1.0, |equity, r| {
            *equity *= 1.0 + r;
            Some(*equity)
        })
        .collect()
}

impl FullSeries {
    /// A series with its equity.
    #[must_use]
    pub fn new(times: Vec<UtcTime>, returns: Vec<f64>, strategies: Vec<StrategySeries>) -> Self {
        let equity = equity_of(&returns);
        Self {
            times,
            returns,
            equity,
            strategies,
        }
    }

    /// The bytes of `series/full.csv`.
    ///
    /// # Errors
    /// When a column is shorter than the others, or a number is beyond the decimal grammar.
    pub fn encode(&self) -> Result<Vec<u8>, TableError> {
        let mut out = String::from(FULL_HEADER);
        for s in &self.strategies {
            out.push_str(&format!(",return_{0},weight_{0}", s.id));
        }
        let mut columns: Vec<&[f64]> = vec![&self.returns, &self.equity];
        columns.extend(
            self.strategies
                .iter()
                .flat_map(|s| [&s.returns[..], &s.weights[..]]),
        );
        put_rows(&mut out, &self.times, &columns)?;
        Ok(out.into_bytes())
    }

    /// Reads `series/full.csv`.
    ///
    /// # Errors
    /// When the bytes are not such a table, with the line.
    pub fn decode(bytes: &[u8]) -> Result<Self, TableError> {
        let (header, rows) = open(bytes)?;
        let ids = strategy_columns(header)?;
        let mut strategies: Vec<StrategySeries> = ids
            .into_iter()
            .map(|id| StrategySeries {
                id,
                returns: Vec::new(),
                weights: Vec::new(),
            })
            .collect();
        let (mut times, mut returns, mut equity) = (Vec::new(), Vec::new(), Vec::new());
        for mut row in rows {
            let line = row.line;
            let time = row.time()?;
            check_order(&times, time, line)?;
            times.push(time);
            returns.push(check_return(row.number()?, line)?);
            equity.push(row.number()?);
            for s in &mut strategies {
                s.returns.push(row.number()?);
                s.weights.push(row.number()?);
            }
            row.end()?;
        }
        Ok(Self {
            times,
            returns,
            equity,
            strategies,
        })
    }
}

fn strategy_columns(header: &str) -> Result<Vec<StrategyId>, TableError> {
    let refuse = || TableError::Header {
        found: visible(header, 120),
        wanted: format!("{FULL_HEADER},return_ID,weight_ID,…"),
    };
    let rest = header.strip_prefix(FULL_HEADER).ok_or_else(refuse)?;
    let mut names = rest.split(',');
    if names.next() != Some("") {
        return Err(refuse());
    }
    let mut ids: Vec<StrategyId> = Vec::new();
    while let Some(name) = names.next() {
        let id = name.strip_prefix("return_").ok_or_else(refuse)?;
        let weight = names.next().and_then(|n| n.strip_prefix("weight_"));
        let id = StrategyId::new(id).map_err(|_| refuse())?;
        if weight != Some(id.as_str()) || ids.contains(&id) || ids.len() >= STRATEGIES_MAX {
            return Err(refuse());
        }
        ids.push(id);
    }
    Ok(ids)
}

fn put_rows(out: &mut String, times: &[UtcTime], columns: &[&[f64]]) -> Result<(), TableError> {
    out.push('\n');
    if times.is_empty() {
        return Err(TableError::Empty);
    }
    for (i, time) in times.iter().enumerate() {
        out.push_str(&time.to_string());
        for column in columns {
            let x = column
                .get(i)
                .ok_or_else(|| TableError::line(i + 2, "a column is shorter than the times"))?;
            out.push(',');
            put_number(out, *x)?;
        }
        out.push('\n');
    }
    Ok(())
}

/// `series/oos.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct OosSeries {
    /// Opening time of each bar.
    pub times: Vec<UtcTime>,
    /// Return of the portfolio per bar.
    pub returns: Vec<f64>,
    /// Test window of each bar, from 0.
    pub windows: Vec<u32>,
}

impl OosSeries {
    /// The bytes of `series/oos.csv`.
    ///
    /// # Errors
    /// When there is no row, or a number is beyond the decimal grammar.
    pub fn encode(&self) -> Result<Vec<u8>, TableError> {
        let mut out = format!("{OOS_HEADER}\n");
        let rows = self.times.iter().zip(&self.returns).zip(&self.windows);
        if rows.len() != self.times.len() || self.times.is_empty() {
            return Err(TableError::Empty);
        }
        for ((time, r), window) in rows {
            out.push_str(&format!("{time},"));
            put_number(&mut out, *r)?;
            out.push_str(&format!(",{window}\n"));
        }
        Ok(out.into_bytes())
    }

    /// Reads `series/oos.csv`.
    ///
    /// # Errors
    /// When the bytes are not such a table, with the line.
    pub fn decode(bytes: &[u8]) -> Result<Self, TableError> {
        let (mut times, mut returns, mut windows) = (Vec::new(), Vec::new(), Vec::new());
        for mut row in open_with(bytes, OOS_HEADER)? {
            let line = row.line;
            let time = row.time()?;
            check_order(&times, time, line)?;
            times.push(time);
            returns.push(check_return(row.number()?, line)?);
            let window = row.parsed(plain_count)?;
            let next = windows.last().map_or(0, |w: &u32| w + 1);
            if window != next && windows.last() != Some(&window) {
                return Err(TableError::line(
                    line,
                    "windows are numbered from 0 without gaps",
                ));
            }
            windows.push(window);
            row.end()?;
        }
        Ok(Self {
            times,
            returns,
            windows,
        })
    }
}

/// Reads a count in its one spelling.
pub(crate) fn plain_count(text: &str) -> Result<u32, String> {
    match text.parse::<u32>() {
        Ok(n) if n.to_string() == text => Ok(n),
        _ => Err(format!("`{}` is not a count", visible(text, 20))),
    }
}

/// A stressed series, for people: `series/stress_NAME.csv`.
///
/// # Errors
/// When there are not as many times as returns, or a number is beyond the decimal grammar.
pub fn encode_stress(times: &[UtcTime], returns: &[f64]) -> Result<Vec<u8>, TableError> {
    let mut out = String::from(FULL_HEADER);
    put_rows(&mut out, times, &[returns, &equity_of(returns)])?;
    Ok(out.into_bytes())
}

/// The producer's resamples, for people: `mc/replicates.csv`. Where a figure has no value, its
/// reason stands in the cell.
///
/// # Errors
/// When a number is beyond the decimal grammar.
pub fn encode_replicates(replicates: &[Replicate]) -> Result<Vec<u8>, TableError> {
    let mut out = format!("{REPLICATES_HEADER}\n");
    let put = |out: &mut String, result: MetricResult| {
        out.push(',');
        match result {
            Ok(x) => put_number(out, x),
            Err(reason) => {
                out.push_str(reason.as_str());
                Ok(())
            }
        }
    };
    for (index, r) in replicates.iter().enumerate() {
        out.push_str(&index.to_string());
        for result in [r.sharpe, r.max_drawdown, r.total_return] {
            put(&mut out, result)?;
        }
        out.push('\n');
    }
    Ok(out.into_bytes())
}
