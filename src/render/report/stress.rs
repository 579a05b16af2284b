//! A report of stress tests on candidates: its value, and how it becomes a document.
//!
//! Plain numbers with fixed units: fractions are shares of one, drawdowns positive fractions, times
//! UTC. Every text may come from a user's file; rendering escapes all of it.

use super::candidates::{CandidateHead, Frame};
use super::document::{Block, Document, Row, Section};
use super::number::{count, metric, number};
use super::{TemplateError, template};
use crate::kernel::time::UtcTime;
use crate::kernel::unit::Unit;
use crate::metrics::MetricResult;
use crate::render::axis::Scale;
use crate::render::lines::{Line, Lines};

/// Stressed curves in one picture, beside the baseline.
const TOGETHER: usize = 3;

/// Everything that the report says.
#[derive(Debug, Clone, PartialEq)]
pub struct StressReport {
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
    /// The run itself.
    pub baseline: FiguresPart,
    /// Every scenario.
    pub scenarios: Vec<ScenarioPart>,
    /// Equity: the baseline first, then the scenarios.
    pub curves: Vec<CurvePart>,
}

/// Figures of a series, absolute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FiguresPart {
    /// Positive fraction.
    pub max_drawdown: MetricResult,
    /// Fraction.
    pub total_return: MetricResult,
    /// Per year.
    pub sharpe: MetricResult,
}

/// One scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioPart {
    /// Its name.
    pub name: String,
    /// Its length in bars, where it has one.
    pub window: Option<u64>,
    /// The bar that it struck; none where it finds its own bars.
    pub struck: Option<StruckPart>,
    /// Figures of the stressed series; none where it has no effect.
    pub stressed: Option<FiguresPart>,
    /// The bar at which it hurts most.
    pub worst: Option<StruckPart>,
    /// What it did.
    pub outcome: Outcome,
    /// Why it has no effect.
    pub no_effect: Option<String>,
}

/// What a scenario did to a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It made the series worse.
    Hurts,
    /// It made something better.
    Helps,
    /// It left the series as it is.
    Nothing,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Hurts => "hurts",
            Self::Helps => "HELPS",
            Self::Nothing => "NOTHING",
        }
    }
}

/// A bar that is struck.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StruckPart {
    /// Its number, from 0.
    pub bar: u64,
    /// When it opens.
    pub time: Option<UtcTime>,
    /// Drawdown of the series that is struck there, a positive fraction.
    pub max_drawdown: Option<f64>,
}

/// One curve.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvePart {
    /// Its name.
    pub name: String,
    /// Equity after each bar, 1 before the first.
    pub points: Vec<(UtcTime, f64)>,
}

/// The report as Markdown.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn markdown(report: &StressReport) -> Result<String, TemplateError> {
    template::markdown(&document(report))
}

/// The report as one self-contained HTML file.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn html(report: &StressReport) -> Result<String, TemplateError> {
    template::html(&document(report))
}

fn document(report: &StressReport) -> Document {
    let candidates = report.candidates.iter().map(candidate);
    report.frame.document("scenarios", candidates)
}

fn candidate(part: &CandidatePart) -> Section {
    let words = "Figures are those of the stressed series itself, not differences. The worst bar is where the scenario would hurt most. A stress that HELPS (the series falls less deep with it, or ends higher) is no evidence of robustness, nor is one that does NOTHING: the run held no position in the bars that were struck.";
    let mut blocks = vec![Block::heading("Scenarios"), Block::text(words)];
    blocks.push(table(part));
    let without = part.scenarios.iter().filter_map(|scenario| {
        let why = scenario.no_effect.as_ref()?;
        Some(Block::text(format!("{}: no effect, {why}.", scenario.name)))
    });
    blocks.extend(without);
    blocks.extend(charts(&part.curves));
    part.head.section(blocks)
}

fn table(part: &CandidatePart) -> Block {
    let none = || "none".to_owned();
    let own = || "its own".to_owned();
    let figures = |of: &FiguresPart| {
        [
            metric(of.max_drawdown, Unit::Fraction),
            metric(of.total_return, Unit::Fraction),
            metric(of.sharpe, Unit::Ratio),
        ]
    };
    let row = |scenario: &ScenarioPart| {
        let stressed = scenario.stressed.as_ref()?;
        let [deepest, total, sharpe] = figures(stressed);
        let worst = scenario.worst.as_ref();
        let there = worst.and_then(|w| w.max_drawdown);
        Some([
            scenario.name.clone(),
            scenario.window.map_or_else(none, count),
            scenario.struck.as_ref().map_or_else(own, bar_text),
            deepest,
            total,
            sharpe,
            worst.map_or_else(none, bar_text),
            there.map_or_else(none, |x| number(x, Unit::Fraction)),
            scenario.outcome.as_str().to_owned(),
        ])
    };
    let [deepest, total, sharpe] = figures(&part.baseline);
    let baseline = [
        "baseline".to_owned(),
        none(),
        none(),
        deepest,
        total,
        sharpe,
        none(),
        none(),
        String::new(),
    ];
    let rows: Vec<[String; 9]> = std::iter::once(baseline)
        .chain(part.scenarios.iter().filter_map(row))
        .collect();
    let heads = [
        "Scenario",
        "#Bars",
        "Struck",
        "#Max drawdown",
        "#Return",
        "#Sharpe",
        "Worst bar",
        "#Drawdown there",
        "Effect",
    ];
    let mut table = Block::table(heads, rows);
    if let Block::Table(table) = &mut table {
        for Row { cells, level, at } in &mut table.rows {
            if cells
                .last()
                .is_some_and(|cell| ["HELPS", "NOTHING"].contains(&cell.as_str()))
            {
                *level = Some("warning");
                *at = Some(cells.len() - 1);
            }
        }
    }
    table
}

fn bar_text(struck: &StruckPart) -> String {
    let when = struck.time.map_or_else(String::new, |time| {
        let minutes: String = time.to_string().chars().take(16).collect();
        format!(", {}", minutes.replace('T', " "))
    });
    format!("{}{when}", count(struck.bar))
}

/// The baseline with a few of the stressed curves in each picture.
fn charts(curves: &[CurvePart]) -> Vec<Block> {
    let Some((baseline, stressed)) = curves.split_first() else {
        return Vec::new();
    };
    let one = |some: &[CurvePart]| {
        let lines: Vec<Line<'_>> = std::iter::once(baseline)
            .chain(some)
            .map(|curve| Line {
                name: &curve.name,
                points: &curve.points,
            })
            .collect();
        let ends: Vec<String> = lines
            .iter()
            .filter_map(|line| {
                let (_, last) = line.points.last()?;
                let end = crate::render::axis::grouped(*last, 4);
                Some(format!("{} ends at {end}", line.name))
            })
            .collect();
        let title = "Equity under stress (1 before the first bar)";
        Block::Chart {
            svg: Lines {
                title,
                lines: &lines,
                scale: Scale::Number,
                limits: &[],
            }
            .svg(),
            words: format!("{title}: {}.", ends.join("; ")),
        }
    };
    stressed.chunks(TOGETHER).map(one).collect()
}
