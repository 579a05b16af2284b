//! `promote key list`: whose keys count in this ledger.

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::key_list::{keys, text};
use crate::cli::commands::gate::{Format, open};
use crate::cli::context::Context;

/// Flags of `key list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl ListArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Lists the keys.
///
/// # Errors
/// When the ledger cannot be read.
pub fn run(args: &ListArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = open::read(context)?;
    let keys = keys(&desk.state);
    if context.global.json || args.wants_json() {
        context.print_json(&keys)?;
    } else {
        context.print(&text(&keys, context.width()))?;
    }
    Ok(Exit::Done)
}
