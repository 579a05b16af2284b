//! What a policy says about facts: one zone per criterion, one verdict over all of them.
//!
//! These are the values that stand in `decision_sha256`, in the ledger, in JSON and in every
//! explanation. They are produced by `evaluate` only.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::{CriterionId, ProfileId};
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, Sample};

/// Where a value lies between the loose and the strict edge of a criterion.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// At or beyond the strict edge.
    Clear,
    /// Between the guard and the strict edge.
    InBand,
    /// Between the loose edge and the guard.
    Borderline,
    /// Below the loose edge, within the reject margin.
    NearMiss,
    /// Beyond the reject margin.
    Fail,
    /// No usable value; `reason` says why.
    Missing,
    /// Its condition is false.
    NotApplicable,
    /// Passes by a signed override.
    Overridden,
}

impl Zone {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::InBand => "in_band",
            Self::Borderline => "borderline",
            Self::NearMiss => "near_miss",
            Self::Fail => "fail",
            Self::Missing => "missing",
            Self::NotApplicable => "not_applicable",
            Self::Overridden => "overridden",
        }
    }
}

/// Comparison of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// At least.
    Ge,
    /// At most.
    Le,
    /// Greater than.
    Gt,
    /// Less than.
    Lt,
}

impl Op {
    /// The mathematical sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Ge => "≥",
            Self::Le => "≤",
            Self::Gt => ">",
            Self::Lt => "<",
        }
    }

    /// True when more is better.
    #[must_use]
    pub fn more_is_better(self) -> bool {
        matches!(self, Self::Ge | Self::Gt)
    }

    /// True when `value op limit` holds.
    #[must_use]
    pub fn holds(self, value: &Decimal, limit: &Decimal) -> bool {
        match self {
            Self::Ge => value >= limit,
            Self::Le => value <= limit,
            Self::Gt => value > limit,
            Self::Lt => value < limit,
        }
    }
}

/// How much a criterion weighs.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Enforcement {
    /// Cannot be overridden.
    Hard,
    /// Can be overridden by two risk persons, not at LIVE.
    Soft,
    /// Shown, never changes the verdict.
    Advisory,
}

/// The outcome over all hard and soft criteria, worst first.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// Criteria are clearly not met.
    Reject,
    /// Something is not good enough or not shown yet.
    Revise,
    /// Everything passes.
    Promote,
}

impl Outcome {
    /// `REJECT`, `REVISE` or `PROMOTE_TO_X` for `target`.
    #[must_use]
    pub fn status(self, target: Target) -> &'static str {
        match self {
            Self::Reject => "REJECT",
            Self::Revise => "REVISE",
            Self::Promote => target.promotion(),
        }
    }
}

/// One criterion, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// Criterion.
    pub id: CriterionId,
    /// Metric judged.
    pub metric: Metric,
    /// On this sample.
    pub sample: Sample,
    /// Comparison.
    pub op: Op,
    /// The judged value (9 decimals), if there is one.
    pub value: Option<Decimal>,
    /// Unit of value and limits.
    pub unit: Unit,
    /// Loose edge.
    pub floor: Decimal,
    /// Strict edge, if the criterion has two.
    pub target: Option<Decimal>,
    /// Guard in force: the share of the band that counts as borderline.
    pub guard: Decimal,
    /// (value - floor) / (target - floor), rounded half-even to 6 decimals; the zone itself is
    /// decided by exact cross multiplication.
    pub score: Option<Decimal>,
    /// Zone.
    pub zone: Zone,
    /// Weight at this target.
    pub enforcement: Enforcement,
    /// Why it is missing, not applicable, or passed by extra checks.
    pub reason: Option<String>,
    /// The smallest single change of the value that gives this criterion a passing zone.
    pub flip: Option<String>,
    /// Evidence file and derivation behind the value.
    pub source: Option<String>,
}

impl Judgement {
    /// True when the criterion does not stand in the way of a promotion.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(
            self.zone,
            Zone::Clear | Zone::InBand | Zone::NotApplicable | Zone::Overridden
        ) || self.enforcement == Enforcement::Advisory
            || (self.zone == Zone::Borderline
                && self.reason.as_deref() == Some(EXTRA_CHECKS_PASSED))
    }
}

/// The reason of a borderline criterion that passes at SHADOW.
pub const EXTRA_CHECKS_PASSED: &str = "extra_checks_passed";

/// The answer of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Judged for this target.
    pub target: Target,
    /// By the policy of this profile.
    pub profile: ProfileId,
    /// Outcome.
    pub outcome: Outcome,
    /// Every criterion, sorted by id.
    pub criteria: Vec<Judgement>,
}

impl Verdict {
    /// `REJECT`, `REVISE` or `PROMOTE_TO_X`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        self.outcome.status(self.target)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.status())
    }
}
