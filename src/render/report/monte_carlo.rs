//! A report of Monte-Carlo runs on candidates: its value, and how it becomes a document.
//!
//! Plain numbers with fixed units: fractions are shares of one, drawdowns positive fractions. Every
//! text may come from a user's file; rendering escapes all of it.

use super::document::{Block, Document, Head, Row, Section, Table};
use super::interpretation::first_interpretation;
use super::number::{count, metric, number};
use super::robustness::MetricRow;
use super::{TemplateError, template};
use crate::kernel::unit::Unit;
use crate::metrics::MetricResult;
use crate::render::axis::Scale;
use crate::render::histogram::Histogram;

/// Figures in one table of quantiles, so that a page holds their bounds too.
const TOGETHER: usize = 2;

/// Above reports on invented bars.
pub(super) const BANNER: &str =
    "SYNTHETIC DATA: the bars were invented by a generator, nothing here was traded";

/// Everything that the report says.
#[derive(Debug, Clone, PartialEq)]
pub struct MonteCarloReport {
    /// Heading.
    pub title: String,
    /// The bars were invented: the report carries a banner.
    pub synthetic: bool,
    /// Name and value, shown first.
    pub facts: Vec<(String, String)>,
    /// What the draws do not cover, one sentence or two each.
    pub uncovered: Vec<String>,
    /// The candidates, best first.
    pub candidates: Vec<CandidatePart>,
    /// What makes the result repeatable.
    pub reproducibility: Vec<(String, String)>,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidatePart {
    /// Heading.
    pub title: String,
    /// Its parameters.
    pub parameters: String,
    /// Its own figures, for the first interpretation.
    pub headline: Vec<MetricRow>,
    /// Of how many it is the best.
    pub chosen: String,
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
    let mut sections: Vec<Section> = report.candidates.iter().map(candidate).collect();
    sections.push(Section::new(
        "What these runs do not cover",
        vec![Block::list(report.uncovered.clone())],
    ));
    sections.push(reproducibility(&report.reproducibility));
    Document {
        lang: "en",
        title: report.title.clone(),
        banner: report.synthetic.then(|| BANNER.to_owned()),
        facts: report.facts.clone(),
        sections,
        seal: None,
    }
}

/// Names and values as a section of their own.
pub(super) fn reproducibility(facts: &[(String, String)]) -> Section {
    let rows = facts
        .iter()
        .map(|(name, value)| [name.clone(), value.clone()]);
    Section::new(
        "Reproducibility",
        vec![Block::table(["", ""], rows.collect())],
    )
}

fn candidate(part: &CandidatePart) -> Section {
    let mut blocks = vec![Block::text(&part.parameters)];
    blocks.extend(interpretation(&part.headline));
    blocks.push(Block::text(&part.chosen));
    for draws in &part.draws {
        blocks.extend(drawn(draws));
    }
    if let Some(near) = &part.neighbours {
        blocks.extend(neighbours(near));
    }
    Section::new(&part.title, blocks)
}

/// The first interpretation of a candidate's own figures.
pub(super) fn interpretation(headline: &[MetricRow]) -> Vec<Block> {
    // A candidate has no risk profile yet; the figures that need one are not among these.
    let lines = first_interpretation("none", headline);
    let rows: Vec<[String; 3]> = lines
        .iter()
        .map(|line| {
            let level = line.level.as_str().to_owned();
            [level, line.value.clone(), line.words.clone()]
        })
        .collect();
    let mut table = Block::table(["", "Metric", "First interpretation"], rows);
    if let Block::Table(table) = &mut table {
        for (row, line) in table.rows.iter_mut().zip(&lines) {
            row.level = Some(line.level.as_str());
        }
    }
    let words = "First interpretation (playbook, section 5.2) of the run itself, on the bars that it was chosen on: a rough feeling, no decision.";
    vec![Block::text(words), table]
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
