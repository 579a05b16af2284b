//! Policies as values: one per risk profile, a list of criteria and the conventions behind them.
//!
//! They are built by `load` only, which checks everything that is promised here: every metric
//! exists on its sample, units agree, the strict edge is strictly better than the loose one, ids
//! are unique, and every target has at least one hard criterion that cannot be conditioned away.

use serde::Serialize;

use super::verdict::{Enforcement, Op};
use crate::evidence::conventions::GateConventions;
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::{CriterionId, ProfileId};
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricKey, Sample};

/// The share of the band that counts as borderline, unless a criterion says otherwise.
pub const GUARD_DEFAULT: &str = "0.25";
/// How far below the loose edge a value is a near miss, in band widths, unless said otherwise.
pub const REJECT_MARGIN_DEFAULT: &str = "1";

/// The criteria of one risk profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Policy {
    /// Risk profile; also the stem of the file's name.
    pub profile: ProfileId,
    /// Version of this file, for people.
    pub version: String,
    /// What the policy is for, in words; may be empty.
    pub description: String,
    /// Name of the file it was read from.
    pub file: String,
    /// How the gate derives metrics for this policy.
    pub conventions: GateConventions,
    /// Criteria, sorted by id.
    pub criteria: Vec<Criterion>,
}

impl Policy {
    /// The criterion called `id`.
    #[must_use]
    pub fn criterion(&self, id: &CriterionId) -> Option<&Criterion> {
        self.criteria.iter().find(|c| &c.id == id)
    }
}

/// One threshold on one metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Criterion {
    /// Name, unique in the policy.
    pub id: CriterionId,
    /// Metric judged.
    pub metric: Metric,
    /// On this sample.
    pub sample: Sample,
    /// Comparison; `ge` or `le` where there are two edges.
    pub op: Op,
    /// Loose edge L.
    pub floor: Decimal,
    /// Strict edge T; none for a criterion with one edge.
    pub target: Option<Decimal>,
    /// Guard g, within 0 to 1.
    pub guard: Decimal,
    /// Reject margin r, in widths of the band, at least 0.
    pub reject_margin: Decimal,
    /// For a criterion with one edge: beyond it the value is a `fail`.
    pub reject: Option<Decimal>,
    /// Beyond it, on the good side, a value is not believed.
    pub implausible_beyond: Option<Decimal>,
    /// Unit of the limits; always the metric's own.
    pub unit: Unit,
    /// Weight per target.
    pub enforcement: Weights,
    /// Judged only where this holds.
    pub applicable_if: Option<Condition>,
    /// Oldest data that counts, in days.
    pub max_age_days: Option<u32>,
    /// What must also hold for a borderline value to pass at SHADOW.
    pub extra_checks: Vec<ExtraCheck>,
    /// References to controls and rules outside, for auditors.
    pub control_refs: Vec<String>,
    /// Why it is there, in words.
    pub rationale: String,
    /// Line of the file where it begins, from 1.
    pub line: usize,
}

impl Criterion {
    /// Its `metric:sample`.
    #[must_use]
    pub fn key(&self) -> MetricKey {
        MetricKey::new(self.metric, self.sample)
    }
}

/// Enforcement per target. A file says one word for all, or names all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Weights {
    /// For a request for SHADOW.
    pub shadow: Enforcement,
    /// For TESTNET.
    pub testnet: Enforcement,
    /// For LIVE.
    pub live: Enforcement,
}

impl Weights {
    /// The same everywhere.
    #[must_use]
    pub fn same(enforcement: Enforcement) -> Self {
        Self {
            shadow: enforcement,
            testnet: enforcement,
            live: enforcement,
        }
    }

    /// The weight at `target`.
    #[must_use]
    pub fn at(self, target: Target) -> Enforcement {
        match target {
            Target::Shadow => self.shadow,
            Target::Testnet => self.testnet,
            Target::Live => self.live,
        }
    }
}

/// `applicable_if`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Condition {
    /// Metric asked.
    pub metric: Metric,
    /// On this sample.
    pub sample: Sample,
    /// Comparison.
    pub op: Op,
    /// With this value.
    pub value: Decimal,
}

/// A small criterion that counts only for a borderline value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ExtraCheck {
    /// Metric asked.
    pub metric: Metric,
    /// On this sample.
    pub sample: Sample,
    /// Comparison.
    pub op: Op,
    /// Limit.
    pub floor: Decimal,
}
