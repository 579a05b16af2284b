//! Judges facts by a policy: one zone per criterion, one outcome over all of them. Pure.
//!
//! In: a policy, the facts that the gate derived, a target, and the guard in force where too many
//! looks made it grow. Out: a [`Verdict`]. The outcome is the worst over all hard and soft
//! criteria; it depends neither on the order of criteria nor of facts. Whatever is not known never
//! passes and never rejects. Which overrides are in force is told; dwell times and incidents are
//! not known here.

use std::collections::BTreeSet;

use super::model::{Condition, Criterion, ExtraCheck, Policy};
use super::verdict::{EXTRA_CHECKS_PASSED, Enforcement, Judgement, Outcome, Verdict, Zone};
use super::zone;
use crate::evidence::facts::{Fact, Facts};
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::CriterionId;
use crate::kernel::text::visible;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricKey, Sample};

/// Nothing is known about the metric.
pub const NO_VALUE: &str = "no_value";
/// The evidence states another unit than the criterion.
pub const WRONG_UNIT: &str = "wrong_unit";
/// Better than the policy believes.
pub const IMPLAUSIBLE: &str = "implausible";
/// The data behind it is older than the criterion allows.
pub const STALE: &str = "stale";
/// The criterion limits the age of the data, and the age is not known.
pub const AGE_UNKNOWN: &str = "age_unknown";
/// Computed under other conventions than the policy's.
pub const CONVENTION: &str = "convention";
/// Missed, and passed by a signed override.
pub const OVERRIDDEN: &str = "overridden";
/// `applicable_if` does not hold.
pub const CONDITION_FALSE: &str = "condition_false";

/// No other portfolio is LIVE.
const ALONE: &str = "alone";

/// Judges `facts` that the gate derived itself, for `target`. `guard` replaces smaller guards.
#[must_use]
pub fn evaluate(
    policy: &Policy,
    facts: &Facts,
    target: Target,
    guard: Option<&Decimal>,
) -> Verdict {
    evaluate_overridden(policy, facts, target, guard, &BTreeSet::new())
}

/// The same, where soft criteria in `overridden` may be missed. A value that is not known is
/// overridden by nobody, and nothing is at LIVE.
#[must_use]
pub fn evaluate_overridden(
    policy: &Policy,
    facts: &Facts,
    target: Target,
    guard: Option<&Decimal>,
    overridden: &BTreeSet<CriterionId>,
) -> Verdict {
    Judge {
        facts,
        target,
        guard,
        overridden,
        bare: false,
    }
    .verdict(policy)
}

/// Judges bare metrics, as `policy evaluate` does: a condition on a metric that is not among them
/// is false, where [`evaluate`] takes an unknown condition as true.
#[must_use]
pub fn evaluate_bare(
    policy: &Policy,
    facts: &Facts,
    target: Target,
    guard: Option<&Decimal>,
) -> Verdict {
    Judge {
        facts,
        target,
        guard,
        overridden: &BTreeSet::new(),
        bare: true,
    }
    .verdict(policy)
}

struct Judge<'a> {
    facts: &'a Facts,
    target: Target,
    guard: Option<&'a Decimal>,
    overridden: &'a BTreeSet<CriterionId>,
    bare: bool,
}

