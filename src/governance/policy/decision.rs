//! `promote/decision/v1`: the canonical record of one evaluation, and its digest.
//!
//! In: what was judged, by what, when, and the verdict. Out: canonical bytes and their SHA-256,
//! the same for `check` and `request` with equal inputs. Evidence and criteria are sorted, so the
//! order in which bundles were named does not matter.

use serde::{Deserialize, Serialize};

use super::verdict::{Judgement, Verdict};
use crate::governance::promotion::statement::EvidenceRef;
use crate::governance::stage::Target;
use crate::kernel::canonical::{self, CanonicalError};
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, ProfileId};
use crate::kernel::time::UtcTime;

/// The value of `schema`.
pub const SCHEMA: &str = "promote/decision/v1";

/// Everything that a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionInput<'a> {
    /// Judged portfolio.
    pub portfolio: &'a PortfolioId,
    /// Digest of its resolved configuration.
    pub strategy_sha256: Digest,
    /// Digest of its execution limits.
    pub limits_sha256: Digest,
    /// Digest of the policy set that judged.
    pub policy_sha256: Digest,
    /// The bundles, in any order.
    pub evidence: &'a [EvidenceRef],
    /// The time at which ages were taken.
    pub now: UtcTime,
    /// The answer; carries profile and target.
    pub verdict: &'a Verdict,
}

/// `promote/decision/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// Judged portfolio.
    pub portfolio: PortfolioId,
    /// Its risk profile.
    pub profile: ProfileId,
    /// Target judged for.
    pub target: Target,
    /// Digest of the resolved configuration.
    pub strategy_sha256: Digest,
    /// Digest of the execution limits.
    pub limits_sha256: Digest,
    /// Digest of the policy set.
    pub policy_sha256: Digest,
    /// Bundles, sorted.
    pub evidence: Vec<EvidenceDigests>,
    /// The time at which ages were taken.
    pub now: UtcTime,
    /// Every criterion, sorted by id.
    pub criteria: Vec<Judgement>,
    /// `REJECT`, `REVISE` or `PROMOTE_TO_X`.
    pub verdict: String,
}

/// One bundle by its two digests.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct EvidenceDigests {
    /// Digest of the manifest's bytes.
    pub evidence_sha256: Digest,
    /// Digest of the reproducible part.
    pub result_sha256: Digest,
}

impl DecisionRecord {
    /// The record of `input`.
    #[must_use]
    pub fn new(input: &DecisionInput<'_>) -> Self {
        let mut evidence: Vec<EvidenceDigests> = input
            .evidence
            .iter()
            .map(|e| EvidenceDigests {
                evidence_sha256: e.evidence_sha256,
                result_sha256: e.result_sha256,
            })
            .collect();
        evidence.sort();
        let mut criteria = input.verdict.criteria.clone();
        criteria.sort_by(|a, b| a.id.cmp(&b.id));
        Self {
            schema: SCHEMA.to_owned(),
            portfolio: input.portfolio.clone(),
            profile: input.verdict.profile.clone(),
            target: input.verdict.target,
            strategy_sha256: input.strategy_sha256,
            limits_sha256: input.limits_sha256,
            policy_sha256: input.policy_sha256,
            evidence,
            now: input.now,
            criteria,
            verdict: input.verdict.status().to_owned(),
        }
    }

    /// Its canonical bytes.
    ///
    /// # Errors
    /// When a text inside may not be stored; what `evaluate` produces never holds such a text.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::encode(self)
    }
}

/// SHA-256 of the canonical record of `input`.
///
/// # Errors
/// When a text inside may not be stored; what `evaluate` produces never holds such a text.
pub fn decision_sha256(input: &DecisionInput<'_>) -> Result<Digest, CanonicalError> {
    DecisionRecord::new(input)
        .to_bytes()
        .map(|bytes| Digest::of(&bytes))
}
