//! `promote/sweep-report/v1`: what programs get of a sweep's report.

use serde::Serialize;

use super::Job;
use super::value::Made;
use crate::app::sweep::files::FileJson;
use crate::app::sweep::summary::{Best, decimal};
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::StrategyId;
use crate::render::report::interpretation::Line;
use crate::render::report::sweep::{EffectRow, PlaneRow, StatisticsRow, SweepReport, advice};
use crate::research::sweep::landscape::{Over, Quartiles};

/// `promote/sweep-report/v1`. Numbers are decimals as text; undefined where null.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct SweepReportJson {
    schema: &'static str,
    /// The sweep.
    pub sweep: StrategyId,
    /// What the best are ranked by.
    pub metric: &'static str,
    /// What the pictures and the heat map show.
    pub plot_metric: &'static str,
    /// SHA-256 of the rows.
    pub results_sha256: Digest,
    /// The files of the report.
    pub files: Vec<FileJson>,
    /// True when the bars were invented.
    pub synthetic: bool,
    /// Best first.
    pub best: Vec<Best>,
    /// Sharpe ratio at which the best of all trials is expected without any skill.
    pub sharpe_without_skill: Option<Decimal>,
    /// The share of its lead over the median combination that the best keeps among its neighbours.
    pub plateau_kept: Option<Decimal>,
    /// The first interpretation; no verdict.
    pub interpretation: Vec<LineJson>,
    /// What to do next.
    pub recommendations: Vec<AdviceJson>,
    /// Figures of all combinations.
    pub statistics: Vec<StatisticsJson>,
    /// What each parameter that varies does to the metric.
    pub parameters: Vec<ParameterJson>,
    /// Tables over two parameters.
    pub heatmaps: Vec<HeatmapJson>,
}

/// A line of the first interpretation.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct LineJson {
    /// What is looked at.
    pub value: String,
    /// `good`, `warning` or `bad`.
    pub level: &'static str,
    /// Why.
    pub words: String,
}

/// Something to do.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct AdviceJson {
    /// `nothing`, `luck`, `peak`, `plateau`, `extend`, `idle`, `few_trades` or `next`.
    pub code: &'static str,
    /// In words.
    pub text: String,
}

/// How values are distributed.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct QuartilesJson {
    /// How many values.
    pub count: u64,
    /// Smallest.
    pub min: Option<Decimal>,
    /// Lower quartile.
    pub low: Option<Decimal>,
    /// Median.
    pub median: Option<Decimal>,
    /// Upper quartile.
    pub high: Option<Decimal>,
    /// Largest.
    pub max: Option<Decimal>,
    /// Arithmetic mean.
    pub mean: Option<Decimal>,
}

/// A figure of all combinations.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct StatisticsJson {
    /// Its name for people.
    pub figure: String,
    /// `ratio`, `fraction` or `count`.
    pub unit: &'static str,
    /// The distribution; null where no combination has it.
    pub quartiles: Option<QuartilesJson>,
    /// Combinations that do not have it.
    pub undefined: u64,
}

/// What a parameter does to the metric.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct ParameterJson {
    /// Its name.
    pub name: String,
    /// Largest mean less smallest mean.
    pub spread: Option<Decimal>,
    /// It changes nothing on these bars.
    pub idle: bool,
    /// Every value.
    pub values: Vec<ValueJson>,
}

/// A value of a parameter.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct ValueJson {
    /// As it is written.
    pub value: String,
    /// The metric over everything else; null where no combination has it.
    pub quartiles: Option<QuartilesJson>,
}

/// A table over two parameters.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct HeatmapJson {
    /// Figure of the cells.
    pub metric: &'static str,
    /// `mean` or `best` over all other parameters.
    pub over: &'static str,
    /// Parameter of the columns.
    pub across: String,
    /// Its values.
    pub columns: Vec<String>,
    /// Parameter of the rows.
    pub down: String,
    /// Its values.
    pub rows: Vec<String>,
    /// One list per row; null where no combination has the figure.
    pub cells: Vec<Vec<Option<Decimal>>>,
}

fn quartiles(of: &Quartiles) -> QuartilesJson {
    QuartilesJson {
        count: of.count as u64,
        min: decimal(of.min),
        low: decimal(of.low),
        median: decimal(of.median),
        high: decimal(of.high),
        max: decimal(of.max),
        mean: decimal(of.mean),
    }
}

fn statistics(row: &StatisticsRow) -> StatisticsJson {
    StatisticsJson {
        figure: row.label.clone(),
        unit: row.unit.as_str(),
        quartiles: row.quartiles.as_ref().map(quartiles),
        undefined: row.undefined,
    }
}

fn parameter(effect: &EffectRow) -> ParameterJson {
    let values = effect.values.iter().map(|(value, found)| ValueJson {
        value: value.clone(),
        quartiles: found.as_ref().map(quartiles),
    });
    ParameterJson {
        name: effect.name.clone(),
        spread: decimal(effect.spread),
        idle: effect.idle,
        values: values.collect(),
    }
}

fn heatmap(plane: &PlaneRow) -> HeatmapJson {
    let row = |row: &Vec<Option<f64>>| row.iter().map(|x| x.and_then(decimal)).collect();
    HeatmapJson {
        metric: plane.figure.as_str(),
        over: match plane.over {
            Over::Mean => "mean",
            Over::Best => "best",
        },
        across: plane.across.0.clone(),
        columns: plane.across.1.clone(),
        down: plane.down.0.clone(),
        rows: plane.down.1.clone(),
        cells: plane.cells.iter().map(row).collect(),
    }
}

impl LineJson {
    /// Of a line.
    #[must_use]
    pub fn of(line: &Line) -> Self {
        Self {
            value: line.value.clone(),
            level: line.level.as_str(),
            words: line.words.clone(),
        }
    }
}

fn lines(report: &SweepReport) -> Vec<LineJson> {
    advice::interpretation(report)
        .iter()
        .map(LineJson::of)
        .collect()
}

/// The document.
pub(super) fn of(job: &Job<'_>, made: Made, files: Vec<FileJson>) -> SweepReportJson {
    let (report, summary) = (&made.report, &job.results.summary);
    let recommendations = advice::recommendations(report).into_iter();
    SweepReportJson {
        schema: "promote/sweep-report/v1",
        sweep: summary.sweep.name.clone(),
        metric: report.ranked_by.as_str(),
        plot_metric: report.plotted.as_str(),
        results_sha256: summary.results_sha256,
        files,
        synthetic: report.data.synthetic,
        sharpe_without_skill: summary.sharpe_without_skill.clone(),
        plateau_kept: report.kept.and_then(decimal),
        interpretation: lines(report),
        recommendations: recommendations
            .map(|advice| AdviceJson {
                code: advice.code,
                text: advice.text,
            })
            .collect(),
        statistics: report.statistics.iter().map(statistics).collect(),
        parameters: report.effects.iter().map(parameter).collect(),
        heatmaps: report.planes.iter().map(heatmap).collect(),
        best: made.best,
    }
}
