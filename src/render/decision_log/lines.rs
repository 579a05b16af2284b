//! One decision as lines of text: what Markdown and the page both show.
//!
//! In: an ended request's values, a language, the ink. Out: a [`Section`]. Every value stands with
//! its limit in the same rounding; foreign text and digests pass the ink, which makes them inert
//! in Markdown and leaves them as they are where the template escapes.

use serde::Serialize;

use super::checklist;
use super::metric_names::metric;
use super::record::{CriterionLine, DecisionEntry, SignerLine};
use super::words::{self, Language};
use crate::evidence::facts::Fact;
use crate::governance::policy::verdict::{Enforcement, Zone};
use crate::governance::promotion::ending::Ending;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, Sample};
use crate::render::amount;
use crate::render::expectation;
use crate::render::markdown;
use crate::render::register::causes::{cause, ending, reason};
use crate::render::register::incidents::{IncidentLine, class, severity};
use crate::render::register::join_names;
use crate::render::register::overrides::OverrideLine;

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

fn reasons(entry: &DecisionEntry, language: Language, ink: Ink) -> Vec<String> {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let mut lines = ends(entry, language, ink);
    if let Some(verdict) = &entry.verdict {
        let text = pick("Urteil der Policy:", "Verdict of the policy:");
        lines.push(format!("{text} {verdict}"));
    }
    lines.extend(criteria(entry, language));
    if let Some(contract) = &entry.contract {
        lines.extend(expectation::lines(contract, language));
    }
    let overrides = entry.overrides.iter();
    lines.extend(overrides.map(|line| override_line(line, language, ink)));
    let incidents = entry.incidents.iter();
    lines.extend(incidents.map(|line| incident_line(line, language, ink)));
    lines.extend(approvals(entry, language, ink));
    if !entry.summary.is_empty() {
        let text = pick("Antrag:", "Request:");
        lines.push(format!("{text} {}", ink.text(&entry.summary)));
    }
    if !entry.fallback.is_empty() {
        let text = pick("Rückfallplan:", "Fallback:");
        lines.push(format!("{text} {}", ink.text(&entry.fallback)));
    }
    lines
}

/// Attempts to judge it that failed; who or what ended the request other than its verdict or its
/// quorum.
fn ends(entry: &DecisionEntry, language: Language, ink: Ink) -> Vec<String> {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let mut lines = Vec::new();
    for signer in &entry.signers {
        match signer.act {
            "denial" => lines.push(format!(
                "{} {} ({}): {}{}",
                pick("Abgelehnt durch", "Denied by"),
                signer.person,
                ink.text(&signer.role),
                ink.text(&signer.reason),
                remark(signer, ink),
            )),
            "evaluation-error" => lines.push(format!(
                "{} ({} {}, {}){}",
                pick("Bewertung fehlgeschlagen", "Evaluation failed"),
                pick("Eintrag", "entry"),
                signer.seq,
                ink.code(&signer.reason),
                remark(signer, ink),
            )),
            "withdrawal" => lines.push(format!(
                "{} {} ({})",
                pick("Zurückgezogen durch", "Withdrawn by"),
                signer.person,
                ink.text(&signer.role),
            )),
            _ => {}
        }
    }
    if let Some(by) = &entry.superseded_by {
        lines.push(format!("{} {by}", pick("Ersetzt durch", "Superseded by")));
    }
    if let Some(halt) = &entry.halted_by {
        let by = halt.by.as_ref().map(|by| format!(" {by},"));
        lines.push(format!(
            "{} ({},{} {} {}): {}",
            pick("Ungültig geworden durch Halt", "Invalidated by a halt"),
            cause(language, halt.cause),
            by.unwrap_or_default(),
            pick("Eintrag", "entry"),
            halt.seq,
            ink.text(&reason(
                language,
                halt.cause,
                halt.reason.as_deref(),
                halt.severity
            ))
        ));
    } else if let Some(ended) = entry.ended_by {
        lines.push(invalidated(entry, ended, language));
    }
    if entry.status == "EXPIRED" {
        let text = pick("Abgelaufen am", "Expired at");
        lines.push(format!("{text} {}", entry.ended_at));
    }
    if let Some(seq) = entry.fallen_by {
        let text = pick(
            "Trägt nicht mehr: seit Eintrag {} fehlen glaubwürdige Freigaben",
            "Stands no longer: believed approvals are missing since entry {}",
        );
        lines.push(text.replace("{}", &seq.to_string()));
    }
    lines
}

/// What else than a halt a request gave way to, and by which entry.
fn invalidated(entry: &DecisionEntry, ended: Ending, language: Language) -> String {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let by = entry.signers.iter().find(|signer| signer.act == "end");
    let by = by.map(|signer| {
        let entry = pick("Eintrag", "entry");
        format!(" ({}, {entry} {})", signer.person, signer.seq)
    });
    format!(
        "{} {}{}",
        pick("Ungültig geworden:", "Invalidated:"),
        ending(language, ended),
        by.unwrap_or_default(),
    )
}

