//! What `research pipeline` prints for people.

use std::fmt::Write as _;

use super::json::{CandidateJson, PipelineJson};
use crate::app::candidates::parameters_text;
use crate::app::candidates::printed::{SHOWN, place};
use crate::kernel::decimal::Decimal;
use crate::render::layout::{self, Bears, columns, paragraph};

/// The best with what every step made of them, what the walk-forward shows, the interpretation, and
/// where everything is.
#[must_use]
pub fn text(json: &PipelineJson, width: usize) -> String {
    let data = &json.data;
    let invented = if data.synthetic { ", SYNTHETIC" } else { "" };
    let ground = format!(
        "{} ({}) on {} bars of {} {}, {} to {}{invented}",
        json.sweep,
        json.kind,
        data.bars,
        data.symbol,
        data.timeframe,
        data.first.date(),
        data.last.date()
    );
    let mut text = paragraph(&ground, 0, width);
    let ranked = format!("The best by {}:", json.metric);
    text.push_str(&paragraph(&ranked, 0, width));
    text.push_str(&candidates(json, width));
    for step in &json.steps {
        if step.interpretation.is_empty() {
            continue;
        }
        let _infallible = writeln!(text, "\nFirst interpretation of {}, no verdict:", step.step);
        for line in &step.interpretation {
            let said = format!("{:<8} {}: {}", line.level, line.value, line.words);
            text.push_str(&paragraph(&said, 2, width));
        }
    }
    text.push('\n');
    text.push_str(&place(&json.made));
    text
}

fn candidates(json: &PipelineJson, width: usize) -> String {
    let columns = columns([
        ("rank", Bears::Number),
        ("parameters", Bears::Text),
        ("value", Bears::Number),
        ("plateau", Bears::Number),
        ("mc sharpe 5 %", Bears::Number),
        ("mc drawdown 95 %", Bears::Number),
        ("stress drawdown", Bears::Number),
    ]);
    let rows: Vec<Vec<String>> = json.candidates.iter().map(row).collect();
    layout::table(&columns, &rows, width)
}

/// The cells of one of the best, in the order of the table.
pub(super) fn row(candidate: &CandidateJson) -> Vec<String> {
    let best = &candidate.best;
    let shown = |value: &Option<Decimal>| {
        let value = value.as_ref();
        value.map_or_else(|| "-".to_owned(), |value| value.to_fixed(SHOWN))
    };
    vec![
        best.rank.to_string(),
        parameters_text(best),
        shown(&best.value),
        shown(&best.plateau),
        shown(&candidate.mc_sharpe_p05),
        shown(&candidate.mc_max_drawdown_p95),
        shown(&candidate.stress_max_drawdown),
    ]
}
