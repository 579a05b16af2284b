//! The register of overrides: who let which criterion pass, on which evidence, why, until when,
//! and what the review says.

use serde::Serialize;

use super::{About, cell, dash, join_names, minute};
use crate::governance::promotion::safety::overrides::OverrideRecord;
use crate::governance::promotion::state::State;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{CriterionId, PersonId, PortfolioId, ProfileId, RequestId};
use crate::kernel::time::UtcTime;
use crate::render::csv::Sheet;
use crate::render::decision_log::Language;
use crate::render::report::document::{Block, Document, Head, Row, Section, Table};

/// `promote/override-log/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct OverrideRegister {
    /// Format.
    pub schema: &'static str,
    /// Where it comes from.
    #[serde(flatten)]
    pub about: About,
    /// In the order in which they were recorded.
    pub overrides: Vec<OverrideLine>,
}

/// One override and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct OverrideLine {
    /// Position of its entry; its number on the command line.
    pub seq: u64,
    /// Leaf hash of its entry.
    pub leaf: Digest,
    /// Whose criterion.
    pub portfolio: PortfolioId,
    /// Its profile.
    pub profile: ProfileId,
    /// At this target only.
    pub target: Target,
    /// Which criterion.
    pub criterion: CriterionId,
    /// On which bundle.
    pub evidence_sha256: Digest,
    /// Under which policy set.
    pub policy_sha256: Digest,
    /// Why.
    pub reason: String,
    /// The two risk persons.
    pub signed_by: Vec<PersonId>,
    /// When.
    pub signed_at: UtcTime,
    /// No request uses it from here on.
    pub until: UtcTime,
    /// Requests whose verdict rests on it.
    pub used_by: Vec<RequestId>,
    /// Where it stands.
    pub standing: Standing,
    /// When its review is missed; null before a decision rests on it.
    pub review_due: Option<UtcTime>,
    /// Who reviewed it.
    pub reviewed_by: Option<PersonId>,
    /// When.
    pub reviewed_at: Option<UtcTime>,
    /// What the review found.
    pub finding: Option<String>,
    /// When the review was missed.
    pub missed_at: Option<UtcTime>,
}

/// Where an override stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A request may still use it.
    Open,
    /// Its time is over, and no request used it.
    Lapsed,
    /// A request uses it; no decision rests on it.
    Used,
    /// A decision rests on it; its review is due.
    ReviewDue,
    /// Reviewed.
    Reviewed,
    /// The review was missed and never made.
    Missed,
}

impl Standing {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Lapsed => "lapsed",
            Self::Used => "used",
            Self::ReviewDue => "review_due",
            Self::Reviewed => "reviewed",
            Self::Missed => "missed",
        }
    }

    fn words(self, language: Language) -> (&'static str, &'static str) {
        let (level, de, en) = match self {
            Self::Open => ("warning", "offen", "open"),
            Self::Lapsed => ("good", "verfallen, ungenutzt", "lapsed, not used"),
            Self::Used => ("warning", "in einem Antrag genutzt", "used by a request"),
            Self::ReviewDue => ("warning", "Nachprüfung steht aus", "review due"),
            Self::Reviewed => ("good", "nachgeprüft", "reviewed"),
            Self::Missed => ("bad", "Nachprüfung versäumt", "review missed"),
        };
        (level, language.pick(de, en))
    }
}

impl OverrideLine {
    /// The line about `record` at `now`.
    #[must_use]
    pub fn new(record: &OverrideRecord, now: UtcTime) -> Self {
        let act = &record.act;
        let reviewed = record.reviewed.as_ref();
        Self {
            seq: record.mark.seq,
            leaf: record.mark.leaf,
            portfolio: act.portfolio.clone(),
            profile: act.profile.clone(),
            target: act.target,
            criterion: act.criterion.clone(),
            evidence_sha256: act.evidence_sha256,
            policy_sha256: act.policy_sha256,
            reason: act.reason.clone(),
            signed_by: record.signers.iter().cloned().collect(),
            signed_at: record.mark.time,
            until: act.until,
            used_by: record.used_by.clone(),
            standing: standing(record, now),
            review_due: record.review_due,
            reviewed_by: reviewed.map(|(mark, _)| mark.person.clone()),
            reviewed_at: reviewed.map(|(mark, _)| mark.time),
            finding: reviewed.map(|(_, finding)| finding.clone()),
            missed_at: record.missed,
        }
    }

    /// What the review says, or that it is due or missed; nothing before a decision.
    #[must_use]
    pub fn review(&self, language: Language) -> Option<String> {
        let pick = |de, en| language.pick(de, en);
        if let (Some(by), Some(at), Some(finding)) =
            (&self.reviewed_by, self.reviewed_at, &self.finding)
        {
            let text = pick("nachgeprüft von", "reviewed by");
            return Some(format!("{text} {by}, {at}: {finding}"));
        }
        if let Some(missed) = self.missed_at {
            let text = pick("Nachprüfung versäumt am", "review missed at");
            return Some(format!("{text} {missed}"));
        }
        self.review_due
            .map(|due| format!("{} {due}", pick("Nachprüfung fällig bis", "review due by")))
    }
}

fn standing(record: &OverrideRecord, now: UtcTime) -> Standing {
    if record.reviewed.is_some() {
        Standing::Reviewed
    } else if record.missed.is_some() {
        Standing::Missed
    } else if record.review_due.is_some() {
        Standing::ReviewDue
    } else if !record.used_by.is_empty() {
        Standing::Used
    } else if now < record.act.until {
        Standing::Open
    } else {
        Standing::Lapsed
    }
}

