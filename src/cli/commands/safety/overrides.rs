//! `promote override record|review|list`: soft criteria let pass by two risk persons, and the
//! review afterwards.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Wanted, carry_out, words};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::failures;
use crate::app::gate::override_list;
use crate::app::gate::request::{Shown, gather};
use crate::cli::commands::gate::Format;
use crate::cli::commands::gate::open::read;
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::safety::SafetyAct;
use crate::governance::promotion::safety::halt::HaltScope;
use crate::governance::promotion::safety::overrides::Override;
use crate::governance::promotion::safety::review::OverrideReview;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{CriterionId, PortfolioId};
use crate::kernel::time::HOUR_MS;

/// Flags of `override`.
#[derive(Debug, Args)]
pub struct OverrideArgs {
    /// What to do
    #[command(subcommand)]
    pub command: OverrideCommand,
}

/// Verbs of `override`.
#[derive(Debug, Subcommand)]
pub enum OverrideCommand {
    /// Let a soft criterion pass, before the request that uses it
    Record(RecordArgs),
    /// Review one after the decision that used it
    Review(ReviewArgs),
    /// Every override
    List(ListArgs),
}

/// Flags of `override record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// Portfolio
    pub portfolio: PortfolioId,
    /// Target: `shadow` or `testnet`
    #[arg(long, value_name = "TARGET")]
    pub target: Target,
    /// Soft criterion
    #[arg(long, value_name = "ID")]
    pub criterion: CriterionId,
    /// The bundle on which it is missed
    #[arg(long, value_name = "DIR")]
    pub evidence: PathBuf,
    /// Hours for which a request may use it
    #[arg(long, value_name = "HOURS", default_value_t = 72)]
    pub hours: u32,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Signatures: of two risk persons
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Flags of `override review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// Number of the override's entry
    pub entry: u64,
    /// What the review found
    #[arg(long, value_name = "TEXT")]
    pub finding: String,
    /// Signature: of a risk person who did not sign the override
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Flags of `override list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only of this portfolio
    #[arg(long, value_name = "PORTFOLIO")]
    pub portfolio: Option<PortfolioId>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl OverrideArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        matches!(&self.command, OverrideCommand::List(list) if list.format == Format::Json)
    }
}

/// Runs a verb.
///
/// # Errors
/// When it is refused, or the ledger cannot be read.
pub fn run(args: &OverrideArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.command {
        OverrideCommand::Record(args) => record(args, context),
        OverrideCommand::Review(args) => review(args, context),
        OverrideCommand::List(args) => list(args, context),
    }
}

fn record(args: &RecordArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    words("reason", &args.reason)?;
    let dir = context.path(&args.evidence);
    // A statement that comes back says when it ends; the command need not say it again.
    let brought = super::brought(context, &args.signing)?;
    carry_out(context, &args.signing, |desk| {
        desk.raises_risk()?;
        let shown = Shown {
            portfolio: &args.portfolio,
            target: args.target,
            dirs: &[dir],
            predecessors: &[],
            limits: None,
        };
        let (_, basis, _) = gather(desk, &shown)?;
        let hours = i64::from(args.hours);
        let until = match &brought {
            Some(SafetyAct::Override(act)) => act.until,
            _ => desk.now.plus_millis(hours.saturating_mul(HOUR_MS)),
        };
        let evidence = basis.evidence.first();
        Ok(Wanted {
            act: SafetyAct::Override(Override {
                portfolio: args.portfolio.clone(),
                profile: basis.profile.clone(),
                target: args.target,
                criterion: args.criterion.clone(),
                // One directory gives one bundle.
                evidence_sha256: evidence.map_or_else(|| Digest::of(b""), |e| e.evidence_sha256),
                policy_sha256: desk.state.policy.digest(),
                until,
                reason: args.reason.clone(),
            }),
            roles: vec![Role::Risk],
            scope: HaltScope::Portfolio(args.portfolio.clone()),
            blobs: Vec::new(),
        })
    })
}

fn review(args: &ReviewArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    words("finding", &args.finding)?;
    carry_out(context, &args.signing, |desk| {
        desk.raises_risk()?;
        let mut all = desk.state.safety.overrides.iter();
        let found = all
            .find(|o| o.mark.seq == args.entry)
            .ok_or_else(|| failures::refused(&Refusal::NoReviewDue))?;
        let portfolio = found.act.portfolio.clone();
        Ok(Wanted {
            act: SafetyAct::OverrideReview(OverrideReview {
                reviewed: found.mark.leaf,
                portfolio: portfolio.clone(),
                finding: args.finding.clone(),
            }),
            roles: vec![Role::Risk],
            scope: HaltScope::Portfolio(portfolio),
            blobs: Vec::new(),
        })
    })
}

fn list(args: &ListArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = read(context)?;
    let view = override_list::list(&desk, args.portfolio.as_ref());
    if context.global.json || args.format == Format::Json {
        context.print_json(&view)?;
    } else {
        context.print(&override_list::text(&view))?;
    }
    Ok(Exit::Done)
}
