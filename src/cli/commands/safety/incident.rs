//! `promote incident open|close|list`: ops opens, risk closes.

use clap::{Args, Subcommand};

use super::{Wanted, carry_out, words};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::failures;
use crate::app::gate::incidents;
use crate::cli::commands::gate::Format;
use crate::cli::commands::gate::open::read;
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::safety::SafetyAct;
use crate::governance::promotion::safety::halt::HaltScope;
use crate::governance::promotion::safety::incident::{
    IncidentClass, IncidentClosing, IncidentOpening, Severity,
};
use crate::kernel::id::PortfolioId;

/// Flags of `incident`.
#[derive(Debug, Args)]
pub struct IncidentArgs {
    /// What to do
    #[command(subcommand)]
    pub command: IncidentCommand,
}

/// Verbs of `incident`.
#[derive(Debug, Subcommand)]
pub enum IncidentCommand {
    /// Open one: low blocks promotion, medium halts, high halts and demotes to SHADOW
    Open(OpenArgs),
    /// Close one; lifts neither halt nor demotion
    Close(CloseArgs),
    /// Every incident
    List(ListArgs),
}

/// Flags of `incident open`.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// Portfolio
    pub portfolio: PortfolioId,
    /// What: `pnl_divergence`, `data_gap`, `risk_limit`, `exchange` or `other`
    #[arg(long, value_name = "CLASS")]
    pub class: IncidentClass,
    /// How bad: `low`, `medium` or `high`
    #[arg(long, value_name = "SEVERITY")]
    pub severity: Severity,
    /// In words
    #[arg(long, value_name = "TEXT")]
    pub summary: String,
    /// Signature: of ops
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Flags of `incident close`.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// Number of the entry that opened it
    pub incident: u64,
    /// What was found and done
    #[arg(long, value_name = "TEXT")]
    pub finding: String,
    /// Signature: of risk
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Flags of `incident list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only of this portfolio
    #[arg(long, value_name = "PORTFOLIO")]
    pub portfolio: Option<PortfolioId>,
    /// Only those that are open
    #[arg(long)]
    pub open: bool,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl IncidentArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        matches!(&self.command, IncidentCommand::List(list) if list.format == Format::Json)
    }
}

/// Runs a verb.
///
/// # Errors
/// When it is refused, or the ledger cannot be read.
pub fn run(args: &IncidentArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.command {
        IncidentCommand::Open(args) => open(args, context),
        IncidentCommand::Close(args) => close(args, context),
        IncidentCommand::List(args) => list(args, context),
    }
}

fn open(args: &OpenArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    words("summary", &args.summary)?;
    carry_out(context, &args.signing, |_| {
        Ok(Wanted {
            act: SafetyAct::IncidentOpening(IncidentOpening {
                portfolio: args.portfolio.clone(),
                class: args.class,
                severity: args.severity,
                summary: args.summary.clone(),
            }),
            roles: vec![Role::Ops],
            scope: HaltScope::Portfolio(args.portfolio.clone()),
            blobs: Vec::new(),
        })
    })
}

fn close(args: &CloseArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    words("finding", &args.finding)?;
    carry_out(context, &args.signing, |desk| {
        desk.raises_risk()?;
        let mut incidents = desk.state.safety.incidents.iter();
        let found = incidents
            .find(|i| i.mark.seq == args.incident && i.closed.is_none())
            .ok_or_else(|| failures::refused(&Refusal::NoSuchIncident))?;
        let portfolio = found.opening.portfolio.clone();
        Ok(Wanted {
            act: SafetyAct::IncidentClosing(IncidentClosing {
                incident: found.mark.leaf,
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
    let view = incidents::list(&desk, args.portfolio.as_ref(), args.open);
    if context.global.json || args.format == Format::Json {
        context.print_json(&view)?;
    } else {
        context.print(&incidents::text(&view))?;
    }
    Ok(Exit::Done)
}
