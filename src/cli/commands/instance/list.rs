//! `promote instance list`: which installations may run sessions.

use clap::Args;

use crate::app::access::records::instances;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::gate::{Format, open};
use crate::cli::context::Context;

/// Flags of `instance list`.
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

/// Lists the instances.
///
/// # Errors
/// When the ledger cannot be read.
pub fn run(args: &ListArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = open::read(context)?;
    let list = instances(&desk.state);
    if context.global.json || args.wants_json() {
        context.print_json(&list)?;
        return Ok(Exit::Done);
    }
    for held in &list.instances {
        let revoked = held
            .revoked
            .map(|seq| format!("  revoked by entry {seq}"))
            .unwrap_or_default();
        context.print(&format!(
            "{:<20}  {:<30}  {:<10}  {}  entry {}{revoked}\n",
            held.instance.as_str(),
            held.host,
            held.environment,
            held.key,
            held.since
        ))?;
    }
    if list.instances.is_empty() {
        context.say("no instance is enrolled\nnext: promote instance init NAME");
    }
    Ok(Exit::Done)
}
