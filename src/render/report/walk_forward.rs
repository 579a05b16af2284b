//! The report of a walk-forward: what was chosen on each train window, what it did on the test window,
//! and what all of it does and does not show.

mod lines;

pub use lines::lines;

use self::lines::with_error;
use super::document::{BANNER, Block, Document, Head, Row, Section, Table};
use super::interpretation::Line;
use super::number::{count, metric, number};
use super::template::{self, TemplateError};
use crate::kernel::time::UtcTime;
use crate::kernel::unit::Unit;
use crate::metrics::MetricResult;
use crate::render::axis::Scale;
use crate::render::bars::{Pair, PairedBars};
use crate::render::chart::{Chart, Shape};
use crate::research::sweep::ranking::Figure;
use crate::research::sweep::tally::Figures;
use crate::research::walk_forward::stitched::OosFigures;
use crate::research::walk_forward::summary::{Summary, efficiency, test_return};
use crate::research::walk_forward::walk::{Candidate, Walked};

/// What a walk-forward cannot show, in every report.
pub const LIMITS: &str = "What this does not show: that the choice was blind. In each window nothing \
    later was looked at, but the rule, its grid, the lengths of the windows and the symbol were chosen \
    by somebody who may have seen all of these bars; a walk-forward that is repeated until it looks \
    good is fitted to its test windows. It is one path of history, with few windows and train windows \
    that overlap. It is no evidence and no verdict.";

/// Everything that the report says.
#[derive(Debug, Clone)]
pub struct WalkForwardReport<'a> {
    /// Heading.
    pub title: String,
    /// The bars were invented: the report carries a banner.
    pub synthetic: bool,
    /// Name and value, shown first: sweep, bars, windows, costs.
    pub facts: Vec<(String, String)>,
    /// The figure that combinations are ranked by.
    pub figure: Figure,
    /// The windows.
    pub walked: &'a [Walked],
    /// First and last bar of each test window.
    pub tests: Vec<(UtcTime, UtcTime)>,
    /// In words, the parameters of every combination that is among the best of each window.
    pub parameters: Vec<Vec<String>>,
    /// Return of the symbol over each test window.
    pub market: Vec<f64>,
    /// What all windows show.
    pub summary: Summary,
    /// Figures of the stitched test windows.
    pub oos: OosFigures,
    /// Closed trades in them.
    pub trades: usize,
    /// Return of the symbol over all test windows.
    pub market_return: f64,
    /// Equity over the stitched test windows.
    pub equity: &'a [(UtcTime, f64)],
    /// What the sweep's combinations count as.
    pub trials: String,
    /// Name and value: digests, engine, command.
    pub reproducibility: Vec<(String, String)>,
}

/// The report as Markdown.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn markdown(report: &WalkForwardReport<'_>) -> Result<String, TemplateError> {
    template::markdown(&document(report))
}

/// The report as one self-contained HTML file.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn html(report: &WalkForwardReport<'_>) -> Result<String, TemplateError> {
    template::html(&document(report))
}

/// The report as a document.
#[must_use]
pub fn document(report: &WalkForwardReport<'_>) -> Document {
    let rows = report.reproducibility.iter().cloned();
    let rows = rows.map(|(name, value)| [name, value]).collect();
    Document {
        lang: "en",
        title: report.title.clone(),
        banner: report.synthetic.then(|| BANNER.to_owned()),
        facts: report.facts.clone(),
        sections: vec![
            first(report),
            train_and_test(report),
            out_of_sample(report),
            lasting(report),
            best(report),
            Section::new("Reproducibility", vec![Block::table(["", ""], rows)]),
        ],
        seal: None,
    }
}

/// The first interpretation, and its limits.
fn first(report: &WalkForwardReport<'_>) -> Section {
    let lines = lines(report);
    let cells = |line: &Line| {
        [
            line.level.as_str().to_owned(),
            line.value.clone(),
            line.words.clone(),
        ]
    };
    let mut table = Block::table(
        ["", "Figure", "First interpretation"],
        lines.iter().map(cells).collect(),
    );
    if let Block::Table(table) = &mut table {
        for (row, line) in table.rows.iter_mut().zip(&lines) {
            row.level = Some(line.level.as_str());
        }
    }
    Section::new(
        "First interpretation",
        vec![
            Block::text(
                "A rough feeling (playbook, section 5.2), no decision. All figures are those of the test windows, after costs.",
            ),
            table,
            Block::text(LIMITS),
            Block::text(report.trials.clone()),
        ],
    )
}

/// How a figure is written.
fn unit(figure: Figure) -> Unit {
    match figure {
        Figure::Sharpe | Figure::Sortino | Figure::ProfitFactor => Unit::Ratio,
        Figure::TotalReturn | Figure::MaxDrawdown | Figure::HitRatio => Unit::Fraction,
    }
}

