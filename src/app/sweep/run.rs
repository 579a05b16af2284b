//! Runs a planned sweep on the workspace's bars and writes what came out.
//!
//! Everything that can be refused is refused before the trial is counted; after that the runs count,
//! whatever becomes of them.

use std::path::PathBuf;

use serde::Serialize;

use super::grid_run::GridRun;
use super::rows;
use super::summary::{self, Costs, Counts, Data, Grid, Summary, Trials, decimal};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::market::load_bars;
use crate::app::market::year::{undefined, year};
use crate::app::results_folder::{ResultsFolder, encoded};
use crate::evidence::manifest::Engine;
use crate::governance::promotion::tracks::trial::TrialKind;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;
use crate::metrics::MetricResult;
use crate::research::market::{BarSeries, Symbol, Timeframe};
use crate::research::sweep::ground::Ground;
use crate::research::sweep::luck::best_without_skill;
use crate::research::sweep::ranking::{self, Figure};
use crate::research::sweep::run::run_on;
use crate::research::sweep::tally::Figures;

/// Runs times bars between two signs of life: about a second for the slowest rules.
const WORK: usize = 1_000_000_000;
/// Fewest runs between them, for runs share tables.
const PART_MIN: usize = 256;
/// Where the results go.
const FOLDER: ResultsFolder = ResultsFolder {
    prefix: "sweep",
    slug: "sweep.exists",
    again: "sweep gives the same again",
};

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
    /// The first opening of a bar that does not exist yet, where the world ends now.
    pub known: Option<UtcTime>,
    /// What the best are ranked by.
    pub figure: Figure,
    /// Where the results go.
    pub out: Out,
    /// Capital for which costs are shown in money.
    pub capital: Option<Decimal>,
    /// What the user calls this run.
    pub tag: Option<String>,
}

/// Where the results go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    /// Below `results/reports/`.
    Reports,
    /// Into this directory.
    Dir(PathBuf),
    /// Nowhere: they are printed, and the runs count all the same.
    Nowhere,
}

/// What is told while the runs go on: how many are done, of how many.
pub type Progress<'p> = dyn FnMut(usize, usize) + 'p;

/// How a sweep went.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Where the results are; none where they were not wanted.
    pub path: Option<PathBuf>,
    /// What is in `summary.json`.
    pub summary: Summary,
    /// Bars of the workspace that were left out because they do not exist yet.
    pub later: usize,
}

/// What the rows and the ranking follow from.
#[derive(Serialize)]
struct Inputs<'a> {
    sweep: &'a Grid,
    runs: u64,
    data: &'a Data,
    costs: &'a Costs,
    metric: &'a str,
    top: u64,
    portfolio: &'a PortfolioId,
    engine: &'a Engine,
}

/// Everything that is known before the first run.
struct Prepared {
    series: BarSeries,
    later: usize,
    grid: Grid,
    data: Data,
    year: MetricResult,
    warm_up: usize,
    run_sha256: Digest,
    path: Option<PathBuf>,
}

/// Runs the plan and writes its directory; the ledger is told before and after.
///
/// # Errors
/// Exit 3 when the bars do not suffice, exit 7 when the directory exists: nothing is counted then.
/// What fails later is a trial that failed.
pub fn run(job: &Job<'_>, progress: &mut Progress<'_>) -> Result<Ran, Failure> {
    let prepared = prepare(job)?;
    let (started, counted) = job.run.start(TrialKind::Sweep, &prepared.series)?;
    let summary = compute(job, &prepared, counted, progress);
    // What went wrong in the run itself is told first.
    let told = started.end(summary.is_ok());
    let summary = summary?;
    told.map(|()| Ran {
        path: prepared.path,
        summary,
        later: prepared.later,
    })
}

