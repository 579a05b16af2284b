//! What `research montecarlo` prints for people.

use super::json::{
    CandidateJson, DistributionJson, MonteCarloJson, NeighboursJson, ProbabilityJson, QuantileJson,
};
use crate::app::candidates::printed::{self, SHOWN, shown};
use crate::render::layout::{self, Bears, columns, paragraph};

/// The quantiles that people see.
const QUANTILES: [&str; 3] = ["0.05", "0.5", "0.95"];

/// The ground, the candidates with their quantiles and probabilities, and what they do not say.
#[must_use]
pub fn text(json: &MonteCarloJson, width: usize) -> String {
    let asked = format!("Drawn: {}", json.asked.text());
    let mut text = printed::head(&json.ground, &asked, width);
    for candidate in &json.candidates {
        text.push_str(&one(candidate, width));
    }
    text.push('\n');
    text.push_str(&paragraph(&json.ground.chosen_text(), 0, width));
    text.push_str(&printed::place(&json.made));
    text
}

fn one(candidate: &CandidateJson, width: usize) -> String {
    let mut text = printed::heading(&candidate.best, width);
    let columns = columns([
        ("figure", Bears::Text),
        ("itself", Bears::Number),
        ("5 %", Bears::Number),
        ("50 %", Bears::Number),
        ("95 %", Bears::Number),
    ]);
    let mut rows: Vec<Vec<String>> = candidate.figures.iter().map(|f| row(f, "")).collect();
    let costs = candidate.costs.iter();
    rows.extend(costs.clone().flat_map(|costs| {
        let figures = costs.figures.iter();
        figures.map(|figure| row(figure, ", other costs"))
    }));
    text.push_str(&layout::table(&columns, &rows, width));
    for found in &candidate.probabilities {
        text.push_str(&paragraph(&probability(found, ""), 0, width));
    }
    for found in costs.flat_map(|costs| &costs.probabilities) {
        text.push_str(&paragraph(&probability(found, " at other costs"), 0, width));
    }
    if let Some(near) = &candidate.neighbours {
        text.push_str(&neighbours(near, width));
    }
    text
}

fn row(figure: &DistributionJson, what: &str) -> Vec<String> {
    let at = |p: &str| {
        let found = figure.quantiles.iter().find(|q| q.p.to_string() == p);
        shown(found.and_then(|q: &QuantileJson| q.value.as_ref()))
    };
    let name = format!("{}{what}", figure.figure);
    let own = shown(figure.own.as_ref());
    [name, own].into_iter().chain(QUANTILES.map(at)).collect()
}

fn probability(found: &ProbabilityJson, what: &str) -> String {
    let limit = found.limit.as_ref();
    let limit = limit.map_or_else(String::new, |l| format!(" {}", l.round(SHOWN)));
    format!(
        "{}{limit}{what}: {} ({} to {})",
        found.name.replace('_', " "),
        shown(found.value.as_ref()),
        shown(found.low.as_ref()),
        shown(found.high.as_ref())
    )
}

fn neighbours(near: &NeighboursJson, width: usize) -> String {
    let count = near.each.len();
    if count == 0 {
        return "no combination one step away ran\n".to_owned();
    }
    let s = if count == 1 { "" } else { "s" };
    let mut text = paragraph(
        &format!("{count} combination{s} one step away, lowest to highest:"),
        0,
        width,
    );
    for spread in &near.spread {
        let line = format!(
            "{} {} to {}, median {}; the candidate {}",
            spread.figure,
            shown(spread.lowest.as_ref()),
            shown(spread.highest.as_ref()),
            shown(spread.median.as_ref()),
            shown(spread.own.as_ref())
        );
        text.push_str(&paragraph(&line, 2, width));
    }
    text
}
