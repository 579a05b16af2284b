//! The register of incidents as a page.
//!
//! In: the register, a language. Out: a document: all incidents in a table, each in full, the halts
//! and the drills. What did not happen is said, never left out.

use super::causes::{cause, reason};
use super::incidents::{DrillLine, HaltLine, IncidentLine, IncidentRegister, class, severity};
use super::{dash, minute, span};
use crate::governance::promotion::safety::halt::HaltScope;
use crate::governance::promotion::safety::incident::Severity;
use crate::render::decision_log::Language;
use crate::render::report::document::{Block, Document, Head, Row, Section, Table};

/// The register as a page.
#[must_use]
pub fn document(register: &IncidentRegister, language: Language, seal: String) -> Document {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let mut sections = vec![overview(&register.incidents, language)];
    let each = register.incidents.iter();
    sections.extend(each.map(|line| section(line, language)));
    sections.push(halts(&register.halts, language));
    sections.push(drills(&register.drills, language));
    Document {
        lang: language.as_str(),
        title: pick("Register der Vorfälle", "Register of incidents").to_owned(),
        banner: register.about.banner(language),
        facts: register.about.facts(language),
        sections,
        seal: Some(seal),
    }
}

fn table<const N: usize>(heads: [&str; N], rows: Vec<Row>) -> Block {
    Block::Table(Table {
        heads: heads.iter().map(|text| Head::new(text)).collect(),
        rows,
    })
}

fn overview(incidents: &[IncidentLine], language: Language) -> Section {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let title = pick("Vorfälle", "Incidents");
    if incidents.is_empty() {
        let none = pick(
            "Kein Vorfall wurde eröffnet.",
            "No incident has been opened.",
        );
        return Section::new(title, vec![Block::text(none)]);
    }
    let rows = incidents.iter().map(|line| {
        let (level, standing) = match line.closed_at {
            Some(_) => ("good", pick("geschlossen", "closed")),
            None if line.severity == Severity::Low => ("warning", pick("offen", "open")),
            None => ("bad", pick("offen", "open")),
        };
        Row {
            cells: vec![
                line.seq.to_string(),
                line.portfolio.to_string(),
                class(language, line.class).to_owned(),
                severity(language, line.severity).to_owned(),
                minute(line.opened_at),
                standing.to_owned(),
                span(language, line.lasted_ms),
            ],
            level: Some(level),
            at: Some(5),
        }
    });
    let heads = [
        pick("#Eintrag", "#Entry"),
        "Portfolio",
        pick("Klasse", "Class"),
        pick("Schwere", "Severity"),
        pick("=Eröffnet", "=Opened"),
        pick("Stand", "Standing"),
        pick("Dauer", "Lasted"),
    ];
    Section::new(title, vec![table(heads, rows.collect())])
}

fn section(line: &IncidentLine, language: Language) -> Section {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let fact = |de, en, value: String| (pick(de, en).to_owned(), value);
    let mut facts = vec![
        fact(
            "Klasse und Schwere",
            "Class and severity",
            format!(
                "{} ({}), {} ({})",
                class(language, line.class),
                line.class.as_str(),
                severity(language, line.severity),
                line.severity.as_str()
            ),
        ),
        fact("Beschreibung", "Summary", line.summary.clone()),
        fact(
            "Eröffnet",
            "Opened",
            format!("{} (ops), {}", line.opened_by, line.opened_at),
        ),
        fact("Wirkung", "Effect", line.effect(language)),
    ];
    if line.halted {
        facts.push(fact(
            "Halt aufgehoben",
            "Halt lifted",
            dash(line.resumed_at.as_ref()),
        ));
    }
    let closed = match (&line.closed_by, line.closed_at, &line.finding) {
        (Some(by), Some(at), Some(finding)) => format!("{by} (risk), {at}: {finding}"),
        _ => pick("noch offen", "still open").to_owned(),
    };
    facts.push(fact("Geschlossen", "Closed", closed));
    facts.push(fact("Dauer", "Lasted", span(language, line.lasted_ms)));
    facts.push(fact("Leaf", "Leaf", line.leaf.to_string()));
    let title = format!("{} {}: {}", pick("Eintrag", "Entry"), line.seq, {
        &line.portfolio
    });
    Section::new(&title, vec![Block::Facts { facts }])
}

fn scope_words(language: Language, scope: &HaltScope) -> String {
    match scope {
        HaltScope::Global => language.pick("alles", "everything").to_owned(),
        HaltScope::Profile(profile) => format!("{} {profile}", language.pick("Profil", "profile")),
        HaltScope::Portfolio(portfolio) => format!("Portfolio {portfolio}"),
    }
}

fn halts(halts: &[HaltLine], language: Language) -> Section {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let title = pick("Halts", "Halts");
    if halts.is_empty() {
        let none = pick("Nichts wurde angehalten.", "Nothing was halted.");
        return Section::new(title, vec![Block::text(none)]);
    }
    let rows = halts.iter().map(|line| Row {
        cells: vec![
            line.seq.to_string(),
            scope_words(language, &line.scope),
            cause(language, line.cause).to_owned(),
            reason(language, line.cause, line.reason.as_deref(), line.severity),
            minute(line.at),
            dash(line.by.as_ref()),
            dash(line.resumed_at.map(minute).as_ref()),
            span(language, line.lasted_ms),
        ],
        level: Some(if line.resumed_at.is_some() {
            "good"
        } else {
            "bad"
        }),
        at: Some(6),
    });
    let heads = [
        pick("#Eintrag", "#Entry"),
        pick("Umfang", "Scope"),
        pick("Ursache", "Cause"),
        pick("Grund", "Reason"),
        pick("=Seit", "=Since"),
        pick("Durch", "By"),
        pick("=Aufgehoben", "=Lifted"),
        pick("Dauer", "Lasted"),
    ];
    Section::new(title, vec![table(heads, rows.collect())])
}

fn drills(drills: &[DrillLine], language: Language) -> Section {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let title = pick("Übungen", "Drills");
    if drills.is_empty() {
        let none = pick("Kein Halt wurde geübt.", "No halt was practised.");
        return Section::new(title, vec![Block::text(none)]);
    }
    let ms = |value: Option<u64>| value.map(|ms| format!("{ms} ms"));
    let rows = drills.iter().map(|line| Row {
        cells: vec![
            line.seq.to_string(),
            scope_words(language, &line.scope),
            line.reason.clone(),
            minute(line.at),
            line.by.to_string(),
            dash(ms(line.file_ms).as_ref()),
            dash(ms(line.entry_ms).as_ref()),
        ],
        level: None,
        at: None,
    });
    let heads = [
        pick("#Eintrag", "#Entry"),
        pick("Umfang", "Scope"),
        pick("Grund", "Reason"),
        pick("=Zeit", "=Time"),
        pick("Durch", "By"),
        pick("#Bis zur Datei", "#Until the file"),
        pick("#Bis zum Eintrag", "#Until the entry"),
    ];
    Section::new(title, vec![table(heads, rows.collect())])
}
