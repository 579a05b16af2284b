//! All facts of one policy at one target, as a product of small groups.
//!
//! Criteria that look at a common metric belong to one group; groups do not share metrics. Within a
//! group every combination of points is tried with the real evaluator; across groups only the
//! summaries meet. Nothing is sampled.

use std::collections::{BTreeMap, BTreeSet};

use super::points::{points, questions};
use super::summary::Summary;
use crate::evidence::facts::{Fact, Facts};
use crate::governance::policy::evaluate::evaluate;
use crate::governance::policy::model::{Criterion, Policy};
use crate::governance::policy::verdict::{Enforcement, Verdict};
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::metrics::MetricKey;

/// Most combinations that one group is tried with.
pub(super) const COMBINATIONS_MAX: usize = 400_000;

/// Values by metric; a metric without value is not among them.
pub(super) type Values = BTreeMap<MetricKey, Decimal>;

/// Summaries that can be reached, each with values that reach it.
pub(super) type Reachable = BTreeMap<Summary, Values>;

/// Criteria that share metrics, and every combination of their points.
pub(super) struct Group {
    /// The policy cut down to these criteria.
    pub(super) policy: Policy,
    /// Metrics and the points that stand for their values.
    pub(super) axes: Vec<(MetricKey, Vec<Option<Decimal>>)>,
    /// One summary per combination; the last axis runs fastest.
    pub(super) table: Vec<Summary>,
}

/// A group with more combinations than can be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TooLarge {
    /// Its criteria.
    pub(super) criteria: Vec<String>,
}

/// One policy at one target with one guard.
pub(super) struct Space<'p> {
    pub(super) policy: &'p Policy,
    pub(super) target: Target,
    pub(super) guard: Option<&'p Decimal>,
    pub(super) groups: Vec<Group>,
}

impl<'p> Space<'p> {
    /// Tries every combination of every group.
    pub(super) fn new(
        policy: &'p Policy,
        target: Target,
        guard: Option<&'p Decimal>,
    ) -> Result<Self, TooLarge> {
        let counted: Vec<Criterion> = policy
            .criteria
            .iter()
            .filter(|c| c.enforcement.at(target) != Enforcement::Advisory)
            .cloned()
            .collect();
        let mut space = Self {
            policy,
            target,
            guard,
            groups: Vec::new(),
        };
        for criteria in connected(&counted, target) {
            let group = space.group(criteria)?;
            space.groups.push(group);
        }
        Ok(space)
    }

    fn group(&self, criteria: Vec<Criterion>) -> Result<Group, TooLarge> {
        let guards: Vec<&Decimal> = self.guard.into_iter().collect();
        let axes: Vec<_> = points(&criteria, self.target, &guards)
            .into_iter()
            .collect();
        let combinations = axes
            .iter()
            .try_fold(1_usize, |n, (_, points)| n.checked_mul(points.len()))
            .filter(|n| *n <= COMBINATIONS_MAX);
        let Some(combinations) = combinations else {
            return Err(TooLarge {
                criteria: criteria.iter().map(|c| c.id.to_string()).collect(),
            });
        };
        let mut policy = self.policy.clone();
        policy.criteria = criteria;
        let mut group = Group {
            policy,
            axes,
            table: Vec::with_capacity(combinations),
        };
        for at in 0..combinations {
            let summary = self.summary(&group.policy, &group.values(at));
            group.table.push(summary);
        }
        Ok(group)
    }

    /// The contribution of `policy` on `values`, by the real evaluator.
    pub(super) fn summary(&self, policy: &Policy, values: &Values) -> Summary {
        Summary::of(&self.judge(policy, values))
    }

    /// The real verdict of `policy` on `values`.
    pub(super) fn judge(&self, policy: &Policy, values: &Values) -> Verdict {
        evaluate(policy, &facts(values), self.target, self.guard)
    }

    /// What all groups but number `without` can contribute together.
    pub(super) fn rest(&self, without: Option<usize>) -> Reachable {
        let mut reached = Reachable::from([(Summary::NOTHING, Values::new())]);
        for (at, group) in self.groups.iter().enumerate() {
            if Some(at) == without {
                continue;
            }
            let own = group.reachable();
            let mut next = Reachable::new();
            for (summary, values) in &reached {
                for (more, added) in &own {
                    next.entry(summary.join(*more)).or_insert_with(|| {
                        let mut all = values.clone();
                        all.extend(added.iter().map(|(k, v)| (*k, v.clone())));
                        all
                    });
                }
            }
            reached = next;
        }
        reached
    }
}

impl Group {
    /// The values of combination number `at`.
    pub(super) fn values(&self, mut at: usize) -> Values {
        let mut values = Values::new();
        for (key, points) in self.axes.iter().rev() {
            let value = points.get(at % points.len()).cloned().flatten();
            at /= points.len();
            if let Some(value) = value {
                values.insert(*key, value);
            }
        }
        values
    }

    /// Every summary in the table, with the first values that give it.
    pub(super) fn reachable(&self) -> Reachable {
        let mut reached = Reachable::new();
        for (at, summary) in self.table.iter().enumerate() {
            if !reached.contains_key(summary) {
                reached.insert(*summary, self.values(at));
            }
        }
        reached
    }

    /// How far apart two neighbours on axis number `axis` stand in the table.
    pub(super) fn stride(&self, axis: usize) -> usize {
        self.axes
            .iter()
            .skip(axis + 1)
            .map(|(_, p)| p.len())
            .product()
    }
}

/// `values` as facts.
pub(super) fn facts(values: &Values) -> Facts {
    let each = values.iter().map(|(key, value)| {
        let mut fact = Fact::computed(*key, Ok(0.0), "proof");
        fact.value = Some(value.clone());
        fact
    });
    // Keys of a map are different.
    Facts::new(each).unwrap_or_default()
}

/// Criteria in groups that share no metric.
fn connected(criteria: &[Criterion], target: Target) -> Vec<Vec<Criterion>> {
    let mut groups: Vec<(BTreeSet<MetricKey>, Vec<Criterion>)> = Vec::new();
    for criterion in criteria {
        let mut keys: BTreeSet<MetricKey> = questions(criterion, target)
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        keys.insert(criterion.key());
        let mut members = Vec::new();
        let (joined, apart): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|(other, _)| !other.is_disjoint(&keys));
        groups = apart;
        for (other, held) in joined {
            keys.extend(other);
            members.extend(held);
        }
        members.push(criterion.clone());
        groups.push((keys, members));
    }
    groups.into_iter().map(|(_, members)| members).collect()
}
