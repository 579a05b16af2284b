//! `promote status` and `promote inbox`: where everything stands, and what can be done.

use clap::Args;

use super::Format;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::views;
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::kernel::id::PortfolioId;

/// Flags of `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Portfolio [default: all]
    pub portfolio: Option<PortfolioId>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

/// Flags of `inbox`.
#[derive(Debug, Args)]
pub struct InboxArgs {
    /// Only what this role can do
    #[arg(long, value_name = "ROLE")]
    pub role: Option<Role>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl StatusArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

impl InboxArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Shows the state of the portfolios.
///
/// # Errors
/// Exit 7 when the named portfolio is not registered.
pub fn status(args: &StatusArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let shown = super::open::shown(context)?;
    if let Some(portfolio) = &args.portfolio
        && !shown.state.portfolios.contains_key(portfolio)
    {
        let text = format!("`{portfolio}` is not registered: no request has named it yet");
        return Err(Failure::new(Exit::Conflict, "portfolio.unknown", text)
            .hint("`promote status` lists the portfolios"));
    }
    let view = views::status(&shown, args.portfolio.as_ref());
    if context.global.json || args.wants_json() {
        context.print_json(&view)?;
    } else {
        context.print(&views::status_text(&view))?;
    }
    Ok(Exit::Done)
}

/// Shows what can be done.
///
/// # Errors
/// When the ledger cannot be read.
pub fn inbox(args: &InboxArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let shown = super::open::shown(context)?;
    let view = views::inbox(&shown, args.role.map(Role::as_str));
    if context.global.json || args.wants_json() {
        context.print_json(&view)?;
    } else {
        context.print(&views::inbox_text(&view))?;
    }
    Ok(Exit::Done)
}
