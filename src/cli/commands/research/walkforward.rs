//! `promote research walkforward`: a named grid, chosen on one window and tried on the next.

use std::path::PathBuf;

use clap::Args;

use super::format::ReportFormat;
use super::grid;
use super::sweep::counted;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::results_folder::shown;
use crate::app::sweep::grid_run::GridRun;
use crate::app::sweep::sweeps::{figure, plan};
use crate::app::trials::Place;
use crate::app::walk_forward::source::{self, Bars, Source};
use crate::app::walk_forward::{self, Job, Ran, Timing, printed};
use crate::cli::commands::data::later_bars;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::research::market::{Symbol, Timeframe};
use crate::research::walk_forward::length::Length;

/// Flags of `research walkforward`.
#[derive(Debug, Args)]
pub struct WalkforwardArgs {
    /// Sweep whose combinations are chosen among
    #[arg(short, long, value_name = "NAME")]
    sweep_name: String,
    /// Length of a train window, such as 90d; hours h, days d, weeks w, bars b
    #[arg(short, long, value_name = "LENGTH")]
    train_window: Length,
    /// Length of a test window, such as 30d
    #[arg(long, value_name = "LENGTH")]
    test_window: Length,
    /// From one test window's start to the next one's [default: the test window]
    #[arg(long, value_name = "LENGTH")]
    step_size: Option<Length>,
    /// Train windows begin at the first bar and grow
    #[arg(long)]
    anchored: bool,
    /// Bars before a test window that are not trained on
    #[arg(long, value_name = "BARS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    purge: u32,
    /// Bars behind every earlier test window that are not trained on
    #[arg(long, value_name = "BARS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    embargo: u32,
    /// How many of the best of every train window are kept
    #[arg(short = 'n', long, value_name = "N", default_value_t = 3,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    top_n: u16,
    /// Bars of a CSV or Parquet file, read as `data import` reads it and not stored
    #[arg(short, long, value_name = "FILE", conflicts_with = "use_dummy_data")]
    data_file: Option<PathBuf>,
    /// Invented bars: a random walk, marked SYNTHETIC everywhere
    #[arg(long)]
    use_dummy_data: bool,
    /// How many invented bars
    #[arg(long, requires = "use_dummy_data", value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..=5_000_000))]
    dummy_bars: u32,
    /// Only bars that open at or after this time, such as 2024-01-01
    #[arg(long, value_name = "TIME", value_parser = UtcTime::parse_loose)]
    start_date: Option<UtcTime>,
    /// Only bars that open before this time
    #[arg(long, value_name = "TIME", value_parser = UtcTime::parse_loose)]
    end_date: Option<UtcTime>,
    /// Symbol of the bars
    #[arg(long, value_name = "BASE/QUOTE", default_value = "BTC/EUR")]
    symbol: Symbol,
    /// Length of a bar
    #[arg(long, value_name = "TIMEFRAME", default_value = "1h")]
    timeframe: Timeframe,
    /// Figure that decides: sharpe, sortino, total_return, max_drawdown, hit_ratio, profit_factor
    #[arg(
        long,
        visible_alias = "metric",
        value_name = "FIGURE",
        default_value = "sharpe"
    )]
    metric_primary: String,
    /// Figure that decides in a window in which no combination has the other one
    #[arg(long, value_name = "FIGURE", default_value = "total_return")]
    metric_fallback: String,
    /// Portfolio for which the trials count [default: the sweep's name]
    #[arg(long, value_name = "NAME")]
    portfolio: Option<PortfolioId>,
    /// Directory of the results, which must not exist
    /// [default: results/reports/walkforward_NAME_DATE/DIGEST8]
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
    /// Report files; `json` writes both and prints JSON
    #[arg(short, long, value_name = "FORMAT", default_value = "both")]
    format: ReportFormat,
}