/// The register.
#[must_use]
pub fn collect(state: &State, about: About) -> OverrideRegister {
    let all = state.safety.overrides.iter();
    let overrides = all
        .filter(|o| about.wants(&o.act.portfolio))
        .map(|o| OverrideLine::new(o, about.as_of))
        .collect();
    OverrideRegister {
        schema: "promote/override-log/v1",
        about,
        overrides,
    }
}

/// The register as a page.
#[must_use]
pub fn document(register: &OverrideRegister, language: Language, seal: String) -> Document {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let overrides = &register.overrides;
    let mut sections = vec![overview(overrides, language)];
    sections.extend(overrides.iter().map(|line| section(line, language)));
    Document {
        lang: language.as_str(),
        title: pick("Register der Ausnahmen", "Register of overrides").to_owned(),
        banner: register.about.banner(language),
        facts: register.about.facts(language),
        sections,
        seal: Some(seal),
    }
}

fn overview(overrides: &[OverrideLine], language: Language) -> Section {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let title = pick("Überblick", "Overview");
    if overrides.is_empty() {
        let none = pick(
            "Keine Ausnahme wurde erteilt.",
            "No override has been given.",
        );
        return Section::new(title, vec![Block::text(none)]);
    }
    let heads = [
        pick("#Eintrag", "#Entry"),
        "Portfolio",
        pick("Ziel", "Target"),
        pick("Kriterium", "Criterion"),
        pick("Erteilt von", "Given by"),
        pick("=Gültig bis", "=Until"),
        pick("Stand", "Standing"),
    ];
    let rows = overrides.iter().map(|line| {
        let (level, words) = line.standing.words(language);
        Row {
            cells: vec![
                line.seq.to_string(),
                line.portfolio.to_string(),
                line.target.stage().to_string(),
                line.criterion.to_string(),
                join_names(language, &line.signed_by),
                minute(line.until),
                words.to_owned(),
            ],
            level: Some(level),
            at: Some(6),
        }
    });
    let table = Table {
        heads: heads.iter().map(|text| Head::new(text)).collect(),
        rows: rows.collect(),
    };
    Section::new(title, vec![Block::Table(table)])
}

fn section(line: &OverrideLine, language: Language) -> Section {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let fact = |de, en, value: String| (pick(de, en).to_owned(), value);
    let used: Vec<&str> = line.used_by.iter().map(RequestId::as_str).collect();
    let mut facts = vec![
        fact(
            "Kriterium",
            "Criterion",
            format!("{} ({})", line.criterion, line.profile),
        ),
        fact("Ziel", "Target", line.target.stage().to_string()),
        fact("Evidenz", "Evidence", line.evidence_sha256.to_string()),
        fact("Policy-Set", "Policy set", line.policy_sha256.to_string()),
        fact(
            "Erteilt von",
            "Given by",
            format!(
                "{} (risk), {}",
                join_names(language, &line.signed_by),
                line.signed_at
            ),
        ),
        fact("Begründung", "Reason", line.reason.clone()),
        fact("Gültig bis", "Until", line.until.to_string()),
        fact("Genutzt von", "Used by", {
            if used.is_empty() {
                dash::<String>(None)
            } else {
                used.join(", ")
            }
        }),
    ];
    let review = line.review(language);
    facts.push(fact("Nachprüfung", "Review", dash(review.as_ref())));
    facts.push(fact("Leaf", "Leaf", line.leaf.to_string()));
    let title = format!("{} {}: {}", pick("Eintrag", "Entry"), line.seq, {
        &line.portfolio
    });
    Section::new(&title, vec![Block::Facts { facts }])
}

/// Columns of the sheet.
pub const COLUMNS: &[&str] = &[
    "seq",
    "leaf",
    "portfolio",
    "profile",
    "target",
    "criterion",
    "evidence_sha256",
    "policy_sha256",
    "reason",
    "signed_by",
    "signed_at",
    "until",
    "used_by",
    "standing",
    "review_due",
    "reviewed_by",
    "reviewed_at",
    "finding",
    "missed_at",
];

/// The register as a sheet.
#[must_use]
pub fn sheet(register: &OverrideRegister) -> Sheet {
    let row = |line: &OverrideLine| {
        let signers: Vec<&str> = line.signed_by.iter().map(PersonId::as_str).collect();
        let used: Vec<&str> = line.used_by.iter().map(RequestId::as_str).collect();
        vec![
            line.seq.to_string(),
            line.leaf.to_string(),
            line.portfolio.to_string(),
            line.profile.to_string(),
            line.target.to_string(),
            line.criterion.to_string(),
            line.evidence_sha256.to_string(),
            line.policy_sha256.to_string(),
            line.reason.clone(),
            signers.join(" "),
            line.signed_at.to_string(),
            line.until.to_string(),
            used.join(" "),
            line.standing.as_str().to_owned(),
            cell(line.review_due.as_ref()),
            cell(line.reviewed_by.as_ref()),
            cell(line.reviewed_at.as_ref()),
            cell(line.finding.as_ref()),
            cell(line.missed_at.as_ref()),
        ]
    };
    Sheet {
        columns: COLUMNS.to_vec(),
        rows: register.overrides.iter().map(row).collect(),
    }
}
