//! Shown: the one guard of evidence, whether a request asks for a stage with it or a certificate
//! keeps one.
//!
//! In: the state, and what a request or a recertification says about its bundles. Out: the first
//! rule that it breaks. Whose the bundles are is said by the seals: a key that was enrolled for
//! that person and not revoked; that the bundles were signed so is checked wherever they are
//! opened. There is no second telling of any of this.

use std::collections::BTreeSet;

use crate::evidence::manifest::{EvidenceKind, OosKind};
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};
use crate::kernel::time::UtcTime;

use super::super::access;
use super::super::looks::lineage;
use super::super::refusal::Refusal;
use super::super::state::State;
use super::super::statement::{EvidenceRef, OosRange, Request};
use super::Checked;
use super::grounds::{Grounds, Seal, sessions_before};
use super::revocation::not_revoked;
use super::session::of_stay;
use super::wanting::beyond_rerun;

/// Bundles, and what is said about them.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Whose.
    pub portfolio: &'a PortfolioId,
    /// The stage that is asked for, or kept.
    pub target: Target,
    /// The kind of session bundle that belongs to it; none where no sessions are shown.
    pub sessions: Option<EvidenceKind>,
    /// Bundles, sorted by kind.
    pub evidence: &'a [EvidenceRef],
    /// Who produced them.
    pub producers: &'a [PersonId],
    /// Configuration.
    pub strategy_sha256: Digest,
    /// Range of the out-of-sample data.
    pub oos: Option<OosRange>,
    /// What they rest on.
    pub grounds: &'a Grounds,
    /// Size of the head that the signer saw.
    pub seen: u64,
}

impl<'a> Shown<'a> {
    /// What a request shows.
    #[must_use]
    pub fn by(request: &'a Request, seen: u64) -> Self {
        Self {
            portfolio: &request.portfolio,
            target: request.target,
            sessions: match request.target {
                Target::Shadow => None,
                Target::Testnet => Some(EvidenceKind::Shadow),
                Target::Live => Some(EvidenceKind::Testnet),
            },
            evidence: &request.evidence,
            producers: &request.producers,
            strategy_sha256: request.strategy_sha256,
            oos: request.oos,
            grounds: &request.grounds,
            seen,
        }
    }
}

/// What is wrong with the list itself: kinds, producers, seals, revoked bundles.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_list(state: &State, shown: &Shown<'_>) -> Checked {
    let refuse = |why| Err(Refusal::EvidenceList { why });
    let kinds: Vec<EvidenceKind> = shown.evidence.iter().map(|e| e.kind).collect();
    if !kinds.is_sorted_by(|a, b| a < b) {
        return refuse("bundles are sorted by kind, at most one of each");
    }
    let research = [EvidenceKind::Robustness, EvidenceKind::Import];
    if kinds.iter().filter(|k| research.contains(k)).count() != 1 {
        return refuse("exactly one bundle of kind robustness or import is wanted");
    }
    if shown.target == Target::Shadow && kinds.len() != 1 {
        return refuse("shadow rests on one bundle of kind robustness or import");
    }
    check_seals(state, shown.evidence, &shown.grounds.seals)?;
    if !persons(&shown.grounds.seals).iter().eq(shown.producers) {
        return refuse("producers are those who sealed the bundles, sorted and named once");
    }
    let mut bundles = shown.evidence.iter();
    bundles.try_for_each(|e| not_revoked(state, e))
}

/// Who sealed.
#[must_use]
pub fn persons(seals: &[Seal]) -> BTreeSet<PersonId> {
    seals.iter().map(|seal| seal.person.clone()).collect()
}

/// Every bundle is sealed, by a key that is its producer's at this position; in a sandbox a
/// bundle may have no producer.
///
/// # Errors
/// When one is not.
pub fn check_seals(state: &State, evidence: &[EvidenceRef], seals: &[Seal]) -> Checked {
    let refuse = |why| Err(Refusal::EvidenceList { why });
    if !seals.is_sorted_by(|a, b| a.evidence_sha256 < b.evidence_sha256) {
        return refuse("seals are sorted by bundle, one each");
    }
    let of = |seal: &Seal| {
        evidence
            .iter()
            .any(|e| e.evidence_sha256 == seal.evidence_sha256)
    };
    if !seals.iter().all(of) {
        return refuse("a seal is of one of the bundles");
    }
    if seals.len() != evidence.len() && !state.genesis.sandbox {
        return Err(Refusal::UnsignedEvidence);
    }
    seals.iter().try_for_each(|seal| check_seal(state, seal))
}

fn check_seal(state: &State, seal: &Seal) -> Checked {
    let held = state.keys.get(&seal.key);
    let held = held.ok_or_else(|| Refusal::UnknownProducer {
        person: seal.person.clone(),
    })?;
    if held.person != seal.person {
        return Err(Refusal::WrongPerson {
            named: seal.person.clone(),
            owner: held.person.clone(),
        });
    }
    access::not_revoked(state, &seal.key)
}