impl Judge<'_> {
    fn verdict(&self, policy: &Policy) -> Verdict {
        let mut criteria: Vec<Judgement> = policy.criteria.iter().map(|c| self.judge(c)).collect();
        self.pass_borderline(policy, &mut criteria);
        criteria.sort_by(|a, b| a.id.cmp(&b.id));
        Verdict {
            target: self.target,
            profile: policy.profile.clone(),
            outcome: outcome(&criteria),
            criteria,
        }
    }

    fn judge(&self, criterion: &Criterion) -> Judgement {
        let guard = match self.guard {
            Some(guard) if *guard > criterion.guard => guard.clone(),
            _ => criterion.guard.clone(),
        };
        let fact = self.facts.get(criterion.key());
        let value = fact.and_then(|f| f.value.as_ref()).map(Decimal::judged);
        let (zone, reason) = self.zone(criterion, &guard, fact);
        let (zone, reason) = match self.overrides(criterion, zone) {
            true => (Zone::Overridden, Some(OVERRIDDEN)),
            false => (zone, reason),
        };
        let scored = match (zone, reason) {
            (Zone::Missing, Some(reason)) => reason == CONVENTION,
            (Zone::NotApplicable, _) => false,
            _ => true,
        };
        let score = match &value {
            Some(value) if scored => zone::score(criterion, value),
            _ => None,
        };
        let changeable = match zone {
            // Under other conventions no value would pass.
            Zone::Borderline | Zone::NearMiss | Zone::Fail => !fact.is_some_and(|f| f.deviates),
            Zone::Missing => !matches!(reason, Some(CONVENTION | STALE | AGE_UNKNOWN)),
            Zone::Clear | Zone::InBand | Zone::NotApplicable | Zone::Overridden => false,
        };
        let usable = value.as_ref().filter(|_| reason != Some(WRONG_UNIT));
        Judgement {
            id: criterion.id.clone(),
            metric: criterion.metric,
            sample: criterion.sample,
            op: criterion.op,
            unit: criterion.unit,
            floor: criterion.floor.clone(),
            target: criterion.target.clone(),
            flip: changeable.then(|| zone::flip(criterion, &guard, usable)),
            value,
            guard,
            score,
            zone,
            enforcement: criterion.enforcement.at(self.target),
            reason: reason.map(str::to_owned),
            source: fact.map(|f| visible(&f.source, 400)),
        }
    }

    /// The zone, and why where it needs saying.
    fn zone(
        &self,
        criterion: &Criterion,
        guard: &Decimal,
        fact: Option<&Fact>,
    ) -> (Zone, Option<&'static str>) {
        if let Some(condition) = &criterion.applicable_if
            && !self.applies(condition)
        {
            return (Zone::NotApplicable, Some(CONDITION_FALSE));
        }
        let value = match usable(fact, criterion.unit) {
            Ok(value) => value,
            // What would be compared with the book, where there is no book.
            Err(ALONE) if criterion.metric == Metric::BookCorrelationMax => {
                return (Zone::NotApplicable, Some(ALONE));
            }
            Err(reason) => return (Zone::Missing, Some(reason)),
        };
        if zone::implausible(criterion, &value) {
            return (Zone::Missing, Some(IMPLAUSIBLE));
        }
        if let Some(days) = criterion.max_age_days
            && let Some(reason) = self.too_old(criterion.sample, days)
        {
            return (Zone::Missing, Some(reason));
        }
        let zone = zone::zone(criterion, guard, &value);
        if zone != Zone::Fail && fact.is_some_and(|f| f.deviates) {
            return (Zone::Missing, Some(CONVENTION));
        }
        (zone, None)
    }

    fn overrides(&self, criterion: &Criterion, zone: Zone) -> bool {
        let missed = matches!(zone, Zone::Borderline | Zone::NearMiss | Zone::Fail);
        missed
            && self.target != Target::Live
            && criterion.enforcement.at(self.target) == Enforcement::Soft
            && self.overridden.contains(&criterion.id)
    }

    fn applies(&self, condition: &Condition) -> bool {
        let fact = self
            .facts
            .get(MetricKey::new(condition.metric, condition.sample));
        match usable(fact, condition.metric.unit()) {
            Ok(value) => condition.op.holds(&value, &condition.value),
            Err(_) => !(self.bare && fact.is_none()),
        }
    }

    /// Why data of `sample` is too old. The age of the sample itself counts where it is known,
    /// else the age of the full sample, from which stress and Monte-Carlo are derived.
    fn too_old(&self, sample: Sample, days: u32) -> Option<&'static str> {
        let age = [sample, Sample::Full]
            .into_iter()
            .find_map(|s| self.facts.get(MetricKey::new(Metric::DataAgeDays, s)));
        match usable(age, Unit::Days) {
            Err(_) => Some(AGE_UNKNOWN),
            Ok(age) => (age > Decimal::from_int(i64::from(days))).then_some(STALE),
        }
    }

    /// The one way in which a borderline value passes: at SHADOW, alone, with extra checks.
    fn pass_borderline(&self, policy: &Policy, criteria: &mut [Judgement]) {
        if self.target != Target::Shadow {
            return;
        }
        let mut borderline = criteria
            .iter_mut()
            .filter(|j| j.zone == Zone::Borderline && j.enforcement != Enforcement::Advisory);
        let (Some(only), None) = (borderline.next(), borderline.next()) else {
            return;
        };
        let passed = policy.criterion(&only.id).is_some_and(|criterion| {
            !criterion.extra_checks.is_empty()
                && criterion.extra_checks.iter().all(|c| self.extra_check(c))
        });
        if passed {
            only.reason = Some(EXTRA_CHECKS_PASSED.to_owned());
            only.flip = None;
        }
    }

    /// True when the value is in the evidence, computed under the policy's conventions, and holds.
    fn extra_check(&self, check: &ExtraCheck) -> bool {
        let fact = self.facts.get(MetricKey::new(check.metric, check.sample));
        let deviates = fact.is_some_and(|f| f.deviates);
        usable(fact, check.metric.unit())
            .is_ok_and(|value| !deviates && check.op.holds(&value, &check.floor))
    }
}

/// The judged value of `fact` in `unit`, or the reason why there is none.
fn usable(fact: Option<&Fact>, unit: Unit) -> Result<Decimal, &'static str> {
    let fact = fact.ok_or(NO_VALUE)?;
    if let Some(undefined) = fact.undefined {
        return Err(undefined.as_str());
    }
    let value = fact.value.as_ref().ok_or(NO_VALUE)?;
    if fact.unit != unit {
        return Err(WRONG_UNIT);
    }
    Ok(value.judged())
}

/// The worst over all hard and soft criteria. When at least two applicable hard criteria have two
/// edges, and every one of these has a value below its floor, it is REJECT.
fn outcome(criteria: &[Judgement]) -> Outcome {
    let worst = criteria
        .iter()
        .filter(|j| j.enforcement != Enforcement::Advisory)
        .map(one_outcome)
        .min()
        .unwrap_or(Outcome::Revise);
    let banded: Vec<Zone> = criteria
        .iter()
        .filter(|j| j.enforcement == Enforcement::Hard && j.target.is_some())
        .map(|j| j.zone)
        .filter(|zone| *zone != Zone::NotApplicable)
        .collect();
    let all_below = banded
        .iter()
        .all(|zone| matches!(zone, Zone::NearMiss | Zone::Fail));
    if banded.len() >= 2 && all_below {
        return Outcome::Reject;
    }
    worst
}

fn one_outcome(judgement: &Judgement) -> Outcome {
    match judgement.zone {
        Zone::Fail => Outcome::Reject,
        Zone::NearMiss | Zone::Missing => Outcome::Revise,
        Zone::Borderline if !judgement.passes() => Outcome::Revise,
        Zone::Borderline | Zone::Clear | Zone::InBand | Zone::NotApplicable | Zone::Overridden => {
            Outcome::Promote
        }
    }
}
