//! `promote data`: bars in the workspace.

pub mod check;
pub mod import;
pub mod list;
pub mod synth;

mod show;

use std::collections::BTreeSet;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand, ValueEnum};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;
use crate::kernel::time::UtcTime;
use crate::research::market::layout::Source;
use crate::research::market::rows::Wanted;
use crate::research::market::{FaultCode, Symbol, Timeframe};

/// Flags of `data`.
#[derive(Debug, Args)]
pub struct DataArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: DataVerb,
}

/// What `data` can do.
#[derive(Debug, Subcommand)]
pub enum DataVerb {
    /// Read bars from a CSV or Parquet file, judge them, and store them in the workspace
    Import(import::ImportArgs),
    /// Judge the bars of a file, or of the workspace, and write nothing
    Check(check::CheckArgs),
    /// Make synthetic bars: seeded, with regimes, fat tails and gaps, marked as invented for ever
    Synth(synth::SynthArgs),
    /// List the bars of the workspace
    List(list::ListArgs),
}

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DataFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}

impl DataArgs {
    pub(super) fn wants_json(&self) -> bool {
        let format = match &self.verb {
            DataVerb::Import(args) => args.format,
            DataVerb::Check(args) => args.format,
            DataVerb::Synth(args) => args.format,
            DataVerb::List(args) => args.format,
        };
        format == DataFormat::Json
    }
}

/// Runs `data`.
///
/// # Errors
/// What its verbs say.
pub fn run(args: &DataArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        DataVerb::Import(args) => import::run(args, context),
        DataVerb::Check(args) => check::run(args, context),
        DataVerb::Synth(args) => synth::run(args, context),
        DataVerb::List(args) => list::run(args, context),
    }
}

/// What is said where bars of the workspace are left out because they do not exist yet.
pub(in crate::cli) fn later_bars(bars: usize, now: UtcTime) -> String {
    format!("note: {bars} bars of the workspace end after {now}, which is now, and were left out")
}

/// How a file is to be read.
#[derive(Debug, Args)]
pub struct ReadingArgs {
    /// Symbol, such as BTC/EUR; rows of other symbols are left aside
    #[arg(
        long,
        value_name = "BASE/QUOTE",
        required_unless_present = "all_symbols"
    )]
    pub symbol: Option<Symbol>,
    /// Every symbol that the file names in a column
    #[arg(long, conflicts_with = "symbol")]
    pub all_symbols: bool,
    /// Length of a bar, 1min to 1d; checked against the file
    #[arg(long, value_name = "TIMEFRAME")]
    pub timeframe: Timeframe,
    /// Layout of the file
    #[arg(long, value_name = "SOURCE", default_value = "auto", value_parser = source_parser())]
    pub source: SourceArg,
    /// Accept a fault by name (repeatable); docs/market-data.md says what happens to the rows
    #[arg(long = "accept", value_name = "FAULT", value_parser = fault_parser())]
    pub accept: Vec<FaultCode>,
}

/// `--source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceArg(Option<Source>);

fn source_parser() -> impl clap::builder::TypedValueParser<Value = SourceArg> {
    let names = std::iter::once("auto").chain(Source::ALL.map(Source::as_str));
    // `auto` is the only word that is no source.
    PossibleValuesParser::new(names).map(|name| SourceArg(name.parse().ok()))
}

fn fault_parser() -> impl clap::builder::TypedValueParser<Value = FaultCode> {
    PossibleValuesParser::new(FaultCode::ALL.map(FaultCode::as_str))
        .try_map(|name| name.parse::<FaultCode>())
}

impl ReadingArgs {
    fn reading(&self) -> crate::app::market::import::Reading {
        crate::app::market::import::Reading {
            wanted: self.symbol.clone().map_or(Wanted::All, Wanted::One),
            timeframe: self.timeframe,
            source: self.source.0,
            accepted: self.accept.iter().copied().collect::<BTreeSet<_>>(),
        }
    }
}
