//! The decision log as Markdown: the sections' lines into the template.

use serde::Serialize;

use super::DecisionLog;
use super::lines::{Ink, Section, section};
use super::words::{self, Language};
use crate::render::RenderError;
use crate::render::regulator::words::mark as mark_words;

const TEMPLATE: &str = include_str!("../templates/decision_log.md");

#[derive(Serialize)]
struct Page {
    l: words::Labels,
    notes: Vec<String>,
    decisions: Vec<Section>,
    seal: String,
}

/// The log as Markdown, with `seal` as its last line.
///
/// # Errors
/// When the embedded template does not render, which a test excludes.
pub fn render(log: &DecisionLog, language: Language, seal: &str) -> Result<String, RenderError> {
    let decisions = log.decisions.iter();
    let page = Page {
        l: words::labels(language),
        notes: notes(log, language),
        decisions: decisions
            .map(|entry| section(entry, language, Ink::Markdown))
            .collect(),
        seal: format!("`{seal}`"),
    };
    let context = tera::Context::from_serialize(&page)?;
    Ok(tera::Tera::one_off(TEMPLATE, &context, false)?)
}

fn notes(log: &DecisionLog, language: Language) -> Vec<String> {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let about = &log.about;
    let marks = about.marks.iter();
    let mut notes: Vec<String> = marks
        .map(|mark| format!("**{mark}**: {}", mark_words(mark, language)))
        .collect();
    let code = |text: &str| Ink::Markdown.code(text);
    notes.push(format!(
        "Ledger {}, {} {}, {} {}.",
        code(&about.ledger),
        pick("Fingerabdruck", "fingerprint"),
        code(&about.fingerprint.to_string()),
        pick("Policy-Set", "policy set"),
        code(&about.policy_sha256.to_string()),
    ));
    notes
}
