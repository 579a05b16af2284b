//! Criteria in words: a value against its limits, and what that means.
//!
//! In: judged criteria, a language. Out: lines. A value and its limits stand in the same rounding,
//! so that a value that misses its limit is not written as if it kept it.

use super::with_unit;
use crate::governance::policy::verdict::{Enforcement, Zone};
use crate::metrics::{Metric, Sample};
use crate::render::amount;
use crate::render::decision_log::metric_names::metric;
use crate::render::decision_log::record::{CriterionLine, DecisionEntry};
use crate::render::decision_log::words::{self, Language};

/// The criteria that decide, the three of the playbook first; then the advisory ones that have a
/// value, and how many have none.
pub(super) fn criteria(entry: &DecisionEntry, language: Language) -> Vec<String> {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let first = |c: &&CriterionLine| match (c.metric, c.sample) {
        (Metric::Sharpe, Sample::Oos) => 0,
        (Metric::MaxDrawdown, Sample::Full) => 1,
        (Metric::CrashDrawdown, Sample::Stress) => 2,
        _ => 3,
    };
    let (advisory, mut binding): (Vec<_>, Vec<_>) = entry
        .criteria
        .iter()
        .partition(|c| c.enforcement == Enforcement::Advisory);
    binding.sort_by_key(first);
    let binding = binding.into_iter();
    let mut lines: Vec<String> = binding.map(|c| criterion(c, language)).collect();
    let (shown, silent): (Vec<_>, Vec<_>) = advisory
        .into_iter()
        .partition(|c| c.value.is_some() && c.zone != Zone::NotApplicable);
    let note = pick("Hinweis, entscheidet nicht", "advisory, decides nothing");
    let shown = shown.into_iter();
    lines.extend(shown.map(|c| format!("{} ({note})", criterion(c, language))));
    if !silent.is_empty() {
        let text = match silent.len() {
            1 => pick(
                "weiteres Hinweiskriterium ohne Wert oder nicht anwendbar",
                "more advisory criterion without a value or not applicable",
            ),
            _ => pick(
                "weitere Hinweiskriterien ohne Wert oder nicht anwendbar",
                "more advisory criteria without a value or not applicable",
            ),
        };
        lines.push(format!("{} {text}", silent.len()));
    }
    lines
}

/// Value, then floor and target, all in the same rounding.
pub(super) fn against_limits(line: &CriterionLine) -> Option<(String, Vec<String>)> {
    let mut limits = vec![&line.floor];
    limits.extend(line.target.as_ref());
    let value = line.value.as_ref()?;
    Some(amount::show_all(value, &limits, line.unit))
}

/// Name, value against its limit in the same rounding, and what that means.
fn criterion(line: &CriterionLine, language: Language) -> String {
    let name = metric(language, line.metric, line.sample);
    let zone = words::zone(language, line.zone);
    let reason = line
        .reason
        .as_ref()
        .map(|reason| format!(" ({})", words::reason(language, reason)))
        .unwrap_or_default();
    let word = language.pick("Schwelle", "limit");
    let sign = line.op.sign();
    let Some((value, limits)) = against_limits(line) else {
        let limit = with_unit(amount::show(&line.floor, line.unit), line.unit, language);
        return format!("{name} ({word} {sign} {limit}): {zone}{reason}");
    };
    let value = with_unit(value, line.unit, language);
    let mut limits = limits
        .into_iter()
        .map(|limit| with_unit(limit, line.unit, language));
    let floor = limits.next().unwrap_or_default();
    let target = limits
        .next()
        .map(|t| format!(", {} {t}", language.pick("Ziel", "target")))
        .unwrap_or_default();
    // A value that misses its limit is not written as if it kept it.
    let wanted = if line.zone == Zone::NotApplicable {
        value
    } else {
        format!("{value} ({word} {sign} {floor}{target})")
    };
    format!("{name}: {wanted}: {zone}{reason}")
}
