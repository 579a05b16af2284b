//! A robustness report's value as a document: which sections there are and what they say.

mod chance;
mod curves;
mod standing;
mod together;
mod trading;

use super::document::{BANNER, Block, Document, Section};
use super::interpretation::{closing, first_interpretation};
use super::number::{count, label, metric, number};
use super::robustness::{RobustnessReport, WalkForwardSection};
use crate::evidence::manifest::OosKind;
use crate::kernel::time::UtcTime;
use crate::kernel::unit::Unit;

/// The document of a report.
pub(super) fn document(report: &RobustnessReport) -> Document {
    let mut sections = vec![
        headline(report),
        curves::section(report),
        strategies(report),
        together::level(&report.portfolio_level),
    ];
    sections.extend(report.risk.as_ref().map(together::risk));
    sections.extend(trading::trades(&report.trades, &report.equity_unit));
    sections.extend(report.costs.as_ref().map(trading::costs));
    sections.extend(report.regimes.as_ref().map(standing::regimes));
    sections.extend(report.walk_forward.as_ref().map(walk_forward));
    sections.extend(chance::section(&report.monte_carlo));
    sections.extend(stress(report));
    sections.extend(report.honesty.as_ref().map(standing::honesty));
    sections.push(data(report));
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
    let conventions = report.conventions.iter();
    facts.extend(conventions.map(|(name, value)| (capitalised(name), value.clone())));
    facts
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
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
        let rows: Vec<[String; 4]> = lines
            .iter()
            .map(|line| {
                [
                    line.level.as_str().to_owned(),
                    line.value.clone(),
                    line.meaning().to_owned(),
                    line.words.clone(),
                ]
            })
            .collect();
        let heads = ["Level", "Metric", "Meaning", "First interpretation"];
        let mut table = Block::table(heads, rows);
        if let Block::Table(table) = &mut table {
            let levels = lines.iter().map(|line| Some(line.level.as_str()));
            for (row, level) in table.rows.iter_mut().zip(levels) {
                row.level = level;
            }
        }
        blocks.push(table);
        blocks.push(Block::text(format!("→ {}", closing(&lines))));
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
    Section::new("Data", Block::table_if(heads, rows))
}

fn strategies(report: &RobustnessReport) -> Section {
    // The number by which pictures call it.
    let named = |index: usize, id: &str| match report.strategies.len() {
        1 => id.to_owned(),
        _ => format!("({index}) {id}"),
    };
    let rows: Vec<[String; 6]> = (1..)
        .zip(&report.strategies)
        .map(|(index, row)| {
            let parameters: Vec<String> = row
                .parameters
                .iter()
                .map(|(k, v)| format!("{k} = {v}"))
                .collect();
            [
                named(index, &row.id),
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
        "=Symbol",
        "=Timeframe",
        "#Weight",
        "Parameters",
    ];
    Section::new("Strategies", Block::table_if(heads, rows))
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
    blocks.extend(Block::table_if(heads, rows));
    Section::new("Out of sample", blocks)
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
                    .map_or_else(|| "none".to_owned(), |w| bar(report, w.bar)),
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
        "=Position",
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
    let mut table = Block::table(heads, rows);
    if let Block::Table(table) = &mut table {
        for (row, stressed) in table.rows.iter_mut().zip(&report.stress) {
            let helps = stressed.helps;
            (row.level, row.at) = (helps.then_some("warning"), helps.then_some(9));
        }
    }
    Some(Section::new("Stress", vec![Block::text(words), table]))
}

/// A bar by its number and its day.
fn bar(report: &RobustnessReport, bar: u64) -> String {
    let time = usize::try_from(bar)
        .ok()
        .and_then(|bar| report.equity.get(bar));
    let day = time.map_or_else(String::new, |(time, _)| format!(" ({})", time.date()));
    format!("{}{day}", count(bar))
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
    Section::new(
        "Reproducibility",
        vec![Block::table(["What", "Value"], rows)],
    )
}
