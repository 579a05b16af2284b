//! `promote evidence show`: a bundle in derived values; its own report files are never shown.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::app::evidence::{load, policies, view};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;
use crate::evidence::derive::derive;

/// Flags of `evidence show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Directory of the bundle
    pub dir: PathBuf,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: ShowFormat,
}

/// Output formats of `evidence show`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShowFormat {
    /// Lines for people.
    Table,
    /// `promote/evidence/v1`.
    Json,
}

impl ShowArgs {
    pub(in crate::cli::commands) fn wants_json(&self) -> bool {
        self.format == ShowFormat::Json
    }
}

/// Shows a bundle.
///
/// # Errors
/// When there is no bundle, or not the one that was produced.
pub fn run(args: &ShowArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let bundle = load(&context.path(&args.dir))?;
    let workspace = context.workspace_or_defaults()?;
    let profile = &bundle.manifest.portfolio.profile;
    let gate = policies::conventions(workspace.as_ref(), profile)?;
    let derived = derive(&bundle, &gate, super::now(context)?);
    if context.global.json || args.wants_json() {
        context.print_json(&view::evidence_json(&args.dir, &bundle, &derived))?;
    } else {
        context.print(&view::text(&args.dir, &bundle, &derived))?;
    }
    for line in view::findings_text(&derived.findings).lines() {
        context.say(line);
    }
    Ok(Exit::Done)
}
