//! The flags of `promote research sweep`, and the command that repeats them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::research::format::ReportFormat;
use crate::cli::commands::research::grid;
use crate::cli::pasted::word;
use crate::kernel::decimal::{Decimal, DecimalError};
use crate::kernel::id::PortfolioId;
use crate::kernel::text::check_free_text;
use crate::kernel::time::UtcTime;
use crate::research::market::{Symbol, Timeframe};
use crate::research::sweep::granularity::{Granularity, sweep_of};
use crate::research::sweep::grid::{Sweep, Sweeps};
use crate::research::sweep::ranking::Figure;

/// Longest tag, in characters.
const TAG_MAX: usize = 80;

/// Flags of `research sweep`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(
    ["sweep_name", "strategy", "list_sweeps", "list_strategies", "show_catalog", "show_params"]
)))]
pub struct SweepArgs {
    /// Sweep to run
    #[arg(short, long, value_name = "NAME")]
    pub(super) sweep_name: Option<String>,
    /// Kind of strategy to run on a grid of its own, called KIND_grid_GRANULARITY
    #[arg(long, value_name = "KIND")]
    pub(super) strategy: Option<String>,
    /// How close the values of that grid stand
    #[arg(
        short,
        long,
        value_name = "HOW",
        default_value = "medium",
        requires = "strategy",
        conflicts_with = "sweep_name"
    )]
    pub(super) granularity: Closeness,
    /// List the named sweeps, and run nothing
    #[arg(long)]
    pub(super) list_sweeps: bool,
    /// List the kinds of strategies with the names of their parameters, and run nothing
    #[arg(long)]
    pub(super) list_strategies: bool,
    /// List both, and run nothing
    #[arg(long)]
    pub(super) show_catalog: bool,
    /// Show the parameters of a kind of strategy, and run nothing
    #[arg(long, value_name = "KIND")]
    pub(super) show_params: Option<String>,
    /// Symbol of the bars
    #[arg(long, value_name = "BASE/QUOTE", default_value = "BTC/EUR")]
    pub(super) symbol: Symbol,
    /// Length of a bar
    #[arg(short, long, value_name = "TIMEFRAME", default_value = "1h")]
    pub(super) timeframe: Timeframe,
    /// Only bars that open at or after this time, such as 2024-01-01
    #[arg(long, value_name = "TIME", value_parser = UtcTime::parse_loose)]
    pub(super) start: Option<UtcTime>,
    /// Only bars that open before this time
    #[arg(long, value_name = "TIME", value_parser = UtcTime::parse_loose)]
    pub(super) end: Option<UtcTime>,
    /// Run at most so many combinations, an even sample of the grid [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_runs: Option<u32>,
    /// Print what would run; runs nothing, registers nothing
    #[arg(long, conflicts_with = "out")]
    pub(super) dry_run: bool,
    /// Figure to rank by: sharpe, sortino, total_return, max_drawdown, hit_ratio, profit_factor
    #[arg(long, value_name = "FIGURE", default_value = "sharpe")]
    pub(super) metric: String,
    /// How many of the best are shown
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(super) top_n: u16,
    /// Capital for which costs are shown in money too; figures are per unit of it
    #[arg(long, value_name = "AMOUNT", value_parser = capital)]
    pub(super) capital: Option<Decimal>,
    /// A name for this run, in its summary and report
    #[arg(long, value_name = "TEXT", value_parser = tag)]
    pub(super) tag: Option<String>,
    /// Portfolio for which the trials count [default: the sweep's name]
    #[arg(long, value_name = "NAME")]
    pub(super) portfolio: Option<PortfolioId>,
    /// Directory of the results, which must not exist
    /// [default: results/reports/sweep_NAME_DATE/DIGEST8]
    #[arg(short, long, visible_alias = "output-dir", value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print the best and write no results; the runs count as trials all the same
    #[arg(long, conflicts_with_all = ["out", "dry_run"])]
    pub(super) no_save: bool,
    /// Run on several threads, as every sweep does; --workers says on how many
    #[arg(short, long)]
    pub(super) parallel: bool,
    /// Threads [default: as many as the machine has]; the result is the same for any number
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) workers: Option<u16>,
    /// Settings: the costs [default: config/config.toml in the workspace]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Sweeps [default: config/sweeps.toml in the workspace, else the shipped ones]
    #[arg(long, value_name = "FILE")]
    pub(super) sweeps_config: Option<PathBuf>,
    /// Report files beside the results; `json` writes both and prints JSON, as --json does; with
    /// --no-save it only prints [default: none]
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<ReportFormat>,
}

/// How close the values of a grid stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Closeness {
    /// Three values
    Coarse,
    /// Five values
    Medium,
    /// Nine values
    Fine,
}

impl Closeness {
    fn granularity(self) -> Granularity {
        match self {
            Self::Coarse => Granularity::Coarse,
            Self::Medium => Granularity::Medium,
            Self::Fine => Granularity::Fine,
        }
    }
}

fn capital(text: &str) -> Result<Decimal, String> {
    let amount: Decimal = text.parse().map_err(|e: DecimalError| e.to_string())?;
    match amount.signum() {
        1 => Ok(amount),
        _ => Err("not above 0".to_owned()),
    }
}

fn tag(text: &str) -> Result<String, String> {
    check_free_text("tag", text).map_err(|e| e.to_string())?;
    let length = text.chars().count();
    if length == 0 || length > TAG_MAX || text.contains('\n') {
        return Err(format!("not one line of 1 to {TAG_MAX} characters"));
    }
    Ok(text.to_owned())
}

impl SweepArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        self.format == Some(ReportFormat::Json)
    }

    /// The sweep that is asked for, named or made; none where sweeps are to be listed.
    pub(super) fn sweep(&self, sweeps: &Sweeps, from: &str) -> Result<Option<Sweep>, Failure> {
        let unknown = |said: String| Failure::new(Exit::Usage, "sweep.unknown", said);
        if let Some(kind) = &self.strategy {
            let made = sweep_of(kind, self.granularity.granularity());
            return made.map(Some).map_err(unknown);
        }
        let Some(name) = &self.sweep_name else {
            return Ok(None);
        };
        grid::named(sweeps, from, name).map(Some)
    }

    /// The command that repeats this run, without paths of this machine.
    pub(super) fn command(
        &self,
        sweep: &Sweep,
        figure: Figure,
        portfolio: &PortfolioId,
        end: Option<UtcTime>,
    ) -> String {
        let which = match &self.strategy {
            Some(_) => format!(
                "--strategy {} --granularity {}",
                sweep.kind,
                self.granularity.granularity().as_str()
            ),
            None => format!("--sweep-name {}", sweep.name),
        };
        let mut words = vec![format!(
            "promote research sweep {which} --symbol {} --timeframe {}",
            self.symbol, self.timeframe
        )];
        words.extend(self.start.map(|start| format!("--start {start}")));
        words.extend(end.map(|end| format!("--end {end}")));
        words.extend(self.max_runs.map(|n| format!("--max-runs {n}")));
        words.push(format!(
            "--metric {} --top-n {} --portfolio {portfolio}",
            figure.as_str(),
            self.top_n
        ));
        words.extend(self.capital.as_ref().map(|c| format!("--capital {c}")));
        words.extend(self.tag.as_ref().map(|tag| format!("--tag {}", word(tag))));
        words.join(" ")
    }
}
