//! Evidence that must not be believed any more.
//!
//! In: a statement by risk or ops that names a bundle. Out: open requests on it end, every stage that
//! a decision or the last certificate gave on it wants a certificate again at once (nothing rises
//! before), what is LIVE on it is halted, and no request may name it any more. The same result in
//! another manifest is the same evidence. It lowers risk: one signature, no fresh state.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, RequestId};

use super::super::access::distrust::standing_on;
use super::super::guard::words;
use super::super::refusal::Refusal;
use super::super::safety::halt::{Cause, stop_portfolio};
use super::super::safety::{Standing, certificate};
use super::super::state::{End, Mark, RequestRecord, State, Status};
use super::super::statement::EvidenceRef;
use super::super::versions::drop_climbing;
use super::{Checked, one_of};

/// A bundle is not believed any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRevocation {
    /// The bundle.
    pub evidence_sha256: Digest,
    /// Why, in words.
    pub reason: String,
}

/// What rests on a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Hits {
    /// Requests that name it, with their portfolios.
    pub requests: Vec<Hit>,
    /// Portfolios whose present stage, or last certificate, rests on it: a certificate is due.
    pub certificates: Vec<PortfolioId>,
    /// Portfolios that are LIVE on it.
    pub live: Vec<PortfolioId>,
}

/// A request that names a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Hit {
    /// The request.
    pub request: RequestId,
    /// Its portfolio.
    pub portfolio: PortfolioId,
    /// Where it stands.
    pub status: Status,
}

/// Results that requests and certificates have shown in the bundle `evidence`: one at most, unless
/// somebody lied about it.
fn results_of(state: &State, evidence: &Digest) -> BTreeSet<Digest> {
    let requested = state.requests.values().map(|r| &r.request.evidence);
    let certified = state.safety.certificates.iter().map(|c| &c.act.evidence);
    let shown = requested.chain(certified).flatten();
    shown
        .filter(|e| e.evidence_sha256 == *evidence)
        .map(|e| e.result_sha256)
        .collect()
}

/// True when `shown` is the bundle `evidence`, or says the same in another manifest.
fn is_one(shown: &EvidenceRef, evidence: &Digest, results: &BTreeSet<Digest>) -> bool {
    shown.evidence_sha256 == *evidence || results.contains(&shown.result_sha256)
}

/// Everything that rests on the bundle `evidence`, or on another one with its result.
#[must_use]
pub fn hits(state: &State, evidence: &Digest) -> Hits {
    let results = results_of(state, evidence);
    let names = |list: &[EvidenceRef]| list.iter().any(|e| is_one(e, evidence, &results));
    let requests = state.requests.values();
    let requests: Vec<&RequestRecord> = requests.filter(|r| names(&r.request.evidence)).collect();
    let certified = |id: &PortfolioId| {
        let mut all = state.safety.certificates.iter().rev();
        let last = all.find(|c| c.act.portfolio == *id);
        last.is_some_and(|c| names(&c.act.evidence))
    };
    let granted = |id: &PortfolioId, strategy: Option<Digest>| {
        let stands = |r: &&&RequestRecord| {
            r.status == Status::Promoted
                && r.request.portfolio == *id
                && Some(r.request.strategy_sha256) == strategy
        };
        requests.iter().any(|r| stands(&r))
    };
    // A decision that no certificate on other evidence has followed.
    let rests = |id: &PortfolioId| {
        let last = certificate::given(state, id).next_back();
        let later = last.map_or(0, |c| c.mark.seq);
        let decisions = standing_on(state, id).into_iter();
        decisions
            .filter_map(|(_, request)| state.access.decisions.get_key_value(&request))
            .filter(|(_, decided)| decided.mark.seq > later)
            .any(|(request, _)| requests.iter().any(|r| r.request.request == *request))
    };
    let certificates: Vec<PortfolioId> = state
        .portfolios
        .keys()
        .filter(|id| certified(id) || rests(id))
        .cloned()
        .collect();
    let live = state.portfolios.iter().filter(|(id, held)| {
        held.stage == Stage::Live && (granted(id, held.strategy) || certificates.contains(id))
    });
    Hits {
        live: live.map(|(id, _)| id.clone()).collect(),
        certificates,
        requests: requests
            .iter()
            .map(|r| Hit {
                request: r.request.request.clone(),
                portfolio: r.request.portfolio.clone(),
                status: r.status,
            })
            .collect(),
    }
}

