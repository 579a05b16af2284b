//! `promote data check`: the report of `import`, without writing.

use std::path::PathBuf;

use clap::Args;

use super::{DataFormat, ReadingArgs, show};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::market::import::{check_file, check_stored};
use crate::app::market::load_bars;
use crate::app::market::report::Reported;
use crate::cli::commands::gate::open::moment;
use crate::cli::context::Context;

/// Flags of `data check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// CSV or Parquet file; without one the bars of the workspace are checked
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// How to read it.
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: DataFormat,
}

/// Checks a file or the bars of the workspace.
///
/// # Errors
/// Exit 3 when the file is refused, exit 9 when stored bars do not have their digest.
pub fn run(args: &CheckArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let moment = moment(context)?;
    let json = context.global.json || args.format == DataFormat::Json;
    let reported = match (&args.file, &args.reading.symbol) {
        (Some(file), _) => check_file(&context.path(file), &args.reading.reading(), moment)?,
        (None, Some(symbol)) => {
            let workspace = context.workspace()?;
            let stored = load_bars(&workspace, symbol, args.reading.timeframe)?;
            Reported {
                reports: vec![check_stored(&workspace, &stored.series, moment)],
                refusal: None,
            }
        }
        (None, None) => {
            return Err(Failure::new(
                Exit::Usage,
                "usage",
                "name a file, or one symbol of the workspace with --symbol",
            ));
        }
    };
    show::reported(reported, json, context)?;
    Ok(Exit::Done)
}
