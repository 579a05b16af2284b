//! `promote policy`: policies looked at, tested and tried, without a ledger.
//!
//! Everything here judges by the files of the workspace, or by the embedded defaults without one,
//! and writes nothing. What is in force is only what the ledger has published.

mod diff;
mod evaluate;
mod lint;
mod prove;
mod publish;
mod replay;
mod sets;
mod show;
mod test;

use clap::{Args, Subcommand, ValueEnum};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;

/// Flags of `policy`.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    #[command(subcommand)]
    verb: PolicyVerb,
}

#[derive(Debug, Subcommand)]
enum PolicyVerb {
    /// Check policy files; every problem with its line
    Lint(lint::LintArgs),
    /// Show the criteria of the policies
    Show(show::ShowArgs),
    /// Judge bare metrics; writes nothing
    Evaluate(evaluate::EvaluateArgs),
    /// Run policy test cases
    Test(test::TestArgs),
    /// What changes between two sets, and whether it tightens or loosens
    Diff(diff::DiffArgs),
    /// Prove what a set guarantees: verdicts with witnesses, monotony, no dead criterion, two persons
    Prove(prove::ProveArgs),
    /// Judge every past decision again by another set; lists those that would flip
    Replay(replay::ReplayArgs),
    /// Bring a set into force: a tightening with one risk signature, else LIVE quorum and roots
    Publish(publish::PublishArgs),
}

/// Formats of the reading commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableOrJson {
    /// For people.
    Table,
    /// For programs.
    Json,
}

impl PolicyArgs {
    pub(super) fn wants_json(&self) -> bool {
        match &self.verb {
            PolicyVerb::Lint(args) => args.format == TableOrJson::Json,
            PolicyVerb::Show(args) => args.format == TableOrJson::Json,
            PolicyVerb::Evaluate(args) => args.format == TableOrJson::Json,
            PolicyVerb::Test(args) => args.format == test::TestFormat::Json,
            PolicyVerb::Diff(args) => args.format == TableOrJson::Json,
            PolicyVerb::Prove(args) => args.format == TableOrJson::Json,
            PolicyVerb::Replay(args) => args.format == TableOrJson::Json,
            PolicyVerb::Publish(_) => false,
        }
    }
}

/// Runs `policy`.
///
/// # Errors
/// Exit 3 for invalid files.
pub fn run(args: &PolicyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        PolicyVerb::Lint(args) => lint::run(args, context),
        PolicyVerb::Show(args) => show::run(args, context),
        PolicyVerb::Evaluate(args) => evaluate::run(args, context),
        PolicyVerb::Test(args) => test::run(args, context),
        PolicyVerb::Diff(args) => diff::run(args, context),
        PolicyVerb::Prove(args) => prove::run(args, context),
        PolicyVerb::Replay(args) => replay::run(args, context),
        PolicyVerb::Publish(args) => publish::run(args, context),
    }
}

fn json(format: TableOrJson, context: &Context<'_, '_>) -> bool {
    format == TableOrJson::Json || context.global.json
}