/// May this be recorded?
///
/// # Errors
/// The first rule that it breaks.
pub(super) fn check(
    state: &State,
    act: &EvidenceRevocation,
    signers: &[(PersonId, Role)],
) -> Checked {
    one_of("evidence revocation", signers, &[Role::Risk, Role::Ops])?;
    words(&act.reason, "reason")?;
    refuse(
        act.evidence_sha256,
        state.tracks.revoked.get(&act.evidence_sha256),
    )
}

/// The entry that revoked a bundle, or another one with its result.
#[must_use]
pub fn revoked_by<'s>(state: &'s State, shown: &EvidenceRef) -> Option<&'s Mark> {
    let tracks = &state.tracks;
    let itself = tracks.revoked.get(&shown.evidence_sha256);
    itself.or_else(|| tracks.revoked_results.get(&shown.result_sha256))
}

/// Refuses a bundle that was revoked, in whichever manifest it comes.
///
/// # Errors
/// When it was.
pub fn not_revoked(state: &State, shown: &EvidenceRef) -> Checked {
    refuse(shown.evidence_sha256, revoked_by(state, shown))
}

fn refuse(evidence: Digest, revoked: Option<&Mark>) -> Checked {
    match revoked {
        Some(mark) => Err(Refusal::EvidenceRevoked {
            evidence,
            seq: mark.seq,
        }),
        None => Ok(()),
    }
}

/// Climbing versions whose stage rests on the bundle begin anew.
fn drop_versions(
    state: &mut State,
    act: &EvidenceRevocation,
    results: &BTreeSet<Digest>,
    mark: &Mark,
) {
    let rests = |r: &RequestRecord, strategy: Digest| {
        let names = |e: &EvidenceRef| is_one(e, &act.evidence_sha256, results);
        r.status == Status::Promoted
            && r.request.strategy_sha256 == strategy
            && r.request.evidence.iter().any(names)
    };
    let mut falling: Vec<(PortfolioId, Stage)> = Vec::new();
    for (id, held) in &state.portfolios {
        for (stage, version) in &held.climbing {
            if state.history(id).any(|r| rests(r, version.strategy)) {
                falling.push((id.clone(), *stage));
            }
        }
    }
    for (id, stage) in falling {
        drop_climbing(state, &id, stage, mark.time, Some(mark));
    }
}

/// Ends, makes due and halts what rests on the bundle.
pub(super) fn effect(state: &mut State, act: &EvidenceRevocation, mark: Mark) {
    let hits = hits(state, &act.evidence_sha256);
    let results = results_of(state, &act.evidence_sha256);
    for hit in &hits.requests {
        if let Some(record) = state.requests.get_mut(&hit.request)
            && record.status.is_open()
        {
            record.status = Status::Invalidated;
            record.end = Some(End {
                time: mark.time,
                by: Some(mark.clone()),
            });
        }
        if let Some(held) = state.portfolios.get_mut(&hit.portfolio) {
            held.touched = mark.seq;
        }
    }
    for id in &hits.certificates {
        certificate::due_again(state, id, &mark);
    }
    drop_versions(state, act, &results, &mark);
    for id in &hits.live {
        let cause = Cause::Evidence;
        stop_portfolio(state, id, cause, Standing::on(&mark), Some(&mark));
    }
    for result in results {
        let first = state.tracks.revoked_results.entry(result);
        first.or_insert_with(|| mark.clone());
    }
    state.tracks.revoked.insert(act.evidence_sha256, mark);
}
