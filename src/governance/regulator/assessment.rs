//! The annual self-assessment: what one year of a ledger shows of each control, and what it does
//! not.
//!
//! In: the fold up to the end of the year, the year's entries, the control mappings. Out:
//! [`Assessment`]: counts with the positions that prove them, exceptions, gaps. It depends on the
//! entries of that year and those before it, so an assessment of a year that is over never changes.
//! It counts and names; whether a control works is for people to judge.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::controls::{Control, Controls, Coverage, Origin, Words};
use super::exceptions::{self, Exception};
use super::marks;
use crate::governance::audit::entry::{Entry, Head};
use crate::governance::promotion::state::{RequestRecord, State};
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, ProfileId};
use crate::kernel::time::UtcTime;

/// The year that is assessed: from its first instant to before the next year's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Period {
    /// Year, UTC.
    pub year: u16,
    /// Its first instant.
    pub from: UtcTime,
    /// The first instant after it.
    pub to: UtcTime,
    /// True when the ledger has entries after the year, so that none can be added to it.
    pub closed: bool,
}

impl Period {
    /// True for an instant of the year.
    #[must_use]
    pub fn holds(&self, time: UtcTime) -> bool {
        self.from <= time && time < self.to
    }
}

/// `promote/self-assessment/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Assessment {
    /// Format.
    pub schema: &'static str,
    /// Origin of the ledger.
    pub ledger: String,
    /// Leaf hash of its genesis entry.
    pub fingerprint: Digest,
    /// The head after the last entry of the year.
    pub head: Head,
    /// What every reader has to know first.
    pub marks: Vec<&'static str>,
    /// The year.
    pub period: Period,
    /// Policy set in force at its end.
    pub policy_sha256: Digest,
    /// Digest of the control mappings.
    pub controls_sha256: Digest,
    /// Entries of the year that took effect, by kind.
    pub acts: Vec<Acts>,
    /// How requests ended in the year.
    pub decisions: BTreeMap<&'static str, u64>,
    /// Every portfolio, as it stood at the end of the year.
    pub inventory: Vec<Inventory>,
    /// Exceptions, in the order of their times.
    pub exceptions: Vec<Exception>,
    /// What the year shows of each framework.
    pub frameworks: Vec<FrameworkLine>,
}

/// Entries of one kind, with the first and last as proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Acts {
    /// Kind.
    pub kind: String,
    /// How many.
    pub count: u64,
    /// Position of the first.
    pub first_seq: Option<u64>,
    /// Position of the last.
    pub last_seq: Option<u64>,
}

/// A criterion in the year's evaluations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Judged {
    /// Criterion.
    pub criterion: String,
    /// Evaluations that judged it.
    pub judged: u64,
    /// Those in which it stood in the way.
    pub failed: u64,
}

/// A portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Inventory {
    /// Name.
    pub portfolio: PortfolioId,
    /// Risk profile.
    pub profile: ProfileId,
    /// Who registered it.
    pub owner: PersonId,
    /// Stage.
    pub stage: Stage,
    /// Since when.
    pub since: Option<UtcTime>,
    /// Configuration that the stage was granted for.
    pub strategy_sha256: Option<Digest>,
    /// When its certificate is due, where it has a stage.
    pub certificate_due: Option<UtcTime>,
}

/// A framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct FrameworkLine {
    /// Short name.
    pub framework: String,
    /// Version of the mapping.
    pub version: String,
    /// Full name.
    pub name: Words,
    /// Where it applies.
    pub jurisdiction: String,
    /// False when it was not in force on any day of the year, as far as its dates are known.
    pub in_force: bool,
    /// Its controls.
    pub controls: Vec<ControlLine>,
}

/// A control in the year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ControlLine {
    /// Article, paragraph or name.
    pub id: String,
    /// What is asked.
    pub title: Words,
    /// Whether these words were read in the source.
    pub source: Origin,
    /// How far it is answered.
    pub status: Coverage,
    /// Entries that show it at work.
    pub acts: Vec<Acts>,
    /// Criteria that answer it.
    pub criteria: Vec<Judged>,
    /// Command that shows the evidence.
    pub query: Option<String>,
    /// What is missing.
    pub gap: Option<Words>,
}

