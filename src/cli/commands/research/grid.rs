//! What the commands that run a grid, or look at what a grid found, all read before they begin.

use std::path::PathBuf;

use crate::app::config::Config;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::sweep::summary::Costs;
use crate::app::sweep::sweeps;
use crate::app::workspace::Workspace;
use crate::cli::context::Context;
use crate::kernel::id::PortfolioId;
use crate::research::sweep::grid::{Sweep, Sweeps};

/// The sweep `name` of `--sweeps-config`, else of the workspace, else of the shipped ones.
///
/// # Errors
/// Exit 2 for an unknown sweep, exit 3 when the file is missing or wrong.
pub(super) fn sweep(
    name: &str,
    file: Option<&PathBuf>,
    workspace: &Workspace,
    context: &Context<'_, '_>,
) -> Result<Sweep, Failure> {
    let file = file.map(|p| context.path(p));
    let (sweeps, from) = sweeps::sweeps(Some(workspace), file.as_deref())?;
    named(&sweeps, &from, name)
}

/// The sweep `name` among `sweeps`, which are in the file `from`.
///
/// # Errors
/// Exit 2 for an unknown one.
pub(super) fn named(sweeps: &Sweeps, from: &str, name: &str) -> Result<Sweep, Failure> {
    let found = sweeps.sweep(name).map_err(|said| {
        Failure::new(Exit::Usage, "sweep.unknown", said).hint(format!("sweeps are in `{from}`"))
    });
    found.cloned()
}

/// What every trade pays by `--config`, else by the workspace.
///
/// # Errors
/// Exit 3 when the file is missing or wrong.
pub(super) fn costs(
    file: Option<&PathBuf>,
    workspace: &Workspace,
    context: &Context<'_, '_>,
) -> Result<Costs, Failure> {
    let file = file.map(|p| context.path(p));
    let config = Config::load(Some(workspace), file.as_deref())?;
    Ok(Costs {
        slippage: config.slippage_per_side(),
        fee: config.fee,
    })
}

/// For whom the runs of `sweep` count: the portfolio that was named, else that of its own name.
///
/// # Errors
/// Exit 2 when its name is none of a portfolio.
pub(super) fn portfolio(
    named: Option<&PortfolioId>,
    sweep: &Sweep,
) -> Result<PortfolioId, Failure> {
    match named {
        Some(portfolio) => Ok(portfolio.clone()),
        None => PortfolioId::new(sweep.name.as_str())
            .map_err(|e| Failure::from_error(Exit::Usage, "usage", "", &e)),
    }
}
