//! The points at which anything can change: finitely many values stand for all of them.
//!
//! Every zone, condition and extra check compares a value with constants, so the verdict is
//! constant between two neighbouring constants. Judged values are multiples of 10^-9, so each
//! constant and its two neighbours there meet every piece that evidence can reach. "No value" is a
//! point of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::governance::policy::lint::is_share;
use crate::governance::policy::model::Criterion;
use crate::governance::policy::zone;
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricKey, Sample};

/// The values that stand for all values of each metric that `criteria` look at; the edges
/// themselves first, no value last.
pub(super) fn points(
    criteria: &[Criterion],
    target: Target,
    guards: &[&Decimal],
) -> BTreeMap<MetricKey, Vec<Option<Decimal>>> {
    let mut edges: BTreeMap<MetricKey, BTreeSet<Decimal>> = BTreeMap::new();
    for criterion in criteria {
        let own = edges.entry(criterion.key()).or_default();
        own.insert(criterion.floor.clone());
        own.extend(criterion.reject.clone());
        own.extend(criterion.implausible_beyond.clone());
        if let Some(strict) = &criterion.target {
            let width = strict.minus(&criterion.floor);
            own.insert(strict.clone());
            own.insert(
                criterion
                    .floor
                    .minus(&criterion.reject_margin.times(&width)),
            );
            for guard in guards.iter().copied().chain([&criterion.guard]) {
                own.insert(zone::passing_limit(criterion, guard));
            }
        }
        for (key, edge) in questions(criterion, target) {
            edges.entry(key).or_default().insert(edge);
        }
    }
    edges
        .into_iter()
        .map(|(key, edges)| (key, spread(key.metric, &edges)))
        .collect()
}

/// What `criterion` asks of other metrics: condition, age, and at SHADOW its extra checks.
pub(super) fn questions(criterion: &Criterion, target: Target) -> Vec<(MetricKey, Decimal)> {
    let mut found = Vec::new();
    if let Some(c) = &criterion.applicable_if {
        found.push((MetricKey::new(c.metric, c.sample), c.value.clone()));
    }
    if let Some(days) = criterion.max_age_days {
        let edge = Decimal::from_int(i64::from(days));
        found.extend(
            [criterion.sample, Sample::Full]
                .map(|sample| (MetricKey::new(Metric::DataAgeDays, sample), edge.clone())),
        );
        found.retain(|(key, _)| key.is_known());
    }
    if target == Target::Shadow {
        let checks = criterion.extra_checks.iter();
        found.extend(checks.map(|c| (MetricKey::new(c.metric, c.sample), c.floor.clone())));
    }
    found
}

fn spread(metric: Metric, edges: &BTreeSet<Decimal>) -> Vec<Option<Decimal>> {
    let whole = metric.unit() == Unit::Count;
    let hair = if whole {
        Decimal::from_int(1)
    } else {
        // 10^-9, the last decimal of a judged value.
        "0.000000001"
            .parse()
            .unwrap_or_else(|_| Decimal::from_int(1))
    };
    let (zero, one) = (Decimal::zero(), Decimal::from_int(1));
    let bounded = is_share(metric) || matches!(metric.unit(), Unit::Count | Unit::Days);
    let inside = |v: &Decimal| !(bounded && v.signum() < 0 || is_share(metric) && *v > one);
    let mut list: Vec<Decimal> = Vec::new();
    let mut add = |value: Decimal| {
        if inside(&value) && !list.contains(&value) {
            list.push(value);
        }
    };
    let rounded = |edge: &Decimal| {
        if whole { edge.round(0) } else { edge.judged() }
    };
    for edge in edges {
        add(rounded(edge));
    }
    for edge in edges {
        let middle = rounded(edge);
        add(middle.plus(&hair));
        add(middle.minus(&hair));
    }
    if bounded {
        add(zero);
    }
    if is_share(metric) {
        add(one.clone());
    }
    list.into_iter().map(Some).chain([None]).collect()
}
