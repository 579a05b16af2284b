//! `promote recertify`: the present stage shown again, signed by its quorum.

use std::path::PathBuf;

use clap::Args;

use super::{Wanted, carry_out, words};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::book::Book;
use crate::app::gate::recertify::{Ask, word};
use crate::app::runtime::block_on;
use crate::cli::commands::gate::open::read;
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::governance::promotion::safety::SafetyAct;
use crate::governance::promotion::safety::halt::HaltScope;
use crate::kernel::id::PortfolioId;

/// Flags of `recertify`.
#[derive(Debug, Args)]
pub struct RecertifyArgs {
    /// Portfolio
    pub portfolio: PortfolioId,
    /// Evidence bundle; one robustness or import bundle, and one of the running session where the
    /// stage has one
    #[arg(long, value_name = "DIR", required = true)]
    pub evidence: Vec<PathBuf>,
    /// Execution limits as JSON, where the stage was granted with others than the bundle's
    #[arg(long, value_name = "FILE")]
    pub limits: Option<PathBuf>,
    /// In words
    #[arg(long, value_name = "TEXT")]
    pub summary: String,
    /// Signatures: of the quorum of the present stage
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Recertifies; exit 5 or 6 when the criteria of the stage are not met.
///
/// # Errors
/// When it is refused.
pub fn run(args: &RecertifyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    words("summary", &args.summary)?;
    let how = args.signing.how(context)?;
    let ask = Ask {
        portfolio: args.portfolio.clone(),
        evidence: args.evidence.iter().map(|dir| context.path(dir)).collect(),
        limits: args.limits.as_ref().map(|file| context.path(file)),
        summary: args.summary.clone(),
    };
    let mut before = read(context)?;
    let live = block_on(Book::now(&mut before, &args.portfolio))?;
    drop(before);
    carry_out(context, &args.signing, |desk| {
        desk.raises_risk()?;
        let worded = word(desk, &ask, &how, &live)?;
        Ok(Wanted {
            act: SafetyAct::Recertification(Box::new(worded.act)),
            roles: worded.roles,
            scope: HaltScope::Portfolio(args.portfolio.clone()),
            blobs: worded.blobs,
        })
    })
}
