//! `promote ledger show`: the entries, or one of them.

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::ledger_view;
use crate::cli::commands::gate::{Format, open};
use crate::cli::context::Context;

/// Flags of `ledger show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Position of the entry [default: all of them, one line each]
    pub seq: Option<u64>,
    /// The entry's stored bytes and nothing else: SHA-256 of a zero byte and these is its leaf hash
    #[arg(long, requires = "seq", conflicts_with = "format")]
    pub raw: bool,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl ShowArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Shows entries.
///
/// # Errors
/// When the ledger cannot be read or has no such entry.
pub fn run(args: &ShowArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = open::read(context)?;
    if let (true, Some(seq)) = (args.raw, args.seq) {
        // Canonical bytes hold no control or format character.
        let entry = ledger_view::entry(&desk, seq)?;
        context.print(&String::from_utf8_lossy(&entry.data))?;
        return Ok(Exit::Done);
    }
    let view = ledger_view::ledger_json(&desk, args.seq)?;
    if context.global.json || args.wants_json() {
        context.print_json(&view)?;
    } else {
        context.print(&ledger_view::ledger_text(&view, args.seq.is_some()))?;
    }
    Ok(Exit::Done)
}