/// A figure of a row, or that there is none.
fn shown(figure: Figure, row: Option<&Figures>) -> String {
    let value = row.and_then(|row| figure.of(row));
    value.map_or_else(|| "none".to_owned(), |x| number(x, unit(figure)))
}

fn name(figure: Figure) -> &'static str {
    match figure {
        Figure::Sharpe => "Sharpe ratio",
        Figure::Sortino => "Sortino ratio",
        Figure::TotalReturn => "Return",
        Figure::MaxDrawdown => "Max drawdown",
        Figure::HitRatio => "Hit ratio",
        Figure::ProfitFactor => "Profit factor",
    }
}

/// The chosen combination of each window, train against test.
fn train_and_test(report: &WalkForwardReport<'_>) -> Section {
    let figure = report.figure;
    let pairs: Vec<Pair> = report
        .walked
        .iter()
        .zip(&report.tests)
        .map(|(walked, (from, _))| Pair {
            label: from.date(),
            values: match walked.chosen() {
                None => [None, None],
                Some(chosen) => [
                    figure.of(&chosen.train),
                    chosen.test.as_ref().and_then(|row| figure.of(row)),
                ],
            },
        })
        .collect();
    let title = format!("{} of the chosen combination, by test window", name(figure));
    let scale = match unit(figure) {
        Unit::Fraction => Scale::Percent,
        _ => Scale::Number,
    };
    let chart = PairedBars {
        title: &title,
        names: ["train", "test"],
        pairs: &pairs,
        scale,
    };
    let mut rows = Vec::new();
    for (index, walked) in report.walked.iter().enumerate() {
        rows.push(window_row(report, index, walked));
    }
    let of = |what: &str| format!("#{} {what}", name(figure));
    let heads = [
        "#",
        "=Test from",
        "=To",
        "Chosen",
        &of("train"),
        &of("test"),
        "#Return test",
        "#Symbol",
        "#Trades",
        "#Rank IC",
    ];
    Section::new(
        "Train against test",
        vec![
            Block::Chart {
                svg: chart.svg(),
                words: format!("{title}: see the table."),
            },
            Block::Table(Table {
                heads: heads.map(Head::new).into(),
                rows,
            }),
        ],
    )
}

fn window_row(report: &WalkForwardReport<'_>, index: usize, walked: &Walked) -> Row {
    let figure = report.figure;
    let date = |time: Option<UtcTime>| time.map_or_else(|| "none".to_owned(), UtcTime::date);
    let tests = report.tests.get(index);
    let chosen = walked.chosen();
    let other = walked.figure.filter(|by| *by != figure);
    let parameters = report.parameters.get(index).and_then(|names| names.first());
    let words = match (parameters, other) {
        (None, _) => "cash: nothing qualified".to_owned(),
        (Some(words), None) => words.clone(),
        (Some(words), Some(by)) => format!("{words} (by {})", by.as_str()),
    };
    let cut = if walked.window.cut { " (cut)" } else { "" };
    let ic = walked.rank_ic.value;
    Row {
        cells: vec![
            (index + 1).to_string(),
            date(tests.map(|(from, _)| *from)),
            format!("{}{cut}", date(tests.map(|(_, to)| *to))),
            words,
            shown(figure, chosen.map(|c| &c.train)),
            shown(figure, chosen.and_then(|c| c.test.as_ref())),
            number(test_return(walked), Unit::Fraction),
            report
                .market
                .get(index)
                .map_or_else(String::new, |x| number(*x, Unit::Fraction)),
            count(walked.trades as u64),
            ic.map_or_else(|_| "none".to_owned(), |x| number(x, Unit::Ratio)),
        ],
        level: None,
        at: None,
    }
}

