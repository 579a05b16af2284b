//! The research pipeline as a use case: a sweep, its report, the export of its best, a walk-forward,
//! Monte-Carlo and stress tests, one after the other, in one directory.
//!
//! In: a named grid and what every step is asked. Out: a directory with one folder per step, an
//! overview of all of them, and `pipeline.json`; it appears when every step has ended, or not at all.
//! Everything is chosen once, by the sweep; Monte-Carlo and stress look at what it chose. The sweep and
//! the walk-forward count their trials themselves, also when a later step fails.

pub mod json;
pub mod printed;
mod report;
mod steps;

use std::path::PathBuf;

use serde::Serialize;

use self::json::PipelineJson;
use crate::adapters::host::durable::{self, Staging};
use crate::app::failure::{self, Failure};
use crate::app::gate::moment::Moment;
use crate::app::market::load_bars;
use crate::app::market::year::year;
use crate::app::monte_carlo::{self, compute::Asked};
use crate::app::results_folder::{ResultsFolder, encoded, shown};
use crate::app::stress;
use crate::app::sweep::grid_run::GridRun;
use crate::app::sweep::summary::{Costs, Data, Grid};
use crate::app::walk_forward::run::Timing;
use crate::evidence::manifest::Engine;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;
use crate::research::market::{BarSeries, Symbol, Timeframe};
use crate::research::robustness::options::{Format, StressOptions};
use crate::research::sweep::ranking::Figure;

/// Name of the file for programs.
pub const FILE_NAME: &str = "pipeline.json";
const FOLDER: ResultsFolder = ResultsFolder {
    prefix: "pipeline",
    slug: "pipeline.exists",
    again: "pipeline gives the same again",
};

/// A step that runs on the workspace's bars, or on so many invented ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<T> {
    /// What it is asked.
    pub asked: T,
    /// So many invented bars instead of the workspace's.
    pub invented: Option<u32>,
}

/// What is asked for.
pub struct Job<'a> {
    /// The grid, what of it runs, and for whom.
    pub run: GridRun<'a>,
    /// Symbol of the bars.
    pub symbol: Symbol,
    /// Their length.
    pub timeframe: Timeframe,
    /// Only bars that open at or after this time.
    pub start: Option<UtcTime>,
    /// Only bars that open before this time.
    pub end: Option<UtcTime>,
    /// What reading bars asks for: which of them exist yet.
    pub moment: Moment,
    /// What the best are ranked by.
    pub figure: Figure,
    /// Report files of every step.
    pub format: Format,
    /// Writes the pictures of the sweep as files of their own too.
    pub plots: bool,
    /// The walk-forward, if it runs.
    pub walk_forward: Option<Step<Timing>>,
    /// Monte-Carlo, if it runs.
    pub monte_carlo: Option<Step<Asked>>,
    /// The stress tests, if they run.
    pub stress: Option<Step<StressOptions>>,
    /// Directory of the results; none: below `results/reports/`.
    pub out: Option<PathBuf>,
    /// The command without the bars' end, which follows from the bars: every option of every step.
    pub options: String,
}

/// How it went.
#[derive(Debug, Clone)]
pub struct Ran {
    /// What is in `pipeline.json`, and where that is.
    pub json: PipelineJson,
    /// Bars of the workspace that were left out because they do not exist yet.
    pub later: usize,
}

/// What the results follow from.
#[derive(Serialize)]
struct Inputs<'a> {
    sweep: &'a Grid,
    data: Option<&'a Data>,
    costs: &'a Costs,
    options: &'a str,
    engine: &'a Engine,
}

/// Told which step begins.
pub type Told<'t> = dyn FnMut(&str) + 't;

/// Runs every step and writes the directory.
///
/// # Errors
/// What the steps say, of which the first that fails ends the pipeline; exit 7 when the directory
/// exists, before anything is counted.
pub fn run(job: &Job<'_>, told: &mut Told<'_>) -> Result<Ran, Failure> {
    let bars = bars(job)?;
    check(job, &bars)?;
    let run_sha256 = run_sha256(job, &bars)?;
    let named = (job.run.sweep.kind.as_str(), job.run.now);
    let path = FOLDER.path(job.run.workspace, job.out.as_deref(), named, run_sha256);
    let staging = Staging::beside(&path).map_err(|e| FOLDER.unwritten(&path, &e))?;
    let done = steps::run(job, staging.path(), told)?;
    let mut json = json::of(job, &done, run_sha256);
    let mut files = vec![(FILE_NAME.to_owned(), encoded(&json)?)];
    files.extend(report::files(&json, job.format)?);
    for (name, bytes) in files {
        let file = staging.path().join(name);
        durable::write_readable(&file, &bytes).map_err(|e| failure::io("write", &file, &e))?;
    }
    staging.publish().map_err(|e| FOLDER.unwritten(&path, &e))?;
    json.made.path = Some(shown(&path));
    Ok(Ran {
        json,
        later: done.later,
    })
}

/// The bars of the sweep.
fn bars(job: &Job<'_>) -> Result<BarSeries, Failure> {
    let stored = load_bars(job.run.workspace, &job.symbol, job.timeframe)?.series;
    let known = job.moment.first_open(job.timeframe.millis());
    Ok(stored.between(job.start, job.end).between(None, known))
}

/// Refuses what a later step would refuse whatever the sweep chose.
fn check(job: &Job<'_>, bars: &BarSeries) -> Result<(), Failure> {
    if let Some(step) = &job.stress {
        stress::check(&step.asked)?;
    }
    if let Some(step) = job.monte_carlo.as_ref().filter(|s| s.invented.is_none()) {
        monte_carlo::check(year(bars), bars.bars.len(), &step.asked)?;
    }
    Ok(())
}

fn run_sha256(job: &Job<'_>, bars: &BarSeries) -> Result<Digest, Failure> {
    let data = Data::of(bars);
    let inputs = Inputs {
        sweep: &Grid::of(job.run.sweep),
        data: data.as_ref(),
        costs: &job.run.costs,
        options: &job.options,
        engine: &job.run.engine,
    };
    Ok(Digest::of(&encoded(&inputs)?))
}
