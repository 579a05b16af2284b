//! `promote research`: first looks at portfolios, sweeps of parameters, and what becomes of their best.

mod candidate_args;
pub mod format;
mod grid;
pub mod montecarlo;
pub mod pipeline;
pub mod promote;
pub mod report;
pub mod stress;
pub mod sweep;
pub mod walkforward;

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
    /// Sweep, report, export, walk-forward, Monte-Carlo and stress, one after the other
    Pipeline(Box<pipeline::PipelineArgs>),
    /// Run a named grid of parameters, long or flat; every combination counts as a trial
    Sweep(Box<sweep::SweepArgs>),
    /// Write the report of a sweep that has run
    Report(Box<report::ReportArgs>),
    /// Export the best combinations of a sweep as TOML; no promotion
    Promote(promote::PromoteArgs),
    /// Choose on one window of bars and try on the next, again and again
    Walkforward(Box<walkforward::WalkforwardArgs>),
    /// Draw the best candidates of a sweep again: what chance could have made of them
    Montecarlo(Box<montecarlo::MonteCarloArgs>),
    /// Put the best candidates of a sweep under stress: crashes, gaps, wild and dead times
    Stress(Box<stress::StressArgs>),
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
            Verb::Portfolio(args) => args.wants_json(),
            Verb::Pipeline(args) => args.wants_json(),
            Verb::Sweep(args) => args.wants_json(),
            Verb::Report(args) => args.wants_json(),
            Verb::Promote(args) => args.format == OutputFormat::Json,
            Verb::Walkforward(args) => args.wants_json(),
            Verb::Montecarlo(args) => args.candidates.wants_json(),
            Verb::Stress(args) => args.candidates.wants_json(),
        }
    }
}

/// Runs `research`.
///
/// # Errors
/// What its verbs say.
pub fn run(args: &ResearchArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Portfolio(args) => robustness::run_for(Purpose::Portfolio, args, context),
        Verb::Pipeline(args) => pipeline::run(args, context),
        Verb::Sweep(args) => sweep::run(args, context),
        Verb::Report(args) => report::run(args, context),
        Verb::Promote(args) => promote::run(args, context),
        Verb::Walkforward(args) => walkforward::run(args, context),
        Verb::Montecarlo(args) => montecarlo::run(args, context),
        Verb::Stress(args) => stress::run(args, context),
    }
}
