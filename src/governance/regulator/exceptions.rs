//! Exceptions of a year: everything that did not go the plain way.
//!
//! In: the fold at the end of the year, its entries. Out: one line per exception with its position,
//! its time and the facts that name it; no words of any language, which is what `render` adds.

use std::collections::BTreeMap;

use serde::Serialize;

use super::assessment::Period;
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::event;
use crate::governance::promotion::safety::due;
use crate::governance::promotion::state::{NoEffect, State};
use crate::governance::promotion::statement::{Act, Statement};
use crate::governance::promotion::tracks::TrackAct;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;

/// What kind of exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A soft criterion was let pass.
    Override,
    /// The review of an override was not done in time.
    ReviewMissed,
    /// An act with a valid signature was refused.
    Refused,
    /// A request could not be judged.
    NotEvaluated,
    /// Something was halted.
    Halt,
    /// An incident was opened.
    Incident,
    /// A certificate is overdue at the end of the year.
    CertificateOverdue,
    /// Time alone took a stage away.
    Lowered,
    /// Evidence is not believed any more.
    EvidenceRevoked,
    /// A key does not count any more.
    KeyRevoked,
    /// An entry was stamped by a clock that was off.
    ClockOff,
    /// An entry has no effect.
    WithoutEffect,
}

/// One exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Exception {
    /// When.
    pub time: UtcTime,
    /// Position, where an entry says so.
    pub seq: Option<u64>,
    /// Kind.
    pub what: What,
    /// Portfolio, where it is about one.
    pub portfolio: Option<PortfolioId>,
    /// What names it: `scope`, `cause`, `reason`, `criterion` and so on.
    pub facts: BTreeMap<&'static str, String>,
}

/// When the certificate of a portfolio is due; none where there is none to be due.
#[must_use]
pub fn certificate_due(state: &State, id: &PortfolioId) -> Option<UtcTime> {
    due::times(state, id).map(|times| times.overdue)
}

/// Every exception of the year, by time and position.
#[must_use]
pub fn of(state: &State, entries: &[Entry], period: Period) -> Vec<Exception> {
    let mut all = overrides(state, period);
    all.extend(unjudged(state));
    all.extend(halts(state));
    all.extend(incidents(state));
    all.extend(certificates(state, period));
    all.extend(from_entries(entries));
    all.extend(clocks(state, entries));
    all.extend(without_effect(state, entries));
    all.retain(|e| period.holds(e.time));
    all.sort_by_key(|e| (e.time, e.seq, e.what));
    all
}

