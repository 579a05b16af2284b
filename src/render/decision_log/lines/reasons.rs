//! Why a request ended as it did: who or what ended it, the verdict, what was let pass, who
//! approved.
//!
//! In: an ended request's values, a language, the ink. Out: lines, in the order in which they are
//! read: the end first, then what led to it.

use super::Ink;
use super::criteria::criteria;
use crate::governance::promotion::ending::Ending;
use crate::render::decision_log::record::{DecisionEntry, SignerLine};
use crate::render::decision_log::words::Language;
use crate::render::expectation;
use crate::render::register::causes::{cause, ending, reason};
use crate::render::register::incidents::{IncidentLine, class, severity};
use crate::render::register::join_names;
use crate::render::register::overrides::OverrideLine;

/// The reasons of `entry`, line by line.
pub(super) fn reasons(entry: &DecisionEntry, language: Language, ink: Ink) -> Vec<String> {
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

fn remark(signer: &SignerLine, ink: Ink) -> String {
    if signer.comment.is_empty() {
        String::new()
    } else {
        format!(", {}", ink.text(&signer.comment))
    }
}
