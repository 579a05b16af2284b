//! `promote research`: sweeps of parameters, the export of the best, and walk-forwards.

pub mod promote;
pub mod sweep;
pub mod walkforward;

use clap::{Args, Subcommand, ValueEnum};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;

/// Flags of `research`.
#[derive(Debug, Args)]
pub struct ResearchArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What `research` can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a named grid of parameters, long or flat; every combination counts as a trial
    Sweep(Box<sweep::SweepArgs>),
    /// Export the best combinations of a sweep as TOML; no promotion
    Promote(promote::PromoteArgs),
    /// Choose on one window and try on the next, again and again; every combination counts as a trial
    Walkforward(Box<walkforward::WalkforwardArgs>),
}

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}

impl ResearchArgs {
    pub(super) fn wants_json(&self) -> bool {
        match &self.verb {
            Verb::Sweep(args) => args.format == OutputFormat::Json,
            Verb::Promote(args) => args.format == OutputFormat::Json,
            Verb::Walkforward(args) => args.wants_json(),
        }
    }
}

/// Runs `research`.
///
/// # Errors
/// What its verbs say.
pub fn run(args: &ResearchArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Sweep(args) => sweep::run(args, context),
        Verb::Promote(args) => promote::run(args, context),
        Verb::Walkforward(args) => walkforward::run(args, context),
    }
}