fn prepare(job: &Job<'_>) -> Result<Prepared, Failure> {
    let (series, later) = bars(job)?;
    let run = &job.run;
    let warm_up = run.plan.warm_up();
    let (have, needed) = (series.bars.len(), warm_up + 2);
    let data = Data::of(&series).filter(|_| have >= needed).ok_or_else(|| {
        let said = format!(
            "{have} bars of {} {} are too few: the longest warm-up of this sweep is {warm_up} bars, so that {needed} are needed",
            job.symbol, job.timeframe
        );
        Failure::new(Exit::Invalid, "sweep.too-few-bars", said)
            .hint("take a longer stretch of bars, or shorter look-backs")
    })?;
    let year = year(&series);
    if let (Err(reason), Figure::Sharpe | Figure::Sortino) = (year, job.figure) {
        return Err(undefined("sweep.no-year", job.figure.as_str(), reason)
            .hint("rank by another figure, such as --metric total_return"));
    }
    let grid = Grid::of(run.sweep);
    let run_sha256 = Digest::of(&encoded(&Inputs {
        sweep: &grid,
        runs: run.runs(),
        data: &data,
        costs: &run.costs,
        metric: job.figure.as_str(),
        top: run.top as u64,
        portfolio: &run.portfolio,
        engine: &run.engine,
    })?);
    let path = match &job.out {
        Out::Dir(out) => Some(run.folder(FOLDER, Some(out), run_sha256)?),
        Out::Nowhere => None,
        Out::Reports => Some(run.folder(FOLDER, None, run_sha256)?),
    };
    Ok(Prepared {
        series,
        later,
        grid,
        data,
        year,
        warm_up,
        run_sha256,
        path,
    })
}

/// The bars that were asked for, and how many more of them there are that do not exist yet.
fn bars(job: &Job<'_>) -> Result<(BarSeries, usize), Failure> {
    let stored = load_bars(job.run.workspace, &job.symbol, job.timeframe)?.series;
    let wanted = stored.between(job.start, job.end);
    let used = wanted.between(None, job.known);
    let later = wanted.bars.len() - used.bars.len();
    Ok((used, later))
}

fn compute(
    job: &Job<'_>,
    prepared: &Prepared,
    trials: Trials,
    progress: &mut Progress<'_>,
) -> Result<Summary, Failure> {
    let run = &job.run;
    let combinations = &run.plan.combinations;
    let ground = Ground::new(&prepared.series.bars, run.costs.account());
    let year = prepared.year.unwrap_or(1.0);
    let mut rows = Vec::with_capacity(combinations.len());
    let part = (WORK / prepared.series.bars.len().max(1)).max(PART_MIN);
    for some in combinations.chunks(part) {
        rows.extend(run_on(run.workers, some, &ground, year).map_err(|e| {
            let doing = "could not start the threads of --workers";
            Failure::from_error(Exit::Internal, "sweep.workers", doing, &e)
        })?);
        progress(rows.len(), combinations.len());
    }
    if prepared.year.is_err() {
        for row in &mut rows {
            (row.sharpe, row.sortino) = (None, None);
        }
    }
    let results = rows::write(&run.sweep.axes, combinations, &rows)?;
    let summary = summarised(job, prepared, trials, &rows, Digest::of(&results));
    if let Some(path) = &prepared.path {
        let files = [
            (rows::FILE_NAME.to_owned(), results),
            (summary::FILE_NAME.to_owned(), encoded(&summary)?),
        ];
        FOLDER.write(path, &files)?;
    }
    Ok(summary)
}

fn summarised(
    job: &Job<'_>,
    prepared: &Prepared,
    trials: Trials,
    rows: &[Figures],
    results_sha256: Digest,
) -> Summary {
    let run = &job.run;
    let at: Vec<&[usize]> = run
        .plan
        .combinations
        .iter()
        .map(|c| c.at.as_slice())
        .collect();
    let ranked = ranking::best(&at, rows, job.figure, run.top);
    let behind = trials.runs.saturating_add(trials.earlier);
    Summary {
        schema: summary::SCHEMA.to_owned(),
        sweep: prepared.grid.clone(),
        counts: Counts {
            grid: run.plan.grid as u64,
            constrained: run.plan.constrained as u64,
            impossible: run.plan.impossible as u64,
            beyond: run.plan.beyond as u64,
            ran: rows.len() as u64,
            distinct: ranking::distinct(rows) as u64,
        },
        longest_warm_up: prepared.warm_up as u64,
        data: prepared.data.clone(),
        periods_per_year: prepared.year.ok().and_then(decimal),
        costs: run.costs.clone(),
        capital: job.capital.clone(),
        tag: job.tag.clone(),
        metric: job.figure.as_str().to_owned(),
        best: summary::best(&run.sweep.axes, &at, rows, &ranked),
        sharpe_without_skill: best_without_skill(rows, behind).and_then(decimal),
        trials,
        run_sha256: prepared.run_sha256,
        results_sha256,
        engine: run.engine.clone(),
        produced_at: run.now,
        command: run.command.clone(),
        path: None,
    }
}
