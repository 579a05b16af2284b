//! `promote policy diff`: what changes between two policy sets, and whether it tightens or loosens.

use clap::Args;

use super::{TableOrJson, json, sets};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;
use crate::governance::policy::diff::diff;
use crate::render::policy::diff::{DiffJson, text};

/// Flags of `policy diff`.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// Old set: `published`, `drafts`, `shipped`, a folder, or one file of a set
    #[arg(default_value = sets::PUBLISHED)]
    old: String,
    /// New set, named in the same way
    #[arg(default_value = sets::DRAFTS)]
    new: String,
    /// Output format
    #[arg(long, default_value = "table")]
    pub(super) format: TableOrJson,
}

pub(super) fn run(args: &DiffArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let old = sets::set(&args.old, context)?;
    let new = sets::set(&args.new, context)?;
    let diff = diff(&old, &new);
    if json(args.format, context) {
        context.print_json(&DiffJson::new(diff))?;
    } else {
        context.print(&text(&diff))?;
    }
    Ok(Exit::Done)
}
