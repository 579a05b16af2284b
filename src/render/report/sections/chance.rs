//! The Monte-Carlo section.

use crate::kernel::unit::Unit;
use crate::metrics::MetricResult;
use crate::render::axis::Scale;
use crate::render::histogram::Histogram;
use crate::render::report::document::{Block, Section};
use crate::render::report::number::{count, label, metric, number, why};
use crate::render::report::robustness::{Distribution, MonteCarloSection};

const BOUND: &str = "Why the Monte-Carlo bound is not a gate for SHADOW: over two years the standard error of a Sharpe ratio is about 0.7, so \"95 % of runs above 0.8\" cannot hold for an honest 1.15.";

/// The section, where anything was resampled.
pub(super) fn section(sections: &[MonteCarloSection]) -> Option<Section> {
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
        blocks.extend(quantiles(section));
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
        let drawn = section.distributions.iter();
        blocks.extend(drawn.map(|distribution| histogram(section, distribution)));
    }
    blocks.push(Block::text(BOUND));
    Some(Section::new("Monte-Carlo", blocks))
}

fn quantiles(section: &MonteCarloSection) -> Vec<Block> {
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
    Block::table_if(heads, rows)
}

/// How the runs are spread, with their quantiles and the policy's thresholds.
fn histogram(section: &MonteCarloSection, distribution: &Distribution) -> Block {
    let unit = distribution.metric.unit();
    let name = label(distribution.metric);
    let numbers = || {
        distribution
            .values
            .iter()
            .copied()
            .filter(|x| x.is_finite())
    };
    let low = numbers().fold(f64::INFINITY, f64::min);
    let high = numbers().fold(f64::NEG_INFINITY, f64::max);
    if low > high {
        return Block::text(format!("{name}: no run has one, there is nothing to draw."));
    }
    if high - low <= 1e-9 * high.abs().max(low.abs()) {
        let all = number(low, unit);
        return Block::text(format!(
            "{name}: {all} in every run, there is nothing to draw."
        ));
    }
    let quantiles = section
        .quantiles
        .iter()
        .find(|row| row.metric == distribution.metric);
    let marks: Vec<(String, f64)> = quantiles
        .into_iter()
        .flat_map(|row| [("5 %", row.p05), ("median", row.p50), ("95 %", row.p95)])
        .filter_map(|(words, at)| Some((words.to_owned(), at.ok()?)))
        .collect();
    let limits: Vec<(String, f64)> = distribution
        .limits
        .iter()
        .map(|(words, at)| (format!("policy's {words}"), *at))
        .collect();
    let title = format!("{name} of {} {} runs", count(section.runs), section.method);
    let said: Vec<String> = marks
        .iter()
        .map(|(words, at)| format!("{words} {}", number(*at, unit)))
        .chain(limits.iter().map(|(words, _)| words.clone()))
        .collect();
    let picture = Histogram {
        title: &title,
        values: &distribution.values,
        scale: match unit {
            Unit::Fraction => Scale::Percent,
            Unit::Ratio | Unit::Count | Unit::Days => Scale::Number,
        },
        marks: &marks,
        limits: &limits,
    };
    Block::Chart {
        svg: picture.svg(),
        words: format!("{title}: {}.", said.join(", ")),
    }
}
