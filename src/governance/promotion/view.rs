//! View: the part of a fold that `status` and `inbox` show, small enough to be kept beside the
//! ledger.
//!
//! In: a fold. Out: a [`View`], and from it a state that shows the same: settled at any later time,
//! what is missing and the flags of every portfolio come out as from the fold itself. What cannot be
//! seen there is left out: most ended requests, nonces, commits, tokens. INVARIANT: nothing is
//! decided on a state from a view. A ledger with entries without effect has no view, it is always
//! folded whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::access::distrust::standing_on;
use super::access::missing_token::{live_decision, makes_up};
use super::access::{Access, Decided};
use super::expiry::Waiting;
use super::looks::{self, lineage};
use super::oversight::checklist::Confirmed;
use super::oversight::{Oversight, Published};
use super::safety::Safety;
use super::safety::certificate::{self, CertificateRecord};
use super::state::{EnrolledKey, Mark, Person, Portfolio, RequestRecord, State, Status};
use super::statement::{Genesis, PolicyFile};
use super::tracks::Tracks;
use crate::governance::policy::set::PolicySet;
use crate::governance::stage::{Stage, Target};
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, RequestId};
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;

/// What is shown of a fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    ledger: String,
    fingerprint: Digest,
    genesis: Genesis,
    policy: InForce,
    /// Root before the last entry, and its time.
    last: (Digest, UtcTime),
    persons: BTreeMap<PersonId, Person>,
    keys: BTreeMap<Fingerprint, EnrolledKey>,
    portfolios: BTreeMap<PortfolioId, Portfolio>,
    requests: Vec<RequestRecord>,
    safety: Safety,
    tracks: Tracks,
    access: Access,
    /// Confirmed items of portfolios with an open request.
    confirmed: Vec<(PortfolioId, Target, Vec<Confirmed>)>,
    failing: BTreeMap<PortfolioId, Mark>,
    certificates_since: Option<UtcTime>,
    /// Looks so far: the requests that they are counted from are not kept.
    looks: BTreeMap<PortfolioId, usize>,
}

/// The policy set in force, by its files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InForce {
    sha256: Digest,
    files: Vec<PolicyFile>,
    touched: u64,
    /// Publications since the last one that loosened, and whether each did.
    publications: Vec<(Option<Mark>, bool)>,
}

impl View {
    /// What is shown of `state`, a fold of entries alone; none while it holds entries without effect.
    #[must_use]
    pub fn of(state: &State) -> Option<Self> {
        if !state.findings.is_empty() {
            return None;
        }
        let open: Vec<&RequestRecord> = open(state).collect();
        let asking: BTreeSet<&PortfolioId> = open.iter().map(|r| &r.request.portfolio).collect();
        let ids = looked_at(state);
        let confirmed = state.oversight.confirmed.iter();
        Some(Self {
            ledger: state.ledger.clone(),
            fingerprint: state.fingerprint,
            genesis: state.genesis.clone(),
            policy: InForce {
                sha256: state.policy.digest(),
                files: state.policy.file_refs(),
                touched: state.policy_touched,
                publications: publications(state),
            },
            last: *state.positions.last()?,
            persons: state.persons.clone(),
            keys: state.keys.clone(),
            portfolios: portfolios(state, &ids),
            requests: requests(state, &ids),
            safety: safety(state, &open),
            tracks: tracks(state, &open),
            access: Access {
                tokens: BTreeMap::new(),
                decisions: live_decisions(state),
                ..state.access.clone()
            },
            confirmed: confirmed
                .filter(|((id, _), _)| asking.contains(id))
                .map(|((id, target), list)| (id.clone(), *target, list.clone()))
                .collect(),
            failing: state.oversight.failing.clone(),
            certificates_since: state.oversight.certificates_since,
            looks: looks::so_far(state),
        })
    }

