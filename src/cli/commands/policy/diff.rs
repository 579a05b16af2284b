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
    /// Sets: the old one and the new one, or the new one alone, held against what is published:
    /// `published`, `drafts`, `shipped`, a folder, or one file of a set [default: published drafts]
    #[arg(value_name = "SET", num_args = 0..=2)]
    sets: Vec<String>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub(super) format: TableOrJson,
}

pub(super) fn run(args: &DiffArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let (old_word, new_word) = match args.sets.as_slice() {
        [old, new, ..] => (old.as_str(), new.as_str()),
        [new] => (sets::PUBLISHED, new.as_str()),
        [] => (sets::PUBLISHED, sets::DRAFTS),
    };
    let old = sets::set(old_word, context)?;
    let new = sets::set(new_word, context)?;
    let diff = diff(&old, &new);
    if json(args.format, context) {
        context.print_json(&DiffJson::new(diff))?;
    } else {
        let line = sets::from_to((old_word, &old.digest()), (new_word, &new.digest()));
        context.print(&format!("{line}{}", text(&diff)))?;
    }
    Ok(Exit::Done)
}
