//! `promote check`: what a request would be judged like. Writes nothing.

use std::path::PathBuf;

use clap::Args;

use super::Format;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::publish::drafts_differ;
use crate::app::gate::request::{present, verdict};
use crate::cli::context::Context;
use crate::governance::policy::verdict::Outcome;
use crate::governance::stage::Target;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::visible;
use crate::render::verdict::json::VerdictJson;
use crate::render::verdict::table;

/// Flags of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Portfolio
    pub portfolio: PortfolioId,
    /// `shadow`, `testnet` or `live`
    #[arg(long, value_name = "TARGET")]
    pub target: Target,
    /// Evidence bundle; repeat for several kinds
    #[arg(long, value_name = "DIR", required = true)]
    pub evidence: Vec<PathBuf>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl CheckArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Judges bundles with the published policy set: exit 0, 5 or 6.
///
/// # Errors
/// When the bundles are not acceptable.
pub fn run(args: &CheckArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = super::open::read(context)?;
    if let Some(warning) = drafts_differ(&desk, super::open::drafts(context).as_ref()) {
        context.say(&warning);
    }
    let dirs: Vec<PathBuf> = args.evidence.iter().map(|d| context.path(d)).collect();
    let presented = present(&desk, &args.portfolio, args.target, &dirs, &[])?;
    for finding in &presented.findings {
        context.say(&format!("note: {}", visible(&finding.message, 400)));
    }
    let (verdict, digest) = verdict(&desk, args.target, &presented)?;
    if context.global.json || args.wants_json() {
        let json = VerdictJson::new(&verdict, &desk.state.policy).about(
            args.portfolio.clone(),
            presented.basis.evidence.clone(),
            digest,
        );
        context.print_json(&json)?;
    } else {
        context.print(&table(&verdict))?;
        context.print(&format!("decision_sha256: {digest}\n"))?;
    }
    Ok(match verdict.outcome {
        Outcome::Promote => Exit::Done,
        Outcome::Revise => Exit::Revise,
        Outcome::Reject => Exit::Reject,
    })
}
