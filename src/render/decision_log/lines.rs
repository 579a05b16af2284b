//! One decision as lines of text: what Markdown and the page both show.
//!
//! In: an ended request's values, a language, the ink. Out: a [`Section`]. Every value stands with
//! its limit in the same rounding; foreign text and digests pass the ink, which makes them inert
//! in Markdown and leaves them as they are where the template escapes.

use serde::Serialize;

use super::checklist;
use super::metric_names::metric;
use super::record::DecisionEntry;
use super::words::{self, Language};
use crate::evidence::facts::Fact;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, Sample};
use crate::render::{amount, markdown};
use criteria::against_limits;
use proof::proof;
use reasons::reasons;

mod criteria;
mod proof;
mod reasons;

/// How text is put on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Into Markdown.
    Markdown,
    /// Into a template that escapes.
    Plain,
}

impl Ink {
    /// Foreign text.
    #[must_use]
    pub fn text(self, text: &str) -> String {
        match self {
            Self::Markdown => markdown::escape(text),
            Self::Plain => text.to_owned(),
        }
    }

    /// Something to be read letter by letter.
    #[must_use]
    pub fn code(self, text: &str) -> String {
        match self {
            Self::Markdown => markdown::code(text),
            Self::Plain => text.to_owned(),
        }
    }
}

/// One decision.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    pub(super) portfolio: String,
    pub(super) date: String,
    pub(super) profile: String,
    pub(super) metrics: Vec<String>,
    pub(super) status: String,
    pub(super) reasons: Vec<String>,
    pub(super) next: Vec<String>,
    pub(super) reports: Vec<String>,
    pub(super) proof: Vec<String>,
    pub(super) checklist: Vec<String>,
}

/// The lines of `entry`.
#[must_use]
pub fn section(entry: &DecisionEntry, language: Language, ink: Ink) -> Section {
    let next: Vec<String> = if entry.next.is_empty() {
        words::next_steps(language, entry)
    } else {
        entry.next.iter().map(|text| ink.text(text)).collect()
    };
    let mut reports: Vec<String> = entry.reports.iter().map(|path| ink.code(path)).collect();
    if reports.is_empty() {
        reports.push(language.pick("keine angegeben", "none named").to_owned());
    }
    Section {
        portfolio: entry.portfolio.to_string(),
        date: entry.ended_at.date(),
        profile: entry.profile.to_string(),
        metrics: metrics(entry, language),
        status: entry.status.clone(),
        reasons: reasons(entry, language, ink),
        next,
        reports,
        proof: proof(entry, language, ink),
        checklist: checklist::lines(entry.checklist.as_ref(), language, ink),
    }
}

fn metrics(entry: &DecisionEntry, language: Language) -> Vec<String> {
    if entry.facts.is_empty() {
        return vec![language.pick("nicht bewertet", "not judged").to_owned()];
    }
    let find = |metric, sample| {
        let mut facts = entry.facts.iter();
        facts.find(|f| f.metric == metric && f.sample == sample)
    };
    let mut lines: Vec<String> = [
        (Metric::Sharpe, Sample::Oos),
        (Metric::MaxDrawdown, Sample::Full),
        (Metric::CrashDrawdown, Sample::Stress),
    ]
    .into_iter()
    .map(|(id, sample)| {
        let mut criteria = entry.criteria.iter();
        let judged = criteria.find(|c| c.metric == id && c.sample == sample);
        let value = judged
            .and_then(against_limits)
            .map_or_else(|| fact(find(id, sample), language), |(value, _)| value);
        format!("{}: {value}", metric(language, id, sample))
    })
    .collect();
    lines.push(monte_carlo(
        find(Metric::McSharpeP025, Sample::Mc),
        find(Metric::McSharpeP975, Sample::Mc),
        language,
    ));
    lines
}

fn monte_carlo(low: Option<&Fact>, high: Option<&Fact>, language: Language) -> String {
    let values = low
        .and_then(|f| f.value.as_ref())
        .zip(high.and_then(|f| f.value.as_ref()));
    let shown = match values {
        Some((low, high)) => {
            let (low, high) = amount::show_all(low, &[high], Unit::Ratio);
            format!("Sharpe {low} - {}", high.concat())
        }
        None => fact(low, language),
    };
    format!("Monte-Carlo (95% CI): {shown}")
}

fn fact(fact: Option<&Fact>, language: Language) -> String {
    match fact {
        Some(Fact {
            value: Some(value),
            unit,
            ..
        }) => with_unit(amount::show(value, *unit), *unit, language),
        Some(Fact {
            undefined: Some(why),
            ..
        }) => {
            let code = why.as_str();
            let why = words::undefined(language, code).unwrap_or(code);
            format!("{} ({why})", language.pick("nicht definiert", "undefined"))
        }
        _ => language.pick("kein Wert", "no value").to_owned(),
    }
}

/// Days say that they are days; the other units show it or have none.
fn with_unit(value: String, unit: Unit, language: Language) -> String {
    match unit {
        Unit::Days if value == "1" => format!("{value} {}", language.pick("Tag", "day")),
        Unit::Days => format!("{value} {}", language.pick("Tage", "days")),
        Unit::Fraction | Unit::Ratio | Unit::Count => value,
    }
}
