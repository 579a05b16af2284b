//! Results of other tools, read into one value: a series of returns, the trades where there are
//! any, the figures that the tool printed, and remarks.
//!
//! In: bytes with the names that a person gave them ([`Inputs`]); nothing is opened, executed or
//! asked for here. Out: [`Imported`]. The series is the truth: every metric is computed again from
//! it, and what the tool printed is kept as claimed, with its convention ([`claimed`] compares the
//! two). Trades are kept only where they reconcile with the series ([`settle`]). The tool must be
//! named, because the same word has other signs and units elsewhere.

mod archive;
mod backtesting_py;
pub mod claimed;
mod clock;
mod curve;
mod error;
mod freqtrade;
mod lean;
mod nautilus;
mod opened;
mod pyfolio;
mod quantstats;
mod sheet;
mod stats;
mod trading;
mod vectorbt;

use std::borrow::Cow;

use super::consistency;
use super::manifest::Valuation;
use super::returns_csv::{self, Returns};
use super::series::{FullSeries, StrategySeries};
use super::trades::Trade;
use crate::kernel::id::StrategyId;

pub use error::ImportError;
pub use opened::BYTES_MAX;

/// A tool whose results can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// A table of dates and returns, from anywhere.
    ReturnsCsv,
    /// quantstats.
    Quantstats,
    /// pyfolio.
    Pyfolio,
    /// backtesting.py.
    BacktestingPy,
    /// vectorbt.
    Vectorbt,
    /// freqtrade.
    Freqtrade,
    /// LEAN of QuantConnect.
    Lean,
    /// NautilusTrader.
    Nautilus,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 8] = [
        Self::ReturnsCsv,
        Self::Quantstats,
        Self::Pyfolio,
        Self::BacktestingPy,
        Self::Vectorbt,
        Self::Freqtrade,
        Self::Lean,
        Self::Nautilus,
    ];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReturnsCsv => "returns-csv",
            Self::Quantstats => "quantstats",
            Self::Pyfolio => "pyfolio",
            Self::BacktestingPy => "backtesting.py",
            Self::Vectorbt => "vectorbt",
            Self::Freqtrade => "freqtrade",
            Self::Lean => "lean",
            Self::Nautilus => "nautilus",
        }
    }

    /// The tool of that spelling.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == text)
    }

    /// Which further inputs the tool has.
    #[must_use]
    pub fn takes(self) -> Takes {
        let (trades, positions, stats) = match self {
            Self::ReturnsCsv => (false, false, false),
            Self::Quantstats => (false, false, true),
            Self::Pyfolio => (false, true, true),
            Self::BacktestingPy | Self::Vectorbt => (true, false, true),
            Self::Freqtrade | Self::Lean => (false, false, false),
            Self::Nautilus => (false, true, true),
        };
        Takes {
            trades,
            positions,
            stats,
        }
    }
}

/// Which inputs a tool has besides its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// A table of trades of its own form.
    pub trades: bool,
    /// A table of positions.
    pub positions: bool,
    /// Its printed figures.
    pub stats: bool,
}

/// Bytes and the name that a person gave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    /// Name, for its ending and for messages.
    pub name: &'a str,
    /// Content.
    pub bytes: &'a [u8],
}

/// What one import reads.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The series, or the tool's result file.
    pub file: Named<'a>,
    /// The tool's table of trades.
    pub trades: Option<Named<'a>>,
    /// The tool's table of positions.
    pub positions: Option<Named<'a>>,
    /// The figures that the tool printed.
    pub stats: Option<Named<'a>>,
    /// Name of the strategy inside the file.
    pub strategy: Option<&'a str>,
    /// Id under which the trades are kept.
    pub id: &'a StrategyId,
    /// Money with which the account started, where a person states it.
    pub capital: Option<f64>,
}

/// A figure that the tool printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The tool's name for it.
    pub name: String,
    /// As printed.
    pub value: String,
    /// Its convention, where the reader knows more than [`claimed::convention`].
    pub convention: Option<String>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Times and returns.
    pub series: Returns,
    /// Trades as the tool states them, not yet reconciled; none when it states none.
    pub trades: Option<Vec<Trade>>,
    /// Money with which the account started, where the file says it.
    pub capital: Option<f64>,
    /// Figures that the tool printed.
    pub figures: Vec<Figure>,
    /// How open positions are valued in the series.
    pub valuation: Valuation,
    /// Fee per side that the file states, fraction.
    pub fee: Option<f64>,
    /// The strategy's name inside the file.
    pub strategy: Option<String>,
    /// Sentences for people.
    pub remarks: Vec<String>,
}

impl Imported {
    /// A series without anything else.
    fn plain(series: Returns) -> Self {
        Self {
            series,
            trades: None,
            capital: None,
            figures: Vec::new(),
            valuation: Valuation::Market,
            fee: None,
            strategy: None,
            remarks: Vec::new(),
        }
    }
}

/// Reads the results of `tool`.
///
/// # Errors
/// When an input is too large, of a form that is never opened, damaged, or no result of the tool.
pub fn read(tool: Tool, inputs: &Inputs<'_>) -> Result<Imported, ImportError> {
    let bytes = opened::open(inputs.file.name, inputs.file.bytes)?;
    let is_zip = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06");
    if is_zip && tool != Tool::Freqtrade {
        return Err(ImportError::Form {
            what: "a zip archive",
            instead: "only freqtrade's is read; name the table inside it",
        });
    }
    let printed = match inputs.stats {
        Some(stats) => {
            let bytes = opened::open(stats.name, stats.bytes)?;
            stats::read(&bytes, inputs.strategy)?
        }
        None => Vec::new(),
    };
    let mut read = match tool {
        Tool::ReturnsCsv => Imported::plain(returns_csv::parse(&bytes)?),
        Tool::Quantstats => quantstats::read(&bytes, inputs)?,
        Tool::Pyfolio => pyfolio::read(&bytes, inputs)?,
        Tool::BacktestingPy => backtesting_py::read(&bytes, inputs)?,
        Tool::Vectorbt => vectorbt::read(&bytes, inputs, &printed)?,
        Tool::Freqtrade => freqtrade::read(&bytes, inputs)?,
        Tool::Lean => lean::read(&bytes, inputs)?,
        Tool::Nautilus => nautilus::read(&bytes, inputs)?,
    };
    read.figures.extend(printed);
    Ok(read)
}

/// The bytes of a further input.
fn further<'a>(input: Option<Named<'a>>) -> Result<Option<Cow<'a, [u8]>>, ImportError> {
    input
        .map(|named| opened::open(named.name, named.bytes))
        .transpose()
}

/// Says why `trades` do not explain what an account that began with `capital` made of `returns`;
/// none when they do.
#[must_use]
pub fn settle(
    returns: &Returns,
    capital: f64,
    id: &StrategyId,
    trades: &[Trade],
) -> Option<String> {
    let whole = StrategySeries {
        id: id.clone(),
        returns: returns.returns.clone(),
        weights: vec![1.0; returns.returns.len()],
    };
    let full = FullSeries::new(returns.times.clone(), returns.returns.clone(), vec![whole]);
    consistency::unreconciled(&full, capital, trades)
}
