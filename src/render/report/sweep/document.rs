//! A sweep's report as a document: which sections there are, and in which order.

use super::advice::{interpretation, recommendations, selection};
use super::{Form, SweepReport, label, pictures, shown, tables};
use crate::kernel::unit::Unit;
use crate::render::axis::grouped;
use crate::render::report::document::{BANNER, Block, Document, Head, Row, Section, Table};
use crate::render::report::number::{count, number};

/// The document in one of its forms.
pub(super) fn document(report: &SweepReport, form: Form) -> Document {
    let mut sections = vec![first(report), best(report), tables::top(report)];
    sections.push(tables::statistics(report));
    sections.push(tables::parameters(report));
    let shown = pictures(report, form).into_iter();
    sections.extend(shown.map(|(name, blocks)| Section::new(heading(name), blocks)));
    sections.push(advice(report));
    sections.push(reproducibility(report));
    sections.retain(|section| !section.blocks.is_empty());
    Document {
        lang: "en",
        title: format!("Sweep {}", report.name),
        banner: report.data.synthetic.then(|| BANNER.to_owned()),
        facts: overview(report),
        sections,
        seal: None,
    }
}

/// The pictures in their sections; in Markdown the same numbers as tables. The first part is the
/// name of a section for files.
pub(super) fn pictures(report: &SweepReport, form: Form) -> Vec<(&'static str, Vec<Block>)> {
    vec![
        ("heatmap", pictures::heat_maps(report, form)),
        ("distribution", pictures::distribution(report, form)),
        ("parameter", pictures::parameters(report, form)),
    ]
}

fn heading(name: &str) -> &'static str {
    match name {
        "heatmap" => "Heat maps",
        "distribution" => "Distribution",
        _ => "Parameter against metric",
    }
}

fn overview(report: &SweepReport) -> Vec<(String, String)> {
    let (data, counts, trials) = (&report.data, &report.counts, &report.trials);
    let mut facts: Vec<(&str, String)> = vec![("What", report.description.clone())];
    facts.extend(report.tag.clone().map(|tag| ("Tag", tag)));
    facts.push(("Kind", format!("{}, long or flat", report.kind)));
    facts.push((
        "Bars",
        format!(
            "{} {}, {} from {} to {}",
            data.symbol,
            data.timeframe,
            count(data.bars),
            data.first.date(),
            data.last.date()
        ),
    ));
    facts.push((
        "Costs",
        format!(
            "fee {} and slippage {} per side",
            number(report.costs[0], Unit::Fraction),
            number(report.costs[1], Unit::Fraction)
        ),
    ));
    if let Some((capital, currency)) = &report.capital {
        facts.push(("Capital", format!("{} {currency}", grouped(*capital, 2))));
    }
    let axis = |(name, values): &(String, Vec<String>)| format!("{name}: {}", values.join(", "));
    let axes: Vec<String> = report.axes.iter().map(axis).collect();
    facts.push(("Grid", axes.join("; ")));
    if !report.constraints.is_empty() {
        facts.push(("Constraints", report.constraints.join("; ")));
    }
    facts.push(("Ran", ran(report)));
    if counts.distinct < counts.ran {
        let differ = format!("{} of {}", count(counts.distinct), count(counts.ran));
        facts.push(("Different results", differ));
    }
    facts.push(("Longest warm-up", format!("{} bars", count(report.warm_up))));
    facts.push(("Ranked by", label(report.ranked_by)));
    let entry = match trials.seq {
        Some(seq) => format!("entry {seq} of the ledger"),
        None => "not in a ledger".to_owned(),
    };
    facts.push((
        "Trials",
        format!(
            "{} for {}, {entry}; {} counted earlier",
            count(trials.runs),
            trials.portfolio,
            count(trials.earlier)
        ),
    ));
    facts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn ran(report: &SweepReport) -> String {
    let counts = &report.counts;
    let left_out = [
        (counts.constrained, "broke a constraint"),
        (counts.impossible, "were not allowed by the rule"),
        (counts.beyond, "were beyond --max-runs"),
    ];
    let mut text = format!(
        "{} of {} combinations",
        count(counts.ran),
        count(counts.grid)
    );
    for (left_out, why) in left_out.into_iter().filter(|(n, _)| *n > 0) {
        text.push_str(&format!("; {} {why}", count(left_out)));
    }
    if counts.idle > 0 {
        text.push_str(&format!(
            "; {} of those that ran never traded",
            count(counts.idle)
        ));
    }
    text
}

fn first(report: &SweepReport) -> Section {
    let rows = interpretation(report).into_iter().map(|line| Row {
        cells: vec![line.value, line.level.as_str().to_owned(), line.words],
        level: Some(line.level.as_str()),
        at: None,
    });
    let table = Table {
        heads: ["The best, and its field", "", ""].map(Head::new).into(),
        rows: rows.collect(),
    };
    Section::new(
        "First interpretation",
        vec![
            Block::text("A rough feeling for the sweep (playbook, section 5.2), no decision."),
            Block::Table(table),
            Block::text(selection(report)),
        ],
    )
}

fn best(report: &SweepReport) -> Section {
    let Some(best) = report.best.first() else {
        return Section::new("Best combination", Vec::new());
    };
    let mut facts: Vec<(String, String)> = best.parameters.clone();
    let metric = label(report.ranked_by);
    facts.push((metric.clone(), shown(report.ranked_by, Some(best.value))));
    let neighbours = count(best.neighbours);
    facts.push((
        format!("{metric}, mean with its {neighbours} neighbours"),
        shown(report.ranked_by, Some(best.plateau)),
    ));
    let others = best.figures.iter().filter(|(f, _)| *f != report.ranked_by);
    facts.extend(others.map(|(figure, value)| (label(*figure), shown(*figure, *value))));
    facts.push(("Trades".to_owned(), count(best.trades)));
    facts.push(("Costs".to_owned(), tables::costs(report, best.costs)));
    facts.push(("Row of results.csv".to_owned(), count(best.run)));
    Section::new("Best combination", vec![Block::Facts { facts }])
}

fn advice(report: &SweepReport) -> Section {
    let items = recommendations(report)
        .into_iter()
        .map(|advice| advice.text);
    Section::new("Recommendations", vec![Block::list(items.collect())])
}

fn reproducibility(report: &SweepReport) -> Section {
    let rows = [
        ("Engine", report.engine.clone()),
        (
            "Grid, bars, costs and engine, SHA-256",
            report.run_sha256.to_string(),
        ),
        ("Rows, SHA-256", report.results_sha256.to_string()),
        ("Bars, SHA-256", report.data.sha256.to_string()),
        ("Command", report.command.clone()),
    ];
    let rows = rows.map(|(name, value)| [name.to_owned(), value]).into();
    Section::new("Reproducibility", vec![Block::table(["", ""], rows)])
}
