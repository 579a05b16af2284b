//! Does a policy make sense? Checks that need more than one value, or know what a metric is.
//!
//! In: values with their places, as `load` reads them. Out: problems in the source. A policy that
//! passes has units that agree, edges in the right order, limits that can be reached, unique ids,
//! and at every target a hard criterion that no condition can switch off.

use toml::de::DeValue;

use super::load::Rest;
use super::model::{Criterion, Policy};
use super::source::{Entry, Place, Placed, Source, nearest};
use super::verdict::{Enforcement, Op};
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricKey, Sample};

/// Everything but the floor that shapes the zones.
pub(super) struct Edges {
    pub(super) target: Option<Placed<Decimal>>,
    pub(super) guard: Option<Placed<Decimal>>,
    pub(super) reject_margin: Option<Placed<Decimal>>,
    pub(super) reject: Option<Placed<Decimal>>,
    pub(super) implausible_beyond: Option<Placed<Decimal>>,
}

/// The known metric that looks most like the written one.
pub(super) fn metric_hint(entry: &Entry<'_, '_>) -> String {
    let DeValue::String(written) = entry.value else {
        return String::new();
    };
    let known: Vec<&str> = Metric::ALL.iter().map(|m| m.as_str()).collect();
    match nearest(written, &known) {
        Some(name) => format!("did you mean `{name}`"),
        None => "docs/policies.md lists the metrics".to_owned(),
    }
}

/// The metric exists on the sample.
pub(super) fn exists(source: &mut Source<'_>, metric: Metric, sample: &Placed<Sample>) {
    if MetricKey::new(metric, sample.value).is_known() {
        return;
    }
    let samples: Vec<&str> = metric.samples().iter().map(|s| s.as_str()).collect();
    let message = format!("`{metric}` does not exist on sample `{}`", sample.value);
    let hint = format!("it exists on {}", samples.join(", "));
    source.report_hint(&sample.place, "no-such-sample", message, Some(hint));
}

/// The unit is the metric's own.
pub(super) fn unit(source: &mut Source<'_>, metric: Option<Metric>, unit: Unit, place: &Place) {
    if let Some(metric) = metric
        && metric.unit() != unit
    {
        let message = format!(
            "`{metric}` is measured in `{}`, not in `{}`",
            metric.unit().as_str(),
            unit.as_str()
        );
        source.report(place, "wrong-unit", message);
    }
}

/// A limit on a metric that lies between 0 and 1 lies there too; a drawdown above 1 was meant in
/// percent.
pub(super) fn limit(source: &mut Source<'_>, metric: Metric, limit: &Placed<Decimal>) {
    let one = Decimal::from_int(1);
    if !is_share(metric) || (limit.value >= Decimal::zero() && limit.value <= one) {
        return;
    }
    let drawdown = metric.as_str().contains("drawdown");
    let (code, kind) = if drawdown && limit.value > one {
        ("percent", "a drawdown is a positive fraction of one")
    } else if drawdown {
        (
            "negative-drawdown",
            "a drawdown is a positive fraction of one",
        )
    } else {
        ("out-of-range", "this metric lies between 0 and 1")
    };
    let hint = (limit.value > one)
        .then(|| limit.value.ratio_for_display(&Decimal::from_int(100), 9))
        .flatten()
        .map_or_else(
            || "write a number between 0 and 1".to_owned(),
            |share| format!("{} % is written {share}", limit.value),
        );
    let message = format!("`{}` is out of range: {kind}", limit.value);
    source.report_hint(&limit.place, code, message, Some(hint));
}

/// True for metrics that lie between 0 and 1 by definition.
pub(super) fn is_share(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::MaxDrawdown
            | Metric::HitRatio
            | Metric::CrashDrawdown
            | Metric::CrashDrawdownWorst
            | Metric::StressDrawdownWorst
            | Metric::McMaxDrawdownP95
            | Metric::McProbSharpeAboveFloor
            | Metric::Psr
            | Metric::Dsr
            | Metric::Pbo
            | Metric::OrderSuccess
            | Metric::BookMaxDrawdown
    )
}

/// A number of the conventions that lies between 0 and 1.
pub(super) fn fraction(source: &mut Source<'_>, value: &Placed<Decimal>) -> bool {
    let good = value.value >= Decimal::zero() && value.value < Decimal::from_int(1);
    if !good {
        let message = format!("`{}` is not a fraction from 0 to below 1", value.value);
        source.report(&value.place, "out-of-range", message);
    }
    good
}

/// A width: above 0.
pub(super) fn positive(source: &mut Source<'_>, value: &Placed<Decimal>) -> bool {
    let good = value.value > Decimal::zero();
    if !good {
        let message = format!("`{}` is not above 0", value.value);
        source.report(&value.place, "out-of-range", message);
    }
    good
}

