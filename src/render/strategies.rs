//! The reference of strategies: every kind from its declaration, and the presets of a catalogue.
//!
//! docs/strategies.md carries both; a test keeps it in step.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::markdown;
use crate::kernel::decimal::Decimal;
use crate::research::portfolio::configuration::StrategyConfiguration;
use crate::research::portfolio::recipe::{Catalogue, Preset};
use crate::research::strategy::kind::{Kind, Spec, Takes};
use crate::research::strategy::registry::{KINDS, Rule};

/// One section per kind, in Markdown.
#[must_use]
pub fn kinds() -> String {
    KINDS
        .iter()
        .map(|kind| section(kind))
        .collect::<Vec<_>>()
        .join("\n")
}

fn section(kind: &Kind) -> String {
    let mut text = format!("### {}\n\n{}\n\n", kind.name, wrapped(kind.rule));
    text.push_str("| Parameter | Meaning | May be | Default |\n|---|---|---|---|\n");
    for spec in kind.specs {
        let default = spec.default().unwrap_or_else(|| "must be given".to_owned());
        let cells = (spec.name, spec.meaning, may_be(spec), default);
        let _infallible = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            cells.0, cells.1, cells.2, cells.3
        );
    }
    if !kind.conditions.is_empty() {
        let conditions: Vec<String> = kind
            .conditions
            .iter()
            .map(|c| format!("`{}` {}", c.parameter, c.wanted))
            .collect();
        let _infallible = write!(text, "\n{}\n", wrapped(&sentence(&conditions)));
    }
    let defaults = Rule::new(kind.name, &BTreeMap::new());
    let warm_up = defaults.map_or_else(
        |_| String::new(),
        |rule| {
            format!(
                " With the defaults the first signal can come at bar {}.",
                rule.warm_up()
            )
        },
    );
    let _infallible = write!(
        text,
        "\n{}\n",
        wrapped(&format!("Source: {}.{warm_up}", kind.source))
    );
    text
}

fn sentence(conditions: &[String]) -> String {
    format!("It must be: {}.", conditions.join("; "))
}

fn may_be(spec: &Spec) -> String {
    match &spec.takes {
        Takes::Flag { .. } => "true, false".to_owned(),
        Takes::Whole { from, to, .. } => format!("whole, {from} to {to}"),
        Takes::Number { from, to, .. } => format!("{from} to {to}"),
        Takes::Word { of, .. } => of.join(", "),
        Takes::Components => "list".to_owned(),
    }
}

/// The presets as a table, in Markdown.
#[must_use]
pub fn presets(catalogue: &Catalogue) -> String {
    let mut text = "| Preset | Profile | Horizon | Strategies | Timeframes | Weights | Stops |\n\
                    |---|---|---|---|---|---|---|\n"
        .to_owned();
    for preset in catalogue.presets.values() {
        let _infallible = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            markdown::code(preset.id.as_str()),
            preset.profile,
            preset.horizon,
            column(preset, |s| markdown::code(s.id.as_str())),
            timeframes(preset),
            column(preset, |s| s.weight.to_string()),
            column(preset, |s| level(s.stop.as_ref())),
        );
    }
    text
}

fn column(preset: &Preset, of: fn(&StrategyConfiguration) -> String) -> String {
    let cells: Vec<String> = preset.strategies.iter().map(of).collect();
    cells.join(", ")
}

fn level(distance: Option<&Decimal>) -> String {
    distance.map_or_else(|| "none".to_owned(), ToString::to_string)
}

fn timeframes(preset: &Preset) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for strategy in &preset.strategies {
        if !seen.contains(&strategy.timeframe.as_str()) {
            seen.push(&strategy.timeframe);
        }
    }
    seen.join(", ")
}

/// Lines of at most 100 characters, broken at blanks.
fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= 100 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
