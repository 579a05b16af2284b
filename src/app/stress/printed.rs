//! What `research stress` prints for people.

use super::json::{CandidateJson, FiguresJson, ScenarioJson, StressJson};
use crate::app::candidates::printed::{self, shown};
use crate::render::layout::{self, Bears, columns, paragraph};

/// The ground, and a table of every candidate.
#[must_use]
pub fn text(json: &StressJson, width: usize) -> String {
    let asked = format!(
        "Stress: {}; figures are those of the stressed series, not differences",
        json.asked.text()
    );
    let mut text = printed::head(&json.ground, &asked, width);
    for candidate in &json.candidates {
        text.push_str(&one(candidate, width));
    }
    text.push('\n');
    text.push_str(&printed::place(&json.made));
    text
}

fn one(candidate: &CandidateJson, width: usize) -> String {
    let mut text = printed::heading(&candidate.best, width);
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