/// Floor, target, guard, margins and the ceiling of belief fit together.
pub(super) fn edges(
    source: &mut Source<'_>,
    op: Op,
    metric: Metric,
    floor: &Placed<Decimal>,
    edges: &Edges,
) {
    let limits = [&edges.target, &edges.reject, &edges.implausible_beyond];
    for value in limits.into_iter().flatten() {
        limit(source, metric, value);
    }
    match &edges.target {
        Some(target) => two_edges(source, op, floor, target, edges),
        None => one_edge(source, op, floor, edges),
    }
    let strictest = edges.target.as_ref().unwrap_or(floor);
    if let Some(most) = &edges.implausible_beyond
        && !better(op, &most.value, &strictest.value)
    {
        let message = format!(
            "`{}` is no better than `{}`: nothing could be clear",
            most.value, strictest.value
        );
        source.report(&most.place, "implausible-in-band", message);
    }
}

fn two_edges(
    source: &mut Source<'_>,
    op: Op,
    floor: &Placed<Decimal>,
    target: &Placed<Decimal>,
    edges: &Edges,
) {
    if matches!(op, Op::Gt | Op::Lt) {
        let message = "with two edges the comparison is `ge` or `le`: the zones hold their edges";
        source.report(&target.place, "strict-op", message.to_owned());
    } else if better(op, &floor.value, &target.value) {
        let message = format!(
            "floor and target are swapped: with `{}` the target must be {} than the floor `{}`",
            if op == Op::Ge { "ge" } else { "le" },
            if op == Op::Ge { "larger" } else { "smaller" },
            floor.value
        );
        let hint = format!(
            "floor is the loose end, target the strict end: write floor = {}, target = {}",
            target.value, floor.value
        );
        source.report_hint(&target.place, "swapped", message, Some(hint));
    } else if floor.value == target.value {
        let message = "the target must be strictly better than the floor; they are equal";
        let hint = "leave `target` out for a criterion with one edge";
        source.report_hint(
            &target.place,
            "empty-band",
            message.to_owned(),
            Some(hint.to_owned()),
        );
    }
    let one = Decimal::from_int(1);
    if let Some(guard) = &edges.guard
        && !(guard.value >= Decimal::zero() && guard.value <= one)
    {
        let message = format!("`{}` is not a guard: 0 to 1 is wanted", guard.value);
        source.report(&guard.place, "guard-range", message);
    }
    if let Some(margin) = &edges.reject_margin
        && margin.value < Decimal::zero()
    {
        let message = "a reject margin is not negative".to_owned();
        source.report(&margin.place, "margin-range", message);
    }
    if let Some(reject) = &edges.reject {
        let message = "with two edges `reject_margin` says where a fail begins";
        source.report(&reject.place, "no-effect", message.to_owned());
    }
}

fn one_edge(source: &mut Source<'_>, op: Op, floor: &Placed<Decimal>, edges: &Edges) {
    for value in [&edges.guard, &edges.reject_margin].into_iter().flatten() {
        let message = "has no effect without a `target`".to_owned();
        source.report(&value.place, "no-effect", message);
    }
    if let Some(reject) = &edges.reject
        && better(op, &reject.value, &floor.value)
    {
        let message = format!(
            "`{}` is better than the floor `{}`: passing values would be rejected",
            reject.value, floor.value
        );
        source.report(&reject.place, "swapped", message);
    }
}

fn better(op: Op, a: &Decimal, b: &Decimal) -> bool {
    if op.more_is_better() { a > b } else { a < b }
}

/// Extra checks are for borderline values, which a criterion with one edge does not know.
pub(super) fn extra_checks_have_a_band(
    source: &mut Source<'_>,
    edges: &Edges,
    rest: &Rest,
    place: &Place,
) {
    if edges.target.is_none() && !rest.extra_checks.is_empty() {
        let message = "`extra_checks` have no effect without a `target`".to_owned();
        source.report(place, "no-effect", message);
    }
}

/// Every id once.
pub(super) fn unique(source: &mut Source<'_>, criteria: &[Placed<Criterion>]) {
    for (at, criterion) in criteria.iter().enumerate() {
        let first = criteria
            .iter()
            .take(at)
            .find(|other| other.value.id == criterion.value.id);
        if let Some(first) = first {
            let message = format!("criterion `{}` is there twice", criterion.value.id);
            let hint = format!("the first one is in line {}", first.value.line);
            source.report_hint(&criterion.place, "duplicate-id", message, Some(hint));
        }
    }
}

/// Every target has a hard criterion without a condition: a policy never passes what it does not
/// look at.
pub(super) fn whole(source: &mut Source<'_>, policy: &Policy) {
    for target in Target::ALL {
        let held = policy
            .criteria
            .iter()
            .any(|c| c.enforcement.at(target) == Enforcement::Hard && c.applicable_if.is_none());
        if !held {
            let place = super::load::top(source.text);
            let message = format!(
                "no hard criterion without a condition for {target}: everything would pass"
            );
            source.report(&place, "nothing-hard", message);
        }
    }
}
