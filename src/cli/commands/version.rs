//! `promote version`: what exactly is running.

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;

/// Flags of `version`.
#[derive(Debug, Args)]
pub struct VersionArgs {
    /// Output format
    #[arg(long, default_value = "text")]
    pub format: VersionFormat,
}

/// Output formats of `version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VersionFormat {
    /// One line.
    Text,
    /// `promote/version/v1`.
    Json,
}

impl VersionArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == VersionFormat::Json
    }
}

/// `promote/version/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct VersionJson {
    schema: &'static str,
    version: &'static str,
    commit: &'static str,
    research: bool,
}

/// Source revision that the binary was built from, or `unknown`.
pub const COMMIT: &str = match option_env!("PROMOTE_COMMIT") {
    Some(commit) => commit,
    None => "unknown",
};

/// Prints the version.
///
/// # Errors
/// When stdout is broken.
pub fn run(args: &VersionArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let version = VersionJson {
        schema: "promote/version/v1",
        version: env!("CARGO_PKG_VERSION"),
        commit: COMMIT,
        research: cfg!(feature = "research"),
    };
    if context.global.json || args.wants_json() {
        context.print_json(&version)?;
    } else {
        let research = if version.research { "with" } else { "without" };
        context.print(&format!(
            "promote {} (commit {}, {research} research)\n",
            version.version, version.commit
        ))?;
    }
    Ok(Exit::Done)
}
