//! A decision as an in-toto statement with a SLSA verification summary, for tools that read these.
//!
//! In: the fold at a head, its entries, an ended request. Out: the bytes of the statement. They
//! depend on the entries up to the head and the program's version, so the same head gives the same
//! bytes. The summary says what the ledger holds and decides nothing: PASSED only for a promotion
//! that still has its quorum and whose evidence nobody revoked. A sandbox has levels of its own,
//! so that none is ever taken for a real one.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::governance::audit::entry::{Entry, Head};
use crate::governance::promotion::event;
use crate::governance::promotion::state::{Mark, RequestRecord, State, Status};
use crate::governance::promotion::tracks::dataset::registrations;
use crate::governance::promotion::tracks::rerun::reruns;
use crate::governance::promotion::tracks::revocation::revoked_by;
use crate::governance::stage::{Stage, Target};
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, ProfileId, RequestId};
use crate::kernel::time::UtcTime;

use super::marks;

/// Media type of the payload.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// Type of the statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// Type of the predicate.
pub const PREDICATE_TYPE: &str = "https://slsa.dev/verification_summary/v1";
/// Who verifies: pinned by readers together with the engine's key.
pub const VERIFIER: &str = "urn:promote:verifier";

#[derive(Serialize)]
struct Statement {
    #[serde(rename = "_type")]
    kind: &'static str,
    subject: Vec<Resource>,
    #[serde(rename = "predicateType")]
    predicate_type: &'static str,
    predicate: Summary,
}

/// A thing by name or address and digest.
#[derive(Serialize)]
struct Resource {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    digest: Sha256,
}

#[derive(Serialize)]
struct Sha256 {
    sha256: Digest,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    verifier: Verifier,
    time_verified: UtcTime,
    resource_uri: String,
    policy: Resource,
    input_attestations: Vec<Resource>,
    verification_result: &'static str,
    verified_levels: Vec<String>,
    #[serde(rename = "urn:promote:decision:v1")]
    decision: Held,
}

#[derive(Serialize)]
struct Verifier {
    id: &'static str,
    version: Version,
}

#[derive(Serialize)]
struct Version {
    promote: String,
}

/// What the ledger holds about the decision.
#[derive(Serialize)]
struct Held {
    ledger: String,
    fingerprint: Digest,
    head: Head,
    marks: Vec<&'static str>,
    request: RequestId,
    portfolio: PortfolioId,
    profile: ProfileId,
    from: Option<Stage>,
    target: Target,
    status: Status,
    verdict: Option<String>,
    decision_sha256: Option<Digest>,
    limits_sha256: Digest,
    entries: Vec<Place>,
    /// Why a promotion does not count any more.
    void: Vec<Void>,
}

/// An entry about the request.
#[derive(Serialize)]
struct Place {
    kind: String,
    seq: u64,
    leaf: Digest,
}

/// Something that happened later and takes the promotion its ground.
#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Void {
    seq: u64,
    why: &'static str,
}

/// The request has not ended: there is no decision to tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoStatement {
    /// Still open.
    #[error("the request has not ended")]
    Open,
    /// The statement cannot be written as JSON.
    #[error("the statement cannot be written")]
    Json,
}

/// The statement about an ended request of `state`, whose entries are `entries` and whose head is
/// `head`, as `version` of the program writes it.
///
/// # Errors
/// When the request has not ended.
pub fn statement(
    state: &State,
    entries: &[Entry],
    head: Head,
    record: &RequestRecord,
    version: &str,
) -> Result<Vec<u8>, NoStatement> {
    let end = record.end.as_ref().ok_or(NoStatement::Open)?;
    let void = void(state, record);
    let passed = record.status == Status::Promoted && void.is_empty();
    let request = &record.request;
    let urn = |what: String| Some(format!("urn:promote:{what}"));
    let statement = Statement {
        kind: STATEMENT_TYPE,
        subject: vec![Resource {
            name: Some(request.portfolio.to_string()),
            uri: None,
            digest: sha256(request.strategy_sha256),
        }],
        predicate_type: PREDICATE_TYPE,
        predicate: Summary {
            verifier: Verifier {
                id: VERIFIER,
                version: Version {
                    promote: version.to_owned(),
                },
            },
            time_verified: end.time,
            resource_uri: format!(
                "urn:promote:ledger:{}:portfolio:{}",
                state.fingerprint, request.portfolio
            ),
            policy: Resource {
                name: None,
                uri: urn("policy-set".to_owned()),
                digest: sha256(request.policy_sha256),
            },
            input_attestations: inputs(state, entries, record),
            verification_result: if passed { "PASSED" } else { "FAILED" },
            verified_levels: vec![level(state, request.target, passed)],
            decision: held(state, entries, head, record, void),
        },
    };
    serde_json::to_vec(&statement).map_err(|_| NoStatement::Json)
}

fn sha256(sha256: Digest) -> Sha256 {
    Sha256 { sha256 }
}

/// The level in our own spelling; the specification keeps `SLSA_` for itself and `FAILED` for
/// failures.
fn level(state: &State, target: Target, passed: bool) -> String {
    if !passed {
        return "FAILED".to_owned();
    }
    let realm = if state.genesis.sandbox {
        "SANDBOX_"
    } else {
        ""
    };
    format!("PROMOTE_{realm}STAGE_{}", target.as_str().to_uppercase())
}

