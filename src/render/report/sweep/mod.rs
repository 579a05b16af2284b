//! The report of a sweep: its value, and how it becomes Markdown or HTML.
//!
//! In: a [`SweepReport`], in which everything is counted and ranked already. Out: a document in one of
//! two forms: HTML has pictures, Markdown the same numbers as tables. Nothing in it is a verdict.

pub mod advice;
mod document;
mod pictures;
mod tables;

use super::document::Block;
use super::robustness::DataRow;
use super::template::{self, TemplateError};
use crate::kernel::digest::Digest;
use crate::kernel::unit::Unit;
use crate::metrics::Metric;
use crate::research::sweep::landscape::{Over, Quartiles};
use crate::research::sweep::ranking::Figure;

/// Everything that the report of a sweep says.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepReport {
    /// Name of the sweep.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Kind of strategy.
    pub kind: String,
    /// What the user called this run.
    pub tag: Option<String>,
    /// The bars.
    pub data: DataRow,
    /// Parameters with their values as text.
    pub axes: Vec<(String, Vec<String>)>,
    /// What must hold between them.
    pub constraints: Vec<String>,
    /// How much of the grid ran.
    pub counts: CountsRow,
    /// Bars until every combination can trade.
    pub warm_up: u64,
    /// Fee and slippage per side, fractions.
    pub costs: [f64; 2],
    /// Capital with its currency, where one was named.
    pub capital: Option<(f64, String)>,
    /// What the combinations are ranked by.
    pub ranked_by: Figure,
    /// What the pictures show.
    pub plotted: Figure,
    /// For whom the runs count, and how many there are.
    pub trials: TrialsRow,
    /// The best, best first.
    pub best: Vec<BestRow>,
    /// The share of its lead over the median combination that the best keeps among its neighbours.
    pub kept: Option<f64>,
    /// Parameters at whose end the best stands: name, and true for the smallest value.
    pub edges: Vec<(String, bool)>,
    /// Figures and how they are distributed.
    pub statistics: Vec<StatisticsRow>,
    /// What each varied parameter does to the figure that is ranked by.
    pub effects: Vec<EffectRow>,
    /// The same for the figure of the pictures.
    pub plotted_effects: Vec<EffectRow>,
    /// Tables over two parameters.
    pub planes: Vec<PlaneRow>,
    /// The values of the figure of the pictures, in the order of the grid.
    pub values: Vec<f64>,
    /// Program and version.
    pub engine: String,
    /// Digest of everything that the rows follow from.
    pub run_sha256: Digest,
    /// Digest of the rows.
    pub results_sha256: Digest,
    /// The command that repeats it.
    pub command: String,
}

/// How much of a grid ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountsRow {
    /// All combinations.
    pub grid: u64,
    /// Broke a constraint.
    pub constrained: u64,
    /// Were not allowed by the rule.
    pub impossible: u64,
    /// Were beyond the number asked for.
    pub beyond: u64,
    /// Ran.
    pub ran: u64,
    /// Different results among them.
    pub distinct: u64,
    /// Ran and never traded.
    pub idle: u64,
    /// Ran and ended above where they began.
    pub earning: u64,
}

/// What is behind the best.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialsRow {
    /// For whom the runs count.
    pub portfolio: String,
    /// Runs of this sweep.
    pub runs: u64,
    /// Runs that the ledger counted before for the same portfolio.
    pub earlier: u64,
    /// Entry of the ledger that counts them; none where no ledger was at hand.
    pub seq: Option<u64>,
    /// Sharpe ratio at which the best of all is expected without skill.
    pub luck: Option<f64>,
}

/// One of the best.
#[derive(Debug, Clone, PartialEq)]
pub struct BestRow {
    /// From 1.
    pub rank: u64,
    /// Its row in `results.csv`.
    pub run: u64,
    /// Its place in the grid.
    pub at: Vec<usize>,
    /// Value of every parameter.
    pub parameters: Vec<(String, String)>,
    /// The figure that it is ranked by.
    pub value: f64,
    /// Mean of that figure over itself and its neighbours.
    pub plateau: f64,
    /// Neighbours that have the figure.
    pub neighbours: u64,
    /// All figures, by [`Figure::ALL`].
    pub figures: Vec<(Figure, Option<f64>)>,
    /// Closed trades.
    pub trades: u64,
    /// Costs as a multiple of the capital.
    pub costs: f64,
}

/// A figure, and how it is distributed.
#[derive(Debug, Clone, PartialEq)]
pub struct StatisticsRow {
    /// Its name for people.
    pub label: String,
    /// What its numbers count.
    pub unit: Unit,
    /// The distribution; none where no combination has it.
    pub quartiles: Option<Quartiles>,
    /// Combinations that do not have it.
    pub undefined: u64,
}

/// What one parameter does to a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectRow {
    /// Its name.
    pub name: String,
    /// Every value with the distribution of the figure over everything else.
    pub values: Vec<(String, Option<Quartiles>)>,
    /// Largest mean less smallest mean.
    pub spread: f64,
    /// It changes nothing on these bars.
    pub idle: bool,
}

/// A figure over two parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaneRow {
    /// The figure.
    pub figure: Figure,
    /// What a cell is.
    pub over: Over,
    /// True when there are other parameters to take the mean or the best over.
    pub others: bool,
    /// Parameter and values of the columns.
    pub across: (String, Vec<String>),
    /// Parameter and values of the rows.
    pub down: (String, Vec<String>),
    /// One list per row.
    pub cells: Vec<Vec<Option<f64>>>,
    /// Row and column of the best combination.
    pub best: Option<[usize; 2]>,
}

/// Which document is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Markdown,
    Html,
}

/// The report as Markdown.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn markdown(report: &SweepReport) -> Result<String, TemplateError> {
    template::markdown(&document::document(report, Form::Markdown))
}

/// The report as one self-contained HTML file.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn html(report: &SweepReport) -> Result<String, TemplateError> {
    template::html(&document::document(report, Form::Html))
}

/// Every picture of the report with a name for its file, in their order.
#[must_use]
pub fn plots(report: &SweepReport) -> Vec<(String, String)> {
    let sections = document::pictures(report, Form::Html);
    let blocks = sections.into_iter().flat_map(|(name, blocks)| {
        let svgs = blocks.into_iter().filter_map(|block| match block {
            Block::Chart { svg, .. } => Some(svg),
            _ => None,
        });
        svgs.zip(1_u32..)
            .map(move |(svg, number)| (format!("{name}_{number}.svg"), svg))
    });
    blocks.collect()
}

/// The metric that a figure is, for its name.
fn metric_of(figure: Figure) -> Metric {
    match figure {
        Figure::Sharpe => Metric::Sharpe,
        Figure::Sortino => Metric::Sortino,
        Figure::TotalReturn => Metric::TotalReturn,
        Figure::MaxDrawdown => Metric::MaxDrawdown,
        Figure::HitRatio => Metric::HitRatio,
        Figure::ProfitFactor => Metric::ProfitFactor,
    }
}

/// A figure's name for people.
#[must_use]
pub fn label(figure: Figure) -> String {
    super::number::label(metric_of(figure))
}

/// A figure's number with its unit; `undefined` where there is none.
fn shown(figure: Figure, value: Option<f64>) -> String {
    value.map_or_else(
        || "undefined".to_owned(),
        |value| super::number::number(value, figure.unit()),
    )
}
