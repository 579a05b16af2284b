//! `promote check`: what a request would be judged like. Writes nothing.

use std::path::PathBuf;

use clap::Args;

use super::Format;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::book::Book;
use crate::app::gate::publish::drafts_differ;
use crate::app::gate::request::{Shown, present, verdict};
use crate::app::runtime::block_on;
use crate::cli::context::Context;
use crate::governance::policy::verdict::Outcome;
use crate::governance::promotion::book::snapshot;
use crate::governance::promotion::denying::hits;
use crate::governance::stage::Target;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::visible;
use crate::render::verdict::json::VerdictJson;
use crate::render::verdict::{denied, table};

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
    /// Portfolio that the request will name as continued: its looks at the data count here too
    #[arg(long, value_name = "PORTFOLIO")]
    pub predecessor: Vec<PortfolioId>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl CheckArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Judges bundles with the published policy set: exit 0, 5 or 6, and 7 where a deny rule is hit.
///
/// # Errors
/// When the bundles are not acceptable.
pub fn run(args: &CheckArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let mut desk = super::open::read(context)?;
    if let Some(warning) = drafts_differ(&desk, super::open::drafts(context).as_ref()) {
        context.say(&warning);
    }
    let dirs: Vec<PathBuf> = args.evidence.iter().map(|d| context.path(d)).collect();
    let live = block_on(Book::now(&mut desk, &args.portfolio))?;
    let shown = Shown {
        portfolio: &args.portfolio,
        target: args.target,
        dirs: &dirs,
        predecessors: &args.predecessor,
        limits: None,
    };
    let presented = present(&desk, &shown, &live)?;
    if let Some(book) = snapshot(&desk.state, &args.portfolio) {
        let names: Vec<&str> = book.live.iter().map(|p| p.portfolio.as_str()).collect();
        context.say(&format!(
            "note: judged together with what is LIVE: {}",
            names.join(", ")
        ));
    }
    for finding in &presented.findings {
        context.say(&format!("note: {}", visible(&finding.message, 400)));
    }
    let continued = &args.predecessor;
    let (verdict, digest, looks) = verdict(&desk, args.target, &presented, continued)?;
    let settings = &presented.beside.settings;
    let rules = desk.state.policy.deny();
    let hit = hits(rules, args.target, settings, &presented.facts);
    // What settings hit is not even judged; what figures hit is judged, and not approved.
    let refused = rules.by_settings(args.target, settings).is_some()
        || (verdict.outcome == Outcome::Promote && !hit.is_empty());
    if context.global.json || args.wants_json() {
        let json = VerdictJson::new(&verdict, &desk.state.policy).about(
            args.portfolio.clone(),
            presented.basis.evidence.clone(),
            digest,
        );
        let json = json.denied(&hit).looks(looks);
        context.print_json(&json)?;
    } else {
        context.print(&table(&verdict, context.width()))?;
        context.print(&denied(&hit))?;
        context.print(&format!("{looks}\ndecision_sha256: {digest}\n"))?;
    }
    Ok(match verdict.outcome {
        _ if refused => Exit::Conflict,
        Outcome::Promote => Exit::Done,
        Outcome::Revise => Exit::Revise,
        Outcome::Reject => Exit::Reject,
    })
}
