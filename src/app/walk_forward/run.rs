//! Runs a walk-forward on given bars and writes what came out.
//!
//! Everything that can be refused is refused before the trial is counted. It is ONE trial of the kind
//! `walkforward` with as many runs as combinations: every window looks at the same combinations, and
//! nobody chooses among windows. A sweep of the same grid before it counted its own look.

use std::path::PathBuf;

use serde::Serialize;

use super::document::{
    self, CountsJson, LengthsJson, OosJson, SummaryJson, WalkForwardJson, WindowJson,
};
use super::{report, tables};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::market::year::{undefined, year};
use crate::app::results_folder::{ResultsFolder, encoded};
use crate::app::sweep::grid_run::GridRun;
use crate::app::sweep::summary::{Costs, Data, Grid, Trials, decimal};
use crate::evidence::manifest::Engine;
use crate::governance::promotion::tracks::trial::TrialKind;
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;
use crate::metrics::MetricResult;
use crate::render::report::interpretation::Line;
use crate::research::market::BarSeries;
use crate::research::robustness::options::Format;
use crate::research::sweep::ranking::Figure;
use crate::research::walk_forward::fit::Search;
use crate::research::walk_forward::length::Length;
use crate::research::walk_forward::stitched::Stitched;
use crate::research::walk_forward::summary::Summary;
use crate::research::walk_forward::walk::{Walked, walk_on};
use crate::research::walk_forward::windows::{Lengths, Window, WindowsError, windows};

/// Where the results go.
const FOLDER: ResultsFolder = ResultsFolder {
    prefix: "walkforward",
    slug: "walk-forward.exists",
    again: "walk-forward gives the same again",
};

/// How windows are laid, as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Length of a train window.
    pub train: Length,
    /// Length of a test window.
    pub test: Length,
    /// From one test window's start to the next one's; none: as long as a test window.
    pub step: Option<Length>,
    /// Train windows begin at the first bar.
    pub anchored: bool,
    /// Bars before a test window that are not trained on.
    pub purge: usize,
    /// Bars behind an earlier test window that are not trained on.
    pub embargo: usize,
}

/// What is asked for.
pub struct Job<'a> {
    /// The grid, what of it runs in every window, and for whom.
    pub run: GridRun<'a>,
    /// The bars.
    pub series: &'a BarSeries,
    /// The windows.
    pub timing: Timing,
    /// The figure that decides.
    pub primary: Figure,
    /// The figure that decides where no combination has the primary one.
    pub fallback: Figure,
    /// Directory of the results; none: below `results/reports/`.
    pub out: Option<PathBuf>,
    /// Report files.
    pub format: Format,
}

/// How a walk-forward went.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Where the results are.
    pub path: PathBuf,
    /// What is in `walk_forward.json`.
    pub document: WalkForwardJson,
    /// The first interpretation of the report.
    pub lines: Vec<Line>,
}

/// What the windows follow from.
#[derive(Serialize)]
struct Inputs<'a> {
    sweep: &'a Grid,
    runs: u64,
    data: &'a Data,
    costs: &'a Costs,
    lengths: &'a LengthsJson,
    metric: &'a str,
    metric_fallback: &'a str,
    top: u64,
    portfolio: &'a PortfolioId,
    engine: &'a Engine,
}

/// Everything that is known before the first window is trained.
struct Prepared {
    windows: Vec<Window>,
    grid: Grid,
    data: Data,
    lengths: LengthsJson,
    year: MetricResult,
    warm_up: usize,
    run_sha256: Digest,
    path: PathBuf,
}

/// Walks through the windows and writes the directory; the ledger is told before and after.
///
/// # Errors
/// Exit 3 when bars, windows and grid do not fit together, exit 7 when the directory exists: nothing
/// is counted then. What fails later is a trial that failed.
pub fn run(job: &Job<'_>) -> Result<Ran, Failure> {
    let prepared = prepare(job)?;
    let (started, counted) = job.run.start(TrialKind::Walkforward, job.series)?;
    let ran = compute(job, &prepared, counted);
    // What went wrong in the run itself is told first.
    let told = started.end(ran.is_ok());
    let ran = ran?;
    told.map(|()| ran)
}

/// Refuses what [`run`] would refuse before it counts anything.
///
/// # Errors
/// Exit 2 or 3 when bars, windows and grid do not fit together, exit 7 when the directory exists.
pub fn check(job: &Job<'_>) -> Result<(), Failure> {
    prepare(job).map(drop)
}

fn prepare(job: &Job<'_>) -> Result<Prepared, Failure> {
    let (run, series) = (&job.run, job.series);
    let (lengths, laid) = laid(job, &series.times())?;
    let warm_up = run.plan.warm_up();
    let (have, needed) = (laid.first().map_or(0, Window::train_bars), warm_up + 2);
    let data = Data::of(series).filter(|_| have >= needed).ok_or_else(|| {
        let said = format!(
            "the first train window has {have} bars, too few: the longest warm-up of this sweep is {warm_up} bars, so that {needed} are needed"
        );
        Failure::new(Exit::Invalid, "walk-forward.too-few-bars", said)
            .hint("take a longer train window, or shorter look-backs")
    })?;
    let year = year(series);
    let by_year = |figure| matches!(figure, Figure::Sharpe | Figure::Sortino);
    if let (Err(reason), true, true) = (year, by_year(job.primary), by_year(job.fallback)) {
        return Err(
            undefined("walk-forward.no-year", job.primary.as_str(), reason)
                .hint("choose by another figure, such as --metric-primary total_return"),
        );
    }
    let grid = Grid::of(run.sweep);
    let run_sha256 = Digest::of(&encoded(&Inputs {
        sweep: &grid,
        runs: run.runs(),
        data: &data,
        costs: &run.costs,
        lengths: &lengths,
        metric: job.primary.as_str(),
        metric_fallback: job.fallback.as_str(),
        top: run.top as u64,
        portfolio: &run.portfolio,
        engine: &run.engine,
    })?);
    let path = run.folder(FOLDER, job.out.as_deref(), run_sha256)?;
    Ok(Prepared {
        windows: laid,
        grid,
        data,
        lengths,
        year,
        warm_up,
        run_sha256,
        path,
    })
}

