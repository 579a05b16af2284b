//! A robustness report's value as a document: which sections there are and what they say.

use super::document::{Block, Document, Head, Row, Section, Table};
use super::interpretation::first_interpretation;
use super::number::{count, label, metric, number, why};
use super::robustness::{
    MonteCarloSection, RiskSection, RobustnessReport, TradeRow, WalkForwardSection,
};
use super::series;
use crate::evidence::manifest::OosKind;
use crate::kernel::time::UtcTime;
use crate::kernel::unit::Unit;
use crate::metrics::MetricResult;

const BANNER: &str =
    "SYNTHETIC DATA: the bars were invented by a generator, nothing here was traded";

/// The document of a report.
pub(super) fn document(report: &RobustnessReport) -> Document {
    let mut sections = vec![
        headline(report),
        curves(report),
        data(report),
        strategies(report),
    ];
    sections.extend(report.walk_forward.as_ref().map(walk_forward));
    sections.extend(monte_carlo(&report.monte_carlo));
    sections.extend(stress(report));
    sections.extend(report.risk.as_ref().map(risk));
    sections.extend(trades(&report.trades, &report.equity_unit));
    if !report.notes.is_empty() {
        let notes = report.notes.iter().map(Block::text).collect();
        sections.push(Section::new("Remarks", notes));
    }
    sections.push(reproducibility(report));
    sections.retain(|section| !section.blocks.is_empty());
    Document {
        lang: "en",
        title: report.title.clone(),
        banner: report.synthetic.then(|| BANNER.to_owned()),
        facts: facts(report),
        sections,
        seal: None,
    }
}

fn facts(report: &RobustnessReport) -> Vec<(String, String)> {
    let mut facts = vec![
        ("Portfolio".to_owned(), report.portfolio.clone()),
        ("Risk profile".to_owned(), report.profile.clone()),
    ];
    if let (Some(first), Some(last)) = (report.equity.first(), report.equity.last()) {
        let text = format!("{} to {}", minutes(first.0), minutes(last.0));
        facts.push(("Period".to_owned(), text));
    }
    facts.extend(report.conventions.iter().cloned());
    facts
}

/// `2018-05-15 06:00`, UTC.
fn minutes(time: UtcTime) -> String {
    time.to_string()
        .chars()
        .take(16)
        .collect::<String>()
        .replace('T', " ")
}