/// Assesses `period`: `state` has folded `entries`, which end with the last entry of the year, and
/// everything that was due by its end.
#[must_use]
pub fn assess(
    state: &State,
    entries: &[Entry],
    head: Head,
    period: Period,
    controls: &Controls,
) -> Assessment {
    let year = Year::new(state, entries, period);
    let frameworks = controls.frameworks().iter().map(|framework| {
        let date = |text: &Option<String>| text.as_ref().and_then(|t| UtcTime::parse_loose(t).ok());
        let begun = date(&framework.valid_from).is_none_or(|from| from < period.to);
        let ended = date(&framework.valid_to).is_some_and(|to| to <= period.from);
        FrameworkLine {
            framework: framework.framework.clone(),
            version: framework.version.clone(),
            name: framework.name.clone(),
            jurisdiction: framework.jurisdiction.clone(),
            in_force: begun && !ended,
            controls: framework.controls.iter().map(|c| year.control(c)).collect(),
        }
    });
    Assessment {
        schema: "promote/self-assessment/v1",
        ledger: state.ledger.clone(),
        fingerprint: state.fingerprint,
        head,
        marks: marks::all(state),
        period,
        policy_sha256: state.policy.digest(),
        controls_sha256: controls.digest(),
        acts: year.kinds.values().cloned().collect(),
        decisions: decisions(state, period),
        inventory: inventory(state),
        exceptions: exceptions::of(state, entries, period),
        frameworks: frameworks.collect(),
    }
}

/// What happened in the year, counted once.
struct Year {
    kinds: BTreeMap<String, Acts>,
    criteria: BTreeMap<String, Judged>,
}

impl Year {
    fn new(state: &State, entries: &[Entry], period: Period) -> Self {
        let void: BTreeSet<u64> = exceptions::no_effects(state).map(|f| f.seq).collect();
        let mut kinds: BTreeMap<String, Acts> = BTreeMap::new();
        let counted = |e: &&Entry| period.holds(e.leaf.time) && !void.contains(&e.seq);
        for entry in entries.iter().filter(counted) {
            let kind = entry.leaf.kind.clone();
            let acts = kinds.entry(kind.clone()).or_insert_with(|| none(kind));
            acts.count += 1;
            acts.first_seq = acts.first_seq.or(Some(entry.seq));
            acts.last_seq = Some(entry.seq);
        }
        let mut criteria: BTreeMap<String, Judged> = BTreeMap::new();
        let judged = state.requests.values().filter_map(|r| r.judged.as_ref());
        for judged in judged.filter(|j| period.holds(j.time)) {
            for line in &judged.verdict.criteria {
                let id = line.id.to_string();
                let held = criteria.entry(id.clone()).or_insert_with(|| unjudged(id));
                held.judged += 1;
                held.failed += u64::from(!line.passes());
            }
        }
        Self { kinds, criteria }
    }

    fn control(&self, control: &Control) -> ControlLine {
        let acts = control.events.iter().map(|kind| {
            let found = self.kinds.get(kind).cloned();
            found.unwrap_or_else(|| none(kind.clone()))
        });
        let criteria = control.criteria.iter().map(|id| {
            let found = self.criteria.get(id).cloned();
            found.unwrap_or_else(|| unjudged(id.clone()))
        });
        ControlLine {
            id: control.id.clone(),
            title: control.title.clone(),
            source: control.source,
            status: control.status,
            acts: acts.collect(),
            criteria: criteria.collect(),
            query: control.query.clone(),
            gap: control.gap.clone(),
        }
    }
}

fn none(kind: String) -> Acts {
    Acts {
        kind,
        count: 0,
        first_seq: None,
        last_seq: None,
    }
}

fn unjudged(criterion: String) -> Judged {
    Judged {
        criterion,
        judged: 0,
        failed: 0,
    }
}

fn decisions(state: &State, period: Period) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    let ended = |r: &&RequestRecord| r.end.as_ref().is_some_and(|end| period.holds(end.time));
    for record in state.requests.values().filter(ended) {
        *counts.entry(record.status.as_str()).or_default() += 1;
    }
    counts
}

fn inventory(state: &State) -> Vec<Inventory> {
    let line = |(id, held): (
        &PortfolioId,
        &crate::governance::promotion::state::Portfolio,
    )| {
        let due = exceptions::certificate_due(state, id);
        Inventory {
            portfolio: id.clone(),
            profile: held.profile.clone(),
            owner: held.owner.clone(),
            stage: held.stage,
            since: held.since,
            strategy_sha256: held.strategy,
            certificate_due: due,
        }
    };
    state.portfolios.iter().map(line).collect()
}
