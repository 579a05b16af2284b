//! What `research stress` prints for people.

use std::fmt::Write as _;

use super::Ran;
use super::json::{CandidateJson, FiguresJson, ScenarioJson};
use crate::app::candidates::parameters_text;
use crate::kernel::decimal::Decimal;
use crate::kernel::text::visible;
use crate::render::layout::{self, Bears, columns, paragraph};

/// Decimals that people see.
const SHOWN: u32 = 4;

/// The ground, and a table of every candidate.
#[must_use]
pub fn text(ran: &Ran, width: usize) -> String {
    let json = &ran.json;
    let mut text = String::new();
    for (name, value) in json.ground.facts() {
        text.push_str(&paragraph(&format!("{name}: {value}"), 0, width));
    }
    let asked = &json.asked;
    let stress = format!(
        "Stress: severity {}, window {} bars, position {}; figures are those of the stressed series, not differences",
        asked.severity, asked.window, asked.position
    );
    text.push_str(&paragraph(&stress, 0, width));
    for candidate in &json.candidates {
        text.push('\n');
        text.push_str(&one(candidate, width));
    }
    text.push('\n');
    let shown = visible(&ran.path.display().to_string(), 400);
    let _infallible = writeln!(text, "results  {shown}");
    text
}

fn one(candidate: &CandidateJson, width: usize) -> String {
    let best = &candidate.best;
    let heading = format!(
        "candidate {}, combination {}: {}",
        best.rank,
        best.run,
        parameters_text(best)
    );
    let mut text = paragraph(&heading, 0, width);
    let columns = columns([
        ("scenario", Bears::Text),
        ("drawdown", Bears::Number),
        ("return", Bears::Number),
        ("sharpe", Bears::Number),
        ("worst bar", Bears::Number),
        ("drawdown there", Bears::Number),
        ("", Bears::Note),
    ]);
    let none = || "-".to_owned();
    let mut first = vec!["baseline".to_owned()];
    first.extend(figures(&candidate.baseline));
    first.extend([none(), none(), String::new()]);
    let tested = candidate.scenarios.iter().filter(|s| s.no_effect.is_none());
    let row = |scenario: &ScenarioJson| {
        let mut cells = vec![scenario.scenario.to_owned()];
        match &scenario.stressed {
            Some(found) => cells.extend(figures(found)),
            None => cells.extend([none(), none(), none()]),
        }
        match &scenario.worst {
            Some(worst) => {
                cells.extend([worst.bar.to_string(), shown(worst.max_drawdown.as_ref())])
            }
            None => cells.extend([none(), none()]),
        }
        let remark = match (scenario.helps, scenario.nothing) {
            (true, _) => "HELPS",
            (false, true) => "NOTHING: flat there",
            (false, false) => "",
        };
        cells.push(remark.to_owned());
        cells
    };
    let rows: Vec<Vec<String>> = std::iter::once(first).chain(tested.map(row)).collect();
    text.push_str(&layout::table(&columns, &rows, width));
    for scenario in &candidate.scenarios {
        if let Some(why) = scenario.no_effect {
            let said = format!("{}: no effect, {why}", scenario.scenario);
            text.push_str(&paragraph(&said, 0, width));
        }
    }
    text
}

fn figures(figures: &FiguresJson) -> [String; 3] {
    let of = [
        &figures.max_drawdown,
        &figures.total_return,
        &figures.sharpe,
    ];
    of.map(|value| shown(value.as_ref()))
}

fn shown(value: Option<&Decimal>) -> String {
    value.map_or_else(|| "undefined".to_owned(), |value| value.to_fixed(SHOWN))
}
