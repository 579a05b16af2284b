//! `walk_forward.json`, `promote/walk-forward/v1`: windows, what was chosen and what it did, and what
//! all windows together show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::sweep::summary::{Costs, Data, FiguresJson, Grid, Trials, decimal};
use crate::evidence::manifest::Engine;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;
use crate::metrics::MetricResult;
use crate::research::market::Bar;
use crate::research::portfolio::configuration::Parameter;
use crate::research::sweep::grid::{Axis, Combination};
use crate::research::walk_forward::stitched::{OosFigures, Stitched, market_return};
use crate::research::walk_forward::summary::{self, Summary};
use crate::research::walk_forward::walk::{Candidate, Walked};

/// The value of `schema`.
pub const SCHEMA: &str = "promote/walk-forward/v1";
/// Name of the file.
pub const FILE_NAME: &str = "walk_forward.json";

/// `promote/walk-forward/v1`. Numbers are decimals as text; figures are undefined where null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WalkForwardJson {
    /// [`SCHEMA`].
    pub schema: String,
    /// The grid.
    pub sweep: Grid,
    /// How much of it runs in every window.
    pub counts: CountsJson,
    /// Bars until the indicators of every combination are defined.
    pub longest_warm_up: u64,
    /// The bars.
    pub data: Data,
    /// How windows are laid.
    pub lengths: LengthsJson,
    /// Bars in a year, by their spacing; null where the bars have none.
    pub periods_per_year: Option<Decimal>,
    /// What every trade pays.
    pub costs: Costs,
    /// The figure that decides in every window.
    pub metric: String,
    /// The figure that decides where no combination has the other one.
    pub metric_fallback: String,
    /// The windows, in order of time.
    pub windows: Vec<WindowJson>,
    /// The test windows one after another.
    pub oos: OosJson,
    /// What all windows show.
    pub summary: SummaryJson,
    /// For whom the runs count, and who counted them.
    pub trials: Trials,
    /// Digest of everything that the windows follow from: grid, bars, lengths, costs, engine.
    pub run_sha256: Digest,
    /// SHA-256 of `windows.csv`.
    pub windows_sha256: Digest,
    /// SHA-256 of `oos.csv`.
    pub oos_sha256: Digest,
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

/// How much of a grid ran in every window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountsJson {
    /// All combinations.
    pub grid: u64,
    /// Left out because a constraint does not hold.
    pub constrained: u64,
    /// Left out because the rule does not allow them.
    pub impossible: u64,
    /// Left out because fewer were asked for.
    pub beyond: u64,
    /// Ran.
    pub ran: u64,
}

/// How windows are laid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LengthsJson {
    /// Length of a train window, such as `90d`.
    pub train: String,
    /// Length of a test window.
    pub test: String,
    /// From one test window's start to the next one's.
    pub step: String,
    /// Train windows begin at the first bar.
    pub anchored: bool,
    /// Bars before a test window that are not trained on.
    pub purge: u64,
    /// Bars behind an earlier test window that are not trained on.
    pub embargo: u64,
}

/// One window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowJson {
    /// From 1.
    pub window: u64,
    /// Bars that were trained on; null where purge and embargo left none.
    pub train: Option<SpanJson>,
    /// Bars that were tested on.
    pub test: SpanJson,
    /// The data ends before the test window does.
    pub cut: bool,
    /// The figure that decided; null where nothing qualified and the window stayed in cash.
    pub metric: Option<String>,
    /// The best of the train window, best first; the first was chosen.
    pub best: Vec<CandidateJson>,
    /// Return of the chosen one over the test window; zero in cash.
    pub test_return: Option<Decimal>,
    /// Its closed trades there.
    pub trades: u64,
    /// Return of the symbol over the test window, before costs.
    pub market_return: Option<Decimal>,
    /// Return per bar in testing over that in training; null where training gained nothing.
    pub efficiency: Option<Decimal>,
    /// Rank correlation of all combinations between train and test window.
    pub rank_ic: Option<Decimal>,
    /// Combinations that have the figure on both.
    pub rank_ic_combinations: u64,
}

/// A stretch of bars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpanJson {
    /// Opening of the first bar.
    pub first: UtcTime,
    /// Opening of the last bar.
    pub last: UtcTime,
    /// How many bars of it count; those of holes do not.
    pub bars: u64,
}

/// One of the best combinations of a train window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CandidateJson {
    /// From 1.
    pub rank: u64,
    /// Its number in the plan of the sweep, from 1: `run` in a sweep's `results.csv`.
    pub run: u64,
    /// Value of every axis.
    pub parameters: BTreeMap<String, Parameter>,
    /// The figure that decided, on the train window.
    pub value: Option<Decimal>,
    /// Mean of that figure over itself and its neighbours in the grid.
    pub plateau: Option<Decimal>,
    /// All figures on the train window.
    pub train: FiguresJson,
    /// All figures on the test window; null where it has fewer than two bars.
    pub test: Option<FiguresJson>,
}

