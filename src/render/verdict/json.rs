//! `promote/verdict/v1`: the answer of `check` and `policy evaluate` for programs.
//!
//! In: a verdict and what it was about. Out: a value that serialises to exactly the documented
//! fields; decimals are strings, what is not known is null.

use serde::Serialize;

use crate::governance::policy::deny::DenyRule;
use crate::governance::policy::set::PolicySet;
use crate::governance::policy::verdict::{Enforcement, Judgement, Verdict, Zone};
use crate::governance::promotion::looks::Looks;
use crate::governance::promotion::statement::EvidenceRef;
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::{CriterionId, ItemId, PortfolioId, ProfileId};
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, Sample};

/// `promote/verdict/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct VerdictJson {
    /// `promote/verdict/v1`.
    #[schemars(extend("const" = "promote/verdict/v1"))]
    pub schema: &'static str,
    /// The portfolio; null where bare metrics were judged.
    pub portfolio: Option<PortfolioId>,
    /// Judged for this target.
    pub target: Target,
    /// By the policy of this profile.
    pub profile: ProfileId,
    /// `REJECT`, `REVISE` or `PROMOTE_TO_X`.
    pub verdict: &'static str,
    /// Every criterion, sorted by id.
    pub criteria: Vec<CriterionJson>,
    /// The policy set that judged.
    pub policy: PolicyRefJson,
    /// The bundles, sorted; empty where bare metrics were judged.
    pub evidence: Vec<EvidenceRef>,
    /// Digest of the decision record; null where bare metrics were judged.
    pub decision_sha256: Option<Digest>,
    /// Deny rules that are hit; left out where none is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<DeniedJson>,
    /// How often out-of-sample data was judged, and the guard that follows; left out where bare
    /// metrics were judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks: Option<Looks>,
}

/// A deny rule that is hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DeniedJson {
    /// The rule.
    pub rule: ItemId,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// One criterion of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct CriterionJson {
    /// Criterion.
    pub id: CriterionId,
    /// Metric judged.
    pub metric: Metric,
    /// On this sample.
    pub sample: Sample,
    /// The judged value.
    pub value: Option<Decimal>,
    /// Unit of value and limits.
    pub unit: Unit,
    /// Loose edge.
    pub floor: Decimal,
    /// Strict edge; null with one edge.
    pub target: Option<Decimal>,
    /// Score, 6 decimals; null with one edge or without a value.
    pub score: Option<Decimal>,
    /// Zone.
    pub zone: Zone,
    /// Weight at this target.
    pub enforcement: Enforcement,
    /// Why it is missing or not applicable, or why a borderline value passes.
    pub reason: Option<String>,
    /// Smallest change of the value that makes it pass.
    pub flip: Option<String>,
}

/// A policy set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct PolicyRefJson {
    /// Digest of the set.
    pub sha256: Digest,
    /// Its version, for people.
    pub version: String,
}

impl PolicyRefJson {
    /// Names `set`.
    #[must_use]
    pub fn new(set: &PolicySet) -> Self {
        Self {
            sha256: set.digest(),
            version: set.rules().version.clone(),
        }
    }
}

impl VerdictJson {
    /// Adds how often out-of-sample data was judged.
    #[must_use]
    pub fn looks(mut self, looks: Looks) -> Self {
        self.looks = Some(looks);
        self
    }

    /// A verdict over bare metrics.
    #[must_use]
    pub fn new(verdict: &Verdict, set: &PolicySet) -> Self {
        Self {
            schema: "promote/verdict/v1",
            portfolio: None,
            target: verdict.target,
            profile: verdict.profile.clone(),
            verdict: verdict.status(),
            criteria: verdict.criteria.iter().map(CriterionJson::new).collect(),
            policy: PolicyRefJson::new(set),
            evidence: Vec::new(),
            decision_sha256: None,
            denied: Vec::new(),
            looks: None,
        }
    }

    /// Adds what was judged.
    #[must_use]
    pub fn about(
        mut self,
        portfolio: PortfolioId,
        mut evidence: Vec<EvidenceRef>,
        decision_sha256: Digest,
    ) -> Self {
        evidence.sort();
        self.portfolio = Some(portfolio);
        self.evidence = evidence;
        self.decision_sha256 = Some(decision_sha256);
        self
    }

    /// Adds the deny rules that are hit.
    #[must_use]
    pub fn denied(mut self, rules: &[&DenyRule]) -> Self {
        self.denied = rules.iter().map(|rule| DeniedJson::new(rule)).collect();
        self
    }
}

impl DeniedJson {
    /// The rule that is hit.
    #[must_use]
    pub fn new(rule: &DenyRule) -> Self {
        Self {
            rule: rule.id.clone(),
            message: rule.message.clone(),
            remedy: rule.remedy.clone(),
        }
    }
}

impl CriterionJson {
    fn new(judgement: &Judgement) -> Self {
        Self {
            id: judgement.id.clone(),
            metric: judgement.metric,
            sample: judgement.sample,
            value: judgement.value.clone(),
            unit: judgement.unit,
            floor: judgement.floor.clone(),
            target: judgement.target.clone(),
            score: judgement.score.clone(),
            zone: judgement.zone,
            enforcement: judgement.enforcement,
            reason: judgement.reason.clone(),
            flip: judgement.flip.clone(),
        }
    }
}
