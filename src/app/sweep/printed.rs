//! What `research sweep` prints for people.

use std::fmt::Write as _;
use std::path::Path;

use super::listing::counts_text;
use super::summary::{Best, Summary};
use crate::app::results_folder;
use crate::kernel::decimal::Decimal;
use crate::render::axis::grouped;
use crate::render::layout::{self, Bears, Column, paragraph};
use crate::research::portfolio::configuration::Parameter;

/// Decimals that people see.
const SHOWN: u32 = 4;

/// The sweep in words: its ground, how much of it ran, the best, and what that is worth.
#[must_use]
pub fn summary_text(summary: &Summary, path: Option<&Path>, width: usize) -> String {
    let data = &summary.data;
    let invented = if data.synthetic { " (synthetic)" } else { "" };
    let mut text = paragraph(
        &format!("{}: {}", summary.sweep.name, summary.sweep.description),
        0,
        width,
    );
    text.push_str(&paragraph(
        &format!(
            "{} {}: {} bars{invented}, {} to {}; fee {} and slippage {} per side, fractions",
            data.symbol,
            data.timeframe,
            data.bars,
            data.first.date(),
            data.last.date(),
            summary.costs.fee,
            summary.costs.slippage
        ),
        0,
        width,
    ));
    text.push_str(&counts_text(&summary.counts, "ran", width));
    text.push_str(&distinct_text(summary, width));
    text.push('\n');
    if summary.best.is_empty() {
        let _infallible = writeln!(text, "no combination traded and has a {}", summary.metric);
    } else {
        text.push_str(&table(summary, width));
    }
    text.push('\n');
    text.push_str(&money_text(summary, width));
    text.push_str(&paragraph(&trials_text(summary), 0, width));
    if let Some(path) = path {
        let place = results_folder::shown(path);
        let _infallible = writeln!(text, "results  {place}");
    }
    text
}

/// Costs in money, where a capital was named.
fn money_text(summary: &Summary, width: usize) -> String {
    let best = summary.best.first().and_then(|b| b.figures.costs.as_ref());
    let (Some(capital), Some(costs)) = (&summary.capital, best) else {
        return String::new();
    };
    let currency = summary.data.symbol.split('/').nth(1).unwrap_or_default();
    let money = costs.to_f64() * capital.to_f64();
    let said = format!(
        "Of a capital of {capital} {currency} the best pays {} {currency} in fees and slippage.",
        grouped(money, 2)
    );
    paragraph(&said, 0, width)
}

/// Said where parameters change less than they seem to.
fn distinct_text(summary: &Summary, width: usize) -> String {
    let counts = &summary.counts;
    let said = match (counts.distinct, counts.ran) {
        (distinct, ran) if distinct == ran => return String::new(),
        (1, _) => {
            "all results are the same: these parameters change nothing on these bars".to_owned()
        }
        (distinct, ran) => format!("{distinct} different results among {ran}"),
    };
    paragraph(&said, 0, width)
}

/// The best with plateau and neighbours.
fn table(summary: &Summary, width: usize) -> String {
    let own = |name: &'static str| name != summary.metric;
    let metric = RANKED.iter().find(|(name, _)| *name == summary.metric);
    let (name, _) = *metric.unwrap_or(&("value", |_| None));
    let mut columns = vec![
        Column {
            name: "rank",
            bears: Bears::Number,
        },
        Column {
            name,
            bears: Bears::Number,
        },
        Column {
            name: "plateau",
            bears: Bears::Number,
        },
        Column {
            name: "neighbours",
            bears: Bears::Number,
        },
    ];
    let others: Vec<_> = RANKED
        .iter()
        .take(3)
        .filter(|(name, _)| own(name))
        .collect();
    columns.extend(others.iter().map(|(name, _)| Column {
        name,
        bears: Bears::Number,
    }));
    columns.push(Column {
        name: "trades",
        bears: Bears::Number,
    });
    columns.push(Column {
        name: "parameters",
        bears: Bears::Note,
    });
    let row = |best: &Best| {
        let mut cells = vec![
            best.rank.to_string(),
            shown(best.value.as_ref()),
            shown(best.plateau.as_ref()),
            best.neighbours.to_string(),
        ];
        cells.extend(others.iter().map(|(_, of)| shown(of(best))));
        cells.push(best.figures.trades.to_string());
        cells.push(parameters(best));
        cells
    };
    let rows: Vec<Vec<String>> = summary.best.iter().map(row).collect();
    layout::table(&columns, &rows, width)
}

/// A figure by name; the first three stand in every table.
type Named = (&'static str, fn(&Best) -> Option<&Decimal>);

const RANKED: [Named; 6] = [
    ("sharpe", |best| best.figures.sharpe.as_ref()),
    ("total_return", |best| best.figures.total_return.as_ref()),
    ("max_drawdown", |best| best.figures.max_drawdown.as_ref()),
    ("sortino", |best| best.figures.sortino.as_ref()),
    ("hit_ratio", |best| best.figures.hit_ratio.as_ref()),
    ("profit_factor", |best| best.figures.profit_factor.as_ref()),
];

fn shown(value: Option<&Decimal>) -> String {
    value.map_or_else(|| "undefined".to_owned(), |value| value.to_fixed(SHOWN))
}

fn parameters(best: &Best) -> String {
    let one = |(name, value): (&String, &Parameter)| format!("{name} = {value}");
    let all: Vec<String> = best.parameters.iter().map(one).collect();
    all.join(", ")
}

/// How many trials are behind the best, and what they would show without skill.
fn trials_text(summary: &Summary) -> String {
    let trials = &summary.trials;
    let all = trials.runs.saturating_add(trials.earlier);
    let plural = |n: u64| if n == 1 { "" } else { "s" };
    let behind = match trials.earlier {
        0 => format!(
            "Behind the best stand{} {all} trial{}",
            if all == 1 { "s" } else { "" },
            plural(all)
        ),
        earlier => format!(
            "Behind the best stand {all} trials, {earlier} of them counted earlier for {}",
            trials.portfolio
        ),
    };
    let sharpe = summary
        .best
        .first()
        .and_then(|best| best.figures.sharpe.as_ref());
    match (sharpe, &summary.sharpe_without_skill) {
        (Some(sharpe), Some(luck)) => format!(
            "{behind}: its Sharpe ratio of {} has to be deflated by them, for without any skill the best of {all} is expected at {}.",
            sharpe.to_fixed(2),
            luck.to_fixed(2)
        ),
        _ => format!("{behind}: its Sharpe ratio has to be deflated by them."),
    }
}
