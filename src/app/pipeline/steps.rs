//! The steps, each into its own folder below the directory in the making.

use std::path::{Path, PathBuf};

use super::{Job, Step, Told};
use crate::app::candidates::{Source, Wanted, look};
use crate::app::failure::Failure;
use crate::app::monte_carlo::{self, json::MonteCarloJson};
use crate::app::stress::{self, json::StressJson};
use crate::app::sweep::report::{self, json::SweepReportJson};
use crate::app::sweep::results::Results;
use crate::app::sweep::run::Out;
use crate::app::sweep::summary::Summary;
use crate::app::sweep::{self, candidates};
use crate::app::walk_forward::source;
use crate::app::walk_forward::{self, run::Timing};
use crate::research::market::BarSeries;
use crate::research::sweep::ranking::Figure;

/// Folder of the sweep, its report and the export of its best.
pub const SWEEP: &str = "sweep";
/// Folder of the walk-forward.
pub const WALK_FORWARD: &str = "walk_forward";
/// Folder of Monte-Carlo.
pub const MONTE_CARLO: &str = "monte_carlo";
/// Folder of the stress tests.
pub const STRESS: &str = "stress";

/// What came of the steps.
pub struct Done {
    /// The sweep.
    pub sweep: Summary,
    /// Its report.
    pub report: SweepReportJson,
    /// The walk-forward, where it ran.
    pub walk_forward: Option<walk_forward::run::Ran>,
    /// Monte-Carlo, where it ran.
    pub monte_carlo: Option<MonteCarloJson>,
    /// The stress tests, where they ran.
    pub stress: Option<StressJson>,
    /// Bars of the workspace that were left out because they do not exist yet.
    pub later: usize,
}

/// Runs the steps in their order. What can be refused is refused before the first of them counts
/// anything.
///
/// # Errors
/// What the first step that fails says.
pub fn run(job: &Job<'_>, into: &Path, told: &mut Told<'_>) -> Result<Done, Failure> {
    let walked = walked_bars(job)?;
    let walk = walked.as_ref().map(|bars| walk_job(job, bars, into));
    if let Some(walk) = &walk {
        walk_forward::run::check(walk)?;
    }
    told(SWEEP);
    let folder = into.join(SWEEP);
    let ran = sweep::run(&sweep_job(job, &folder), &mut |_, _| ())?;
    let report = reported(job, &folder, into)?;
    let walk_forward = match &walk {
        None => None,
        Some(walk) => {
            told(WALK_FORWARD);
            Some(walk_forward::run::run(walk)?)
        }
    };
    let monte_carlo = match &job.monte_carlo {
        None => None,
        Some(step) => {
            told(MONTE_CARLO);
            Some(monte_carlo::run(&look_job(
                job,
                step,
                &folder,
                into.join(MONTE_CARLO),
            ))?)
        }
    };
    let stress = match &job.stress {
        None => None,
        Some(step) => {
            told(STRESS);
            Some(stress::run(&look_job(
                job,
                step,
                &folder,
                into.join(STRESS),
            ))?)
        }
    };
    Ok(Done {
        sweep: ran.summary,
        report,
        walk_forward,
        monte_carlo,
        stress,
        later: ran.later,
    })
}

/// The report of the sweep in `folder`, and the export of its best.
fn reported(job: &Job<'_>, folder: &Path, into: &Path) -> Result<SweepReportJson, Failure> {
    let results = Results::read(folder)?;
    let report = report::run(&report::Job {
        results: &results,
        figure: Some(job.figure),
        plotted: None,
        top: report::TOP,
        heat: None,
        format: job.format,
        plots: job.plots,
        out: None,
    })?;
    candidates::export(
        job.run.workspace,
        &job.run.sweep.name,
        Some(folder),
        [job.figure; 2],
        job.run.top,
        Some(into),
    )?;
    Ok(report)
}

/// A closer look at the best of the sweep in `folder`, into `out`.
fn look_job<'a, T: Clone>(
    job: &Job<'a>,
    step: &Step<T>,
    folder: &Path,
    out: PathBuf,
) -> look::Job<'a, T> {
    look::Job {
        workspace: job.run.workspace,
        wanted: wanted(job, step.invented, folder),
        asked: step.asked.clone(),
        format: job.format,
        out: Some(out),
        now: job.run.now,
        engine: job.run.engine.clone(),
        command: job.run.command.clone(),
    }
}

fn sweep_job<'a>(job: &Job<'a>, folder: &Path) -> sweep::Job<'a> {
    sweep::Job {
        run: job.run.clone(),
        symbol: job.symbol.clone(),
        timeframe: job.timeframe,
        start: job.start,
        end: job.end,
        known: job.moment.first_open(job.timeframe.millis()),
        figure: job.figure,
        out: Out::Dir(folder.to_owned()),
        capital: None,
        tag: None,
    }
}

/// The step of the walk-forward and its bars, where it runs.
struct WalkedBars {
    step: Step<Timing>,
    series: BarSeries,
}

fn walked_bars(job: &Job<'_>) -> Result<Option<WalkedBars>, Failure> {
    let Some(step) = &job.walk_forward else {
        return Ok(None);
    };
    let bars = source::Bars {
        source: match step.invented {
            Some(bars) => source::Source::Dummy(bars),
            None => source::Source::Workspace,
        },
        symbol: job.symbol.clone(),
        timeframe: job.timeframe,
        start: job.start.filter(|_| step.invented.is_none()),
        end: job.end.filter(|_| step.invented.is_none()),
    };
    let (series, _) = source::bars(job.run.workspace, &bars, job.moment)?;
    Ok(Some(WalkedBars {
        step: step.clone(),
        series,
    }))
}

/// What is walked over on invented bars is counted nowhere: it says nothing about any market.
fn walk_job<'a>(job: &Job<'a>, bars: &'a WalkedBars, into: &Path) -> walk_forward::run::Job<'a> {
    let mut run = job.run.clone();
    run.ledger = run.ledger.filter(|_| bars.step.invented.is_none());
    walk_forward::run::Job {
        run,
        series: &bars.series,
        timing: bars.step.asked,
        primary: job.figure,
        fallback: Figure::TotalReturn,
        out: Some(into.join(WALK_FORWARD)),
        format: job.format,
    }
}

/// The candidates of a step: those of the sweep in `folder`, or of the same grid on invented bars.
fn wanted(job: &Job<'_>, invented: Option<u32>, folder: &Path) -> Wanted {
    let source = match invented {
        None => Source::Results {
            name: job.run.sweep.name.clone(),
            from: Some(folder.to_owned()),
            grid: None,
            costs: None,
        },
        Some(bars) => Source::Dummy {
            sweep: Box::new(job.run.sweep.clone()),
            bars,
            costs: job.run.costs.clone(),
        },
    };
    Wanted {
        source,
        figure: Some(job.figure),
        top: job.run.top,
    }
}
