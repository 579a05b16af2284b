//! A report of Monte-Carlo runs on candidates: its value, and how it becomes a document.
//!
//! Plain numbers with fixed units: fractions are shares of one, drawdowns positive fractions. Every
//! text may come from a user's file; rendering escapes all of it.

use super::candidates::{CandidateHead, Frame};
use super::document::{Block, Document, Head, Row, Section, Table};
use super::number::{count, metric, number};
use super::{TemplateError, template};
use crate::kernel::unit::Unit;
use crate::metrics::MetricResult;
use crate::render::axis::Scale;
use crate::render::histogram::Histogram;

/// Figures in one table of quantiles, so that a page holds their bounds too.
const TOGETHER: usize = 2;

/// Everything that the report says.
#[derive(Debug, Clone, PartialEq)]
pub struct MonteCarloReport {
    /// What stands around the candidates.
    pub frame: Frame,
    /// The candidates, best first.
    pub candidates: Vec<CandidatePart>,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidatePart {
    /// How it begins.
    pub head: CandidateHead,
    /// What was drawn.
    pub draws: Vec<DrawsPart>,
    /// The combinations around it.
    pub neighbours: Option<NeighboursPart>,
}

/// One way to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawsPart {
    /// Heading.
    pub title: String,
    /// What it does.
    pub words: String,
    /// Which quantiles are told, fractions.
    pub quantiles: Vec<f64>,
    /// The figures that draws have.
    pub figures: Vec<FigurePart>,
    /// How often what should hold holds.
    pub probabilities: Vec<ProbabilityPart>,
}

/// One figure over all draws.
#[derive(Debug, Clone, PartialEq)]
pub struct FigurePart {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: Unit,
    /// That of the run itself.
    pub own: MetricResult,
    /// Value, lower and upper bound per quantile.
    pub quantiles: Vec<(MetricResult, MetricResult, MetricResult)>,
    /// The draws; none where no histogram is shown.
    pub values: Option<Vec<MetricResult>>,
    /// Limits that the histogram shows.
    pub limits: Vec<(String, f64)>,
}

/// How often something holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbabilityPart {
    /// What.
    pub words: String,
    /// Draws for which it holds, and all draws.
    pub hits: (u64, u64),
    /// Share, lower and upper bound, fractions.
    pub share: (f64, f64, f64),
}

/// The combinations around a candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct NeighboursPart {
    /// Candidate and neighbours: what differs, its value, Sharpe ratio, total return, drawdown.
    pub rows: Vec<(String, String, MetricResult, MetricResult, MetricResult)>,
}

/// The report as Markdown.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn markdown(report: &MonteCarloReport) -> Result<String, TemplateError> {
    template::markdown(&document(report))
}

/// The report as one self-contained HTML file.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn html(report: &MonteCarloReport) -> Result<String, TemplateError> {
    template::html(&document(report))
}

fn document(report: &MonteCarloReport) -> Document {
    let candidates = report.candidates.iter().map(candidate);
    report.frame.document("runs", candidates)
}

fn candidate(part: &CandidatePart) -> Section {
    let mut blocks: Vec<Block> = part.draws.iter().flat_map(drawn).collect();
    if let Some(near) = &part.neighbours {
        blocks.extend(neighbours(near));
    }
    part.head.section(blocks)
}

fn drawn(part: &DrawsPart) -> Vec<Block> {
    let mut blocks = vec![Block::heading(&part.title), Block::text(&part.words)];
    let rows: Vec<[String; 3]> = part.probabilities.iter().map(probability).collect();
    if !rows.is_empty() {
        let heads = ["How often", "#Share of the runs", "#95 % bounds"];
        blocks.push(Block::table(heads, rows));
    }
    blocks.extend(
        part.figures
            .chunks(TOGETHER)
            .map(|some| quantiles(part, some)),
    );
    blocks.extend(part.figures.iter().filter_map(|f| histogram(part, f)));
    blocks
}

fn probability(part: &ProbabilityPart) -> [String; 3] {
    let (value, low, high) = part.share;
    let percent = |x: f64| number(x, Unit::Fraction);
    let (hits, runs) = part.hits;
    [
        part.words.clone(),
        format!("{} ({} of {})", percent(value), count(hits), count(runs)),
        format!("{} to {}", percent(low), percent(high)),
    ]
}

