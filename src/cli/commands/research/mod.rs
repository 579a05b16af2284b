//! `promote research`: first looks at portfolios, sweeps of parameters, and the export of the best.

pub mod promote;
pub mod sweep;

use clap::{Args, Subcommand, ValueEnum};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::robustness::Purpose;
use crate::cli::commands::robustness::{self, RobustnessArgs};
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
    /// Backtest a preset, with its reports: the first look, as evidence like that of `robustness`
    Portfolio(Box<RobustnessArgs>),
    /// Run a named grid of parameters, long or flat; every combination counts as a trial
    Sweep(Box<sweep::SweepArgs>),
    /// Export the best combinations of a sweep as TOML; no promotion
    Promote(promote::PromoteArgs),
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
        let format = match &self.verb {
            Verb::Portfolio(args) => return args.wants_json(),
            Verb::Sweep(args) => args.format,
            Verb::Promote(args) => args.format,
        };
        format == OutputFormat::Json
    }
}

/// Runs `research`.
///
/// # Errors
/// What its verbs say.
pub fn run(args: &ResearchArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Portfolio(args) => robustness::run_for(Purpose::Portfolio, args, context),
        Verb::Sweep(args) => sweep::run(args, context),
        Verb::Promote(args) => promote::run(args, context),
    }
}
