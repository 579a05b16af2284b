//! `promote policy replay`: every past decision judged again by another set. Writes nothing.

use clap::Args;

use super::{TableOrJson, json, sets};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::publish::flips_text;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::governance::promotion::oversight::replay::replay;

/// Flags of `policy replay`.
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// Set that judges again: a folder, one file of a set, `drafts` or `shipped`
    #[arg(default_value = sets::DRAFTS)]
    new: String,
    /// Output format
    #[arg(long, default_value = "table")]
    pub(super) format: TableOrJson,
}

pub(super) fn run(args: &ReplayArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let new = sets::set(&args.new, context)?;
    let desk = open::read(context)?;
    let table = replay(&desk.state, &new);
    if json(args.format, context) {
        context.print_json(&table)?;
    } else {
        context.print(&flips_text(&table))?;
    }
    Ok(Exit::Done)
}
