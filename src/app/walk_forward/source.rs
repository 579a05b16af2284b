//! The bars of a walk-forward: the workspace's, those of a file, or invented ones.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::app::failure::Failure;
use crate::app::gate::moment::Moment;
use crate::app::market::import::{Reading, read_file};
use crate::app::market::invented;
use crate::app::market::load_bars;
use crate::app::workspace::Workspace;
use crate::kernel::time::UtcTime;
use crate::research::market::rows::Wanted;
use crate::research::market::{BarSeries, Symbol, Timeframe};

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
        Source::Dummy(bars) => invented::series(&wanted.symbol, wanted.timeframe, *bars)?,
    };
    let asked = all.between(wanted.start, wanted.end);
    let known = moment.first_open(wanted.timeframe.millis());
    let used = asked.between(None, known);
    let later = asked.bars.len() - used.bars.len();
    Ok((used, later))
}
