//! `promote data synth`: synthetic bars.

use clap::Args;

use super::{DataFormat, show};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::market::report::Reported;
use crate::app::market::store::Replace;
use crate::app::market::synth::make;
use crate::cli::commands::gate::open::moment;
use crate::cli::context::Context;
use crate::kernel::time::{TimeError, UtcTime};
use crate::research::market::synth::SynthPlan;
use crate::research::market::{Symbol, Timeframe};

/// Flags of `data synth`.
#[derive(Debug, Args)]
pub struct SynthArgs {
    /// Symbol to write on the bars, such as BTC/EUR
    #[arg(long, value_name = "BASE/QUOTE")]
    pub symbol: Symbol,
    /// Length of a bar, 1min to 1d
    #[arg(long, value_name = "TIMEFRAME")]
    pub timeframe: Timeframe,
    /// Time of the first bar
    #[arg(long, value_name = "TIME", value_parser = start_parser)]
    pub start: UtcTime,
    /// Number of bars, those left out in gaps among them
    #[arg(long, value_name = "N")]
    pub bars: u32,
    /// Seed; the same seed gives the same bars
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i64).range(0..=9_007_199_254_740_991))]
    pub seed: i64,
    /// First price
    #[arg(long, value_name = "PRICE", default_value_t = 100.0)]
    pub price: f64,
    /// Annual volatility, a fraction
    #[arg(long, value_name = "FRACTION", default_value_t = 0.6)]
    pub volatility: f64,
    /// Annual drift, a fraction
    #[arg(
        long,
        value_name = "FRACTION",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub drift: f64,
    /// Share of a deviation from the mean that is gone after one bar; 0 is a random walk
    #[arg(long, value_name = "FRACTION", default_value_t = 0.0)]
    pub reversion: f64,
    /// Chance per bar that a gap begins
    #[arg(long, value_name = "CHANCE", default_value_t = 0.0005)]
    pub gaps: f64,
    /// Put the bars in the place of different ones
    #[arg(long)]
    pub replace: bool,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: DataFormat,
}

fn start_parser(text: &str) -> Result<UtcTime, TimeError> {
    UtcTime::parse_loose(text)
}

/// Makes bars.
///
/// # Errors
/// Exit 2 when a parameter is out of range, exit 7 when other bars are in the way.
pub fn run(args: &SynthArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let workspace = context.workspace()?;
    let plan = SynthPlan {
        symbol: args.symbol.clone(),
        timeframe: args.timeframe,
        start: args.start,
        bars: args.bars,
        seed: args.seed,
        price: args.price,
        volatility: args.volatility,
        drift: args.drift,
        reversion: args.reversion,
        gaps: args.gaps,
    };
    let replace = if args.replace {
        Replace::Yes
    } else {
        Replace::No
    };
    let report = make(&workspace, &plan, replace, moment(context)?)?;
    let reported = Reported {
        reports: vec![report],
        refusal: None,
    };
    let json = context.global.json || args.format == DataFormat::Json;
    show::reported(reported, json, context)?;
    context.say("these bars are invented: whatever is made from them is marked SYNTHETIC");
    Ok(Exit::Done)
}
