//! `promote resume`: lifts the halt that it names; risk and ops sign, two persons.

use clap::Args;

use super::{Wanted, carry_out, words};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::failures;
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::safety::SafetyAct;
use crate::governance::promotion::safety::halt::HaltScope;
use crate::governance::promotion::safety::resume::Resume;
use crate::kernel::id::PortfolioId;

/// Flags of `resume`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// Number of the entry that the halt stands on
    #[arg(long, value_name = "SEQ")]
    pub halt: u64,
    /// Which portfolio's, where one entry halts several
    #[arg(long, value_name = "PORTFOLIO")]
    pub portfolio: Option<PortfolioId>,
    /// Why it may go on
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Signatures: of risk and of ops
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Resumes.
///
/// # Errors
/// When it is refused.
pub fn run(args: &ResumeArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    words("reason", &args.reason)?;
    carry_out(context, &args.signing, |desk| {
        desk.raises_risk()?;
        let named = args.portfolio.clone().map(HaltScope::Portfolio);
        let halts = &desk.state.safety.halts;
        let record = halts
            .iter()
            .filter(|h| h.seq == args.halt && h.resumed.is_none())
            .find(|h| named.as_ref().is_none_or(|named| *named == h.scope))
            .ok_or_else(|| failures::refused(&Refusal::NoSuchHalt))?;
        Ok(Wanted {
            act: SafetyAct::Resume(Resume {
                halt: record.leaf,
                scope: record.scope.clone(),
                reason: args.reason.clone(),
            }),
            roles: vec![Role::Risk, Role::Ops],
            scope: record.scope.clone(),
            blobs: Vec::new(),
        })
    })
}
