//! The best combinations of a sweep, run again for their whole series.
//!
//! In: the name of a sweep with results in the workspace, or a sweep and a number of bars to invent.
//! Out: a [`Field`]: the ground that the sweep stood on, all its rows, and its best as
//! [`Candidate`]s with their accounts. A candidate that the engine does not bring to the figures of
//! its row is refused: nothing is said about a series that is not the one that was chosen. `look` is
//! what every closer look at them shares, `figures`, `printed` and `report` what it shows alike.
//!
//! Looking closer at what a sweep chose is no trial: nothing is chosen here, and no other combination
//! is tried. On invented bars a choice is made, but it says nothing about any bar that was traded.

mod dummy;
pub mod figures;
mod head;
pub mod look;
pub mod printed;
pub mod report;
mod stored;

pub use head::{Head, parameters_text};

use std::path::PathBuf;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::market::year::year;
use crate::app::sweep::summary::{self, Best, Costs, Data, Grid};
use crate::app::workspace::Workspace;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, StrategyId};
use crate::kernel::time::UtcTime;
use crate::metrics::{MetricResult, drawdown};
use crate::research::market::BarSeries;
use crate::research::portfolio::account::Account;
use crate::research::sweep::grid::{Combination, Sweep};
use crate::research::sweep::ranking::{self, Figure};
use crate::research::sweep::replay::replay;
use crate::research::sweep::tally::Figures;

/// How far the engine's figures may be from those of a sweep, relative.
const ROUNDING: f64 = 1e-6;

/// Where candidates come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Results of a sweep.
    Results {
        /// Name of the sweep.
        name: StrategyId,
        /// Directory of the results; none: the newest of the workspace.
        from: Option<PathBuf>,
        /// What the user says that the grid is; other results are refused then.
        grid: Option<Box<Grid>>,
        /// What the user says that a trade pays; other results are refused then.
        costs: Option<Costs>,
    },
    /// The sweep itself, on invented bars.
    Dummy {
        /// The grid.
        sweep: Box<Sweep>,
        /// How many bars.
        bars: u32,
        /// What a trade pays.
        costs: Costs,
    },
}

/// Which candidates.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Where they come from.
    pub source: Source,
    /// What they are ranked by; none: what the sweep was ranked by.
    pub figure: Option<Figure>,
    /// How many of the best.
    pub top: usize,
}

/// Which results candidates come from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Origin {
    /// Digest of everything that the rows follow from.
    pub run_sha256: Digest,
    /// SHA-256 of `results.csv`.
    pub results_sha256: Digest,
    /// When the sweep ran.
    pub produced_at: UtcTime,
    /// The command that repeats the sweep.
    pub command: String,
}

/// How many trials are behind the best.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Behind {
    /// For whom they count; null for invented bars, where nobody counts them.
    pub portfolio: Option<PortfolioId>,
    /// Combinations of the sweep that ran.
    pub runs: u64,
    /// Runs that the ledger counted before for the same portfolio: a lower bound.
    pub earlier: u64,
}

/// The ground of a sweep, with its best.
#[derive(Debug, Clone)]
pub struct Field {
    /// The grid.
    pub grid: Grid,
    /// What the best are ranked by.
    pub figure: Figure,
    /// The bars, in short.
    pub data: Data,
    /// The bars.
    pub series: BarSeries,
    /// Their number per year.
    pub year: MetricResult,
    /// What a trade pays.
    pub costs: Costs,
    /// The results; none for invented bars.
    pub origin: Option<Origin>,
    /// Trials.
    pub behind: Behind,
    /// Sharpe ratio per year at which the best of all trials is expected without any skill.
    pub without_skill: Option<Decimal>,
    /// Which value of each axis every combination has that ran.
    pub at: Vec<Vec<usize>>,
    /// Their figures, in the same order.
    pub rows: Vec<Figures>,
    /// The best, best first; at least one.
    pub candidates: Vec<Candidate>,
}

/// One of the best combinations, run again.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Rank, parameters and figures.
    pub best: Best,
    /// Its position among the rows.
    pub index: usize,
    /// The rule.
    pub combination: Combination,
    /// What became of a capital of 1.
    pub account: Account,
}