fn facts<const N: usize>(pairs: [(&'static str, String); N]) -> BTreeMap<&'static str, String> {
    pairs
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// Attempts to judge a request that failed.
fn unjudged(state: &State) -> impl Iterator<Item = Exception> + '_ {
    let requests = state.requests.values();
    requests.flat_map(|record| {
        record.unjudged.iter().map(|mark| Exception {
            time: mark.time,
            seq: Some(mark.seq),
            what: What::NotEvaluated,
            portfolio: Some(record.request.portfolio.clone()),
            facts: facts([
                ("target", record.request.target.to_string()),
                ("reason", mark.reason.clone()),
            ]),
        })
    })
}

fn overrides(state: &State, period: Period) -> Vec<Exception> {
    let mut found = Vec::new();
    for record in &state.safety.overrides {
        let act = &record.act;
        let named = facts([
            ("criterion", act.criterion.to_string()),
            ("target", act.target.to_string()),
            ("reason", act.reason.clone()),
            (
                "reviewed_seq",
                seq_of(record.reviewed.as_ref().map(|(mark, _)| mark.seq)),
            ),
        ]);
        found.push(Exception {
            time: record.mark.time,
            seq: Some(record.mark.seq),
            what: What::Override,
            portfolio: Some(act.portfolio.clone()),
            facts: named.clone(),
        });
        if let Some(time) = record.missed.filter(|time| period.holds(*time)) {
            found.push(Exception {
                time,
                seq: None,
                what: What::ReviewMissed,
                portfolio: Some(act.portfolio.clone()),
                facts: named,
            });
        }
    }
    found
}

fn seq_of(seq: Option<u64>) -> String {
    seq.map(|seq| seq.to_string()).unwrap_or_default()
}

fn halts(state: &State) -> impl Iterator<Item = Exception> + '_ {
    state.safety.halts.iter().map(|halt| Exception {
        time: halt.time,
        seq: halt.by.as_ref().map(|mark| mark.seq),
        what: What::Halt,
        portfolio: None,
        facts: facts([
            ("scope", halt.scope.to_string()),
            ("cause", halt.cause.as_str().to_owned()),
            ("reason", halt.reason.clone().unwrap_or_default()),
            (
                "resumed_seq",
                seq_of(halt.resumed.as_ref().map(|mark| mark.seq)),
            ),
        ]),
    })
}

fn incidents(state: &State) -> impl Iterator<Item = Exception> + '_ {
    state.safety.incidents.iter().map(|incident| Exception {
        time: incident.mark.time,
        seq: Some(incident.mark.seq),
        what: What::Incident,
        portfolio: Some(incident.opening.portfolio.clone()),
        facts: facts([
            ("class", incident.opening.class.as_str().to_owned()),
            ("severity", incident.opening.severity.as_str().to_owned()),
            ("reason", incident.opening.summary.clone()),
            (
                "closed_seq",
                seq_of(incident.closed.as_ref().map(|(mark, _)| mark.seq)),
            ),
        ]),
    })
}

/// Overdue at the end of the year, and stages that fell by time.
fn certificates(state: &State, period: Period) -> Vec<Exception> {
    let end = if period.closed {
        period.to
    } else {
        state.last_time()
    };
    let overdue = state.portfolios.keys().filter_map(|id| {
        let due = certificate_due(state, id).filter(|due| *due <= end)?;
        Some(Exception {
            // Overdue since an earlier year is an exception of this one too.
            time: due.max(period.from),
            seq: None,
            what: What::CertificateOverdue,
            portfolio: Some(id.clone()),
            facts: facts([("due", due.to_string())]),
        })
    });
    let lowered = state.safety.derived.iter().map(|derived| Exception {
        time: derived.time,
        seq: None,
        what: What::Lowered,
        portfolio: Some(derived.portfolio.clone()),
        facts: facts([
            ("cause", derived.cause.as_str().to_owned()),
            ("from", derived.from.to_string()),
            ("to", derived.to.to_string()),
        ]),
    });
    overdue.chain(lowered).collect()
}

/// Refused acts, revoked keys and evidence: what their entries say.
fn from_entries(entries: &[Entry]) -> impl Iterator<Item = Exception> + '_ {
    entries.iter().filter_map(|entry| {
        let (what, facts) = match entry.leaf.kind.as_str() {
            "refusal" | "key-revocation" | "evidence-revocation" => {
                named(&event::read(entry).ok()?.statement.act)?
            }
            _ => return None,
        };
        Some(Exception {
            time: entry.leaf.time,
            seq: Some(entry.seq),
            what,
            portfolio: None,
            facts,
        })
    })
}

fn named(act: &Act) -> Option<(What, BTreeMap<&'static str, String>)> {
    match act {
        Act::Refusal(act) => {
            let inner = Statement::from_bytes(act.statement.as_bytes()).ok();
            let person = inner.as_ref().map(|s| s.signer.person.to_string());
            let kind = inner.as_ref().map(|s| s.act.kind().to_owned());
            let named = facts([
                ("act", kind.unwrap_or_default()),
                ("person", person.unwrap_or_default()),
                ("reason", act.reason.clone()),
            ]);
            Some((What::Refused, named))
        }
        Act::KeyRevocation(act) => {
            let reason = act.reason.map_or("none", |reason| reason.as_str());
            let named = facts([
                ("key", act.revoked.to_string()),
                ("reason", reason.to_owned()),
                ("distrust_from_seq", seq_of(act.distrust_from_seq)),
            ]);
            Some((What::KeyRevoked, named))
        }
        Act::Track(act) => match act.as_ref() {
            TrackAct::EvidenceRevocation(act) => {
                let named = facts([
                    ("evidence", act.evidence_sha256.to_string()),
                    ("reason", act.reason.clone()),
                ]);
                Some((What::EvidenceRevoked, named))
            }
            _ => None,
        },
        _ => None,
    }
}

fn clocks<'a>(state: &'a State, entries: &'a [Entry]) -> impl Iterator<Item = Exception> + 'a {
    state.safety.clock_remarks.iter().filter_map(|remark| {
        let entry = entries.iter().find(|e| e.leaf_hash == remark.entry)?;
        Some(Exception {
            time: entry.leaf.time,
            seq: Some(entry.seq),
            what: What::ClockOff,
            portfolio: None,
            facts: facts([("clock", remark.clock.to_string())]),
        })
    })
}

/// Entries without effect, those included that were set aside.
pub(super) fn no_effects(state: &State) -> impl Iterator<Item = &NoEffect> {
    state.findings.iter().chain(&state.voided)
}

fn without_effect<'a>(
    state: &'a State,
    entries: &'a [Entry],
) -> impl Iterator<Item = Exception> + 'a {
    no_effects(state).filter_map(|finding| {
        let entry = entries.get(usize::try_from(finding.seq).ok()?)?;
        Some(Exception {
            time: entry.leaf.time,
            seq: Some(finding.seq),
            what: What::WithoutEffect,
            portfolio: None,
            facts: facts([("reason", finding.code.to_owned())]),
        })
    })
}
