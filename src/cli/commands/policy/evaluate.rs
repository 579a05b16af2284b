//! `promote policy evaluate`: bare metrics judged by a policy. Nothing is recomputed or written.

use std::path::PathBuf;

use clap::Args;

use super::{TableOrJson, json};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::{bare_metrics, policy};
use crate::cli::context::Context;
use crate::governance::policy::evaluate::evaluate_bare;
use crate::governance::policy::verdict::Outcome;
use crate::governance::stage::Target;
use crate::kernel::id::ProfileId;
use crate::render::verdict::explanation::{ExplanationJson, explain};
use crate::render::verdict::json::VerdictJson;
use crate::render::verdict::table;

/// Flags of `policy evaluate`.
#[derive(Debug, Args)]
pub(super) struct EvaluateArgs {
    /// Risk profile whose policy judges
    #[arg(long, value_name = "PROFILE")]
    profile: ProfileId,
    /// `shadow`, `testnet` or `live`
    #[arg(long, value_name = "TARGET")]
    target: Target,
    /// Metrics: a JSON list of {metric, sample, value, unit}
    #[arg(long, value_name = "FILE")]
    metrics: PathBuf,
    /// Every criterion with margin, source line and extra checks
    #[arg(long)]
    explain: bool,
    /// Output format
    #[arg(long, default_value = "table")]
    pub(super) format: TableOrJson,
}

pub(super) fn run(args: &EvaluateArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let workspace = context.workspace_or_defaults()?;
    let set = policy::load(workspace.as_ref())?;
    let judge = policy::policy(&set, &args.profile)?;
    let bytes = policy::read(&context.path(&args.metrics))?;
    let name = args.metrics.display().to_string();
    let facts = bare_metrics::read(&name, &bytes).map_err(|problem| {
        let mut failure = policy::failure_of(&[*problem]);
        failure.slug = "metrics.invalid";
        failure
    })?;
    let verdict = evaluate_bare(judge, &facts, args.target, None);
    if json(args.format, context) {
        context.print_json(&VerdictJson::new(&verdict, &set))?;
    } else if args.explain {
        context.print(&explain(
            &verdict,
            &ExplanationJson::new(&verdict, &set, &[]),
        ))?;
    } else {
        context.print(&table(&verdict, context.width()))?;
    }
    Ok(match verdict.outcome {
        Outcome::Promote => Exit::Done,
        Outcome::Revise => Exit::Revise,
        Outcome::Reject => Exit::Reject,
    })
}