/// The windows over the bars.
fn laid(job: &Job<'_>, times: &[UtcTime]) -> Result<(LengthsJson, Vec<Window>), Failure> {
    let timing = &job.timing;
    let step = timing.step.unwrap_or(timing.test);
    let timeframe = job.series.timeframe;
    let lengths = Lengths {
        train_ms: timing.train.millis(timeframe),
        test_ms: timing.test.millis(timeframe),
        step_ms: step.millis(timeframe),
        anchored: timing.anchored,
        purge: timing.purge,
        embargo: timing.embargo,
    };
    let laid = windows(times, lengths).map_err(|e| {
        let doing = format!(
            "no walk-forward over {} bars of {} {timeframe} with a train window of {} and test windows of {} every {step}",
            times.len(),
            job.series.symbol,
            timing.train,
            timing.test,
        );
        let (exit, hint) = match e {
            WindowsError::Overlap => (Exit::Usage, "take a --step-size of at least the test window"),
            WindowsError::Empty => (Exit::Usage, "lengths are such as 90d"),
            WindowsError::TooShort => (Exit::Invalid, "take a longer stretch of bars, or a shorter train window"),
            WindowsError::TooMany => (Exit::Invalid, "take longer test windows or a longer --step-size"),
        };
        Failure::from_error(exit, "walk-forward.windows", &doing, &e).hint(hint)
    })?;
    let lengths = LengthsJson {
        train: timing.train.to_string(),
        test: timing.test.to_string(),
        step: step.to_string(),
        anchored: timing.anchored,
        purge: timing.purge as u64,
        embargo: timing.embargo as u64,
    };
    Ok((lengths, laid))
}

fn compute(job: &Job<'_>, prepared: &Prepared, trials: Trials) -> Result<Ran, Failure> {
    let run = &job.run;
    let search = Search {
        combinations: &run.plan.combinations,
        costs: run.costs.account(),
        periods_per_year: prepared.year.ok(),
        primary: job.primary,
        fallback: job.fallback,
        top: run.top,
    };
    let bars = &job.series.bars;
    let walked = walk_on(run.workers, &search, bars, &prepared.windows).map_err(|e| {
        let doing = "the walk-forward broke off";
        Failure::from_error(Exit::Internal, "walk-forward.run", doing, &e)
    })?;
    let stitched = Stitched::of(bars, &walked);
    let windows: Vec<WindowJson> = walked
        .iter()
        .enumerate()
        .filter_map(|(number, walked)| {
            document::window(number, walked, bars, &run.sweep.axes, search.combinations)
        })
        .collect();
    let windows_csv = tables::windows(&run.sweep.axes, &windows)?;
    let oos_csv = tables::oos(&stitched)?;
    let digests = [Digest::of(&windows_csv), Digest::of(&oos_csv)];
    let document = documented(
        job,
        prepared,
        trials,
        windows,
        (&walked, &stitched),
        digests,
    );
    let equity = stitched.equity();
    let report = report::report(job, &document, &walked, &stitched, &equity);
    let lines = crate::render::report::walk_forward::lines(&report);
    let mut files = vec![
        (tables::WINDOWS.to_owned(), windows_csv),
        (tables::OOS.to_owned(), oos_csv),
        (document::FILE_NAME.to_owned(), encoded(&document)?),
    ];
    files.extend(report::files(&report, job.format)?);
    FOLDER.write(&prepared.path, &files)?;
    Ok(Ran {
        path: prepared.path.clone(),
        document,
        lines,
    })
}

fn documented(
    job: &Job<'_>,
    prepared: &Prepared,
    trials: Trials,
    windows: Vec<WindowJson>,
    (walked, stitched): (&[Walked], &Stitched),
    [windows_sha256, oos_sha256]: [Digest; 2],
) -> WalkForwardJson {
    let run = &job.run;
    let figures = stitched.figures(prepared.year.ok());
    let market = Stitched::market_return(&job.series.bars, walked);
    WalkForwardJson {
        schema: document::SCHEMA.to_owned(),
        sweep: prepared.grid.clone(),
        counts: CountsJson {
            grid: run.plan.grid as u64,
            constrained: run.plan.constrained as u64,
            impossible: run.plan.impossible as u64,
            beyond: run.plan.beyond as u64,
            ran: run.runs(),
        },
        longest_warm_up: prepared.warm_up as u64,
        data: prepared.data.clone(),
        lengths: prepared.lengths.clone(),
        periods_per_year: prepared.year.ok().and_then(decimal),
        costs: run.costs.clone(),
        metric: job.primary.as_str().to_owned(),
        metric_fallback: job.fallback.as_str().to_owned(),
        windows,
        oos: OosJson::of(stitched, &figures, market),
        summary: SummaryJson::of(&Summary::of(walked)),
        trials,
        run_sha256: prepared.run_sha256,
        windows_sha256,
        oos_sha256,
        engine: run.engine.clone(),
        produced_at: run.now,
        command: run.command.clone(),
        path: None,
    }
}
