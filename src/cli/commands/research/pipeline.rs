//! `promote research pipeline`: a sweep and everything that looks closer at its best, in one directory.

mod flags;

use std::path::PathBuf;

use clap::Args;

use self::flags::{MonteCarloFlags, StressFlags, WalkForwardFlags};
use super::format::ReportFormat;
use super::grid;
use super::sweep::counted;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::monte_carlo::compute::Asked;
use crate::app::pipeline::{self, Job, Ran, Step, printed};
use crate::app::sweep::grid_run::GridRun;
use crate::app::sweep::sweeps::{figure, plan};
use crate::app::trials::Place;
use crate::app::walk_forward::run::Timing;
use crate::cli::commands::data::later_bars;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;
use crate::research::market::{Symbol, Timeframe};
use crate::research::robustness::options::StressOptions;
use crate::research::sweep::grid::Sweep;
use crate::research::sweep::ranking::Figure;

/// Flags of `research pipeline`.
#[derive(Debug, Args)]
pub struct PipelineArgs {
    /// Sweep to run
    #[arg(short, long, value_name = "NAME")]
    sweep_name: String,
    /// Settings: the costs [default: config/config.toml in the workspace]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sweeps [default: config/sweeps.toml in the workspace, else the shipped ones]
    #[arg(long, value_name = "FILE")]
    sweeps_config: Option<PathBuf>,
    /// Symbol of the bars
    #[arg(long, value_name = "BASE/QUOTE", default_value = "BTC/EUR")]
    symbol: Symbol,
    /// Length of a bar
    #[arg(long, value_name = "TIMEFRAME", default_value = "1h")]
    timeframe: Timeframe,
    /// Only bars that open at or after this time, such as 2024-01-01
    #[arg(long, value_name = "TIME", value_parser = UtcTime::parse_loose)]
    start: Option<UtcTime>,
    /// Only bars that open before this time
    #[arg(long, value_name = "TIME", value_parser = UtcTime::parse_loose)]
    end: Option<UtcTime>,
    /// Figure to rank by: sharpe, sortino, total_return, max_drawdown, hit_ratio, profit_factor
    #[arg(short, long, value_name = "FIGURE", default_value = "sharpe")]
    metric: String,
    /// How many of the best the later steps look at
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5,
        value_parser = clap::value_parser!(u16).range(1..=100))]
    top_n: u16,
    /// Report files of every step; `json` writes both and prints JSON
    #[arg(short, long, value_name = "FORMAT", default_value = "both")]
    format: ReportFormat,
    /// Write the pictures of the sweep as files of their own too
    #[arg(long)]
    with_plots: bool,
    #[command(flatten)]
    walk_forward: WalkForwardFlags,
    #[command(flatten)]
    monte_carlo: MonteCarloFlags,
    #[command(flatten)]
    stress: StressFlags,
    /// Portfolio for which the trials count [default: the sweep's name]
    #[arg(long, value_name = "NAME")]
    portfolio: Option<PortfolioId>,
    /// Directory of the results, which must not exist
    /// [default: results/reports/pipeline_KIND_DATE/DIGEST8]
    #[arg(short, long, visible_alias = "output-dir", value_name = "DIR")]
    out: Option<PathBuf>,
    /// Threads [default: as many as the machine has]; the result is the same for any number
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: Option<u16>,
}

impl PipelineArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == ReportFormat::Json
    }

    /// The command that repeats this run, without paths of this machine.
    fn command(&self, job: &Asks<'_>) -> String {
        let mut words = vec![format!(
            "promote research pipeline --sweep-name {} --symbol {} --timeframe {}",
            job.sweep.name, self.symbol, self.timeframe
        )];
        words.extend(self.start.map(|start| format!("--start {start}")));
        words.extend(job.end.map(|end| format!("--end {end}")));
        words.push(format!(
            "--metric {} --top-n {} --portfolio {}",
            job.figure.as_str(),
            self.top_n,
            job.portfolio
        ));
        if let Some(step) = job.walk_forward {
            let timing = &step.asked;
            words.push(format!(
                "--run-walkforward --walkforward-train-window {} --walkforward-test-window {}",
                timing.train, timing.test
            ));
            let size = timing.step.map(|s| format!("--walkforward-step-size {s}"));
            words.extend(size);
            words.extend(dummy("walkforward", step.invented));
        }
        if let Some(step) = job.monte_carlo {
            let flags = &self.monte_carlo;
            words.push(format!(
                "--run-montecarlo --mc-num-runs {} --mc-method {} --mc-block-size {} --mc-seed {} --mc-sharpe-floor {} --mc-drawdown-ceiling {}",
                flags.mc_num_runs,
                step.asked.method_name(),
                flags.mc_block_size,
                flags.mc_seed,
                flags.mc_sharpe_floor,
                flags.mc_drawdown_ceiling
            ));
            words.extend(dummy("mc", step.invented));
        }
        if let Some(step) = job.stress {
            let options = &step.asked;
            let names: Vec<&str> = options.scenarios.iter().map(|s| s.as_str()).collect();
            words.push(format!(
                "--run-stress-tests --stress-scenarios {} --stress-severity {} --stress-window {} --stress-position {} --stress-seed {}",
                names.join(" "),
                options.severity,
                options.window,
                options.position.as_str(),
                options.seed
            ));
            words.extend(dummy("stress", step.invented));
        }
        words.join(" ")
    }
}

