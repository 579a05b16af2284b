//! `promote evidence`: check, show and import evidence bundles.

pub mod attest;
pub mod import;
pub mod import_inputs;
pub mod import_session;
pub mod revoke;
pub mod sealing;
pub mod show;
pub mod verify;

use std::path::Path;

use clap::{Args, Subcommand};

use crate::app::evidence::view;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::gate::open::moment;
use crate::cli::context::Context;
use crate::evidence::bundle::CheckedBundle;
use crate::evidence::derive::Derived;
use crate::kernel::time::UtcTime;

/// Flags of `evidence`.
#[derive(Debug, Args)]
pub struct EvidenceArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do with evidence.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Check a bundle's bytes and signature, and derive every number again
    Verify(verify::VerifyArgs),
    /// Show a bundle from its derived values
    Show(show::ShowArgs),
    /// Turn another tool's series into a bundle
    Import(Box<import::ImportArgs>),
    /// Record an independent attestation of a bundle that nobody can run again, where the policy set
    /// allows it (`log attest` is something else: the in-toto statement of a decision)
    Attest(attest::AttestArgs),
    /// Say that a bundle is not believed any more: what rests on it ends or is halted
    Revoke(revoke::RevokeArgs),
}

impl EvidenceArgs {
    pub(super) fn wants_json(&self) -> bool {
        matches!(&self.verb, Verb::Show(args) if args.wants_json())
    }
}

/// Runs `evidence`.
///
/// # Errors
/// What the verb's own `run` says.
pub fn run(args: &EvidenceArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Verify(args) => verify::run(args, context),
        Verb::Show(args) => show::run(args, context),
        Verb::Import(args) => import::run(args, context),
        Verb::Attest(args) => attest::run(args, context),
        Verb::Revoke(args) => revoke::run(args, context),
    }
}

/// Prints a bundle that was written to `out`, and says what was seen in it.
///
/// # Errors
/// When stdout is broken.
pub(in crate::cli) fn told_bundle(
    context: &mut Context<'_, '_>,
    out: &Path,
    checked: &CheckedBundle,
    derived: &Derived,
) -> Result<(), Failure> {
    if context.global.json {
        context.print_json(&view::evidence_json(out, checked, derived))?;
    } else {
        context.print(&view::text(out, checked, derived))?;
    }
    for line in view::findings_text(&derived.findings).lines() {
        context.say(line);
    }
    Ok(())
}

/// The present, as the ledger at hand or the clock has it.
fn now(context: &Context<'_, '_>) -> Result<UtcTime, Failure> {
    moment(context).map(|moment| moment.now)
}
