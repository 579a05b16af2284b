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
    #[schemars(extend("const" = SCHEMA))]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::facts::{Fact, Facts};
    use crate::evidence::manifest::EvidenceKind;
    use crate::governance::policy::evaluate::evaluate;
    use crate::governance::policy::set::PolicySet;
    use crate::metrics::{Metric, MetricKey, Sample};

    fn bundle(kind: EvidenceKind, byte: u8) -> EvidenceRef {
        EvidenceRef {
            kind,
            evidence_sha256: Digest::from_bytes([byte; 32]),
            result_sha256: Digest::from_bytes([byte + 1; 32]),
        }
    }

    fn verdict(source: &str) -> Verdict {
        let set = PolicySet::embedded().unwrap();
        let mut policy = set.policies().next().unwrap().clone();
        policy.criteria.retain(|c| c.id.as_str() == "sharpe_oos");
        let key = MetricKey::new(Metric::Sharpe, Sample::Oos);
        let facts = Facts::new([Fact::computed(key, Ok(1.35), source)]).unwrap();
        evaluate(&policy, &facts, Target::Shadow, None)
    }

    fn record(verdict: &Verdict, evidence: &[EvidenceRef], now: &str) -> DecisionRecord {
        DecisionRecord::new(&DecisionInput {
            portfolio: &PortfolioId::new("steady").unwrap(),
            strategy_sha256: Digest::of(b"strategy"),
            limits_sha256: Digest::of(b"limits"),
            policy_sha256: Digest::of(b"policy"),
            evidence,
            now: now.parse().unwrap(),
            verdict,
        })
    }

    const NOW: &str = "2025-12-15T08:00:00.000Z";

    #[test]
    fn the_bytes_are_written_out() {
        let bundles = [bundle(EvidenceKind::Robustness, 1)];
        let bytes = record(&verdict("series/oos.csv"), &bundles, NOW)
            .to_bytes()
            .unwrap();
        let wanted = format!(
            concat!(
                r#"{{"criteria":[{{"enforcement":"hard","flip":null,"floor":"1.2","guard":"0.25","#,
                r#""id":"sharpe_oos","metric":"sharpe","op":"ge","reason":null,"sample":"oos","#,
                r#""score":"0.5","source":"series/oos.csv","target":"1.5","unit":"ratio","#,
                r#""value":"1.35","zone":"in_band"}}],"evidence":[{{"evidence_sha256":"{one}","#,
                r#""result_sha256":"{two}"}}],"limits_sha256":"{limits}","#,
                r#""now":"2025-12-15T08:00:00.000Z","policy_sha256":"{policy}","#,
                r#""portfolio":"steady","profile":"aggressive","#,
                r#""schema":"promote/decision/v1","strategy_sha256":"{strategy}","#,
                r#""target":"shadow","verdict":"PROMOTE_TO_SHADOW"}}"#
            ),
            one = "01".repeat(32),
            two = "02".repeat(32),
            limits = Digest::of(b"limits"),
            policy = Digest::of(b"policy"),
            strategy = Digest::of(b"strategy"),
        );
        assert_eq!(String::from_utf8(bytes).unwrap(), wanted);
    }

    #[test]
    fn order_does_not_matter_and_everything_else_does() {
        let judged = verdict("series/oos.csv");
        let (a, b) = (
            bundle(EvidenceKind::Robustness, 7),
            bundle(EvidenceKind::Shadow, 1),
        );
        let one = record(&judged, &[a.clone(), b.clone()], NOW);
        assert_eq!(one, record(&judged, &[b.clone(), a.clone()], NOW));
        assert_ne!(one, record(&judged, std::slice::from_ref(&a), NOW));
        assert_ne!(one, record(&judged, &[a, b], "2025-12-15T08:00:00.001Z"));
    }

    #[test]
    fn a_hostile_source_cannot_make_a_record_that_cannot_be_stored() {
        let judged = verdict("series/\u{1b}[31m\u{202e}\n.csv");
        assert!(record(&judged, &[], NOW).to_bytes().is_ok());
    }
}