fn headline(report: &RobustnessReport) -> Section {
    let mut blocks = Vec::new();
    let lines = first_interpretation(&report.profile, &report.headline);
    if !lines.is_empty() {
        blocks.push(Block::text(
            "First interpretation (playbook, section 5.2): a rough feeling for the portfolio, no decision.",
        ));
        let rows: Vec<[String; 3]> = lines
            .iter()
            .map(|line| {
                [
                    line.level.as_str().to_owned(),
                    line.value.clone(),
                    line.words.clone(),
                ]
            })
            .collect();
        let mut table = Block::table(["", "Metric", "First interpretation"], rows);
        if let Block::Table(table) = &mut table {
            let levels = lines.iter().map(|line| Some(line.level.as_str()));
            for (row, level) in table.rows.iter_mut().zip(levels) {
                row.level = level;
            }
        }
        blocks.push(table);
    }
    let rows: Vec<[String; 4]> = report
        .headline
        .iter()
        .map(|row| {
            let unit = row.key.metric.unit();
            [
                label(row.key.metric),
                sample_words(row.key.sample.as_str()).to_owned(),
                metric(row.value, unit),
                row.key.to_string(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        blocks.push(Block::table(["Metric", "=Sample", "#Value", "Id"], rows));
    }
    Section::new("Key figures", blocks)
}

fn sample_words(sample: &str) -> &str {
    match sample {
        "full" => "whole period",
        "oos" => "out of sample",
        "mc" => "Monte-Carlo",
        "stress" => "stress",
        other => other,
    }
}

fn curves(report: &RobustnessReport) -> Section {
    if report.equity.is_empty() {
        return Section::new("Equity and drawdown", Vec::new());
    }
    let rows: Vec<[String; 4]> = series::by_year(&report.equity)
        .into_iter()
        .map(|year| {
            [
                year.year,
                number(year.total_return, Unit::Fraction),
                number(year.max_drawdown, Unit::Fraction),
                crate::render::axis::grouped(year.equity, 2),
            ]
        })
        .collect();
    let heads = ["Year", "#Return", "#Deepest drawdown", "#Equity at the end"];
    let blocks = vec![
        series::equity_chart(report),
        series::drawdown_chart(report),
        Block::table(heads, rows),
    ];
    Section::new("Equity and drawdown", blocks)
}

fn data(report: &RobustnessReport) -> Section {
    let rows: Vec<[String; 6]> = report
        .data
        .iter()
        .map(|row| {
            let kind = if row.synthetic {
                "SYNTHETIC"
            } else {
                "as imported"
            };
            [
                row.symbol.clone(),
                row.timeframe.clone(),
                minutes(row.first),
                minutes(row.last),
                count(row.bars),
                kind.to_owned(),
            ]
        })
        .collect();
    let heads = [
        "=Symbol",
        "Timeframe",
        "=First bar",
        "=Last bar",
        "#Bars",
        "Kind",
    ];
    Section::new("Data", table_if(heads, rows))
}

/// A table, or nothing when it has no row.
fn table_if<const N: usize>(heads: [&str; N], rows: Vec<[String; N]>) -> Vec<Block> {
    if rows.is_empty() {
        return Vec::new();
    }
    vec![Block::table(heads, rows)]
}

fn strategies(report: &RobustnessReport) -> Section {
    let rows: Vec<[String; 6]> = report
        .strategies
        .iter()
        .map(|row| {
            let parameters: Vec<String> = row
                .parameters
                .iter()
                .map(|(k, v)| format!("{k} = {v}"))
                .collect();
            [
                row.id.clone(),
                format!("{} ({})", row.kind, row.style),
                row.symbol.clone(),
                row.timeframe.clone(),
                number(row.weight, Unit::Fraction),
                parameters.join(", "),
            ]
        })
        .collect();
    let heads = [
        "Strategy",
        "Kind (style)",
        "Symbol",
        "Timeframe",
        "#Weight",
        "Parameters",
    ];
    Section::new("Strategies", table_if(heads, rows))
}

fn oos_words(kind: OosKind) -> &'static str {
    match kind {
        OosKind::WalkForward => {
            "Out of sample: walk_forward. The parameters were chosen on each training window and then applied, unchanged, to the test window behind it."
        }
        OosKind::FixedParameters => {
            "Out of sample: fixed_parameters. The parameters were not refitted in any training window: the out-of-sample series is the part of the whole run that lies in the test windows, with positions carried over the windows' edges. It shows how one fixed setting fared over time, not how a fitting procedure would have fared."
        }
        OosKind::DevelopedUntil => {
            "Out of sample: developed_until. Everything after the date at which development stopped, as its author states that date."
        }
        OosKind::Declared => {
            "Out of sample: declared. The tool or its user says so; nothing here can check it."
        }
    }
}

fn walk_forward(section: &WalkForwardSection) -> Section {
    let mut blocks = vec![Block::text(oos_words(section.kind))];
    if !section.windows.is_empty() {
        let (train, test) = (&section.train, &section.test);
        blocks.push(Block::text(match section.kind {
            OosKind::DevelopedUntil => {
                format!("Development stopped at {train}; all later bars are one window.")
            }
            OosKind::WalkForward | OosKind::FixedParameters | OosKind::Declared => {
                format!("Training windows of {train}, test windows of {test}.")
            }
        }));
    }
    let rows: Vec<[String; 7]> = (1..)
        .zip(&section.windows)
        .map(|(index, row)| {
            [
                count(index),
                row.train_first
                    .map_or_else(|| "none".to_owned(), UtcTime::date),
                format!("{} to {}", row.test_first.date(), row.test_last.date()),
                metric(row.total_return, Unit::Fraction),
                metric(row.sharpe, Unit::Ratio),
                metric(row.max_drawdown, Unit::Fraction),
                count(row.trades),
            ]
        })
        .collect();
    let heads = [
        "#Window",
        "=Training from",
        "=Test",
        "#Return",
        "#Sharpe",
        "#Max drawdown",
        "#Trades",
    ];
    blocks.extend(table_if(heads, rows));
    Section::new("Out of sample", blocks)
}

const MONTE_CARLO: &str = "Why the Monte-Carlo bound is not a gate for SHADOW: over two years the standard error of a Sharpe ratio is about 0.7, so \"95 % of runs above 0.8\" cannot hold for an honest 1.15.";

fn monte_carlo(sections: &[MonteCarloSection]) -> Option<Section> {
    if sections.is_empty() {
        return None;
    }
    let mut blocks = Vec::new();
    for section in sections {
        blocks.push(Block::text(format!(
            "{}: {} runs, block length {} {}.",
            section.method,
            count(section.runs),
            count(section.block),
            if section.block == 1 { "bar" } else { "bars" },
        )));
        let rows: Vec<[String; 6]> = section
            .quantiles
            .iter()
            .map(|row| {
                let shown = |value: MetricResult| metric(value, row.metric.unit());
                [
                    label(row.metric),
                    shown(row.p025),
                    shown(row.p05),
                    shown(row.p50),
                    shown(row.p95),
                    shown(row.p975),
                ]
            })
            .collect();
        let heads = ["Quantile", "#2.5 %", "#5 %", "#50 %", "#95 %", "#97.5 %"];
        blocks.extend(table_if(heads, rows));
        if let Some((floor, share)) = section.above_floor {
            let shown = match share {
                Ok(x) => number(x, Unit::Fraction),
                Err(reason) => format!("an undefined share ({})", why(reason)),
            };
            blocks.push(Block::text(format!(
                "{shown} of the runs have a Sharpe ratio above {}.",
                number(floor, Unit::Ratio)
            )));
        }
    }
    blocks.push(Block::text(MONTE_CARLO));
    Some(Section::new("Monte-Carlo", blocks))
}

fn stress(report: &RobustnessReport) -> Option<Section> {
    if report.stress.is_empty() {
        return None;
    }
    let rows: Vec<[String; 10]> = report
        .stress
        .iter()
        .map(|row| {
            [
                row.scenario.clone(),
                number(row.severity, Unit::Fraction),
                row.window.map_or_else(|| "none".to_owned(), count),
                row.position.clone(),
                metric(row.max_drawdown, Unit::Fraction),
                metric(row.total_return, Unit::Fraction),
                metric(row.sharpe, Unit::Ratio),
                row.worst
                    .map_or_else(|| "none".to_owned(), |w| count(w.bar)),
                row.worst.map_or_else(
                    || "none".to_owned(),
                    |w| number(w.max_drawdown, Unit::Fraction),
                ),
                if row.helps { "HELPS" } else { "no" }.to_owned(),
            ]
        })
        .collect();
    let heads = [
        "Scenario",
        "#Severity",
        "#Bars",
        "Position",
        "#Stressed max drawdown",
        "#Stressed return",
        "#Stressed Sharpe",
        "#Worst bar",
        "#Drawdown there",
        "Helps",
    ];
    let words = "Drawdowns are those of the stressed series itself, not differences to the \
        unstressed one. The worst bar is where the scenario would hurt most. A stress that helps \
        (the series falls less deep with it, or ends higher) is no evidence of robustness.";
    let blocks = vec![Block::text(words), Block::table(heads, rows)];
    Some(Section::new("Stress", blocks))
}

fn risk(section: &RiskSection) -> Section {
    let mut heads = vec![Head::new("Correlation")];
    let numbers = 1..=section.strategies.len();
    heads.extend(numbers.map(|index| Head::new(&format!("#({index})"))));
    let rows = (1..)
        .zip(&section.strategies)
        .zip(&section.correlation)
        .map(|((index, name), values): ((usize, &String), _)| {
            let mut cells = vec![format!("({index}) {name}")];
            cells.extend(values.iter().map(|value| metric(*value, Unit::Ratio)));
            // A ragged matrix must not break the table.
            cells.resize(heads.len(), "none".to_owned());
            Row {
                cells,
                level: None,
                at: None,
            }
        })
        .collect();
    let correlation = Table { heads, rows };
    let shares: Vec<[String; 2]> = section
        .strategies
        .iter()
        .zip(&section.contribution)
        .map(|(name, share)| [name.clone(), metric(*share, Unit::Fraction)])
        .collect();
    let mut blocks = vec![Block::Table(correlation)];
    blocks.extend(table_if(
        ["Strategy", "#Share of the portfolio's variance"],
        shares,
    ));
    Section::new("Correlation and risk", blocks)
}

fn trades(rows: &[TradeRow], unit: &str) -> Option<Section> {
    if rows.is_empty() {
        return None;
    }
    let rows: Vec<[String; 7]> = rows
        .iter()
        .map(|row| {
            let costs = match row.costs {
                Ok(x) => format!("{} {unit}", crate::render::axis::grouped(x, 2)),
                Err(reason) => format!("undefined ({})", why(reason)),
            };
            let hours = match row.mean_hours {
                Ok(x) => format!("{} h", crate::render::axis::grouped(x, 1)),
                Err(reason) => format!("undefined ({})", why(reason)),
            };
            [
                row.strategy.clone(),
                count(row.trades),
                metric(row.hit_ratio, Unit::Fraction),
                metric(row.profit_factor, Unit::Ratio),
                metric(row.mean_return, Unit::Fraction),
                hours,
                costs.trim_end().to_owned(),
            ]
        })
        .collect();
    let heads = [
        "Strategy",
        "#Trades",
        "#Hit ratio",
        "#Profit factor",
        "#Mean result",
        "#Mean time",
        "#Costs",
    ];
    Some(Section::new("Trades", vec![Block::table(heads, rows)]))
}

fn reproducibility(report: &RobustnessReport) -> Section {
    let facts = &report.reproducibility;
    let mut rows = vec![
        ["Engine".to_owned(), facts.engine.clone()],
        ["Seed".to_owned(), format!("{} ({})", facts.seed, facts.rng)],
        [
            "Configuration, SHA-256".to_owned(),
            facts.strategy_sha256.to_string(),
        ],
    ];
    let digests = [
        ("Execution limits, SHA-256", facts.limits_sha256),
        (
            "Result, SHA-256 (reruns must reproduce it)",
            facts.result_sha256,
        ),
    ];
    for (name, digest) in digests {
        rows.extend(digest.map(|digest| [name.to_owned(), digest.to_string()]));
    }
    for data in &report.data {
        let name = format!("Bars of {} {}, SHA-256", data.symbol, data.timeframe);
        rows.push([name, data.sha256.to_string()]);
    }
    rows.extend(
        facts
            .command
            .iter()
            .map(|c| ["Command".to_owned(), c.clone()]),
    );
    Section::new("Reproducibility", vec![Block::table(["", ""], rows)])
}
