//! Runs a resolved preset on the workspace's bars and writes the evidence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::report::{Material, report as report_of};
use super::resolve::Resolved;
use crate::app::evidence;
use crate::app::evidence::sealing::{Sealed, Sealing};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::moment::Moment;
use crate::app::gate::tracking::RecordedEntry;
use crate::app::market::{invented, load_bars};
use crate::app::policy;
use crate::app::report_files::report_files;
use crate::app::trials::record::{Bars, encoded};
use crate::app::trials::{self, Place, Started, Trial, Tried};
use crate::app::workspace::Workspace;
use crate::evidence::bundle::{self, Built};
use crate::evidence::manifest::{Engine, Trials};
use crate::governance::promotion::tracks::trial::TrialKind;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;
use crate::render::report::{self, RobustnessReport};
use crate::research::market::{BarSeries, Symbol};
use crate::research::portfolio::runnable::Runnable;
use crate::research::robustness::options::Format;
use crate::research::robustness::outcome;
use crate::research::robustness::parts::{Origin, further, parts};

/// What a run is for: the same work, under another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A first look at a portfolio: `promote research portfolio`.
    Portfolio,
    /// Evidence for a promotion: `promote robustness`.
    Robustness,
}

impl Purpose {
    /// The command that does it.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Portfolio => "promote research portfolio",
            Self::Robustness => "promote robustness",
        }
    }

    /// The folder of its results below `results/reports/`, without the date.
    fn folder(self) -> &'static str {
        match self {
            Self::Portfolio => "portfolio",
            Self::Robustness => "portfolio_robustness",
        }
    }
}

/// Everything besides the resolved preset.
pub struct Job<'a> {
    /// What for.
    pub purpose: Purpose,
    /// Where bars, policies and results are.
    pub workspace: &'a Workspace,
    /// So many invented bars instead of the workspace's.
    pub invented: Option<u32>,
    /// Only bars that open before this time.
    pub end: Option<UtcTime>,
    /// The first opening of a bar that does not exist yet, where the world ends now.
    pub known: Option<UtcTime>,
    /// Directory of the bundle; none: below `results/reports/`.
    pub out: Option<PathBuf>,
    /// The present.
    pub now: UtcTime,
    /// This program.
    pub engine: Engine,
    /// The ledger that counts the run; none where none is at hand.
    pub ledger: Option<Place>,
    /// Who signs, and how.
    pub sealing: Sealing,
    /// The command line that repeats it, without machine paths.
    pub command: String,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// The bundle is written.
    Written(Box<Written>),
    /// Its manifest waits in this file for a signature; there is no bundle yet.
    Waiting(PathBuf),
}

/// How a run went.
#[derive(Debug, Clone)]
pub struct Ran {
    /// What came of it.
    pub ended: Ended,
    /// The entry that says that it started, where there is one.
    pub entry: Option<RecordedEntry>,
    /// Bars of the workspace that were left out because they do not exist yet.
    pub later: usize,
}

/// A written bundle.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Its directory.
    pub path: PathBuf,
    /// What is in it.
    pub built: Built,
    /// True when it is signed.
    pub signed: bool,
}

/// Runs `resolved` and writes the bundle; the ledger is told before and after.
///
/// # Errors
/// Exit 3 when bars, policy or configuration are wrong, exit 7 when the directory exists; the
/// trial has failed then.
pub fn run(resolved: &Resolved, job: &Job<'_>) -> Result<Ran, Failure> {
    let (series, later) = bars(resolved, job)?;
    let started = start(resolved, job, &series)?;
    let entry = started.entry.clone();
    let ended = compute(resolved, job, &series, &started.trials);
    // What went wrong in the run itself is told first.
    let told = started.end(ended.is_ok());
    let ended = ended?;
    told.map(|()| Ran {
        ended,
        entry,
        later,
    })
}

/// Counts the run, unless it only comes back signed.
fn start(
    resolved: &Resolved,
    job: &Job<'_>,
    series: &BTreeMap<Symbol, BarSeries>,
) -> Result<Started, Failure> {
    if let Some(trials) = job.sealing.trials() {
        return Ok(Started::before(trials));
    }
    let trial = Trial {
        what: TrialKind::Walkforward,
        runs: 1,
        portfolio: resolved.configuration.portfolio.clone(),
        tried: Tried::Strategy(Digest::of(&encoded(&resolved.configuration)?)),
        data: series.values().map(Bars::of).collect(),
        command: job.command.clone(),
        now: job.now,
    };
    trials::start(trial, job.workspace, job.ledger.as_ref())
}

