//! `promote research promote`: the best combinations of a sweep as a TOML file.

use std::path::PathBuf;

use clap::Args;

use super::OutputFormat;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::sweep::candidates::{self, Exported};
use crate::app::sweep::sweeps;
use crate::cli::context::Context;
use crate::kernel::id::StrategyId;

/// Flags of `research promote`.
#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// Sweep whose newest results are read
    #[arg(short, long, value_name = "NAME", value_parser = StrategyId::new)]
    sweep_name: StrategyId,
    /// Figure to rank by: sharpe, sortino, total_return, max_drawdown, hit_ratio, profit_factor
    #[arg(short, long, value_name = "FIGURE", default_value = "sharpe")]
    metric: String,
    /// Figure to rank by where no combination has the first one
    #[arg(short, long, value_name = "FIGURE", default_value = "total_return")]
    fallback_metric: String,
    /// How many of the best
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    top_n: u16,
    /// Directory of the results [default: the newest of this sweep below results/reports]
    #[arg(short, long, value_name = "DIR")]
    experiments_dir: Option<PathBuf>,
    /// Folder of NAME_top_candidates.toml [default: beside the results]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub(super) format: OutputFormat,
}

/// Exports the best.
///
/// # Errors
/// Exit 2 for an unknown figure, exit 3 without results, exit 7 when another export is in the way,
/// exit 9 when the results were changed.
pub fn run(args: &PromoteArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let figure = sweeps::figure(&args.metric)?;
    let fallback = sweeps::figure(&args.fallback_metric)?;
    let workspace = context.workspace()?;
    let from = args.experiments_dir.as_ref().map(|p| context.path(p));
    let out = args.output.as_ref().map(|p| context.path(p));
    let exported = candidates::export(
        &workspace,
        &args.sweep_name,
        from.as_deref(),
        [figure, fallback],
        usize::from(args.top_n),
        out.as_deref(),
    )?;
    if exported.json.metric != figure.as_str() {
        context.say(&format!(
            "note: no combination has a {}: ranked by {} instead",
            figure.as_str(),
            exported.json.metric
        ));
    }
    if context.global.json || args.format == OutputFormat::Json {
        context.print_json(&exported.json)?;
    } else {
        context.print(&text(&exported))?;
    }
    context.say("note: an export is no promotion; put a candidate into a preset and make evidence of it with `promote robustness`");
    Ok(Exit::Done)
}

fn text(exported: &Exported) -> String {
    let json = &exported.json;
    let done = match exported.written {
        true => "written",
        false => "there already, the same",
    };
    let count = json.candidates.len();
    let s = if count == 1 { "" } else { "s" };
    format!(
        "{count} candidate{s} of {} by {}\n{done}: {}\n",
        json.sweep, json.metric, json.path
    )
}
