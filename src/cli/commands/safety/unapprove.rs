//! `promote unapprove`: a signer takes an approval back, also one that nobody has brought yet.

use std::path::PathBuf;

use clap::Args;

use super::{Wanted, carry_out, words};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::gate::desk::Desk;
use crate::app::gate::failures;
use crate::app::gate::signing::{How, Made, person_of, publics_of, read_back};
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::safety::SafetyAct;
use crate::governance::promotion::safety::halt::HaltScope;
use crate::governance::promotion::safety::unapproval::Unapproval;
use crate::kernel::digest::Digest;
use crate::kernel::id::RequestId;
use crate::kernel::pubkey::Fingerprint;

/// Flags of `unapprove`.
#[derive(Debug, Args)]
pub struct UnapproveArgs {
    /// Request
    pub request: RequestId,
    /// Statement file of an approval that the ledger does not have [default: the approval that
    /// the ledger has]
    #[arg(long, value_name = "FILE")]
    pub approval: Option<PathBuf>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Signature: of who approved
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Takes the approval back.
///
/// # Errors
/// When it is refused, or there is no approval by this key.
pub fn run(args: &UnapproveArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    words("reason", &args.reason)?;
    let how = args.signing.how(context)?;
    let file = args.approval.as_deref().map(|file| context.path(file));
    carry_out(context, &args.signing, |desk| {
        let record = desk.request(&args.request)?;
        let portfolio = record.request.portfolio.clone();
        let approval = match file {
            Some(file) => {
                let bytes = std::fs::read(&file).map_err(|e| failure::io("read", &file, &e))?;
                Digest::of(&bytes)
            }
            None => own(desk, &args.request, &how)?,
        };
        Ok(Wanted {
            act: SafetyAct::Unapproval(Unapproval {
                approval,
                request: args.request.clone(),
                reason: args.reason.clone(),
            }),
            roles: Role::ALL.to_vec(),
            scope: HaltScope::Portfolio(portfolio),
            blobs: Vec::new(),
        })
    })
}

fn signer(how: &How) -> Result<Fingerprint, Failure> {
    if let Some(key) = publics_of(how)?.and_then(|keys| keys.first().copied()) {
        return Ok(key.fingerprint());
    }
    match read_back(how)? {
        Made::Signed(signed) => Ok(signed.statement.signer.key),
        Made::Written { .. } => Err(Failure::new(Exit::Usage, "usage.key", "a key is wanted")),
    }
}

/// The last approval of `request` by the owner of the key that signs.
fn own(desk: &Desk, request: &RequestId, how: &How) -> Result<Digest, Failure> {
    let person = person_of(&desk.state, &signer(how)?)?;
    let approvals = desk.state.safety.approvals.iter();
    let voided = &desk.state.safety.voided;
    let mut own = approvals
        .filter(|(_, given)| given.request == *request && given.person == person)
        .filter(|(digest, _)| !voided.contains(&(**digest, person.clone())));
    own.next().map(|(digest, _)| *digest).ok_or_else(|| {
        failures::refused(&Refusal::NotOwnApproval {
            person: person.clone(),
        })
        .hint("an approval that was never brought is named with --approval FILE")
    })
}
