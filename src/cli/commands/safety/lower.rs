//! `promote demote` and `promote retire`: a stage taken away at once.

use clap::Args;

use super::{Wanted, carry_out, words};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::safety::SafetyAct;
use crate::governance::promotion::safety::halt::HaltScope;
use crate::governance::promotion::safety::lowering::{Demotion, Retirement};
use crate::governance::stage::Stage;
use crate::kernel::id::PortfolioId;

/// Flags of `demote`.
#[derive(Debug, Args)]
pub struct DemoteArgs {
    /// Portfolio
    pub portfolio: PortfolioId,
    /// The lower stage: `research`, `shadow` or `testnet`
    #[arg(long, value_name = "STAGE", value_parser = lower_stage)]
    pub to: Stage,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Signature: of ops or risk
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Flags of `retire`.
#[derive(Debug, Args)]
pub struct RetireArgs {
    /// Portfolio
    pub portfolio: PortfolioId,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Signature: of ops or risk
    #[command(flatten)]
    pub signing: SigningArgs,
}

fn lower_stage(text: &str) -> Result<Stage, String> {
    match text {
        "research" => Ok(Stage::Research),
        "shadow" => Ok(Stage::Shadow),
        "testnet" => Ok(Stage::Testnet),
        _ => Err("research, shadow or testnet is wanted".to_owned()),
    }
}

fn wanted(act: SafetyAct, portfolio: &PortfolioId) -> Wanted {
    Wanted {
        act,
        roles: vec![Role::Ops, Role::Risk],
        scope: HaltScope::Portfolio(portfolio.clone()),
        blobs: Vec::new(),
    }
}

/// Demotes.
///
/// # Errors
/// When it is refused.
pub fn demote(args: &DemoteArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    words("reason", &args.reason)?;
    let act = SafetyAct::Demotion(Demotion {
        portfolio: args.portfolio.clone(),
        to: args.to,
        reason: args.reason.clone(),
    });
    carry_out(context, &args.signing, |_| Ok(wanted(act, &args.portfolio)))
}

/// Retires, for good.
///
/// # Errors
/// When it is refused.
pub fn retire(args: &RetireArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    words("reason", &args.reason)?;
    let act = SafetyAct::Retirement(Retirement {
        portfolio: args.portfolio.clone(),
        reason: args.reason.clone(),
    });
    carry_out(context, &args.signing, |_| Ok(wanted(act, &args.portfolio)))
}