/// What a stage above SHADOW asks of its evidence: the kinds, every session of the stay with its
/// last commit, an out of sample that is later than the strategy, registered trials.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_grounds(state: &State, shown: &Shown<'_>) -> Checked {
    if shown.target != Target::Shadow {
        check_kinds(state, shown)?;
    }
    check_sessions(state, shown)?;
    if shown.target == Target::Shadow {
        return Ok(());
    }
    check_later(state, shown)?;
    check_trials(state, shown)
}

/// Every session of the stay as it is now: whoever signs over an older head leaves no bar out, and
/// no ending.
fn check_sessions(state: &State, shown: &Shown<'_>) -> Checked {
    let differ = Err(Refusal::SessionsDiffer);
    if shown.sessions.is_none() {
        return match shown.grounds.sessions.is_empty() {
            true => Ok(()),
            false => differ,
        };
    }
    let version = (shown.portfolio, shown.strategy_sha256);
    let named = shown.grounds.sessions == sessions_before(state, version, u64::MAX);
    match (first_since(state, shown, named), named) {
        (Some(seq), _) => Err(Refusal::StateMoved { seq }),
        (None, false) => differ,
        (None, true) => Ok(()),
    }
}

/// The first entry of the stay's sessions after the head that was seen. Openings and commits that are
/// all `named` are none; how a session ended no list says.
fn first_since(state: &State, shown: &Shown<'_>, named: bool) -> Option<u64> {
    let entries = of_stay(state, shown.portfolio, shown.strategy_sha256).flat_map(|record| {
        let commits = record.commits.iter().map(|(mark, _)| mark.seq);
        let listed = commits.chain([record.mark.seq]).filter(move |_| !named);
        listed.chain(record.close.as_ref().map(|(mark, _)| mark.seq))
    });
    entries.filter(|seq| *seq >= shown.seen).min()
}

fn check_kinds(state: &State, shown: &Shown<'_>) -> Checked {
    let kinds: Vec<EvidenceKind> = shown.evidence.iter().map(|e| e.kind).collect();
    let target = shown.target;
    if kinds.contains(&EvidenceKind::Import) && !state.rules().assurance.reduced_allowed {
        return Err(Refusal::ImportAboveShadow { target });
    }
    let mut beyond = beyond_rerun(state, target, shown.evidence);
    if let Some(beyond) = beyond.find(|_| !state.rules().assurance.reduced_allowed) {
        return Err(Refusal::SignalsNotReplayed {
            kind: beyond.kind.as_str(),
        });
    }
    let research = [EvidenceKind::Robustness, EvidenceKind::Import];
    let others = kinds.iter().filter(|kind| !research.contains(kind));
    if others.copied().eq(shown.sessions) {
        return Ok(());
    }
    match shown.sessions {
        Some(kind) => Err(Refusal::SessionEvidenceWanted {
            target,
            kind: kind.as_str(),
        }),
        None => Err(Refusal::EvidenceList {
            why: "no sessions are shown yet: one bundle of kind robustness is wanted",
        }),
    }
}

/// `developed_until` and `declared` are claims: of them only bars count that are later than the
/// entry that first named the strategy.
fn check_later(state: &State, shown: &Shown<'_>) -> Checked {
    let claimed = matches!(
        shown.grounds.oos_kind,
        Some(OosKind::DevelopedUntil | OosKind::Declared)
    );
    let named: Option<UtcTime> = state
        .requests
        .values()
        .filter(|r| r.request.strategy_sha256 == shown.strategy_sha256)
        .map(|r| r.mark.time)
        .min();
    match (shown.oos, named) {
        (Some(oos), Some(named)) if claimed && oos.first <= named => Err(Refusal::OosNotLater {
            first: oos.first,
            named,
        }),
        _ => Ok(()),
    }
}

/// LIVE rests on trials that the ledger counted: each record is an entry, and no more are stated than
/// the runs of those entries.
fn check_trials(state: &State, shown: &Shown<'_>) -> Checked {
    if shown.target != Target::Live {
        return Ok(());
    }
    let refuse = |why: String| Err(Refusal::Unregistered { why });
    let Some(trials) = &shown.grounds.trials else {
        return refuse("the evidence does not count them".to_owned());
    };
    if trials.unregistered {
        return refuse("no ledger was at hand when they ran".to_owned());
    }
    if !trials.records.is_sorted_by(|a, b| a < b) {
        return refuse("records are sorted and named once".to_owned());
    }
    let declared = &shown.grounds.predecessors;
    let lineage = lineage(state, shown.portfolio, declared, u64::MAX);
    let mut registered = 0_u64;
    for record in &trials.records {
        match state.tracks.trials.get(record) {
            Some(trial) if !lineage.contains(&trial.start.portfolio) => {
                return refuse(format!("the record {record} is of another portfolio"));
            }
            Some(trial) => registered = registered.saturating_add(trial.start.runs),
            None => return refuse(format!("the record {record} is in no entry")),
        }
    }
    // Our own runs are registered themselves; what another tool ran once is not.
    let import = shown
        .evidence
        .iter()
        .any(|e| e.kind == EvidenceKind::Import);
    let own = u64::from(import);
    let count = u64::try_from(trials.count).unwrap_or(0);
    if count > registered.saturating_add(own) {
        return refuse(format!("{count} are stated, {registered} are in entries"));
    }
    Ok(())
}
