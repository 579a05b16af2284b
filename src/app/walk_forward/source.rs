//! The bars of a walk-forward: the workspace's, those of a file, or invented ones.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::moment::Moment;
use crate::app::market::import::{Reading, read_file};
use crate::app::market::load_bars;
use crate::app::workspace::Workspace;
use crate::kernel::time::UtcTime;
use crate::research::market::rows::Wanted;
use crate::research::market::synth::{self, SynthPlan};
use crate::research::market::{BarSeries, Symbol, Timeframe};

/// Seed of invented bars.
pub const DUMMY_SEED: i64 = 42;
/// First price of invented bars.
const DUMMY_PRICE: f64 = 100.0;
/// Their volatility per year, a fraction.
const DUMMY_VOLATILITY: f64 = 0.6;
/// Their first opening.
const DUMMY_START: &str = "2020-01-01";

/// Where bars come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Stored in the workspace.
    Workspace,
    /// A CSV or Parquet file, read as `data import` reads it and not stored.
    File(PathBuf),
    /// So many invented ones.
    Dummy(u32),
}

/// Which bars are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars {
    /// Where they come from.
    pub source: Source,
    /// Symbol.
    pub symbol: Symbol,
    /// Length of a bar.
    pub timeframe: Timeframe,
    /// Only bars that open at or after this time.
    pub start: Option<UtcTime>,
    /// Only bars that open before this time.
    pub end: Option<UtcTime>,
}

/// The bars that were asked for, and how many more of them there are that do not exist yet.
///
/// # Errors
/// Exit 2 for a number of invented bars that is none, exit 3 when there are no bars or a file is
/// refused, exit 9 when stored bars were changed.
pub fn bars(
    workspace: &Workspace,
    wanted: &Bars,
    moment: Moment,
) -> Result<(BarSeries, usize), Failure> {
    let all = match &wanted.source {
        Source::Workspace => load_bars(workspace, &wanted.symbol, wanted.timeframe)?.series,
        Source::File(path) => {
            let reading = Reading {
                wanted: Wanted::One(wanted.symbol.clone()),
                timeframe: wanted.timeframe,
                source: None,
                accepted: BTreeSet::new(),
            };
            read_file(workspace, path, &reading, &wanted.symbol, moment)?
        }
        Source::Dummy(bars) => dummy(*bars, wanted)?,
    };
    let asked = all.between(wanted.start, wanted.end);
    let known = moment.first_open(wanted.timeframe.millis());
    let used = asked.between(None, known);
    let later = asked.bars.len() - used.bars.len();
    Ok((used, later))
}

/// A random walk with regimes: there is nothing in it that lasts.
fn dummy(bars: u32, wanted: &Bars) -> Result<BarSeries, Failure> {
    let plan = SynthPlan {
        symbol: wanted.symbol.clone(),
        timeframe: wanted.timeframe,
        start: UtcTime::parse_loose(DUMMY_START).unwrap_or(UtcTime::EPOCH),
        bars,
        seed: DUMMY_SEED,
        price: DUMMY_PRICE,
        volatility: DUMMY_VOLATILITY,
        drift: 0.0,
        reversion: 0.0,
        gaps: 0.0,
    };
    synth::generate(&plan).map_err(|e| Failure::from_error(Exit::Usage, "data.synth", "", &e))
}
