//! The list of commands, and which file runs each.

pub mod completions;
pub mod config;
#[cfg(feature = "research")]
pub mod data;
pub mod evidence;
pub mod help;
pub mod policy;
#[cfg(feature = "research")]
pub mod presets;
#[cfg(feature = "research")]
pub mod robustness;
pub mod version;

use clap::Subcommand;

use super::context::Context;
use crate::app::exit::Exit;
use crate::app::failure::Failure;

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Help on a topic: `exit-codes`, or a command
    Help(help::HelpArgs),
    /// Market data: import, check, make and list bars
    #[cfg(feature = "research")]
    Data(data::DataArgs),
    /// Settings in force and where they come from
    Config(config::ConfigArgs),
    /// Policies: lint, show, evaluate bare metrics, run test cases
    Policy(policy::PolicyArgs),
    /// Completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Manual page in roff
    Man(completions::ManArgs),
    /// Backtest, walk-forward, Monte-Carlo and stress tests of a preset, as evidence
    #[cfg(feature = "research")]
    Robustness(robustness::RobustnessArgs),
    /// The catalogue of portfolio presets
    #[cfg(feature = "research")]
    Presets(presets::PresetsArgs),
    /// Check, show and import evidence bundles
    Evidence(evidence::EvidenceArgs),
    /// Version, source revision and formats
    Version(version::VersionArgs),
}

impl Command {
    /// True when the command's own `--format` asks for JSON.
    #[must_use]
    pub fn wants_json(&self) -> bool {
        match self {
            Self::Help(_) | Self::Completions(_) | Self::Config(_) | Self::Man(_) => false,
            #[cfg(feature = "research")]
            Self::Robustness(args) => args.wants_json(),
            #[cfg(feature = "research")]
            Self::Presets(args) => args.wants_json(),
            Self::Policy(args) => args.wants_json(),
            Self::Evidence(args) => args.wants_json(),
            #[cfg(feature = "research")]
            Self::Data(args) => args.wants_json(),
            Self::Version(args) => args.wants_json(),
        }
    }
}

/// Runs a command.
pub(super) fn dispatch(command: &Command, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match command {
        Command::Help(args) => help::run(args, context),
        Command::Policy(args) => policy::run(args, context),
        Command::Config(args) => config::run(args, context),
        Command::Completions(args) => completions::run(args, context),
        Command::Man(args) => completions::man(args, context),
        #[cfg(feature = "research")]
        Command::Robustness(args) => robustness::run(args, context),
        #[cfg(feature = "research")]
        Command::Presets(args) => presets::run(args, context),
        Command::Evidence(args) => evidence::run(args, context),
        #[cfg(feature = "research")]
        Command::Data(args) => data::run(args, context),
        Command::Version(args) => version::run(args, context),
    }
}