impl Behind {
    /// All trials.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.runs.saturating_add(self.earlier)
    }
}

/// Finds the candidates and runs them again.
///
/// # Errors
/// Exit 3 when there are no results, when bars, grid or costs are not those of the sweep, or when no
/// combination is among the best; exit 9 when rows or candidates are not what the summary says.
pub fn field(workspace: &Workspace, wanted: &Wanted) -> Result<Field, Failure> {
    let ground = match &wanted.source {
        Source::Results {
            name,
            from,
            grid,
            costs,
        } => {
            let said = (grid.as_deref(), costs.as_ref());
            stored::ground(workspace, name, from.as_deref(), said, wanted.figure)?
        }
        Source::Dummy { sweep, bars, costs } => dummy::ground(sweep, *bars, costs, wanted.figure)?,
    };
    ground.field(wanted.top)
}

/// A field without its candidates.
struct Ground {
    grid: Grid,
    figure: Figure,
    data: Data,
    series: BarSeries,
    costs: Costs,
    origin: Option<Origin>,
    behind: Behind,
    without_skill: Option<Decimal>,
    at: Vec<Vec<usize>>,
    rows: Vec<Figures>,
}

impl Ground {
    fn field(self, top: usize) -> Result<Field, Failure> {
        let at: Vec<&[usize]> = self.at.iter().map(Vec::as_slice).collect();
        let ranked = ranking::best(&at, &self.rows, self.figure, top);
        let best = summary::best(&self.grid.axes, &at, &self.rows, &ranked);
        if best.is_empty() {
            let said = format!(
                "no combination of the sweep `{}` traded and has a {}",
                self.grid.name,
                self.figure.as_str()
            );
            return Err(Failure::new(Exit::Invalid, "sweep.no-candidate", said)
                .hint("there is nothing to look at: run the sweep on other bars, or with other values"));
        }
        let candidates = ranked
            .iter()
            .zip(best)
            .map(|(ranked, best)| self.candidate(ranked.index, best))
            .collect::<Result<_, _>>()?;
        Ok(Field {
            year: year(&self.series),
            grid: self.grid,
            figure: self.figure,
            data: self.data,
            series: self.series,
            costs: self.costs,
            origin: self.origin,
            behind: self.behind,
            without_skill: self.without_skill,
            at: self.at,
            rows: self.rows,
            candidates,
        })
    }

    fn candidate(&self, index: usize, best: Best) -> Result<Candidate, Failure> {
        let at = self.at.get(index).cloned().unwrap_or_default();
        let refuse = |error: &dyn std::error::Error| {
            let doing = format!("combination {} of `{}`", best.run, self.grid.name);
            Failure::from_error(Exit::Invalid, "sweep.candidate", &doing, error)
        };
        let combination =
            Combination::of(&self.grid.kind, &self.grid.axes, at).map_err(|e| refuse(&e))?;
        let costs = self.costs.account();
        let account = replay(&combination, &self.series.bars, costs).map_err(|e| refuse(&e))?;
        if !self
            .rows
            .get(index)
            .is_some_and(|row| agrees(&account, row))
        {
            return Err(self.another(&best));
        }
        Ok(Candidate {
            best,
            index,
            combination,
            account,
        })
    }

    fn another(&self, best: &Best) -> Failure {
        let said = format!(
            "combination {} of `{}` does not come to the figures of its row when it is run again",
            best.run, self.grid.name
        );
        let failure = Failure::new(Exit::Integrity, "sweep.replay", said);
        match &self.origin {
            None => failure,
            Some(origin) => failure.hint(format!(
                "its results are of another engine, or were changed: `{}`",
                origin.command
            )),
        }
    }
}

/// True when a run comes to the figures of a row, to within rounding.
fn agrees(account: &Account, row: &Figures) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= ROUNDING * (1.0 + b.abs());
    let total = account.equity.last().map_or(0.0, |equity| equity - 1.0);
    let deepest = drawdown::max_drawdown(&account.returns);
    near(total, row.total_return)
        && deepest.is_ok_and(|deepest| near(deepest, row.max_drawdown))
        && account.trades.len() as u64 == u64::from(row.trades)
}
