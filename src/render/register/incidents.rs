//! The register of incidents: opened by whom, how bad, what it did, closed by whom, after how long;
//! and the halts and drills beside them.

use serde::Serialize;

use super::{About, cell, yes};
use crate::governance::promotion::safety::halt::{
    Cause, DrillRecord, HaltRecord, HaltScope, severity as halt_severity,
};
use crate::governance::promotion::safety::incident::{IncidentClass, IncidentRecord, Severity};
use crate::governance::promotion::state::State;
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};
use crate::kernel::time::UtcTime;
use crate::render::csv::Sheet;
use crate::render::decision_log::Language;

/// `promote/incident-log/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct IncidentRegister {
    /// Format.
    pub schema: &'static str,
    /// Where it comes from.
    #[serde(flatten)]
    pub about: About,
    /// In the order in which they were opened.
    pub incidents: Vec<IncidentLine>,
    /// Halts that concern the portfolios asked for, in order; lifted ones too.
    pub halts: Vec<HaltLine>,
    /// Drills, in order.
    pub drills: Vec<DrillLine>,
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct IncidentLine {
    /// Position of the entry that opened it; its number on the command line.
    pub seq: u64,
    /// Leaf hash of that entry.
    pub leaf: Digest,
    /// Whose.
    pub portfolio: PortfolioId,
    /// What.
    pub class: IncidentClass,
    /// How bad.
    pub severity: Severity,
    /// In words.
    pub summary: String,
    /// When.
    pub opened_at: UtcTime,
    /// By whom.
    pub opened_by: PersonId,
    /// True when it halted the portfolio.
    pub halted: bool,
    /// The stage from which it took the portfolio back to SHADOW.
    pub lowered_from: Option<Stage>,
    /// When its halt was lifted.
    pub resumed_at: Option<UtcTime>,
    /// When it was closed.
    pub closed_at: Option<UtcTime>,
    /// By whom.
    pub closed_by: Option<PersonId>,
    /// What was found and done.
    pub finding: Option<String>,
    /// Milliseconds from opening to closing, or to the time of the document while it is open.
    pub lasted_ms: i64,
}

/// One halt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct HaltLine {
    /// Position of the entry that it stands on.
    pub seq: u64,
    /// What stopped.
    pub scope: HaltScope,
    /// Why.
    pub cause: Cause,
    /// In the words of who halted; null where the engine did.
    pub reason: Option<String>,
    /// How bad the incident was, where one halted.
    pub severity: Option<Severity>,
    /// When.
    pub at: UtcTime,
    /// By whom; null where time alone did it.
    pub by: Option<PersonId>,
    /// When it was lifted.
    pub resumed_at: Option<UtcTime>,
    /// Who signed that first.
    pub resumed_by: Option<PersonId>,
    /// Milliseconds from the halt until it was lifted, or to the time of the document.
    pub lasted_ms: i64,
}

/// One drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DrillLine {
    /// Position.
    pub seq: u64,
    /// Scope that was practised.
    pub scope: HaltScope,
    /// In words.
    pub reason: String,
    /// When.
    pub at: UtcTime,
    /// By whom.
    pub by: PersonId,
    /// Milliseconds until the statement lay in the halt directory; null before it is recorded.
    pub file_ms: Option<u64>,
    /// Milliseconds until the entry was committed.
    pub entry_ms: Option<u64>,
}

impl IncidentLine {
    /// The line about `record` at `now`.
    #[must_use]
    pub fn new(state: &State, record: &IncidentRecord, now: UtcTime) -> Self {
        let opening = &record.opening;
        let closed = record.closed.as_ref();
        let closed_at = closed.map(|(mark, _)| mark.time);
        let mut halts = state.safety.halts.iter();
        let halt = halts.find(|h| h.cause == Cause::Incident && h.leaf == record.mark.leaf);
        Self {
            seq: record.mark.seq,
            leaf: record.mark.leaf,
            portfolio: opening.portfolio.clone(),
            class: opening.class,
            severity: opening.severity,
            summary: opening.summary.clone(),
            opened_at: record.mark.time,
            opened_by: record.mark.person.clone(),
            halted: halt.is_some(),
            lowered_from: record.lowered_from,
            resumed_at: halt.and_then(|h| h.resumed.as_ref()).map(|m| m.time),
            closed_at,
            closed_by: closed.map(|(mark, _)| mark.person.clone()),
            finding: closed.map(|(_, finding)| finding.clone()),
            lasted_ms: closed_at.unwrap_or(now).millis_since(record.mark.time),
        }
    }

