//! `promote trial`: sweeps, walk-forwards and batches of any program, counted by the ledger.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::trials;
use crate::cli::commands::gate::recorded::carry_out;
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::commands::gate::{Format, open};
use crate::cli::context::Context;
use crate::governance::promotion::tracks::trial::TrialKind;
use crate::kernel::id::PortfolioId;

/// Flags of `trial`.
#[derive(Debug, Args)]
pub struct TrialArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do with trials.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// A trial starts: counted from here on, whatever becomes of it
    Start(StartArgs),
    /// A trial ends
    End(EndArgs),
    /// Trials, how many runs were started, and how many of them `trials:full` counts
    List(ListArgs),
}

/// Flags of `trial start`.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// Portfolio that it is for
    pub portfolio: PortfolioId,
    /// What is tried
    #[arg(long, value_name = "WHAT")]
    pub what: What,
    /// Runs that start
    #[arg(long, value_name = "N")]
    pub runs: u64,
    /// Record of what is tried, such as the grid; its digest names the trial
    #[arg(long, value_name = "FILE")]
    pub record: PathBuf,
    /// Signature of research
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Parameters over a grid.
    Sweep,
    /// Refitted on windows.
    Walkforward,
    /// Many configurations.
    Batch,
}

/// Flags of `trial end`.
#[derive(Debug, Args)]
pub struct EndArgs {
    /// The record that named the trial at its start
    #[arg(long, value_name = "FILE")]
    pub record: PathBuf,
    /// Runs that finished
    #[arg(long, value_name = "N")]
    pub finished: u64,
    /// Runs that failed
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub failed: u64,
    /// Signature of research
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Flags of `trial list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Portfolio [default: all]
    pub portfolio: Option<PortfolioId>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl TrialArgs {
    pub(super) fn wants_json(&self) -> bool {
        matches!(&self.verb, Verb::List(args) if args.format == Format::Json)
    }
}

/// Runs `trial`.
///
/// # Errors
/// When the record cannot be read, or the act is refused.
pub fn run(args: &TrialArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Start(args) => {
            let record = trials::record_of(&context.path(&args.record))?;
            let what = match args.what {
                What::Sweep => TrialKind::Sweep,
                What::Walkforward => TrialKind::Walkforward,
                What::Batch => TrialKind::Batch,
            };
            carry_out(context, &args.signing, |_| {
                let deed = trials::start(record, args.portfolio.clone(), what, args.runs);
                Ok((record.to_string(), deed))
            })
        }
        Verb::End(args) => {
            let record = trials::record_of(&context.path(&args.record))?;
            carry_out(context, &args.signing, |_| {
                let deed = trials::end(record, args.finished, args.failed);
                Ok((record.to_string(), deed))
            })
        }
        Verb::List(args) => {
            let desk = open::read(context)?;
            let list = trials::list(&desk, args.portfolio.as_ref());
            if context.global.json || args.format == Format::Json {
                context.print_json(&list)?;
            } else {
                context.print(&trials::list_text(&list))?;
            }
            Ok(Exit::Done)
        }
    }
}
