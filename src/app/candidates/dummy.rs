//! The ground of a sweep on invented bars: for trying a command out where no market data is at hand.
//!
//! The bars are hourly ones of BTC/EUR, see `app::market::invented`. The grid runs on them here and now;
//! no ledger is told, and nothing is learned about any market.

use super::{Behind, Ground};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::market::invented;
use crate::app::market::year::year;
use crate::app::sweep::summary::{Costs, Data, Grid, decimal};
use crate::app::sweep::sweeps;
use crate::research::sweep::grid::Sweep;
use crate::research::sweep::ground;
use crate::research::sweep::luck::best_without_skill;
use crate::research::sweep::ranking::Figure;
use crate::research::sweep::run::run;

/// What is invented: the bars that the playbook's sweeps run on.
const SYMBOL: &str = "BTC/EUR";
const TIMEFRAME: &str = "1h";

/// Plans `sweep`, invents `bars` bars and runs the plan on them.
pub(super) fn ground(
    sweep: &Sweep,
    bars: u32,
    costs: &Costs,
    figure: Option<Figure>,
) -> Result<Ground, Failure> {
    let plan = sweeps::plan(sweep, None)?;
    let needed = plan.warm_up() + 2;
    let named = (SYMBOL.parse(), TIMEFRAME.parse());
    let (Ok(symbol), Ok(timeframe)) = named else {
        return Err(Failure::new(Exit::Internal, "data.synth", "no such bars"));
    };
    let series = invented::series(&symbol, timeframe, bars)?;
    let data = Data::of(&series).filter(|data| data.bars >= needed as u64);
    let data = data.ok_or_else(|| {
        let said = format!(
            "{bars} bars are too few: the longest warm-up of `{}` needs {needed}",
            sweep.name
        );
        Failure::new(Exit::Invalid, "sweep.too-few-bars", said)
            .hint(format!("invent more: --dummy-bars {needed} at least"))
    })?;
    let year = year(&series).map_err(|reason| {
        let said = format!("bars per year: {reason}");
        Failure::new(Exit::Internal, "sweep.no-year", said)
    })?;
    let ran = ground::Ground::new(&series.bars, costs.account());
    let rows = run(&plan.combinations, &ran, year);
    let runs = rows.len() as u64;
    Ok(Ground {
        grid: Grid::of(sweep),
        figure: figure.unwrap_or(Figure::Sharpe),
        data,
        costs: costs.clone(),
        origin: None,
        behind: Behind {
            portfolio: None,
            runs,
            earlier: 0,
        },
        without_skill: best_without_skill(&rows, runs).and_then(decimal),
        at: plan.combinations.into_iter().map(|c| c.at).collect(),
        rows,
        series,
    })
}