fn override_line(line: &OverrideLine, language: Language, ink: Ink) -> String {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let review = line.review(language);
    format!(
        "{} {} ({} {}) {} {}, {} {}: {}{}",
        pick("Ausnahme für", "Override of"),
        ink.code(line.criterion.as_str()),
        pick("Eintrag", "entry"),
        line.seq,
        pick("durch", "by"),
        join_names(language, &line.signed_by),
        pick("gültig bis", "until"),
        line.until,
        ink.text(&line.reason),
        review.map_or_else(String::new, |text| format!("; {}", ink.text(&text))),
    )
}

fn incident_line(line: &IncidentLine, language: Language, ink: Ink) -> String {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let closed = match (&line.closed_by, line.closed_at, &line.finding) {
        (Some(by), Some(at), Some(finding)) => format!(
            "{} {at} {} {by}: {}",
            pick("geschlossen", "closed"),
            pick("durch", "by"),
            ink.text(finding)
        ),
        _ => pick("noch offen", "still open").to_owned(),
    };
    format!(
        "{} ({} {}, {}, {}), {} {}: {}; {closed}",
        pick("Vorfall", "Incident"),
        pick("Eintrag", "entry"),
        line.seq,
        class(language, line.class),
        severity(language, line.severity),
        pick("eröffnet", "opened"),
        line.opened_at,
        ink.text(&line.summary),
    )
}

/// Who approved, and who took it back.
fn approvals(entry: &DecisionEntry, language: Language, ink: Ink) -> Vec<String> {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let signers = entry.signers.iter().filter(|s| s.act == "approval");
    signers
        .map(|signer| {
            let text = if signer.taken_back {
                pick("Freigabe zurückgenommen:", "Approval taken back:")
            } else {
                pick("Freigegeben durch", "Approved by")
            };
            let role = ink.text(&signer.role);
            format!("{text} {} ({role}){}", signer.person, remark(signer, ink))
        })
        .collect()
}

/// The criteria that decide, the three of the playbook first; then the advisory ones that have a
/// value, and how many have none.
fn criteria(entry: &DecisionEntry, language: Language) -> Vec<String> {
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

fn remark(signer: &SignerLine, ink: Ink) -> String {
    if signer.comment.is_empty() {
        String::new()
    } else {
        format!(", {}", ink.text(&signer.comment))
    }
}

/// Value, then floor and target, all in the same rounding.
fn against_limits(line: &CriterionLine) -> Option<(String, Vec<String>)> {
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

fn proof(entry: &DecisionEntry, language: Language, ink: Ink) -> Vec<String> {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let mut lines = vec![format!(
        "{} {}, {} {}",
        pick("Antrag", "Request"),
        ink.code(entry.request.as_str()),
        pick("Ziel", "target"),
        entry.target.stage()
    )];
    for evidence in &entry.evidence {
        lines.push(format!(
            "{} ({}): evidence_sha256 {}, result_sha256 {}",
            pick("Evidenz", "Evidence"),
            evidence.kind.as_str(),
            ink.code(&evidence.evidence_sha256.to_string()),
            ink.code(&evidence.result_sha256.to_string()),
        ));
    }
    let digests = [
        ("strategy_sha256", Some(entry.strategy_sha256)),
        ("limits_sha256", Some(entry.limits_sha256)),
        ("policy_sha256", Some(entry.policy_sha256)),
        ("decision_sha256", entry.decision_sha256),
        (
            "contract_sha256",
            entry.contract.as_ref().map(|c| c.contract_sha256),
        ),
    ];
    for (name, digest) in digests {
        if let Some(digest) = digest {
            lines.push(format!("{name} {}", ink.code(&digest.to_string())));
        }
    }
    if let Some(guard) = &entry.guard {
        let text = pick(
            "Guard wegen vieler Auswertungen derselben Daten:",
            "Guard because the same data was looked at often:",
        );
        lines.push(format!("{text} {guard}"));
    }
    if let Some(commit) = &entry.workspace.git_commit {
        let differs = if entry.workspace.config_differs {
            pick(", config/ weicht davon ab", ", config/ differs from it")
        } else {
            ""
        };
        lines.push(format!("Git {}{differs}", ink.code(commit)));
    }
    let signers = entry.signers.iter();
    lines.extend(signers.map(|line| signer(line, language, ink)));
    lines
}

fn signer(line: &SignerLine, language: Language, ink: Ink) -> String {
    let taken_back = if line.taken_back {
        language.pick(", zurückgenommen", ", taken back")
    } else {
        ""
    };
    format!(
        "{} {}: {} {} {} ({}){taken_back}, {}, {} {}, Leaf {}",
        language.pick("Eintrag", "Entry"),
        line.seq,
        words::act(language, line.act),
        language.pick("durch", "by"),
        line.person,
        ink.text(&line.role),
        line.time,
        language.pick("Schlüssel", "key"),
        ink.code(line.key.as_str()),
        ink.code(&line.leaf.to_string()),
    )
}
