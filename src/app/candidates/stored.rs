//! The ground of a sweep that ran: its results, and the same bars again.

use std::path::Path;

use super::{Behind, Ground, Origin};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::market::load_bars;
use crate::app::sweep::results::{Results, results};
use crate::app::sweep::summary::{Costs, Grid, Summary};
use crate::app::workspace::Workspace;
use crate::kernel::id::StrategyId;
use crate::research::market::{BarSeries, Symbol, Timeframe};
use crate::research::sweep::ranking::Figure;

/// The ground of the results of the sweep `name`. `said` is what the user says that grid and costs
/// are.
pub(super) fn ground(
    workspace: &Workspace,
    name: &StrategyId,
    from: Option<&Path>,
    said: (Option<&Grid>, Option<&Costs>),
    figure: Option<Figure>,
) -> Result<Ground, Failure> {
    let found = results(workspace, name, from)?;
    let summary = &found.summary;
    check_said(summary, said)?;
    let figure = match figure {
        Some(figure) => figure,
        None => Figure::named(&summary.metric).ok_or_else(|| {
            let said = format!("the results of `{name}` are ranked by a figure unknown here");
            Failure::new(Exit::Invalid, "sweep.summary", said)
        })?,
    };
    let series = bars(workspace, summary)?;
    let table = found.table()?;
    Ok(of(found, figure, series, table))
}

fn of(
    found: Results,
    figure: Figure,
    series: BarSeries,
    table: crate::app::sweep::rows::Table,
) -> Ground {
    let summary = found.summary;
    Ground {
        origin: Some(Origin {
            run_sha256: summary.run_sha256,
            results_sha256: summary.results_sha256,
            produced_at: summary.produced_at,
            command: summary.command,
        }),
        behind: Behind {
            portfolio: Some(summary.trials.portfolio),
            runs: summary.trials.runs,
            earlier: summary.trials.earlier,
        },
        grid: summary.sweep,
        data: summary.data,
        costs: summary.costs,
        without_skill: summary.sharpe_without_skill,
        figure,
        series,
        at: table.at,
        rows: table.rows,
    }
}

/// What the user names must be what the sweep ran with.
fn check_said(summary: &Summary, said: (Option<&Grid>, Option<&Costs>)) -> Result<(), Failure> {
    let name = &summary.sweep.name;
    let other = |what: &str| {
        let said = format!("the newest results of the sweep `{name}` are of {what}");
        Failure::new(Exit::Invalid, "sweep.other", said)
            .hint(format!("run it again: `{}`", summary.command))
    };
    let (grid, costs) = said;
    if grid.is_some_and(|grid| *grid != summary.sweep) {
        return Err(other("another grid than --sweeps-config says"));
    }
    if costs.is_some_and(|costs| *costs != summary.costs) {
        return Err(other("other costs than --config says"));
    }
    Ok(())
}

/// The bars that the sweep ran on.
fn bars(workspace: &Workspace, summary: &Summary) -> Result<BarSeries, Failure> {
    let data = &summary.data;
    let unreadable = |error: &dyn std::error::Error| {
        let doing = "the summary of the sweep names bars that do not exist";
        Failure::from_error(Exit::Invalid, "sweep.summary", doing, error)
    };
    let symbol: Symbol = data.symbol.parse().map_err(|e| unreadable(&e))?;
    let timeframe: Timeframe = data.timeframe.parse().map_err(|e| unreadable(&e))?;
    let stored = load_bars(workspace, &symbol, timeframe)?.series;
    let after = data.last.plus_millis(1);
    let series = stored.between(Some(data.first), Some(after));
    if series.sha256() == data.sha256 {
        return Ok(series);
    }
    let said = format!(
        "the bars of {symbol} {timeframe} are no longer those that the sweep `{}` ran on",
        summary.sweep.name
    );
    Err(Failure::new(Exit::Invalid, "sweep.bars", said)
        .hint(format!("run the sweep on them: `{}`", summary.command)))
}
