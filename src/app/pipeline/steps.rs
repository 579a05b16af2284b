//! The steps, each into its own folder below the directory in the making.

use std::path::Path;

use super::{Job, Step, Told};
use crate::app::candidates::{Source, Wanted};
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

/// Runs the steps in their order.
///
/// # Errors
/// What the first step that fails says.
pub fn run(job: &Job<'_>, into: &Path, told: &mut Told<'_>) -> Result<Done, Failure> {
    told(SWEEP);
    let folder = into.join(SWEEP);
    let ran = sweep::run(&sweep_job(job, &folder), &mut |_, _| ())?;
    let results = Results::read(&folder)?;
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
        job.workspace,
        &job.sweep.name,
        Some(&folder),
        [job.figure; 2],
        job.top,
        Some(into),
    )?;
    Ok(Done {
        walk_forward: match &job.walk_forward {
            None => None,
            Some(step) => {
                told(WALK_FORWARD);
                Some(walk(job, step, &into.join(WALK_FORWARD))?)
            }
        },
        monte_carlo: match &job.monte_carlo {
            None => None,
            Some(step) => {
                told(MONTE_CARLO);
                let wanted = wanted(job, step.invented, &folder);
                let out = into.join(MONTE_CARLO);
                let ran = monte_carlo::run(&monte_carlo::Job {
                    workspace: job.workspace,
                    wanted,
                    asked: step.asked.clone(),
                    format: job.format,
                    out: Some(out),
                    now: job.moment.now,
                    engine: job.engine.clone(),
                    command: job.command.clone(),
                })?;
                Some(ran.json)
            }
        },
        stress: match &job.stress {
            None => None,
            Some(step) => {
                told(STRESS);
                let wanted = wanted(job, step.invented, &folder);
                let out = into.join(STRESS);
                let ran = stress::run(&stress::Job {
                    workspace: job.workspace,
                    wanted,
                    options: step.asked.clone(),
                    format: job.format,
                    out: Some(out),
                    now: job.moment.now,
                    engine: job.engine.clone(),
                    command: job.command.clone(),
                })?;
                Some(ran.json)
            }
        },
        later: ran.later,
        sweep: ran.summary,
        report,
    })
}

fn sweep_job<'a>(job: &Job<'a>, folder: &Path) -> sweep::Job<'a> {
    sweep::Job {
        workspace: job.workspace,
        sweep: job.sweep,
        plan: job.plan,
        symbol: job.symbol.clone(),
        timeframe: job.timeframe,
        start: job.start,
        end: job.end,
        known: job.moment.first_open(job.timeframe.millis()),
        now: job.moment.now,
        fee: job.costs.fee.clone(),
        slippage: job.costs.slippage.clone(),
        figure: job.figure,
        top: job.top,
        portfolio: job.portfolio.clone(),
        ledger: job.ledger.clone(),
        out: Out::Dir(folder.to_owned()),
        capital: None,
        tag: None,
        workers: job.workers,
        engine: job.engine.clone(),
        command: job.command.clone(),
    }
}

fn walk(
    job: &Job<'_>,
    step: &Step<Timing>,
    folder: &Path,
) -> Result<walk_forward::run::Ran, Failure> {
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
    let (series, _) = source::bars(job.workspace, &bars, job.moment)?;
    walk_forward::run::run(&walk_forward::run::Job {
        workspace: job.workspace,
        sweep: job.sweep,
        plan: job.plan,
        series: &series,
        timing: step.asked,
        now: job.moment.now,
        fee: job.costs.fee.clone(),
        slippage: job.costs.slippage.clone(),
        primary: job.figure,
        fallback: crate::research::sweep::ranking::Figure::TotalReturn,
        top: job.top,
        portfolio: job.portfolio.clone(),
        ledger: job.ledger.clone(),
        out: Some(folder.to_owned()),
        workers: job.workers,
        format: job.format,
        engine: job.engine.clone(),
        command: job.command.clone(),
    })
}

/// The candidates of a step: those of the sweep in `folder`, or of the same grid on invented bars.
fn wanted(job: &Job<'_>, invented: Option<u32>, folder: &Path) -> Wanted {
    let source = match invented {
        None => Source::Results {
            name: job.sweep.name.clone(),
            from: Some(folder.to_owned()),
            grid: None,
            costs: None,
        },
        Some(bars) => Source::Dummy {
            sweep: Box::new(job.sweep.clone()),
            bars,
            costs: job.costs.clone(),
        },
    };
    Wanted {
        source,
        figure: Some(job.figure),
        top: job.top,
    }
}