fn compute(
    resolved: &Resolved,
    job: &Job<'_>,
    series: &BTreeMap<Symbol, BarSeries>,
    trials: &Trials,
) -> Result<Ended, Failure> {
    let policies = policy::load(Some(job.workspace))?;
    let policy = policy::policy(&policies, &resolved.configuration.profile)?;
    let outcome = outcome::run(&resolved.configuration, series, &resolved.wanted)
        .map_err(|e| invalid("robustness.run", &e))?;
    let origin = Origin {
        producer: job.sealing.producer(),
        engine: job.engine.clone(),
        limits: resolved.limits.clone(),
        trials: trials.clone(),
    };
    let parts = parts(
        &resolved.configuration,
        series,
        &resolved.wanted,
        &outcome,
        &origin,
    )
    .map_err(|e| invalid("robustness.parts", &e))?;
    let further = further(&outcome).map_err(|e| invalid("robustness.parts", &e))?;
    let built = bundle::build_with(&parts, &further, &policy.conventions, job.now)
        .map_err(|e| invalid("evidence.build", &e))?;
    let report = report_of(&Material {
        configuration: &resolved.configuration,
        wanted: &resolved.wanted,
        outcome: &outcome,
        manifest: &built.manifest,
        policy,
        command: &job.command,
        max_drawdown_target: resolved.max_drawdown_target.as_ref(),
    });
    let views = views(&report, resolved.format)?;
    let built = built
        .with_views(views)
        .map_err(|e| invalid("evidence.build", &e))?;
    write(resolved, job, built)
}

fn write(resolved: &Resolved, job: &Job<'_>, built: Built) -> Result<Ended, Failure> {
    let (files, signed) = match job.sealing.seal(&built)? {
        Sealed::Files { files, signed } => (files, signed),
        Sealed::Waiting(file) => return Ok(Ended::Waiting(file)),
    };
    let path = match &job.out {
        Some(out) => out.clone(),
        None => job.workspace.resolve(Path::new(&format!(
            "results/reports/{}_{}/{}-{}",
            job.purpose.folder(),
            job.now.date(),
            resolved.preset,
            built.evidence_sha256.short()
        ))),
    };
    evidence::write(&path, &files)?;
    Ok(Ended::Written(Box::new(Written {
        path,
        built,
        signed,
    })))
}

fn invalid(slug: &'static str, error: &dyn std::error::Error) -> Failure {
    Failure::from_error(Exit::Invalid, slug, "", error)
}

/// The first opening of a bar that does not exist yet at `moment`, where the world ends there.
///
/// # Errors
/// Exit 3 when the configuration cannot run.
pub fn known(resolved: &Resolved, moment: Moment) -> Result<Option<UtcTime>, Failure> {
    let portfolio =
        Runnable::new(&resolved.configuration).map_err(|e| invalid("robustness.run", &e))?;
    Ok(moment.first_open(portfolio.timeframe.millis()))
}

/// The bars of every symbol up to the end that was asked for, and how many more of them there are
/// that do not exist yet.
fn bars(
    resolved: &Resolved,
    job: &Job<'_>,
) -> Result<(BTreeMap<Symbol, BarSeries>, usize), Failure> {
    let portfolio =
        Runnable::new(&resolved.configuration).map_err(|e| invalid("robustness.run", &e))?;
    let end = job.end.into_iter().chain(job.known).min();
    let (mut series, mut later) = (BTreeMap::new(), 0);
    for symbol in portfolio.symbols() {
        let stored = match job.invented {
            Some(bars) => invented::series(symbol, portfolio.timeframe, bars)?,
            None => load_bars(job.workspace, symbol, portfolio.timeframe)?.series,
        };
        let wanted = stored.between(None, job.end);
        let used = wanted.between(None, job.known);
        later += wanted.bars.len() - used.bars.len();
        if let (Some(end), true) = (end, used.bars.is_empty()) {
            let said = format!("no bars of {symbol} {} before {end}", portfolio.timeframe);
            return Err(Failure::new(Exit::Invalid, "data.absent", said));
        }
        series.insert(symbol.clone(), used);
    }
    Ok((series, later))
}

/// The report files.
fn views(report: &RobustnessReport, format: Format) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    report_files(format, || report::markdown(report), || report::html(report))
}
