//! `promote research sweep`: a named grid of parameters over the bars of one symbol.

use std::path::PathBuf;

use clap::Args;

use super::OutputFormat;
use crate::app::config::Config;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::sweep::sweeps::{figure, plan};
use crate::app::sweep::{self, Job, Ran, listing, printed, sweeps};
use crate::app::trials::Place;
use crate::app::workspace::Workspace;
use crate::cli::commands::data::later_bars;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::research::market::{Symbol, Timeframe};
use crate::research::sweep::grid::{Plan, Sweep, Sweeps};
use crate::research::sweep::ranking::Figure;

/// What is said where no ledger counts the runs.
const UNREGISTERED: &str = "note: no ledger with its engine key is at hand: the trial is recorded in results/trials and counted nowhere else";

/// Flags of `research sweep`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(
    ["sweep_name", "list_sweeps", "list_strategies", "show_params"]
)))]
pub struct SweepArgs {
    /// Sweep to run
    #[arg(short, long, value_name = "NAME")]
    sweep_name: Option<String>,
    /// List the named sweeps, and run nothing
    #[arg(long)]
    list_sweeps: bool,
    /// List the kinds of strategies with the names of their parameters, and run nothing
    #[arg(long)]
    list_strategies: bool,
    /// Show the parameters of a kind of strategy, and run nothing
    #[arg(long, value_name = "KIND")]
    show_params: Option<String>,
    /// Symbol of the bars
    #[arg(long, value_name = "BASE/QUOTE", default_value = "BTC/EUR")]
    symbol: Symbol,
    /// Length of a bar
    #[arg(short, long, value_name = "TIMEFRAME", default_value = "1h")]
    timeframe: Timeframe,
    /// Only bars that open at or after this time, such as 2024-01-01
    #[arg(long, value_name = "TIME", value_parser = UtcTime::parse_loose)]
    start: Option<UtcTime>,
    /// Only bars that open before this time
    #[arg(long, value_name = "TIME", value_parser = UtcTime::parse_loose)]
    end: Option<UtcTime>,
    /// Run at most so many combinations, an even sample of the grid [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_runs: Option<u32>,
    /// Print what would run; runs nothing, registers nothing
    #[arg(long, conflicts_with = "out")]
    dry_run: bool,
    /// Figure to rank by: sharpe, sortino, total_return, max_drawdown, hit_ratio, profit_factor
    #[arg(long, value_name = "FIGURE", default_value = "sharpe")]
    metric: String,
    /// How many of the best are shown
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    top_n: u16,
    /// Portfolio for which the trials count [default: the sweep's name]
    #[arg(long, value_name = "NAME")]
    portfolio: Option<PortfolioId>,
    /// Directory of the results, which must not exist
    /// [default: results/reports/sweep_NAME_DATE/DIGEST8]
    #[arg(short, long, visible_alias = "output-dir", value_name = "DIR")]
    out: Option<PathBuf>,
    /// Threads [default: as many as the machine has]; the result is the same for any number
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: Option<u16>,
    /// Settings: the costs [default: config/config.toml in the workspace]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sweeps [default: config/sweeps.toml in the workspace, else the shipped ones]
    #[arg(long, value_name = "FILE")]
    sweeps_config: Option<PathBuf>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub(super) format: OutputFormat,
}

/// Runs, plans or lists sweeps.
///
/// # Errors
/// Exit 2 for an unknown sweep, kind or figure, exit 3 when the grid or the bars do not suffice,
/// exit 7 when the directory exists.
pub fn run(args: &SweepArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let json = context.global.json || args.format == OutputFormat::Json;
    if args.list_strategies || args.show_params.is_some() {
        return strategies(args, json, context);
    }
    let figure = figure(&args.metric)?;
    let needs_bars = args.sweep_name.is_some() && !args.dry_run;
    let workspace = match (needs_bars, &args.sweeps_config) {
        (true, _) => Some(context.workspace()?),
        (false, Some(_)) => None,
        (false, None) => context.workspace_or_defaults()?,
    };
    let file = args.sweeps_config.as_ref().map(|p| context.path(p));
    let (sweeps, from) = sweeps(workspace.as_ref(), file.as_deref())?;
    let Some(name) = &args.sweep_name else {
        return list(&sweeps, json, context);
    };
    let sweep = sweeps.sweep(name).map_err(|said| {
        Failure::new(Exit::Usage, "sweep.unknown", said).hint(format!("sweeps are in `{from}`"))
    })?;
    let max_runs = args.max_runs.and_then(|n| usize::try_from(n).ok());
    let plan = plan(sweep, max_runs)?;
    match workspace.filter(|_| needs_bars) {
        None => dry(sweep, &plan, json, context),
        Some(workspace) => computed(args, &workspace, (sweep, &plan), figure, json, context),
    }
}

