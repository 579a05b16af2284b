//! `promote research sweep`: a grid of parameters over the bars of one symbol.

mod flags;

use std::path::Path;

use super::format::ReportFormat;
use super::grid;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::results_folder::shown;
use crate::app::sweep::grid_run::GridRun;
use crate::app::sweep::results::Results;
use crate::app::sweep::summary::Trials;
use crate::app::sweep::sweeps::{figure, plan};
use crate::app::sweep::{self, Job, Out, Ran, listing, printed, report, sweeps};
use crate::app::trials::Place;
use crate::app::workspace::Workspace;
use crate::cli::commands::data::later_bars;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::cli::progress::Progress;
use crate::research::sweep::grid::{Plan, Sweep, Sweeps};
use crate::research::sweep::ranking::Figure;

pub use self::flags::SweepArgs;

/// What is said where no ledger counts the runs.
const UNREGISTERED: &str = "note: no ledger with its engine key is at hand: the trial is recorded in results/trials and counted nowhere else";

/// Runs, plans or lists sweeps.
///
/// # Errors
/// Exit 2 for an unknown sweep, kind or figure, exit 3 when the grid or the bars do not suffice,
/// exit 7 when the directory exists.
pub fn run(args: &SweepArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let json = context.global.json || args.wants_json();
    if args.list_strategies || args.show_params.is_some() {
        return strategies(args, json, context);
    }
    let figure = figure(&args.metric)?;
    let reports = args.format.filter(|format| *format != ReportFormat::Json);
    if args.no_save && reports.is_some() {
        let said = "--no-save writes no report: leave --format away".to_owned();
        return Err(Failure::new(Exit::Usage, "usage", said));
    }
    let runs = args.sweep_name.is_some() || args.strategy.is_some();
    let needs_bars = runs && !args.dry_run;
    let workspace = match (needs_bars, &args.sweeps_config) {
        (true, _) => Some(context.workspace()?),
        (false, Some(_)) => None,
        (false, None) => context.workspace_or_defaults()?,
    };
    let file = args.sweeps_config.as_ref().map(|p| context.path(p));
    let (sweeps, from) = sweeps(workspace.as_ref(), file.as_deref())?;
    let Some(sweep) = args.sweep(&sweeps, &from)? else {
        return list(args, &sweeps, json, context);
    };
    let max_runs = args.max_runs.and_then(|n| usize::try_from(n).ok());
    let plan = plan(&sweep, max_runs)?;
    match workspace.filter(|_| needs_bars) {
        None => dry(&sweep, &plan, json, context),
        Some(workspace) => computed(args, &workspace, (&sweep, &plan), figure, json, context),
    }
}

fn list(
    args: &SweepArgs,
    sweeps: &Sweeps,
    json: bool,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    let width = context.width();
    match (json, args.show_catalog) {
        (true, true) => context.print_json(&listing::catalog(sweeps))?,
        (false, true) => {
            context.print(&listing::catalog_text(listing::catalog(sweeps), width))?;
        }
        (true, false) => context.print_json(&listing::sweeps_json(sweeps))?,
        (false, false) => {
            context.print(&listing::sweeps_text(&listing::sweeps_json(sweeps), width))?;
        }
    }
    Ok(Exit::Done)
}

fn strategies(
    args: &SweepArgs,
    json: bool,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    let only = args.show_params.as_deref();
    let list = listing::strategies(only)
        .map_err(|said| Failure::new(Exit::Usage, "strategy.unknown", said))?;
    let width = context.width();
    match (json, only) {
        (true, _) => context.print_json(&list)?,
        (false, None) => context.print(&listing::strategies_text(&list, width))?,
        (false, Some(_)) => context.print(&listing::parameters_text(&list, width))?,
    }
    Ok(Exit::Done)
}