    /// The bytes to be kept.
    ///
    /// # Errors
    /// Never for a view of a fold.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads what [`View::encode`] wrote; none for anything else, and where this build would have
    /// written it in another way.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let view: Self = serde_json::from_slice(bytes).ok()?;
        let again = view.encode().ok()?;
        (again == bytes).then_some(view)
    }

    /// The files of the policy set that it wants.
    #[must_use]
    pub fn policy_files(&self) -> &[PolicyFile] {
        &self.policy.files
    }

    /// Looks so far at every portfolio.
    #[must_use]
    pub fn looks(&self) -> &BTreeMap<PortfolioId, usize> {
        &self.looks
    }

    /// Time of the last entry.
    #[must_use]
    pub fn last_time(&self) -> UtcTime {
        self.last.1
    }

    /// The state that shows the same as the fold; none when `set` is not the one in force.
    #[must_use]
    pub fn into_state(self, set: PolicySet) -> Option<State> {
        if set.digest() != self.policy.sha256 {
            return None;
        }
        let policy = Arc::new(set);
        let requests = self.requests.into_iter();
        let confirmed = self.confirmed.into_iter();
        let mut state = State {
            ledger: self.ledger,
            fingerprint: self.fingerprint,
            genesis: self.genesis,
            policy_touched: self.policy.touched,
            positions: vec![self.last],
            persons: self.persons,
            keys: self.keys,
            portfolios: self.portfolios,
            requests: requests.map(|r| (r.request.request.clone(), r)).collect(),
            by_strategy: BTreeMap::new(),
            nonces: BTreeMap::new(),
            statements: BTreeSet::new(),
            refusals: BTreeMap::new(),
            safety: self.safety,
            tracks: self.tracks,
            access: self.access,
            oversight: Oversight {
                confirmed: confirmed
                    .map(|(id, target, list)| ((id, target), list))
                    .collect(),
                closed: BTreeMap::new(),
                history: history(self.policy.touched, &policy, self.policy.publications),
                known: BTreeMap::from([(policy.digest(), Arc::clone(&policy))]),
                failing: self.failing,
                certificates_since: self.certificates_since,
            },
            policy,
            findings: Vec::new(),
            voided: Vec::new(),
            waiting: Waiting::default(),
        };
        state.waiting = Waiting::anything(&state);
        Some(state)
    }
}

/// Publications since the last one that loosened: who proposed what is in force.
fn publications(state: &State) -> Vec<(Option<Mark>, bool)> {
    let since = state.oversight.since_loosening();
    since.map(|p| (p.mark.clone(), p.loosening)).collect()
}

/// The same publications, each with the set in force.
fn history(
    seq: u64,
    set: &Arc<PolicySet>,
    publications: Vec<(Option<Mark>, bool)>,
) -> Vec<Published> {
    let published = |(mark, loosening)| Published {
        seq,
        set: Arc::clone(set),
        mark,
        loosening,
    };
    publications.into_iter().map(published).collect()
}

fn open(state: &State) -> impl Iterator<Item = &RequestRecord> {
    let all = state.requests.values();
    all.filter(|record| record.status.is_open())
}

/// Requests that are shown, or that something shown looks back at: open ones, the last one of a
/// portfolio, the last one that was granted for each stage, those that a stage stands on; while an
/// incident is open also whatever says on whom it weighs.
fn looked_at(state: &State) -> BTreeSet<&RequestId> {
    let mut ids: BTreeSet<&RequestId> = open(state).map(|r| &r.request.request).collect();
    for (portfolio, held) in &state.portfolios {
        ids.extend(held.requests.last());
        for target in Target::ALL {
            let granted =
                |r: &&RequestRecord| r.status == Status::Promoted && r.request.target == target;
            let last = state.history(portfolio).filter(granted).last();
            ids.extend(last.map(|record| &record.request.request));
        }
        for (_, request) in standing_on(state, portfolio) {
            ids.extend(state.requests.get_key_value(&request).map(|(id, _)| id));
        }
    }
    for portfolio in weighing(state) {
        let held = state.portfolios.get(&portfolio);
        ids.extend(held.into_iter().flat_map(|held| &held.requests));
    }
    ids
}

/// Portfolios with an open incident, and those that open requests continue meanwhile.
fn weighing(state: &State) -> BTreeSet<PortfolioId> {
    let incidents = state.safety.incidents.iter();
    let unclosed = incidents.filter(|incident| incident.closed.is_none());
    let mut found: BTreeSet<PortfolioId> = unclosed.map(|i| i.opening.portfolio.clone()).collect();
    if !found.is_empty() {
        for record in open(state) {
            let (id, grounds) = (&record.request.portfolio, &record.request.grounds);
            found.extend(lineage(state, id, &grounds.predecessors, u64::MAX));
        }
    }
    found
}

fn portfolios(state: &State, ids: &BTreeSet<&RequestId>) -> BTreeMap<PortfolioId, Portfolio> {
    let shown = |(id, held): (&PortfolioId, &Portfolio)| {
        let mut held = held.clone();
        held.requests.retain(|id| ids.contains(id));
        (id.clone(), held)
    };
    state.portfolios.iter().map(shown).collect()
}