fn held(
    state: &State,
    entries: &[Entry],
    head: Head,
    record: &RequestRecord,
    void: Vec<Void>,
) -> Held {
    let request = &record.request;
    let own = own_marks(record).map(|mark| mark.seq);
    let evaluated = record.judged.as_ref().map(|judged| judged.seq);
    let places: BTreeSet<u64> = own.chain(evaluated).collect();
    Held {
        ledger: state.ledger.clone(),
        fingerprint: state.fingerprint,
        head,
        marks: marks::all(state),
        request: request.request.clone(),
        portfolio: request.portfolio.clone(),
        profile: request.profile.clone(),
        from: before(request.target),
        target: request.target,
        status: record.status,
        verdict: record
            .judged
            .as_ref()
            .map(|judged| judged.verdict.status().to_owned()),
        decision_sha256: record
            .judged
            .as_ref()
            .map(|judged| judged.evaluation.decision_sha256),
        limits_sha256: request.limits_sha256,
        entries: places
            .into_iter()
            .filter_map(|seq| at(entries, seq))
            .map(|entry| Place {
                kind: entry.leaf.kind.clone(),
                seq: entry.seq,
                leaf: entry.leaf_hash,
            })
            .collect(),
        void,
    }
}

/// The stage that a request for `target` starts from.
fn before(target: Target) -> Option<Stage> {
    [Stage::Research, Stage::Shadow, Stage::Testnet]
        .into_iter()
        .find(|stage| stage.next_target() == Some(target))
}

/// Signed acts on the request itself: request, approvals, and what ended it.
fn own_marks(record: &RequestRecord) -> impl Iterator<Item = &Mark> {
    let ended = record.end.as_ref().and_then(|end| end.by.as_ref());
    std::iter::once(&record.mark)
        .chain(record.approvals.iter().map(|a| &a.mark))
        .chain(ended)
}

/// What took a promotion its ground after it was given.
fn void(state: &State, record: &RequestRecord) -> Vec<Void> {
    if record.status != Status::Promoted {
        return Vec::new();
    }
    let request = &record.request;
    let decided = state.access.decisions.get(&request.request);
    let fallen = decided.and_then(|d| d.fallen).map(|seq| Void {
        seq,
        why: "quorum_fell",
    });
    let revoked = request.evidence.iter().filter_map(|e| {
        let mark = revoked_by(state, e)?;
        Some(Void {
            seq: mark.seq,
            why: "evidence_revoked",
        })
    });
    let all: BTreeSet<Void> = fallen.into_iter().chain(revoked).collect();
    all.into_iter().collect()
}

/// Everything signed that the decision rests on: the bundles by their manifests, then every
/// statement in the order of the ledger.
fn inputs(state: &State, entries: &[Entry], record: &RequestRecord) -> Vec<Resource> {
    let resource = |uri: String, digest: Digest| Resource {
        name: None,
        uri: Some(uri),
        digest: sha256(digest),
    };
    let bundles = record.request.evidence.iter().map(|evidence| {
        let uri = format!("urn:promote:evidence:{}", evidence.kind.as_str());
        resource(uri, evidence.evidence_sha256)
    });
    let statements = rests_on(state, record).into_iter().filter_map(|seq| {
        let entry = at(entries, seq)?;
        let signed = event::read(entry).ok()?;
        let uri = format!("urn:promote:statement:{}", entry.leaf.kind);
        Some(resource(uri, signed.digest))
    });
    bundles.chain(statements).collect()
}

/// Positions of the statements that a decision rests on, its own entry left out.
fn rests_on(state: &State, record: &RequestRecord) -> BTreeSet<u64> {
    let request = &record.request;
    let end = record.end.as_ref().and_then(|end| end.by.as_ref());
    let before = end.map_or(u64::MAX, |mark| mark.seq);
    let mut seqs: BTreeSet<u64> = own_marks(record).map(|mark| mark.seq).collect();
    seqs.extend(record.judged.as_ref().map(|judged| judged.seq));
    let overrides = state.safety.overrides.iter();
    let used = overrides.filter(|o| o.used_by.contains(&request.request));
    seqs.extend(used.map(|o| o.mark.seq));
    let transition = (request.portfolio.clone(), request.target);
    let confirmed = state.oversight.confirmed.get(&transition);
    seqs.extend(confirmed.into_iter().flatten().map(|c| c.mark.seq));
    for evidence in &request.evidence {
        seqs.extend(reruns(state, &evidence.evidence_sha256).map(|r| r.mark.seq));
    }
    for data in &request.grounds.data {
        seqs.extend(registrations(state, data).map(|r| r.mark.seq));
    }
    let sessions = request.grounds.sessions.iter();
    for record in sessions.filter_map(|held| state.tracks.sessions.get(&held.session)) {
        seqs.insert(record.mark.seq);
        seqs.extend(record.commits.iter().map(|(mark, _)| mark.seq));
        seqs.extend(record.close.as_ref().map(|(mark, _)| mark.seq));
    }
    // A promotion is the engine's own word about the others; what came after it did not count.
    seqs.retain(|seq| *seq < before || (*seq == before && record.status != Status::Promoted));
    seqs
}

fn at(entries: &[Entry], seq: u64) -> Option<&Entry> {
    entries.get(usize::try_from(seq).ok()?)
}