/// The test windows one after another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OosJson {
    /// Bars.
    pub bars: u64,
    /// Fraction.
    pub total_return: Option<Decimal>,
    /// Fraction per year.
    pub cagr: Option<Decimal>,
    /// Fraction per year.
    pub volatility: Option<Decimal>,
    /// Per year.
    pub sharpe: Option<Decimal>,
    /// Per year.
    pub sortino: Option<Decimal>,
    /// Fraction, positive.
    pub max_drawdown: Option<Decimal>,
    /// Closed trades.
    pub trades: u64,
    /// Return of the symbol over the same windows, before costs.
    pub market_return: Option<Decimal>,
}

/// What all windows show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SummaryJson {
    /// Windows.
    pub windows: u64,
    /// Windows in which nothing qualified.
    pub cash: u64,
    /// Windows whose test return is above zero.
    pub positive: u64,
    /// Mean efficiency of the windows that gained in training.
    pub efficiency: Option<Decimal>,
    /// How many those are.
    pub efficiency_windows: u64,
    /// Return per bar over all test windows over that over all train windows.
    pub efficiency_pooled: Option<Decimal>,
    /// Mean rank IC.
    pub rank_ic: Option<Decimal>,
    /// Its standard error, as if windows were independent.
    pub rank_ic_error: Option<Decimal>,
    /// Windows that have one.
    pub rank_ic_windows: u64,
    /// Windows whose choice is another than that of the window before.
    pub changes: u64,
    /// Different combinations that were chosen.
    pub distinct: u64,
}

fn shown(value: MetricResult) -> Option<Decimal> {
    value.ok().and_then(decimal)
}

impl SummaryJson {
    /// That of a summary.
    #[must_use]
    pub fn of(summary: &Summary) -> Self {
        Self {
            windows: summary.windows as u64,
            cash: summary.cash as u64,
            positive: summary.positive as u64,
            efficiency: shown(summary.efficiency),
            efficiency_windows: summary.efficiency_windows as u64,
            efficiency_pooled: shown(summary.efficiency_pooled),
            rank_ic: shown(summary.rank_ic),
            rank_ic_error: shown(summary.rank_ic_error),
            rank_ic_windows: summary.rank_ic_windows as u64,
            changes: summary.changes as u64,
            distinct: summary.distinct as u64,
        }
    }
}

impl OosJson {
    /// That of a stitched series.
    #[must_use]
    pub fn of(stitched: &Stitched, figures: &OosFigures, market_return: f64) -> Self {
        Self {
            bars: stitched.bars.len() as u64,
            total_return: shown(figures.total_return),
            cagr: shown(figures.cagr),
            volatility: shown(figures.volatility),
            sharpe: shown(figures.sharpe),
            sortino: shown(figures.sortino),
            max_drawdown: shown(figures.max_drawdown),
            trades: stitched.trades as u64,
            market_return: decimal(market_return),
        }
    }
}

/// The parameters of a combination by name, exits among them.
#[must_use]
pub fn parameters(axes: &[Axis], combination: &Combination) -> BTreeMap<String, Parameter> {
    let values = axes.iter().zip(&combination.at);
    let one = |(axis, index): (&Axis, &usize)| {
        Some((axis.name.clone(), axis.values.get(*index)?.clone()))
    };
    values.filter_map(one).collect()
}

/// The window `number`, from 0, over `bars`; none when it lies beyond them.
#[must_use]
pub fn window(
    number: usize,
    walked: &Walked,
    bars: &[Bar],
    axes: &[Axis],
    combinations: &[Combination],
) -> Option<WindowJson> {
    let span = |first: usize, end: usize, count: usize| {
        Some(SpanJson {
            first: bars.get(first)?.time,
            last: bars.get(end.checked_sub(1)?)?.time,
            bars: count as u64,
        })
    };
    let train = &walked.window.train;
    let test = &walked.window.test;
    let candidate = |(rank, candidate): (u64, &Candidate)| {
        Some(CandidateJson {
            rank,
            run: candidate.index as u64 + 1,
            parameters: parameters(axes, combinations.get(candidate.index)?),
            value: decimal(candidate.value),
            plateau: decimal(candidate.plateau),
            train: FiguresJson::of(&candidate.train),
            test: candidate.test.as_ref().map(FiguresJson::of),
        })
    };
    let trained = train.first().zip(train.last());
    Some(WindowJson {
        window: number as u64 + 1,
        train: trained.and_then(|(a, b)| span(a.start, b.end, walked.window.train_bars())),
        test: span(test.start, test.end, test.len())?,
        cut: walked.window.cut,
        metric: walked.figure.map(|figure| figure.as_str().to_owned()),
        best: (1..).zip(&walked.best).filter_map(candidate).collect(),
        test_return: decimal(summary::test_return(walked)),
        trades: walked.trades as u64,
        market_return: decimal(market_return(bars, test.clone())),
        efficiency: shown(summary::efficiency(walked)),
        rank_ic: shown(walked.rank_ic.value),
        rank_ic_combinations: walked.rank_ic.combinations as u64,
    })
}
