//! The words: global flags and the list of commands. Each command's own flags stand in its file.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

pub use super::commands::Command;

/// Governance-first promotion of trading portfolios.
#[derive(Debug, Parser)]
#[command(
    name = "promote",
    version,
    about,
    long_about = "Gates every trading portfolio on threshold policies that are judged on recomputed \
                  evidence, records signed approvals in an append-only ledger, and keeps a decision \
                  log that anyone can check.",
    after_help = "Start with `promote demo`. Exit codes: `promote help exit-codes`.",
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Workspace: a folder with config/config.toml and policies/ [default: found upward from here]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global")]
    pub root: Option<PathBuf>,
    /// Ledger [default: sqlite:ledger/ledger.db in the workspace]
    #[arg(long, global = true, value_name = "URL", help_heading = "Global")]
    pub ledger: Option<String>,
    /// Language of exported documents
    #[arg(long, global = true, value_name = "LANG", help_heading = "Global")]
    pub lang: Option<Lang>,
    /// Colours on stderr
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Global"
    )]
    pub color: Color,
    /// Never ask; what a prompt would ask is a required flag
    #[arg(long, global = true, help_heading = "Global")]
    pub no_input: bool,
    /// JSON on stdout
    #[arg(long, global = true, help_heading = "Global")]
    pub json: bool,
    /// More messages on stderr
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global")]
    pub verbose: u8,
    /// The present time, in sandbox ledgers only
    #[arg(long, global = true, value_name = "RFC3339", help_heading = "Global")]
    pub now: Option<String>,
}

/// Language of exported documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// German, the playbook's language.
    De,
    /// English.
    En,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Lang {
    /// `de` or `en`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }
}

impl Cli {
    /// True when errors are wanted as JSON too.
    #[must_use]
    pub fn wants_json(&self) -> bool {
        self.global.json || self.command.wants_json()
    }
}
