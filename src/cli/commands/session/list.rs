//! `promote session list`: sessions and what they cover.

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::tracking;
use crate::cli::commands::gate::{Format, open};
use crate::cli::context::Context;
use crate::kernel::id::PortfolioId;

/// Flags of `session list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Portfolio [default: all]
    pub portfolio: Option<PortfolioId>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl ListArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Lists sessions.
///
/// # Errors
/// Exit 7 when the portfolio is unknown.
pub fn run(args: &ListArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = open::read(context)?;
    let list = tracking::list(&desk, args.portfolio.as_ref())?;
    if context.global.json || args.wants_json() {
        context.print_json(&list)?;
    } else {
        context.print(&tracking::list_text(&list))?;
    }
    Ok(Exit::Done)
}