fn dry(
    sweep: &Sweep,
    plan: &Plan,
    json: bool,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    let planned = listing::plan_json(sweep, plan);
    match json {
        true => context.print_json(&planned)?,
        false => context.print(&listing::plan_text(&planned, context.width()))?,
    }
    Ok(Exit::Done)
}

fn computed(
    args: &SweepArgs,
    workspace: &Workspace,
    (sweep, plan): (&Sweep, &Plan),
    figure: Figure,
    json: bool,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    let costs = grid::costs(args.config.as_ref(), workspace, context)?;
    let moment = open::moment(context)?;
    let known = moment.first_open(args.timeframe.millis());
    let portfolio = grid::portfolio(args.portfolio.as_ref(), sweep)?;
    let end = args.end.into_iter().chain(known).min();
    let job = Job {
        run: GridRun {
            workspace,
            sweep,
            plan,
            costs,
            top: usize::from(args.top_n),
            command: args.command(sweep, figure, &portfolio, end),
            portfolio,
            ledger: Place::at(context.ledger_path()?, open::when(context)?),
            workers: args.workers.map(usize::from),
            now: moment.now,
            engine: crate::app::evidence::engine(),
        },
        symbol: args.symbol.clone(),
        timeframe: args.timeframe,
        start: args.start,
        end: args.end,
        known,
        figure,
        out: match &args.out {
            Some(out) => Out::Dir(context.path(out)),
            None if args.no_save => Out::Nowhere,
            None => Out::Reports,
        },
        capital: args.capital.clone(),
        tag: args.tag.clone(),
    };
    let mut progress = Progress::begin(context, "combinations");
    let ran = sweep::run(&job, &mut |done, total| progress.tell(done, total));
    progress.end();
    let ran = ran?;
    if ran.later > 0 {
        context.say(&later_bars(ran.later, moment.now));
    }
    told(&ran, json, context)?;
    let format = args.format.or(json.then_some(ReportFormat::Json));
    reported(ran, format, args.out.as_deref(), context)
}

/// Writes the report files of `format`, if any, and says what comes next; `out` is the folder that the
/// user named.
fn reported(
    ran: Ran,
    format: Option<ReportFormat>,
    out: Option<&Path>,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    let name = ran.summary.sweep.name.clone();
    let Some(dir) = ran.path else {
        return Ok(Exit::Done);
    };
    if let Some(format) = format {
        let results = Results {
            dir,
            summary: ran.summary,
        };
        let made = report::run(&report::Job {
            results: &results,
            figure: None,
            plotted: None,
            top: report::TOP,
            heat: None,
            format: format.files(),
            plots: false,
            out: None,
        })?;
        for file in &made.files {
            context.say(&format!("written: {}", file.path));
        }
    }
    let out = out.map(|out| word(&out.display().to_string()));
    context.say(&match (format, out) {
        (None, None) => format!("next: promote research report --sweep-name {name}"),
        (None, Some(out)) => format!("next: promote research report --input {out}"),
        (Some(_), None) => format!("next: promote research promote --sweep-name {name}"),
        (Some(_), Some(out)) => {
            format!("next: promote research promote --sweep-name {name} --experiments-dir {out}")
        }
    });
    Ok(Exit::Done)
}

/// Who counted the runs of a trial.
pub(super) fn counted(trials: &Trials) -> String {
    match &trials.entry {
        Some(entry) => format!(
            "trial registered for {}: {} runs, seq {}, leaf {}",
            trials.portfolio, trials.runs, entry.seq, entry.leaf
        ),
        None => UNREGISTERED.to_owned(),
    }
}

fn told(ran: &Ran, json: bool, context: &mut Context<'_, '_>) -> Result<(), Failure> {
    context.say(&counted(&ran.summary.trials));
    if json {
        let mut summary = ran.summary.clone();
        summary.path = ran.path.as_deref().map(shown);
        context.print_json(&summary)?;
    } else {
        let path = ran.path.as_deref();
        let text = printed::summary_text(&ran.summary, path, context.width());
        context.print(&text)?;
    }
    Ok(())
}
