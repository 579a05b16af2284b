//! `promote as-of`: a portfolio as it stood at a time.

use clap::Args;

use super::Format;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::as_of;
use crate::app::runtime::block_on;
use crate::cli::context::Context;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;

/// Flags of `as-of`.
#[derive(Debug, Args)]
pub struct AsOfArgs {
    /// RFC 3339, or a date for its first moment (UTC); not before the ledger and not after now
    pub time: String,
    /// Portfolio
    pub portfolio: PortfolioId,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl AsOfArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Shows the portfolio as it stood.
///
/// # Errors
/// Exit 2 when the time is none; exit 7 when it lies outside the ledger's, or the portfolio was not
/// registered then.
pub fn run(args: &AsOfArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let time = UtcTime::parse_loose(&args.time).map_err(|e| {
        Failure::from_error(Exit::Usage, "usage.time", "", &e)
            .hint("a date works too, as 2026-01-31 for its first moment")
    })?;
    let mut desk = super::open::read(context)?;
    let view = block_on(as_of::view(&mut desk, time, &args.portfolio))?;
    if context.global.json || args.wants_json() {
        context.print_json(&view)?;
    } else {
        context.print(&as_of::text(&view))?;
    }
    Ok(Exit::Done)
}
