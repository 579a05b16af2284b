//! What `research walkforward` prints for people.

use std::fmt::Write as _;

use super::document::{CandidateJson, WindowJson};
use super::report::trials;
use super::run::Ran;
use crate::app::results_folder;
use crate::app::sweep::summary::FiguresJson;
use crate::kernel::decimal::Decimal;
use crate::kernel::time::UtcTime;
use crate::render::layout::{self, Bears, paragraph};
use crate::render::report::walk_forward::LIMITS;
use crate::research::sweep::grid::Axis;

/// Decimals that people see.
const SHOWN: u32 = 4;

/// The walk-forward in words: its ground, the windows, the first interpretation and its limits.
#[must_use]
pub fn text(ran: &Ran, width: usize) -> String {
    let document = &ran.document;
    let (data, lengths) = (&document.data, &document.lengths);
    let invented = if data.synthetic { " (SYNTHETIC)" } else { "" };
    let anchored = if lengths.anchored { " and growing" } else { "" };
    let lines = [
        format!("{}: {}", document.sweep.name, document.sweep.description),
        format!(
            "{} {}: {} bars{invented}, {} to {}; fee {} and slippage {} per side, fractions",
            data.symbol,
            data.timeframe,
            data.bars,
            data.first.date(),
            data.last.date(),
            document.costs.fee,
            document.costs.slippage
        ),
        format!(
            "{} combinations, chosen by {} on {}{anchored}, tried on the next {}, every {}",
            document.counts.ran, document.metric, lengths.train, lengths.test, lengths.step
        ),
    ];
    let mut text: String = lines.iter().map(|l| paragraph(l, 0, width)).collect();
    text.push('\n');
    text.push_str(&table(ran, width));
    text.push_str("\nFirst interpretation of the test windows, no verdict:\n");
    for line in &ran.lines {
        let said = format!("{}: {}: {}", line.level.as_str(), line.value, line.words);
        text.push_str(&paragraph(&said, 2, width));
    }
    text.push('\n');
    text.push_str(&paragraph(LIMITS, 0, width));
    text.push_str(&paragraph(&trials(document), 0, width));
    let place = results_folder::shown(&ran.path);
    let _infallible = writeln!(text, "results  {place}");
    text
}

fn table(ran: &Ran, width: usize) -> String {
    let columns = layout::columns([
        ("window", Bears::Number),
        ("test from", Bears::Text),
        ("train", Bears::Number),
        ("test", Bears::Number),
        ("return", Bears::Number),
        ("trades", Bears::Number),
        ("rank IC", Bears::Number),
        ("chosen", Bears::Note),
    ]);
    let document = &ran.document;
    let row = |window: &WindowJson| {
        let by = window.metric.as_deref().unwrap_or(&document.metric);
        let chosen = window.best.first();
        let test = chosen.and_then(|c| c.test.as_ref());
        vec![
            window.window.to_string(),
            UtcTime::date(window.test.first),
            shown(chosen.and_then(|c| figure(by, &c.train))),
            shown(test.and_then(|figures| figure(by, figures))),
            shown(window.test_return.as_ref()),
            window.trades.to_string(),
            shown(window.rank_ic.as_ref()),
            match chosen {
                None => "cash: no combination qualified".to_owned(),
                Some(chosen) => parameters(chosen, &document.sweep.axes),
            },
        ]
    };
    let rows: Vec<Vec<String>> = document.windows.iter().map(row).collect();
    layout::table(&columns, &rows, width)
}

fn figure<'f>(name: &str, figures: &'f FiguresJson) -> Option<&'f Decimal> {
    match name {
        "sharpe" => figures.sharpe.as_ref(),
        "sortino" => figures.sortino.as_ref(),
        "total_return" => figures.total_return.as_ref(),
        "max_drawdown" => figures.max_drawdown.as_ref(),
        "hit_ratio" => figures.hit_ratio.as_ref(),
        "profit_factor" => figures.profit_factor.as_ref(),
        _ => None,
    }
}

fn shown(value: Option<&Decimal>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_fixed(SHOWN))
}

/// Those that vary.
fn parameters(chosen: &CandidateJson, axes: &[Axis]) -> String {
    let varied = axes.iter().filter(|axis| axis.values.len() > 1);
    let one = |axis: &Axis| {
        let value = chosen.parameters.get(&axis.name)?;
        Some(format!("{} = {value}", axis.name))
    };
    let words: Vec<String> = varied.filter_map(one).collect();
    words.join(", ")
}
