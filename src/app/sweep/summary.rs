//! `summary.json`, `promote/sweep/v1`: what a sweep ran on, how much of its grid, and the best of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::trials::Started;
use crate::evidence::manifest::Engine;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, StrategyId};
use crate::kernel::time::UtcTime;
use crate::research::market::BarSeries;
use crate::research::portfolio::account;
use crate::research::portfolio::configuration::Parameter;
use crate::research::sweep::grid::{Axis, Constraint, Sweep};
use crate::research::sweep::ranking::Ranked;
use crate::research::sweep::tally::Figures;

/// The value of `schema`.
pub const SCHEMA: &str = "promote/sweep/v1";
/// Name of the file.
pub const FILE_NAME: &str = "summary.json";

/// `promote/sweep/v1`. Numbers are decimals as text; figures are undefined where null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// [`SCHEMA`].
    pub schema: String,
    /// The grid.
    pub sweep: Grid,
    /// How much of it ran.
    pub counts: Counts,
    /// Bars until the indicators of every combination are defined.
    pub longest_warm_up: u64,
    /// The bars.
    pub data: Data,
    /// Bars in a year, by their spacing; null where the bars have none: Sharpe and Sortino ratios are
    /// undefined then.
    pub periods_per_year: Option<Decimal>,
    /// What every trade pays.
    pub costs: Costs,
    /// What costs are shown in money for; figures are per unit of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capital: Option<Decimal>,
    /// What the user called this run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The figure that the best are ranked by.
    pub metric: String,
    /// The best, best first; none where no combination traded.
    pub best: Vec<Best>,
    /// Sharpe ratio per year at which the best of all trials is expected without any skill; null where
    /// fewer than two combinations have one.
    pub sharpe_without_skill: Option<Decimal>,
    /// For whom the runs count, and who counted them.
    pub trials: Trials,
    /// Digest of everything that the rows follow from: grid, bars, costs, ranking, engine.
    pub run_sha256: Digest,
    /// SHA-256 of `results.csv`.
    pub results_sha256: Digest,
    /// What computed it.
    pub engine: Engine,
    /// When.
    pub produced_at: UtcTime,
    /// The command that repeats it.
    pub command: String,
    /// Where it was written; on stdout only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// A named grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// Its name.
    pub name: StrategyId,
    /// One sentence.
    pub description: String,
    /// Kind of strategy.
    pub kind: String,
    /// What is varied, and what is fixed at one value.
    pub axes: Vec<Axis>,
    /// What must hold for a combination to run.
    pub constraints: Vec<String>,
}

impl Grid {
    /// That of a sweep.
    #[must_use]
    pub fn of(sweep: &Sweep) -> Self {
        let texts = sweep.constraints.iter().map(Constraint::text);
        Self {
            name: sweep.name.clone(),
            description: sweep.description.clone(),
            kind: sweep.kind.clone(),
            axes: sweep.axes.clone(),
            constraints: texts.map(str::to_owned).collect(),
        }
    }
}

/// How much of a grid ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// All combinations.
    pub grid: u64,
    /// Left out because a constraint does not hold.
    pub constrained: u64,
    /// Left out because the rule does not allow them.
    pub impossible: u64,
    /// Left out because of `--max-runs`.
    pub beyond: u64,
    /// Ran.
    pub ran: u64,
    /// Different results among them.
    pub distinct: u64,
}

/// The bars of a sweep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Such as `BTC/EUR`.
    pub symbol: String,
    /// Such as `1h`.
    pub timeframe: String,
    /// Opening of the first bar.
    pub first: UtcTime,
    /// Opening of the last bar.
    pub last: UtcTime,
    /// How many.
    pub bars: u64,
    /// Digest of their canonical rows.
    pub sha256: Digest,
    /// True when they were invented.
    pub synthetic: bool,
}

impl Data {
    /// That of a series; none without a bar.
    #[must_use]
    pub fn of(series: &BarSeries) -> Option<Self> {
        Some(Self {
            symbol: series.symbol.to_string(),
            timeframe: series.timeframe.to_string(),
            first: series.bars.first()?.time,
            last: series.bars.last()?.time,
            bars: series.bars.len() as u64,
            sha256: series.sha256(),
            synthetic: series.synthetic,
        })
    }
}