/// What the command is made of besides the flags.
struct Asks<'a> {
    sweep: &'a Sweep,
    figure: Figure,
    portfolio: &'a PortfolioId,
    end: Option<UtcTime>,
    walk_forward: Option<&'a Step<Timing>>,
    monte_carlo: Option<&'a Step<Asked>>,
    stress: Option<&'a Step<StressOptions>>,
}

fn dummy(step: &str, invented: Option<u32>) -> Option<String> {
    invented.map(|bars| format!("--{step}-use-dummy-data --{step}-dummy-bars {bars}"))
}

/// Runs every step.
///
/// # Errors
/// Exit 2 for an unknown sweep or figure, exit 3 when grid or bars do not suffice for a step, exit 7
/// when the directory exists.
pub fn run(args: &PipelineArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let figure = figure(&args.metric)?;
    let workspace = context.workspace()?;
    let file = args.sweeps_config.as_ref();
    let sweep = &grid::sweep(&args.sweep_name, file, &workspace, context)?;
    let plan = plan(sweep, None)?;
    let costs = grid::costs(args.config.as_ref(), &workspace, context)?;
    let moment = open::moment(context)?;
    let portfolio = grid::portfolio(args.portfolio.as_ref(), sweep)?;
    let known = moment.first_open(args.timeframe.millis());
    let (walk_forward, monte_carlo, stress) = (
        args.walk_forward.step(),
        args.monte_carlo.step(),
        args.stress.step(),
    );
    let mut asks = Asks {
        sweep,
        figure,
        portfolio: &portfolio,
        end: None,
        walk_forward: walk_forward.as_ref(),
        monte_carlo: monte_carlo.as_ref(),
        stress: stress.as_ref(),
    };
    let options = args.command(&asks);
    asks.end = args.end.into_iter().chain(known).min();
    let command = args.command(&asks);
    let job = Job {
        run: GridRun {
            workspace: &workspace,
            sweep,
            plan: &plan,
            costs,
            top: usize::from(args.top_n),
            portfolio,
            ledger: Place::at(context.ledger_path()?, open::when(context)?),
            workers: args.workers.map(usize::from),
            now: moment.now,
            engine: crate::app::evidence::engine(),
            command,
        },
        symbol: args.symbol.clone(),
        timeframe: args.timeframe,
        start: args.start,
        end: args.end,
        moment,
        figure,
        format: args.format.files(),
        plots: args.with_plots,
        walk_forward,
        monte_carlo,
        stress,
        out: args.out.as_ref().map(|p| context.path(p)),
        options,
    };
    let ran = pipeline::run(&job, &mut |step| context.say(&format!("step: {step}")))?;
    if ran.later > 0 {
        context.say(&later_bars(ran.later, moment.now));
    }
    let json = context.global.json || args.wants_json();
    told(&ran, json, context)?;
    Ok(Exit::Done)
}

fn told(ran: &Ran, json: bool, context: &mut Context<'_, '_>) -> Result<(), Failure> {
    context.say(&counted(&ran.json.trials));
    let walked = ran.json.walk_forward.as_ref().map(|walk| &walk.trials);
    if let Some(trials) = walked.filter(|trials| trials.entry.is_some()) {
        context.say(&counted(trials));
    }
    if json {
        return context.print_json(&ran.json);
    }
    context.print(&printed::text(&ran.json, context.width()))
}
