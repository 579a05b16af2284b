//! Oversight: checklists that persons confirm, and policy sets that come into force.
//!
//! In: signed acts about them. Out: what the state remembers of both ([`Oversight`]). The set in
//! force at a position is the last one published before it; a statement judged under another set
//! never counts.

pub mod acts;
pub mod checklist;
pub mod closed;
pub mod eligible;
pub mod publication;
pub mod replay;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::event::{self, Signed};
use super::guard::Moment;
use super::refusal::Refusal;
use super::state::{Mark, State};
use super::statement::{Act, PolicyFile};
use crate::governance::audit::entry::Entry;
use crate::governance::policy::set::PolicySet;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, RequestId};
use crate::kernel::time::UtcTime;

use checklist::Confirmed;
use closed::Closed;

/// A set that came into force.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Position of its publication; it is in force for the entries after it.
    pub seq: u64,
    /// The set.
    pub set: Arc<PolicySet>,
    /// Who proposed it, and where; nobody did the genesis set.
    pub mark: Option<Mark>,
    /// It was no tightening: it stands on the LIVE quorum and the root threshold.
    pub loosening: bool,
}

/// What the ledger says about checklists and policy sets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Oversight {
    /// Confirmed items by portfolio and transition, in ledger order.
    pub confirmed: BTreeMap<(PortfolioId, Target), Vec<Confirmed>>,
    /// Checklists as they stood when a request was decided.
    pub closed: BTreeMap<RequestId, Vec<Closed>>,
    /// Every set that came into force, in ledger order.
    pub history: Vec<Published>,
    /// Sets whose files are at hand, by digest.
    pub known: BTreeMap<Digest, Arc<PolicySet>>,
    /// LIVE portfolios whose last evidence fails under the set in force, with the publication.
    pub failing: BTreeMap<PortfolioId, Mark>,
    /// When a publication last changed the rules about certificates.
    pub certificates_since: Option<UtcTime>,
}

impl Oversight {
    /// The beginning: the genesis set is in force.
    #[must_use]
    pub fn begin(set: Arc<PolicySet>) -> Self {
        Self {
            known: BTreeMap::from([(set.digest(), Arc::clone(&set))]),
            history: vec![Published {
                seq: 0,
                set,
                mark: None,
                loosening: false,
            }],
            ..Self::default()
        }
    }

    /// The set in force for the entry at `seq`.
    #[must_use]
    pub fn policy_at(&self, seq: u64) -> Option<&Arc<PolicySet>> {
        let before = |p: &&Published| p.seq < seq || p.seq == 0;
        self.history.iter().rev().find(before).map(|p| &p.set)
    }

    /// Who proposed what is in force: the last set that loosened, and every tightening of it
    /// since. A tightening by somebody else does not clear who loosened.
    pub fn proposers(&self) -> impl Iterator<Item = &PersonId> {
        let marks = self.since_loosening().filter_map(|p| p.mark.as_ref());
        marks.map(|mark| &mark.person)
    }

    /// The last publication that loosened, and every one since; all of them where none did.
    pub fn since_loosening(&self) -> impl Iterator<Item = &Published> {
        let loosened = self.history.iter().rposition(|p| p.loosening);
        self.history.iter().skip(loosened.unwrap_or(0))
    }
}

/// The publication after which `portfolio` fails, while it stands: no token until it is certified
/// again. What the stage stands on anew (a certificate, a grant, a lowering) ends it.
#[must_use]
pub fn recertification_due<'s>(state: &'s State, portfolio: &PortfolioId) -> Option<&'s Mark> {
    state.oversight.failing.get(portfolio)
}

/// The files of the set that `entry` publishes; none for any other entry.
#[must_use]
pub fn published_files(entry: &Entry) -> Option<Vec<PolicyFile>> {
    if entry.leaf.kind != "policy-publication" {
        return None;
    }
    match event::read(entry).ok()?.statement.act {
        Act::PolicyPublication(act) => Some(act.files),
        _ => None,
    }
}

/// The sets that `entries` publish after the genesis, as far as their files are kept and whole.
#[must_use]
pub fn later_sets(
    entries: &[Entry],
    blob: &dyn Fn(&Digest) -> Option<Vec<u8>>,
) -> Vec<Arc<PolicySet>> {
    let mut sets = Vec::new();
    for files in entries.iter().filter_map(published_files) {
        let bytes = files.iter().map(|file| {
            let bytes = blob(&file.sha256)?;
            Some((file.path.clone(), bytes))
        });
        if let Some(files) = bytes.collect::<Option<BTreeMap<_, _>>>()
            && let Ok(set) = PolicySet::load(files)
        {
            sets.push(Arc::new(set));
        }
    }
    sets
}

/// True for the acts of this room.
#[must_use]
pub fn is_ours(act: &Act) -> bool {
    matches!(act, Act::ChecklistItem(_) | Act::PolicyPublication(_))
}

/// The guard of an act about checklists or policy sets.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(state: &State, signed: &Signed, at: &Moment) -> Result<(), Refusal> {
    match &signed.statement.act {
        Act::ChecklistItem(act) => checklist::check(state, signed, act, at),
        Act::PolicyPublication(act) => publication::check(state, signed, act, at),
        other => Err(Refusal::NotAPersonsAct { act: other.kind() }),
    }
}

/// What such an act changes.
pub fn effect(state: &mut State, signed: &Signed, mark: Mark) {
    match &signed.statement.act {
        Act::ChecklistItem(act) => checklist::effect(state, act, mark),
        Act::PolicyPublication(act) => publication::effect(state, act, &mark),
        _ => {}
    }
}
