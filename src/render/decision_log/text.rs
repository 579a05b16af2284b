//! The decision log as Markdown: values to lines, lines into the template.

use serde::Serialize;

use super::record::{CriterionLine, DecisionEntry, SignerLine};
use super::words::{self, Language};
use super::{DecisionLog, Scope, seal};
use crate::evidence::facts::Fact;
use crate::governance::policy::verdict::{Enforcement, Zone};
use crate::metrics::{Metric, Sample};
use crate::render::amount;
use crate::render::markdown::{code, escape};

const TEMPLATE: &str = include_str!("../templates/decision_log.md");

/// The template did not render.
#[derive(Debug, thiserror::Error)]
#[error("could not render the decision log")]
pub struct RenderError(#[from] tera::Error);

#[derive(Serialize)]
struct Page {
    l: words::Labels,
    notes: Vec<String>,
    decisions: Vec<Section>,
    seal: String,
}

#[derive(Serialize)]
struct Section {
    portfolio: String,
    date: String,
    profile: String,
    metrics: Vec<String>,
    status: String,
    reasons: Vec<String>,
    next: Vec<String>,
    reports: Vec<String>,
    proof: Vec<String>,
}

/// The log as Markdown.
///
/// # Errors
/// When the embedded template does not render, which a test excludes.
pub fn render(log: &DecisionLog, scope: &Scope) -> Result<String, RenderError> {
    let language = scope.language;
    let page = Page {
        l: words::labels(language),
        notes: notes(log, language),
        decisions: log.decisions.iter().map(|d| section(d, language)).collect(),
        seal: seal(&log.head, scope),
    };
    let context = tera::Context::from_serialize(&page)?;
    Ok(tera::Tera::one_off(TEMPLATE, &context, false)?)
}

fn notes(log: &DecisionLog, language: Language) -> Vec<String> {
    let pick = |de, en| language.pick(de, en);
    let mut notes: Vec<String> = log
        .marks
        .iter()
        .map(|mark| match *mark {
            "SANDBOX" => pick(
                "**SANDBOX**: Übungsumgebung, keine dieser Entscheidungen gilt für echtes Geld.",
                "**SANDBOX**: practice environment, no decision here stands for real money.",
            ),
            "REDUCED INDEPENDENCE" => pick(
                "**REDUCED INDEPENDENCE**: verringerte Unabhängigkeit, Regeln der Funktionstrennung sind abgeschaltet.",
                "**REDUCED INDEPENDENCE**: rules of the separation of duties are switched off.",
            ),
            "REDUCED ASSURANCE" => pick(
                "**REDUCED ASSURANCE**: verminderte Absicherung, eine unabhängige Bestätigung darf eine Wiederholung ersetzen, die niemand leisten kann.",
                "**REDUCED ASSURANCE**: an independent attestation may stand in for a rerun that nobody can make.",
            ),
            _ => pick(
                "**SMALL TEAM**: weniger Root-Schlüssel als die Regel verlangt.",
                "**SMALL TEAM**: fewer root keys than the rule asks for.",
            ),
        }.to_owned())
        .collect();
    notes.push(format!(
        "{} {}, {} {}, {} {}.",
        pick("Ledger", "Ledger"),
        code(&log.ledger),
        pick("Fingerabdruck", "fingerprint"),
        code(&log.fingerprint.to_string()),
        pick("Policy-Set", "policy set"),
        code(&log.policy_sha256.to_string()),
    ));
    notes
}

fn section(entry: &DecisionEntry, language: Language) -> Section {
    let next: Vec<String> = if entry.next.is_empty() {
        words::next_steps(language, &entry.status, entry.target)
            .into_iter()
            .map(str::to_owned)
            .collect()
    } else {
        entry.next.iter().map(|text| escape(text)).collect()
    };
    let mut reports: Vec<String> = entry.reports.iter().map(|path| code(path)).collect();
    if reports.is_empty() {
        reports.push(language.pick("keine angegeben", "none named").to_owned());
    }
    Section {
        portfolio: entry.portfolio.to_string(),
        date: entry.ended_at.date(),
        profile: entry.profile.to_string(),
        metrics: metrics(entry, language),
        status: entry.status.clone(),
        reasons: reasons(entry, language),
        next,
        reports,
        proof: proof(entry, language),
    }
}

fn metrics(entry: &DecisionEntry, language: Language) -> Vec<String> {
    if entry.facts.is_empty() {
        return vec![language.pick("nicht bewertet", "not judged").to_owned()];
    }
    let find = |metric, sample| {
        entry
            .facts
            .iter()
            .find(|f| f.metric == metric && f.sample == sample)
    };
    let mut lines: Vec<String> = [
        (Metric::Sharpe, Sample::Oos),
        (Metric::MaxDrawdown, Sample::Full),
        (Metric::CrashDrawdown, Sample::Stress),
    ]
    .into_iter()
    .map(|(metric, sample)| {
        let judged = entry
            .criteria
            .iter()
            .find(|c| c.metric == metric && c.sample == sample);
        let value = judged
            .and_then(against_limits)
            .map_or_else(|| fact(find(metric, sample), language), |(value, _)| value);
        format!("{}: {value}", words::metric(metric, sample))
    })
    .collect();
    lines.push(format!(
        "Monte-Carlo (95% CI): Sharpe {} - {}",
        fact(find(Metric::McSharpeP025, Sample::Mc), language),
        fact(find(Metric::McSharpeP975, Sample::Mc), language),
    ));
    lines
}

fn fact(fact: Option<&Fact>, language: Language) -> String {
    match fact {
        Some(Fact {
            value: Some(value),
            unit,
            ..
        }) => amount::show(value, *unit),
        Some(Fact {
            undefined: Some(why),
            ..
        }) => format!(
            "{} ({})",
            language.pick("nicht definiert", "undefined"),
            why.as_str()
        ),
        _ => language.pick("kein Wert", "no value").to_owned(),
    }
}

fn reasons(entry: &DecisionEntry, language: Language) -> Vec<String> {
    let pick = |de, en| language.pick(de, en);
    let mut lines = Vec::new();
    for signer in &entry.signers {
        match signer.act {
            "denial" => lines.push(format!(
                "{} {} ({}): {}{}",
                pick("Abgelehnt durch", "Denied by"),
                signer.person,
                signer.role,
                escape(&signer.reason),
                remark(signer),
            )),
            "withdrawal" => lines.push(format!(
                "{} {} ({})",
                pick("Zurückgezogen durch", "Withdrawn by"),
                signer.person,
                signer.role,
            )),
            _ => {}
        }
    }
    if let Some(by) = &entry.superseded_by {
        lines.push(format!("{} {by}", pick("Ersetzt durch", "Superseded by")));
    }
    if entry.status == "EXPIRED" {
        let text = pick("Abgelaufen am", "Expired at");
        lines.push(format!("{text} {}", entry.ended_at));
    }
    if let Some(verdict) = &entry.verdict {
        lines.push(format!(
            "{} {verdict}",
            pick("Urteil der Policy:", "Verdict of the policy:")
        ));
    }
    lines.extend(criteria(entry, language));
    if !entry.summary.is_empty() {
        let text = pick("Antrag:", "Request:");
        lines.push(format!("{text} {}", escape(&entry.summary)));
    }
    if !entry.fallback.is_empty() {
        let text = pick("Rückfallplan:", "Fallback:");
        lines.push(format!("{text} {}", escape(&entry.fallback)));
    }
    lines
}

/// The criteria that decide, the three of the playbook first; then the advisory ones that have a
/// value, and how many have none.
fn criteria(entry: &DecisionEntry, language: Language) -> Vec<String> {
    let pick = |de, en| language.pick(de, en);
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
    let mut lines: Vec<String> = binding
        .into_iter()
        .map(|c| criterion(c, language))
        .collect();
    let (shown, silent): (Vec<_>, Vec<_>) = advisory
        .into_iter()
        .partition(|c| c.value.is_some() && c.zone != Zone::NotApplicable);
    let note = pick("Hinweis, entscheidet nicht", "advisory, decides nothing");
    lines.extend(
        shown
            .into_iter()
            .map(|c| format!("{} ({note})", criterion(c, language))),
    );
    if !silent.is_empty() {
        lines.push(format!(
            "{} {}",
            silent.len(),
            pick(
                "weitere Hinweiskriterien ohne Wert oder nicht anwendbar",
                "more advisory criteria without a value or not applicable"
            )
        ));
    }
    lines
}

fn remark(signer: &SignerLine) -> String {
    if signer.comment.is_empty() {
        String::new()
    } else {
        format!(", {}", escape(&signer.comment))
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
    let name = words::metric(line.metric, line.sample);
    let zone = words::zone(language, line.zone);
    let reason = line
        .reason
        .as_ref()
        .map(|reason| format!(" ({})", code(reason)))
        .unwrap_or_default();
    let Some((value, limits)) = against_limits(line) else {
        let limit = amount::show(&line.floor, line.unit);
        let word = language.pick("Schwelle", "limit");
        let sign = line.op.sign();
        return format!("{name} ({word} {sign} {limit}): {zone}{reason}");
    };
    let mut limits = limits.into_iter();
    let floor = limits.next().unwrap_or_default();
    let target = limits
        .next()
        .map(|t| format!(", {} {t}", language.pick("Ziel", "target")))
        .unwrap_or_default();
    // A value that misses its limit is not written as if it kept it.
    let wanted = if line.zone == Zone::NotApplicable {
        value
    } else {
        let word = language.pick("Schwelle", "limit");
        format!("{value} ({word} {} {floor}{target})", line.op.sign())
    };
    format!("{name}: {wanted}: {zone}{reason}")
}

fn proof(entry: &DecisionEntry, language: Language) -> Vec<String> {
    let pick = |de, en| language.pick(de, en);
    let mut lines = vec![format!(
        "{} {}, {} {}",
        pick("Antrag", "Request"),
        code(entry.request.as_str()),
        pick("Ziel", "target"),
        entry.target.stage()
    )];
    for evidence in &entry.evidence {
        lines.push(format!(
            "{} ({}): {} {}, {} {}",
            pick("Evidenz", "Evidence"),
            evidence.kind.as_str(),
            "evidence_sha256",
            code(&evidence.evidence_sha256.to_string()),
            "result_sha256",
            code(&evidence.result_sha256.to_string()),
        ));
    }
    let digests = [
        ("strategy_sha256", Some(entry.strategy_sha256)),
        ("limits_sha256", Some(entry.limits_sha256)),
        ("policy_sha256", Some(entry.policy_sha256)),
        ("decision_sha256", entry.decision_sha256),
    ];
    for (name, digest) in digests {
        if let Some(digest) = digest {
            lines.push(format!("{name} {}", code(&digest.to_string())));
        }
    }
    if let Some(guard) = &entry.guard {
        lines.push(format!(
            "{} {guard}",
            pick(
                "Guard wegen vieler Auswertungen derselben Daten:",
                "Guard because the same data was looked at often:"
            )
        ));
    }
    if let Some(commit) = &entry.workspace.git_commit {
        let differs = if entry.workspace.config_differs {
            pick(", config/ weicht davon ab", ", config/ differs from it")
        } else {
            ""
        };
        lines.push(format!("Git {}{differs}", code(commit)));
    }
    lines.extend(entry.signers.iter().map(signer));
    lines
}

fn signer(line: &SignerLine) -> String {
    format!(
        "seq {}: {} {} ({}), {}, {}, leaf {}",
        line.seq,
        line.act,
        line.person,
        escape(&line.role),
        line.time,
        code(line.key.as_str()),
        code(&line.leaf.to_string()),
    )
}
