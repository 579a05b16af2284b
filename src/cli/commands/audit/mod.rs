//! `promote audit`: what auditors and supervisors ask for.

pub mod assessment;
pub mod bundle;
pub mod controls;
pub mod in_toto;
pub mod verify;

use clap::{Args, Subcommand, ValueEnum};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::args::Lang;
use crate::cli::commands::gate::Format;
use crate::cli::context::Context;
use crate::render::decision_log::Language;

/// Flags of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// What laws, supervisors and house rules ask for, and what here answers it
    Controls(controls::ControlsArgs),
    /// One year of the ledger, control by control, with every exception
    SelfAssessment(assessment::AssessmentArgs),
    /// Everything that the ledger holds about one portfolio, with the proof that nothing was left out
    Bundle(bundle::BundleArgs),
    /// Check such a pack, offline and without a ledger
    Verify(verify::VerifyArgs),
}

/// Formats of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DocumentFormat {
    /// For people.
    #[value(alias = "md")]
    Markdown,
    /// For programs.
    Json,
}

impl AuditArgs {
    pub(super) fn wants_json(&self) -> bool {
        match &self.verb {
            Verb::Controls(args) => args.format == Format::Json,
            Verb::SelfAssessment(args) => args.format == DocumentFormat::Json,
            Verb::Bundle(_) => false,
            Verb::Verify(args) => args.format == Format::Json,
        }
    }
}

/// Runs `audit`.
///
/// # Errors
/// What the verb says.
pub fn run(args: &AuditArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Controls(args) => controls::run(args, context),
        Verb::SelfAssessment(args) => assessment::run(args, context),
        Verb::Bundle(args) => bundle::run(args, context),
        Verb::Verify(args) => verify::run(args, context),
    }
}

/// Language of exported documents.
fn language(context: &Context<'_, '_>) -> Language {
    match context.lang() {
        Lang::De => Language::De,
        Lang::En => Language::En,
    }
}
