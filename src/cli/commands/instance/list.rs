//! `promote instance list`: which installations may run sessions.

use clap::Args;

use crate::app::access::records::instances;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::gate::{Format, open};
use crate::cli::context::Context;
use crate::render::layout::{self, Bears, columns};
use crate::render::register::holders::EnrolledInstance;

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
    let columns = columns([
        ("instance", Bears::Text),
        ("host", Bears::Text),
        ("environment", Bears::Text),
        ("key", Bears::Key),
        ("entry", Bears::Number),
        ("revoked by", Bears::Note),
    ]);
    let row = |held: &EnrolledInstance| {
        let revoked = held.revoked.map(|seq| format!("entry {seq}"));
        vec![
            held.instance.to_string(),
            held.host.clone(),
            held.environment.to_string(),
            held.key.to_string(),
            held.since.to_string(),
            revoked.unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = list.instances.iter().map(row).collect();
    if !rows.is_empty() {
        context.print(&layout::table(&columns, &rows, context.width()))?;
    }
    if list.instances.is_empty() {
        context.say("no instance is enrolled\nnext: promote instance init NAME");
    }
    Ok(Exit::Done)
}