/// The decisions that live sessions rest on.
fn live_decisions(state: &State) -> BTreeMap<RequestId, Decided> {
    let live = state.portfolios.iter();
    let live = live.filter(|(_, held)| held.stage == Stage::Live);
    live.filter_map(|(id, _)| {
        let (_, request) = standing_on(state, id).into_iter().next()?;
        Some((request, live_decision(state, id)?.clone()))
    })
    .collect()
}

/// Open requests whole: rules look at what was judged. Of ended ones, what was asked and how it
/// ended, and the approvals that a live session rests on.
fn requests(state: &State, ids: &BTreeSet<&RequestId>) -> Vec<RequestRecord> {
    let live = live_decisions(state);
    let shown = |record: &RequestRecord| {
        if !record.status.is_open() {
            let decided = live.get(&record.request.request);
            let filling = decided.map_or_else(Vec::new, |decided| decided.approvals.clone());
            let approvals = record.approvals.iter();
            let approvals = approvals.filter(|a| filling.contains(&a.mark.leaf));
            return RequestRecord {
                unjudged: Vec::new(),
                judged: None,
                approvals: approvals.cloned().collect(),
                ..record.clone()
            };
        }
        record.clone()
    };
    let records = ids.iter().filter_map(|id| state.requests.get(*id));
    records.map(shown).collect()
}

/// The last certificate of each portfolio, and the last one that makes up for a lost approver,
/// without their values.
fn certificates(state: &State) -> Vec<CertificateRecord> {
    let mut last: BTreeMap<&PortfolioId, &CertificateRecord> = BTreeMap::new();
    for certificate in &state.safety.certificates {
        last.insert(&certificate.act.portfolio, certificate);
    }
    let making_up = state.portfolios.keys().filter_map(|id| {
        let mut given = certificate::given(state, id).rev();
        given.find(|certificate| makes_up(state, certificate))
    });
    let mut list: Vec<CertificateRecord> = last.values().copied().cloned().collect();
    list.extend(making_up.cloned());
    list.sort_by_key(|certificate| certificate.mark.seq);
    list.dedup_by_key(|certificate| certificate.mark.seq);
    for certificate in &mut list {
        certificate.act.facts.clear();
    }
    list
}

/// What is in force or may fall due.
fn safety(state: &State, open: &[&RequestRecord]) -> Safety {
    let held = &state.safety;
    let halts = held.halts.iter().filter(|h| h.resumed.is_none());
    let incidents = held.incidents.iter().filter(|i| i.closed.is_none());
    let overrides = held.overrides.iter().filter(|o| {
        let used = |record: &&RequestRecord| o.used_by.contains(&record.request.request);
        o.reviewed.is_none() || open.iter().any(used)
    });
    Safety {
        global_epoch: held.global_epoch,
        profile_epochs: held.profile_epochs.clone(),
        portfolio_epochs: held.portfolio_epochs.clone(),
        halts: halts.cloned().collect(),
        certificates: certificates(state),
        overrides: overrides.cloned().collect(),
        clock_behind: held.clock_behind.clone(),
        vouched: held.vouched,
        clock_remarks: Vec::new(),
        incidents: incidents.cloned().collect(),
        approvals: BTreeMap::new(),
        voided: BTreeSet::new(),
        drills: Vec::new(),
        spent: BTreeMap::new(),
        standing: held.standing.clone(),
        falls_by: held.falls_by.clone(),
        derived: Vec::new(),
    }
}

/// Reruns, attestations and registrations that open requests rest on.
fn tracks(state: &State, open: &[&RequestRecord]) -> Tracks {
    let held = &state.tracks;
    let evidence = open.iter().flat_map(|r| &r.request.evidence);
    let evidence: BTreeSet<&Digest> = evidence.map(|e| &e.evidence_sha256).collect();
    let data = open.iter().flat_map(|r| &r.request.grounds.data);
    let data: BTreeSet<&Digest> = data.collect();
    Tracks {
        sessions: BTreeMap::new(),
        order: Vec::new(),
        datasets: among(&held.datasets, &data),
        reruns: among(&held.reruns, &evidence),
        attestations: among(&held.attestations, &evidence),
        trials: BTreeMap::new(),
        revoked: BTreeMap::new(),
        revoked_results: BTreeMap::new(),
    }
}

fn among<T: Clone>(all: &BTreeMap<Digest, T>, wanted: &BTreeSet<&Digest>) -> BTreeMap<Digest, T> {
    let named = all.iter().filter(|(digest, _)| wanted.contains(digest));
    named
        .map(|(digest, held)| (*digest, held.clone()))
        .collect()
}