fn list(sweeps: &Sweeps, json: bool, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let list = listing::sweeps_json(sweeps);
    match json {
        true => context.print_json(&list)?,
        false => context.print(&listing::sweeps_text(&list, context.width()))?,
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
    let settings = args.config.as_ref().map(|p| context.path(p));
    let config = Config::load(Some(workspace), settings.as_deref())?;
    let moment = open::moment(context)?;
    let known = moment.first_open(args.timeframe.millis());
    let portfolio = match &args.portfolio {
        Some(portfolio) => portfolio.clone(),
        None => PortfolioId::new(sweep.name.as_str())
            .map_err(|e| Failure::from_error(Exit::Usage, "usage", "", &e))?,
    };
    let job = Job {
        workspace,
        sweep,
        plan,
        symbol: args.symbol.clone(),
        timeframe: args.timeframe,
        start: args.start,
        end: args.end,
        known,
        now: moment.now,
        fee: config.fee.clone(),
        slippage: config.slippage_per_side(),
        figure,
        top: usize::from(args.top_n),
        command: args.command(
            sweep,
            figure,
            &portfolio,
            args.end.into_iter().chain(known).min(),
        ),
        portfolio,
        ledger: Place::at(context.ledger_path()?, open::when(context)?),
        out: args.out.as_ref().map(|p| context.path(p)),
        workers: args.workers.map(usize::from),
        engine: crate::app::evidence::engine(),
    };
    let ran = sweep::run(&job)?;
    if ran.later > 0 {
        context.say(&later_bars(ran.later, moment.now));
    }
    told(&ran, json, context)?;
    Ok(Exit::Done)
}

fn told(ran: &Ran, json: bool, context: &mut Context<'_, '_>) -> Result<(), Failure> {
    let trials = &ran.summary.trials;
    let counted = match &trials.entry {
        Some(entry) => format!(
            "trial registered for {}: {} runs, seq {}, leaf {}",
            trials.portfolio, trials.runs, entry.seq, entry.leaf
        ),
        None => UNREGISTERED.to_owned(),
    };
    context.say(&counted);
    if json {
        let mut summary = ran.summary.clone();
        summary.path = Some(visible(&ran.path.display().to_string(), 400));
        context.print_json(&summary)?;
    } else {
        let text = printed::summary_text(&ran.summary, &ran.path, context.width());
        context.print(&text)?;
    }
    context.say(&format!(
        "next: promote research promote --sweep-name {}",
        ran.summary.sweep.name
    ));
    Ok(())
}

impl SweepArgs {
    /// The command that repeats this run, without paths of this machine.
    fn command(
        &self,
        sweep: &Sweep,
        figure: Figure,
        portfolio: &PortfolioId,
        end: Option<UtcTime>,
    ) -> String {
        let mut words = vec![format!(
            "promote research sweep --sweep-name {} --symbol {} --timeframe {}",
            sweep.name, self.symbol, self.timeframe
        )];
        words.extend(self.start.map(|start| format!("--start {start}")));
        words.extend(end.map(|end| format!("--end {end}")));
        words.extend(self.max_runs.map(|n| format!("--max-runs {n}")));
        words.push(format!(
            "--metric {} --top-n {} --portfolio {portfolio}",
            figure.as_str(),
            self.top_n
        ));
        words.join(" ")
    }
}