/// The stitched series.
fn out_of_sample(report: &WalkForwardReport<'_>) -> Section {
    let falls = falls(report.equity);
    let chart = |title: &str, points: &[(UtcTime, f64)], shape, scale| {
        let chart = Chart {
            title,
            points,
            shape,
            scale,
            limits: &[],
        };
        chart.svg()
    };
    let last = report.equity.last().map_or(1.0, |(_, equity)| *equity);
    let fact = |name: &str, value: MetricResult, unit| [name.to_owned(), metric(value, unit)];
    let oos = &report.oos;
    let rows = vec![
        fact("Return", oos.total_return, Unit::Fraction),
        fact("CAGR", oos.cagr, Unit::Fraction),
        fact("Volatility", oos.volatility, Unit::Fraction),
        fact("Sharpe ratio", oos.sharpe, Unit::Ratio),
        fact("Sortino ratio", oos.sortino, Unit::Ratio),
        fact("Max drawdown", oos.max_drawdown, Unit::Fraction),
        fact("Trades", Ok(report.trades as f64), Unit::Count),
        fact(
            "Holding the symbol",
            Ok(report.market_return),
            Unit::Fraction,
        ),
    ];
    Section::new(
        "Out of sample, stitched",
        vec![
            Block::text(
                "The test windows one after another, each with what was chosen on its train window. Positions begin and end with their window, at cost.",
            ),
            Block::Chart {
                svg: chart(
                    "Equity (1 before the first test bar)",
                    report.equity,
                    Shape::Line,
                    Scale::Number,
                ),
                words: format!("Equity: from 1 to {last:.4}."),
            },
            Block::Chart {
                svg: chart(
                    "Drawdown (percent below the highest equity so far)",
                    &falls,
                    Shape::Hanging,
                    Scale::Percent,
                ),
                words: format!(
                    "Drawdown: at most {}.",
                    metric(oos.max_drawdown, Unit::Fraction)
                ),
            },
            Block::table(["Figure", "#Value"], rows),
        ],
    )
}

/// Falls below the highest equity so far, the 1 before the first bar included.
fn falls(equity: &[(UtcTime, f64)]) -> Vec<(UtcTime, f64)> {
    let mut peak = 1.0_f64;
    let fall = |(time, value): &(UtcTime, f64)| {
        peak = peak.max(*value);
        (*time, 1.0 - value / peak)
    };
    equity.iter().map(fall).collect()
}

/// Efficiency and ranks over all windows.
fn lasting(report: &WalkForwardReport<'_>) -> Section {
    let summary = &report.summary;
    let row = |name: &str, value: String| [name.to_owned(), value];
    let rows = vec![
        row(
            "Efficiency, all windows together",
            metric(summary.efficiency_pooled, Unit::Ratio),
        ),
        row(
            &format!(
                "Efficiency, mean over the {} windows that gained in training",
                summary.efficiency_windows
            ),
            metric(summary.efficiency, Unit::Ratio),
        ),
        row(
            &format!("Rank IC, mean over {} windows", summary.rank_ic_windows),
            with_error(summary),
        ),
        row(
            "Different combinations chosen",
            count(summary.distinct as u64),
        ),
    ];
    let efficiencies: Vec<[String; 2]> = (1_u64..)
        .zip(report.walked)
        .map(|(window, walked)| {
            let value = efficiency(walked);
            let words = value.map_or_else(|_| "none".to_owned(), |x| number(x, Unit::Ratio));
            [count(window), words]
        })
        .collect();
    Section::new(
        "Does it last",
        vec![
            Block::text(
                "Efficiency is the return per bar in testing over that in training, of the chosen combinations: 1 keeps everything, 0 nothing. Rank IC is the rank correlation of all combinations between train and test window: whether what is better in training is better in testing. Without any skill it is near zero, but not exactly: combinations that cost more rank low in both windows, and those that often win a little and seldom lose much rank high in both. Its error takes windows for independent, which overlapping train windows are not.",
            ),
            Block::table(["", "#"], rows),
            Block::table(["#Window", "#Efficiency"], efficiencies),
        ],
    )
}

/// The best of every window.
fn best(report: &WalkForwardReport<'_>) -> Section {
    let mut rows: Vec<[String; 7]> = Vec::new();
    for (index, walked) in report.walked.iter().enumerate() {
        let names = report.parameters.get(index);
        for (rank, candidate) in walked.best.iter().enumerate() {
            let words = names.and_then(|names| names.get(rank));
            rows.push(best_row(index, rank, walked, candidate, words));
        }
    }
    let heads = [
        "#Window",
        "#Rank",
        "Parameters",
        "#Train",
        "#Plateau",
        "#Test",
        "#Return test",
    ];
    Section::new(
        "The best of every train window",
        vec![
            Block::text(
                "By the figure that decided in that window. Plateau is its mean over a combination and its neighbours in the grid, in training.",
            ),
            Block::table(heads, rows),
        ],
    )
}

fn best_row(
    index: usize,
    rank: usize,
    walked: &Walked,
    candidate: &Candidate,
    words: Option<&String>,
) -> [String; 7] {
    let figure = walked.figure.unwrap_or(Figure::TotalReturn);
    [
        count(index as u64 + 1),
        count(rank as u64 + 1),
        words.cloned().unwrap_or_default(),
        number(candidate.value, unit(figure)),
        number(candidate.plateau, unit(figure)),
        shown(figure, candidate.test.as_ref()),
        shown(Figure::TotalReturn, candidate.test.as_ref()),
    ]
}
