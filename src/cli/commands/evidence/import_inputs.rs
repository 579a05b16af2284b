//! The files of one import: which the tool takes, read within bounds, as one value.

use std::io::Read as _;
use std::path::Path;

use clap::ValueEnum;

use super::import::ImportArgs;
use crate::app::evidence::import::Given;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::cli::context::Context;
use crate::evidence::import::{self, BYTES_MAX, ImportError, Inputs, Named, Tool};
use crate::evidence::trades::{self, Trade};
use crate::kernel::digest::Digest;
use crate::kernel::id::StrategyId;

/// Tools whose files can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ToolArg {
    /// A table of dates and returns.
    ReturnsCsv,
    /// CSV of returns; figures of `reports.metrics`.
    Quantstats,
    /// CSV of returns (gz allowed); positions.
    Pyfolio,
    /// CSV of `_equity_curve`; `_trades`; stats.
    #[value(name = "backtesting.py")]
    BacktestingPy,
    /// CSV of `pf.returns()` or `pf.value()`; `records_readable`; `pf.stats()`.
    Vectorbt,
    /// JSON or zip of a backtest.
    Freqtrade,
    /// Result JSON of QuantConnect's LEAN.
    Lean,
    /// CSV of the account report; positions report.
    Nautilus,
}

impl ToolArg {
    /// The tool.
    #[must_use]
    pub fn tool(self) -> Tool {
        match self {
            Self::ReturnsCsv => Tool::ReturnsCsv,
            Self::Quantstats => Tool::Quantstats,
            Self::Pyfolio => Tool::Pyfolio,
            Self::BacktestingPy => Tool::BacktestingPy,
            Self::Vectorbt => Tool::Vectorbt,
            Self::Freqtrade => Tool::Freqtrade,
            Self::Lean => Tool::Lean,
            Self::Nautilus => Tool::Nautilus,
        }
    }
}

/// Id of the strategy: as named, the tool's name in our spelling, or the portfolio's.
///
/// # Errors
/// Exit 2 when a name that no file holds is no id.
pub(super) fn strategy_id(args: &ImportArgs) -> Result<StrategyId, Failure> {
    let refuse = |e| Failure::from_error(Exit::Usage, "usage.strategy", "", &e);
    let Some(name) = &args.strategy else {
        return StrategyId::new(args.portfolio.as_str()).map_err(refuse);
    };
    if args.tool == ToolArg::ReturnsCsv {
        return StrategyId::new(name).map_err(refuse);
    }
    let spelled = name.to_ascii_lowercase().replace([' ', '.', '/', ':'], "_");
    StrategyId::new(&spelled).or_else(|_| StrategyId::new(args.portfolio.as_str()).map_err(refuse))
}

/// Reads every file that the flags name.
///
/// # Errors
/// Exit 2 when a flag does not belong to the tool or a strategy must be named, exit 3 when a file
/// is no result of the tool.
pub(super) fn read_given(
    args: &ImportArgs,
    id: &StrategyId,
    context: &Context<'_, '_>,
) -> Result<Given, Failure> {
    let tool = args.tool.tool();
    let takes = tool.takes();
    for (flag, given, taken) in [
        ("--positions", args.positions.is_some(), takes.positions),
        ("--stats", args.stats.is_some(), takes.stats),
    ] {
        if given && !taken {
            return Err(not_taken(flag, tool));
        }
    }
    let within = matches!(tool, Tool::Freqtrade | Tool::Lean);
    if within && args.trades.is_some() {
        return Err(not_taken("--trades", tool).hint("its trades stand in the file itself"));
    }
    let load = |file: &Path| bounded(&context.path(file));
    let (name, bytes) = (shown(&args.file), load(&args.file)?);
    let [trades, positions, stats] = [&args.trades, &args.positions, &args.stats].map(|flag| {
        let named = flag.as_deref().map(|file| Ok((shown(file), load(file)?)));
        named.transpose()
    });
    let (trades, positions, stats): (File, File, File) = (trades?, positions?, stats?);
    let is_own = |bytes: &[u8]| bytes.starts_with(b"id,strategy,symbol,side,") || !takes.trades;
    let own_trades = match &trades {
        Some((name, bytes)) if is_own(bytes) && tool != Tool::Nautilus => Some(own(name, bytes)?),
        _ => None,
    };
    let foreign = trades.as_ref().filter(|_| own_trades.is_none());
    let inputs = Inputs {
        file: named(&name, &bytes),
        trades: foreign.map(|(name, bytes)| named(name, bytes)),
        positions: positions.as_ref().map(|(name, bytes)| named(name, bytes)),
        stats: stats.as_ref().map(|(name, bytes)| named(name, bytes)),
        strategy: args.strategy.as_deref(),
        id,
        capital: args.capital.as_ref().map(|c| c.to_f64()),
    };
    let read = import::read(tool, &inputs).map_err(|e| refused(&name, &e))?;
    let further = [&trades, &positions, &stats].into_iter().flatten();
    let files = std::iter::once((&name, &bytes)).chain(further.map(|(name, bytes)| (name, bytes)));
    let sources = files.map(|(name, bytes)| (last_part(name), Digest::of(bytes)));
    Ok(Given {
        read,
        own_trades,
        sources: sources.collect(),
    })
}

type File = Option<(String, Vec<u8>)>;

fn named<'a>(name: &'a str, bytes: &'a [u8]) -> Named<'a> {
    Named { name, bytes }
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

/// A file's name without its folders: they are nobody's business.
fn last_part(name: &str) -> String {
    let part = Path::new(name).file_name();
    part.map_or_else(
        || name.to_owned(),
        |part| part.to_string_lossy().into_owned(),
    )
}

fn not_taken(flag: &str, tool: Tool) -> Failure {
    let message = format!("{flag} does not belong to {}", tool.as_str());
    Failure::new(Exit::Usage, "usage.import", message)
}

/// A table in the form of `trades.csv`.
fn own(name: &str, bytes: &[u8]) -> Result<Vec<Trade>, Failure> {
    trades::decode(bytes).map_err(|e| {
        let doing = format!("could not import `{name}`");
        Failure::from_error(Exit::Invalid, "evidence.import", &doing, &e)
    })
}

/// Reads a file, but never more than an import may have.
fn bounded(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |e: &std::io::Error| failure::io("read", path, e);
    let file = std::fs::File::open(path).map_err(|e| failed(&e))?;
    let limit = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|e| failed(&e))?;
    Ok(bytes)
}

fn refused(name: &str, error: &ImportError) -> Failure {
    let doing = format!("could not import `{name}`");
    if error.is_usage() {
        return Failure::from_error(Exit::Usage, "usage.strategy", &doing, error)
            .hint("name one with --strategy NAME");
    }
    Failure::from_error(Exit::Invalid, "evidence.import", &doing, error)
        .hint("docs/import.md says what to export from each tool")
}