/// One row per quantile, one column per figure of `some`.
fn quantiles(part: &DrawsPart, some: &[FigurePart]) -> Block {
    let heads = std::iter::once(Head::new("Quantile"));
    let figures = some.iter();
    let heads = heads.chain(figures.map(|f| Head::new(&format!("#{}", f.name))));
    let own = std::iter::once("the run itself".to_owned())
        .chain(some.iter().map(|f| metric(f.own, f.unit)));
    let quantile = |(index, p): (usize, &f64)| {
        let cells = some.iter().map(|figure| {
            let none = Err(crate::metrics::Undefined::TooFewObservations);
            let found = figure.quantiles.get(index).copied();
            let (value, low, high) = found.unwrap_or((none, none, none));
            let value = metric(value, figure.unit);
            match (low, high) {
                (Ok(low), Ok(high)) => format!(
                    "{value} ({} to {})",
                    number(low, figure.unit),
                    number(high, figure.unit)
                ),
                _ => value,
            }
        });
        let name = format!("{} %", crate::render::axis::grouped(p * 100.0, 1));
        std::iter::once(name).chain(cells).collect::<Vec<String>>()
    };
    let rows =
        std::iter::once(own.collect()).chain(part.quantiles.iter().enumerate().map(quantile));
    let row = |cells: Vec<String>| Row {
        cells,
        level: None,
        at: None,
    };
    Block::Table(Table {
        heads: heads.collect(),
        rows: rows.map(row).collect(),
    })
}

fn histogram(part: &DrawsPart, figure: &FigurePart) -> Option<Block> {
    let values = figure.values.as_ref()?;
    let plain: Vec<f64> = values.iter().map(|v| v.unwrap_or(f64::NAN)).collect();
    let scale = match figure.unit {
        Unit::Fraction => Scale::Percent,
        Unit::Ratio | Unit::Count | Unit::Days => Scale::Number,
    };
    let shown = [0.05, 0.5, 0.95];
    let mark = |(p, (value, _, _)): (&f64, &(MetricResult, MetricResult, MetricResult))| {
        let value = (*value).ok().filter(|_| shown.contains(p))?;
        let name = crate::render::axis::grouped(p * 100.0, 0);
        Some((format!("{name} %: {}", number(value, figure.unit)), value))
    };
    let mut marks: Vec<(String, f64)> = part
        .quantiles
        .iter()
        .zip(&figure.quantiles)
        .filter_map(mark)
        .collect();
    marks.extend(
        figure
            .own
            .ok()
            .map(|own| (format!("itself: {}", number(own, figure.unit)), own)),
    );
    let title = format!("{} of {} runs", figure.name, count(values.len() as u64));
    Some(Block::Chart {
        svg: Histogram {
            title: &title,
            values: &plain,
            scale,
            marks: &marks,
            limits: &figure.limits,
        }
        .svg(),
        words: format!(
            "{title}: {}.",
            marks
                .iter()
                .chain(&figure.limits)
                .map(|(label, _)| label.as_str())
                .collect::<Vec<_>>()
                .join("; ")
        ),
    })
}

fn neighbours(part: &NeighboursPart) -> Vec<Block> {
    let words = "The combinations of the sweep that differ by one step of one parameter. Where they are far worse than the candidate, it stands on a peak that its surroundings do not share, and more likely by chance than by merit.";
    let mut blocks = vec![Block::heading("Parameters a step away"), Block::text(words)];
    if part.rows.len() < 2 {
        blocks.push(Block::text("No combination one step away ran."));
        return blocks;
    }
    let rows: Vec<[String; 5]> = part
        .rows
        .iter()
        .map(|(parameter, value, sharpe, total, deepest)| {
            [
                parameter.clone(),
                value.clone(),
                metric(*sharpe, Unit::Ratio),
                metric(*total, Unit::Fraction),
                metric(*deepest, Unit::Fraction),
            ]
        })
        .collect();
    let heads = [
        "Parameter",
        "Value",
        "#Sharpe ratio",
        "#Total return",
        "#Max drawdown",
    ];
    blocks.push(Block::table(heads, rows));
    blocks
}
