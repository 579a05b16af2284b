//! `promote research report`: the report of a sweep that has run.

use std::path::PathBuf;

use clap::Args;

use super::format::ReportFormat;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::sweep::report::{self, Job, printed};
use crate::app::sweep::results::{Results, results};
use crate::app::sweep::sweeps;
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::kernel::id::StrategyId;

/// Flags of `research report`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("which").required(true).multiple(true).args(
    ["sweep_name", "input"]
)))]
pub struct ReportArgs {
    /// Sweep whose newest results are read
    #[arg(short, long, value_name = "NAME", value_parser = StrategyId::new)]
    sweep_name: Option<StrategyId>,
    /// Directory of the results [default: the newest of this sweep below results/reports]
    #[arg(short, long, value_name = "DIR")]
    input: Option<PathBuf>,
    /// Report files; `json` writes both and prints JSON
    #[arg(short, long, value_name = "FORMAT", default_value = "both")]
    format: ReportFormat,
    /// Folder of report.md and report.html [default: beside the results]
    #[arg(short, long, visible_alias = "output-dir", value_name = "DIR")]
    out: Option<PathBuf>,
    /// Figure to rank by: sharpe, sortino, total_return, max_drawdown, hit_ratio, profit_factor
    /// [default: that of the sweep]
    #[arg(long, visible_alias = "metric", value_name = "FIGURE")]
    sort_metric: Option<String>,
    /// How many of the best
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    top_n: u16,
    /// Parameters of the heat maps, across and down [default: the two that move the figure most]
    #[arg(long, value_names = ["X", "Y"], num_args = 2)]
    heatmap_params: Option<Vec<String>>,
    /// Write every picture of the HTML report as an SVG file in plots/ too
    #[arg(long)]
    with_plots: bool,
    /// Figure of the pictures [default: that of the ranking]
    #[arg(long, value_name = "FIGURE")]
    plot_metric: Option<String>,
}

impl ReportArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == ReportFormat::Json
    }
}

/// Writes the report.
///
/// # Errors
/// Exit 2 for an unknown figure or parameter, exit 3 without results, exit 7 when another report is
/// in the way, exit 9 when the results were changed.
pub fn run(args: &ReportArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let figure = |name: &Option<String>| name.as_deref().map(sweeps::figure).transpose();
    let (ranked, plotted) = (figure(&args.sort_metric)?, figure(&args.plot_metric)?);
    let input = args.input.as_ref().map(|p| context.path(p));
    let found = match (&args.sweep_name, &input) {
        (Some(name), None) => results(&context.workspace()?, name, None)?,
        (name, Some(dir)) => {
            let found = Results::read(dir)?;
            if let Some(name) = name {
                found.check_name(name)?;
            }
            found
        }
        (None, None) => {
            let said = "--sweep-name or --input is wanted".to_owned();
            return Err(Failure::new(Exit::Usage, "usage", said));
        }
    };
    let heat = args.heatmap_params.as_ref().and_then(|names| {
        let [across, down] = names.as_slice() else {
            return None;
        };
        Some([across.clone(), down.clone()])
    });
    let out = args.out.as_ref().map(|p| context.path(p));
    let made = report::run(&Job {
        results: &found,
        figure: ranked,
        plotted,
        top: usize::from(args.top_n),
        heat,
        format: args.format.files(),
        plots: args.with_plots,
        out: out.as_deref(),
    })?;
    if context.global.json || args.wants_json() {
        context.print_json(&made)?;
    } else {
        context.print(&printed::report_text(&made, context.width()))?;
    }
    let from = args.input.as_ref().map_or_else(String::new, |dir| {
        format!(" --experiments-dir {}", word(&dir.display().to_string()))
    });
    context.say(&format!(
        "next: promote research promote --sweep-name {}{from}",
        made.sweep
    ));
    Ok(Exit::Done)
}