/// Walks forward.
///
/// # Errors
/// Exit 2 for an unknown sweep or figure and lengths that do not fit together, exit 3 when grid, bars
/// or windows do not suffice, exit 7 when the directory exists.
pub fn run(args: &WalkforwardArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let json = context.global.json || args.wants_json();
    let (primary, fallback) = (
        figure(&args.metric_primary)?,
        figure(&args.metric_fallback)?,
    );
    let workspace = context.workspace()?;
    let file = args.sweeps_config.as_ref();
    let sweep = &grid::sweep(&args.sweep_name, file, &workspace, context)?;
    let plan = plan(sweep, None)?;
    let costs = grid::costs(args.config.as_ref(), &workspace, context)?;
    let moment = open::moment(context)?;
    let (series, later) = source::bars(&workspace, &args.bars(context), moment)?;
    let portfolio = grid::portfolio(args.portfolio.as_ref(), sweep)?;
    let known = moment.first_open(args.timeframe.millis());
    let end = args.end_date.into_iter().chain(known).min();
    let job = Job {
        run: GridRun {
            workspace: &workspace,
            sweep,
            plan: &plan,
            costs,
            top: usize::from(args.top_n),
            command: args.command(&portfolio, [primary.as_str(), fallback.as_str()], end),
            portfolio,
            // What is walked over on invented bars is counted nowhere.
            ledger: match args.use_dummy_data {
                true => None,
                false => Place::at(context.ledger_path()?, open::when(context)?),
            },
            workers: args.workers.map(usize::from),
            now: moment.now,
            engine: crate::app::evidence::engine(),
        },
        series: &series,
        timing: args.timing(),
        primary,
        fallback,
        out: args.out.as_ref().map(|p| context.path(p)),
        format: args.format.files(),
    };
    let ran = walk_forward::run(&job)?;
    if later > 0 {
        context.say(&later_bars(later, moment.now));
    }
    told(&ran, args.use_dummy_data, json, context)?;
    Ok(Exit::Done)
}

fn told(
    ran: &Ran,
    invented: bool,
    json: bool,
    context: &mut Context<'_, '_>,
) -> Result<(), Failure> {
    if invented {
        context.say("these bars are invented: the run is counted nowhere, and whatever is made from them is marked SYNTHETIC");
    } else {
        context.say(&counted(&ran.document.trials));
    }
    if json {
        let mut document = ran.document.clone();
        document.path = Some(shown(&ran.path));
        return context.print_json(&document);
    }
    context.print(&printed::text(ran, context.width()))
}

impl WalkforwardArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == ReportFormat::Json
    }

    fn bars(&self, context: &Context<'_, '_>) -> Bars {
        Bars {
            source: match (&self.data_file, self.use_dummy_data) {
                (Some(file), _) => Source::File(context.path(file)),
                (None, true) => Source::Dummy(self.dummy_bars),
                (None, false) => Source::Workspace,
            },
            symbol: self.symbol.clone(),
            timeframe: self.timeframe,
            start: self.start_date,
            end: self.end_date,
        }
    }

    fn timing(&self) -> Timing {
        let bars = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        Timing {
            train: self.train_window,
            test: self.test_window,
            step: self.step_size,
            anchored: self.anchored,
            purge: bars(self.purge),
            embargo: bars(self.embargo),
        }
    }

    /// The command that repeats this run, without paths of this machine: a file by its name alone.
    fn command(
        &self,
        portfolio: &PortfolioId,
        [primary, fallback]: [&str; 2],
        end: Option<UtcTime>,
    ) -> String {
        let mut words = vec![format!(
            "promote research walkforward --sweep-name {} --symbol {} --timeframe {}",
            visible(&self.sweep_name, 64),
            self.symbol,
            self.timeframe
        )];
        if let Some(name) = self.data_file.as_ref().and_then(|f| f.file_name()) {
            let name = visible(&name.to_string_lossy(), 120);
            words.push(format!("--data-file {}", crate::cli::pasted::word(&name)));
        }
        if self.use_dummy_data {
            words.push(format!("--use-dummy-data --dummy-bars {}", self.dummy_bars));
        }
        words.extend(self.start_date.map(|start| format!("--start-date {start}")));
        words.extend(end.map(|end| format!("--end-date {end}")));
        words.push(format!(
            "--train-window {} --test-window {}",
            self.train_window, self.test_window
        ));
        words.extend(self.step_size.map(|step| format!("--step-size {step}")));
        words.extend(self.anchored.then(|| "--anchored".to_owned()));
        words.push(format!(
            "--purge {} --embargo {} --metric-primary {primary} --metric-fallback {fallback} --top-n {} --portfolio {portfolio}",
            self.purge, self.embargo, self.top_n
        ));
        words.join(" ")
    }
}