    /// What it did to its portfolio.
    #[must_use]
    pub fn effect(&self, language: Language) -> String {
        let pick = |de: &'static str, en: &'static str| language.pick(de, en);
        let mut parts = vec![
            pick(
                "kein Aufstieg bis zum Abschluss",
                "nothing rises until it is closed",
            )
            .to_owned(),
        ];
        if self.halted {
            parts.push(pick("Halt", "halt").to_owned());
        }
        if let Some(from) = self.lowered_from {
            let text = pick("zurückgestuft von", "taken back from");
            parts.push(format!("{text} {from} {} SHADOW", pick("auf", "to")));
        }
        parts.join(", ")
    }
}

/// A severity in words.
#[must_use]
pub fn severity(language: Language, severity: Severity) -> &'static str {
    let (de, en) = match severity {
        Severity::Low => ("niedrig", "low"),
        Severity::Medium => ("mittel", "medium"),
        Severity::High => ("hoch", "high"),
    };
    language.pick(de, en)
}

/// A class in words.
#[must_use]
pub fn class(language: Language, class: IncidentClass) -> &'static str {
    let (de, en) = match class {
        IncidentClass::PnlDivergence => ("PnL-Abweichung", "divergence of the PnL"),
        IncidentClass::DataGap => ("Datenlücke", "gap in the data"),
        IncidentClass::RiskLimit => ("Risikolimit verletzt", "breach of a risk limit"),
        IncidentClass::Exchange => ("Störung der Börse", "failure of the exchange"),
        IncidentClass::Other => ("Sonstiges", "other"),
    };
    language.pick(de, en)
}

/// The register.
#[must_use]
pub fn collect(state: &State, about: About) -> IncidentRegister {
    let safety = &state.safety;
    let concerns = |scope: &HaltScope| {
        let named = about.portfolio.as_ref();
        named.is_none_or(|id| match state.portfolios.get(id) {
            Some(held) => scope.covers(id, &held.profile),
            None => false,
        })
    };
    let incidents = safety.incidents.iter();
    let halts = safety.halts.iter().filter(|h| concerns(&h.scope));
    let drills = safety.drills.iter().filter(|d| concerns(&d.scope));
    IncidentRegister {
        schema: "promote/incident-log/v1",
        incidents: incidents
            .filter(|i| about.wants(&i.opening.portfolio))
            .map(|i| IncidentLine::new(state, i, about.as_of))
            .collect(),
        halts: halts.map(|h| halt_line(state, h, about.as_of)).collect(),
        drills: drills.map(drill_line).collect(),
        about,
    }
}

fn halt_line(state: &State, halt: &HaltRecord, now: UtcTime) -> HaltLine {
    let resumed = halt.resumed.as_ref();
    HaltLine {
        seq: halt.seq,
        scope: halt.scope.clone(),
        cause: halt.cause,
        reason: halt.reason.clone(),
        severity: halt_severity(state, halt),
        at: halt.time,
        by: halt.by.as_ref().map(|mark| mark.person.clone()),
        resumed_at: resumed.map(|mark| mark.time),
        resumed_by: resumed.map(|mark| mark.person.clone()),
        lasted_ms: resumed.map_or(now, |m| m.time).millis_since(halt.time),
    }
}

fn drill_line(drill: &DrillRecord) -> DrillLine {
    DrillLine {
        seq: drill.mark.seq,
        scope: drill.scope.clone(),
        reason: drill.reason.clone(),
        at: drill.mark.time,
        by: drill.mark.person.clone(),
        file_ms: drill.measured.map(|m| m.file_ms),
        entry_ms: drill.measured.map(|m| m.entry_ms),
    }
}

/// Columns of the sheet: incidents only.
pub const COLUMNS: &[&str] = &[
    "seq",
    "leaf",
    "portfolio",
    "class",
    "severity",
    "summary",
    "opened_at",
    "opened_by",
    "halted",
    "lowered_from",
    "resumed_at",
    "closed_at",
    "closed_by",
    "finding",
    "lasted_ms",
];

/// The incidents as a sheet.
#[must_use]
pub fn sheet(register: &IncidentRegister) -> Sheet {
    let row = |line: &IncidentLine| {
        vec![
            line.seq.to_string(),
            line.leaf.to_string(),
            line.portfolio.to_string(),
            line.class.as_str().to_owned(),
            line.severity.as_str().to_owned(),
            line.summary.clone(),
            line.opened_at.to_string(),
            line.opened_by.to_string(),
            yes(Language::En, line.halted).to_owned(),
            cell(line.lowered_from.as_ref()),
            cell(line.resumed_at.as_ref()),
            cell(line.closed_at.as_ref()),
            cell(line.closed_by.as_ref()),
            cell(line.finding.as_ref()),
            line.lasted_ms.to_string(),
        ]
    };
    Sheet {
        columns: COLUMNS.to_vec(),
        rows: register.incidents.iter().map(row).collect(),
    }
}
