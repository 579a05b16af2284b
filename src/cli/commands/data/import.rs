//! `promote data import`: bars of a file into the workspace.

use std::path::PathBuf;

use clap::Args;

use super::{DataFormat, ReadingArgs, show};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::market::import::import_file;
use crate::app::market::store::Replace;
use crate::cli::commands::gate::open::moment;
use crate::cli::context::Context;

/// Flags of `data import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// CSV or Parquet file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How to read it.
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// Put the bars in the place of different ones
    #[arg(long)]
    pub replace: bool,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: DataFormat,
}

/// Imports a file.
///
/// # Errors
/// Exit 3 without workspace or when the file is refused, exit 7 when other bars are in the way.
pub fn run(args: &ImportArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let workspace = context.workspace()?;
    let replace = if args.replace {
        Replace::Yes
    } else {
        Replace::No
    };
    let moment = moment(context)?;
    let path = context.path(&args.file);
    let reported = import_file(&workspace, &path, &args.reading.reading(), replace, moment)?;
    let json = context.global.json || args.format == DataFormat::Json;
    show::reported(reported, json, context)?;
    context.say("next: promote data list");
    Ok(Exit::Done)
}