/// What a trade pays on each side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Fraction of notional.
    pub fee: Decimal,
    /// Fraction of price, half of the spread included.
    pub slippage: Decimal,
}

impl Costs {
    /// For an account.
    #[must_use]
    pub fn account(&self) -> account::Costs {
        account::Costs {
            fee: self.fee.to_f64(),
            slippage: self.slippage.to_f64(),
        }
    }
}

/// One of the best combinations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Best {
    /// From 1.
    pub rank: u64,
    /// Its row in `results.csv`, from 1.
    pub run: u64,
    /// Value of every axis.
    pub parameters: BTreeMap<String, Parameter>,
    /// The figure that it is ranked by.
    pub value: Option<Decimal>,
    /// Mean of that figure over itself and its neighbours in the grid.
    pub plateau: Option<Decimal>,
    /// Neighbours that ran and have the figure.
    pub neighbours: u64,
    /// All figures.
    pub figures: FiguresJson,
}

/// The figures of a combination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FiguresJson {
    /// Fraction.
    pub total_return: Option<Decimal>,
    /// Per year.
    pub sharpe: Option<Decimal>,
    /// Per year.
    pub sortino: Option<Decimal>,
    /// Fraction, positive.
    pub max_drawdown: Option<Decimal>,
    /// Closed trades.
    pub trades: u64,
    /// Fraction.
    pub hit_ratio: Option<Decimal>,
    /// Won over lost.
    pub profit_factor: Option<Decimal>,
    /// Fees and slippage, as a multiple of the capital.
    pub costs: Option<Decimal>,
}

/// Who counted the runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trials {
    /// For whom they count.
    pub portfolio: PortfolioId,
    /// Runs of this sweep.
    pub runs: u64,
    /// Runs that the ledger counted before for the same portfolio: a lower bound.
    pub earlier: u64,
    /// Digest of the record in `results/trials/`.
    pub record_sha256: Option<Digest>,
    /// The entry that says that the sweep started; null where no ledger was at hand.
    pub entry: Option<TrialEntry>,
}

impl Trials {
    /// Of `runs` for `portfolio` that have started.
    #[must_use]
    pub fn of(portfolio: &PortfolioId, runs: u64, started: &Started) -> Self {
        Self {
            portfolio: portfolio.clone(),
            runs,
            earlier: started.earlier,
            record_sha256: started.record(),
            entry: started.entry.as_ref().map(|entry| TrialEntry {
                seq: entry.seq,
                leaf: entry.leaf,
            }),
        }
    }
}

/// The entry of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialEntry {
    /// Position.
    pub seq: u64,
    /// Leaf hash.
    pub leaf: Digest,
}

/// `x` as an exact decimal; a magnitude below 1e-24 is zero.
#[must_use]
pub fn decimal(x: f64) -> Option<Decimal> {
    if x.abs() < 1e-24 {
        return Some(Decimal::zero());
    }
    Decimal::from_f64(x).ok()
}

impl FiguresJson {
    /// Those of a row.
    #[must_use]
    pub fn of(row: &Figures) -> Self {
        Self {
            total_return: decimal(row.total_return),
            sharpe: row.sharpe.and_then(decimal),
            sortino: row.sortino.and_then(decimal),
            max_drawdown: decimal(row.max_drawdown),
            trades: u64::from(row.trades),
            hit_ratio: row.hit_ratio.and_then(decimal),
            profit_factor: row.profit_factor.and_then(decimal),
            costs: decimal(row.costs),
        }
    }
}

/// The ranked combinations with their parameters and figures.
#[must_use]
pub fn best(axes: &[Axis], at: &[&[usize]], rows: &[Figures], ranked: &[Ranked]) -> Vec<Best> {
    let one = |(rank, ranked): (u64, &Ranked)| {
        let place = at.get(ranked.index)?;
        let values = axes.iter().zip(place.iter());
        let parameter = |(axis, index): (&Axis, &usize)| {
            Some((axis.name.clone(), axis.values.get(*index)?.clone()))
        };
        Some(Best {
            rank,
            run: ranked.index as u64 + 1,
            parameters: values.filter_map(parameter).collect(),
            value: decimal(ranked.value),
            plateau: decimal(ranked.plateau),
            neighbours: ranked.neighbours as u64,
            figures: FiguresJson::of(rows.get(ranked.index)?),
        })
    };
    (1..).zip(ranked).filter_map(one).collect()
}
