//! `policy replay`: every past evaluation judged again by another policy set, on the facts and at
//! the time that the ledger holds.
//!
//! In: the state, a set. Out: the evaluations whose verdict would be another one. The guard that
//! looks bring is counted again by the set's own budget. Facts are taken as logged: where the set
//! computes them in another way, the table names the profile.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::denying::hits;
use super::super::looks::{self, Looked};
use super::super::state::{RequestRecord, State};
use crate::evidence::facts::Facts;
use crate::governance::policy::evaluate::evaluate;
use crate::governance::policy::set::PolicySet;
use crate::governance::policy::verdict::{Outcome, Verdict};
use crate::governance::stage::Target;
use crate::kernel::canonical::{self, CanonicalError};
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, ProfileId, RequestId};

/// The value of `schema`.
pub const SCHEMA: &str = "promote/flip-table/v1";
/// What stands for a verdict where the set has no policy for the profile.
pub const NO_POLICY: &str = "NO_POLICY";
/// What stands for a verdict that a deny rule would stop.
pub const DENIED: &str = "DENIED_BY_RULE";

/// An evaluation that would have another verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flip {
    /// Position of the evaluation.
    pub seq: u64,
    /// The request.
    pub request: RequestId,
    /// Its portfolio.
    pub portfolio: PortfolioId,
    /// Its profile.
    pub profile: ProfileId,
    /// Its target.
    pub target: Target,
    /// Verdict as recorded.
    pub before: String,
    /// Verdict under the other set; `NO_POLICY` where it has none for the profile,
    /// `DENIED_BY_RULE` where a deny rule of its own would stop it.
    pub after: String,
    /// Criteria in another zone, or in one set only.
    pub criteria: Vec<String>,
}

/// The table that is signed when a set is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlipTable {
    /// [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// Digest of the set that judged again.
    pub policy_sha256: Digest,
    /// Evaluations judged again.
    pub judged: u64,
    /// Profiles whose numbers the set computes in another way than the set in force.
    pub other_conventions: Vec<ProfileId>,
    /// Those with another verdict, by position.
    pub flips: Vec<Flip>,
}

impl FlipTable {
    /// Its canonical bytes.
    ///
    /// # Errors
    /// When a text inside may not be stored; identifiers always may.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::encode(self)
    }

    /// Digest of the canonical bytes.
    ///
    /// # Errors
    /// As [`Self::to_bytes`].
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        self.to_bytes().map(|bytes| Digest::of(&bytes))
    }
}

/// Judges everything again by `set`.
#[must_use]
pub fn replay(state: &State, set: &PolicySet) -> FlipTable {
    let records = state.requests.values().filter(|r| r.judged.is_some());
    let mut flips: Vec<Flip> = records
        .clone()
        .filter_map(|r| flip(state, r, set))
        .collect();
    let judged = u64::try_from(records.count()).unwrap_or(u64::MAX);
    flips.sort_by_key(|flip| flip.seq);
    let other_conventions = set
        .policies()
        .filter(|new| {
            let held = state.policy.policy(&new.profile);
            held.is_some_and(|held| held.conventions != new.conventions)
        })
        .map(|policy| policy.profile.clone())
        .collect();
    FlipTable {
        schema: SCHEMA.to_owned(),
        policy_sha256: set.digest(),
        judged,
        other_conventions,
        flips,
    }
}

/// The verdict of `set` on what was logged about `record`; none when it was never judged or the
/// set has no policy for it.
#[must_use]
pub fn again(state: &State, record: &RequestRecord, set: &PolicySet) -> Option<Verdict> {
    let judged = record.judged.as_ref()?;
    let request = &record.request;
    let policy = set.policy(&request.profile)?;
    // Logged facts were a table when they were recorded.
    let facts = Facts::new(judged.evaluation.facts.iter().cloned()).ok()?;
    let recorded = (judged.seq, judged.evaluation.guard.as_ref());
    let guard = looks::guard_again(state, &Looked::at(request), recorded, set);
    Some(evaluate(policy, &facts, request.target, guard.as_ref()))
}

fn flip(state: &State, record: &RequestRecord, set: &PolicySet) -> Option<Flip> {
    let judged = record.judged.as_ref()?;
    let new = again(state, record, set);
    let request = &record.request;
    let evaluation = &judged.evaluation;
    let hit = |set: &PolicySet| {
        let settings = &evaluation.beside.settings;
        !hits(set.deny(), request.target, settings, &evaluation.facts).is_empty()
    };
    let promotes = new.as_ref().is_some_and(|v| v.outcome == Outcome::Promote);
    let before = state.oversight.policy_at(judged.seq);
    let denied = promotes && hit(set) && !before.is_some_and(|before| hit(before));
    if !denied && new.as_ref().map(|v| v.outcome) == Some(judged.verdict.outcome) {
        return None;
    }
    Some(Flip {
        seq: judged.seq,
        request: request.request.clone(),
        portfolio: request.portfolio.clone(),
        profile: request.profile.clone(),
        target: request.target,
        before: judged.verdict.status().to_owned(),
        after: match denied {
            true => DENIED,
            false => new.as_ref().map_or(NO_POLICY, Verdict::status),
        }
        .to_owned(),
        criteria: new.map_or_else(Vec::new, |new| moved(&judged.verdict, &new)),
    })
}

/// Criteria that weigh something in one of both and are in different zones.
fn moved(old: &Verdict, new: &Verdict) -> Vec<String> {
    let zones = |verdict: &Verdict| {
        let each = verdict.criteria.iter();
        each.map(|j| (j.id.to_string(), (j.zone, j.enforcement)))
            .collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (zones(old), zones(new));
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    ids.into_iter()
        .filter(|id| before.get(*id) != after.get(*id))
        .cloned()
        .collect()
}
