//! The three claims about one policy at one target: every verdict can be reached, better is never
//! worse, every criterion counts. Each is answered with witnesses or with the flaw.

use std::collections::BTreeMap;

use super::direction::{Better, better};
use super::space::{Group, Space, Values};
use super::summary::Summary;
use super::{Alive, Flaw, Reached, WitnessValue};
use crate::governance::policy::model::Policy;
use crate::governance::policy::verdict::{Enforcement, Outcome};
use crate::governance::policy::zone;
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::metrics::MetricKey;

/// What was found at one target.
#[derive(Default)]
pub(super) struct Found {
    pub(super) reached: Vec<Reached>,
    pub(super) alive: Vec<Alive>,
    pub(super) monotone: Vec<MetricKey>,
    pub(super) fixed: Vec<MetricKey>,
    pub(super) combinations: usize,
    pub(super) flaws: Vec<Flaw>,
}

/// Reachability and life of criteria, in `space` without a grown guard.
pub(super) fn reach(space: &Space<'_>, found: &mut Found) {
    found.combinations += space.groups.iter().map(|g| g.table.len()).sum::<usize>();
    let all = space.rest(None);
    let promote = all
        .iter()
        .find(|(summary, _)| summary.outcome() == Outcome::Promote)
        .map(|(_, values)| values.clone());
    for outcome in [Outcome::Promote, Outcome::Revise, Outcome::Reject] {
        let near = promote
            .as_ref()
            .and_then(|base| beside(space, base, outcome));
        let any = || {
            let mut fitting = all.iter().filter(|(s, _)| s.outcome() == outcome);
            fitting.next().map(|(_, values)| values.clone())
        };
        let values = match outcome {
            Outcome::Promote => promote.clone(),
            _ => near.or_else(any),
        };
        // The whole policy has the last word, advisory criteria included.
        let shown = values.filter(|v| space.judge(space.policy, v).outcome == outcome);
        match shown {
            Some(values) => found.reached.push(Reached {
                profile: space.policy.profile.clone(),
                target: space.target,
                verdict: outcome.status(space.target).to_owned(),
                witness: witness(&values),
            }),
            None => found.flaws.push(flaw(
                space,
                "unreachable-verdict",
                None,
                format!("no facts at all give {}", outcome.status(space.target)),
            )),
        }
    }
    for (at, group) in space.groups.iter().enumerate() {
        let rest = space.rest(Some(at));
        for criterion in &group.policy.criteria {
            alive(space, (at, group), &criterion.id.to_string(), &rest, found);
        }
    }
}

/// Facts that differ from `base` in one group only and give `outcome`.
fn beside(space: &Space<'_>, base: &Values, outcome: Outcome) -> Option<Values> {
    for group in &space.groups {
        let others = |key: &MetricKey| group.axes.iter().all(|(axis, _)| axis != key);
        let kept: Values = base
            .iter()
            .filter(|(key, _)| others(key))
            .map(|(k, v)| (*k, v.clone()))
            .collect();
        // Few differences first: one metric moved, then any combination.
        let own: Values = base
            .iter()
            .filter(|(key, _)| !others(key))
            .map(|(k, v)| (*k, v.clone()))
            .collect();
        for (key, points) in &group.axes {
            for point in points.iter().flatten() {
                let mut values = kept.clone();
                values.extend(own.iter().map(|(k, v)| (*k, v.clone())));
                values.insert(*key, point.clone());
                if space.judge(space.policy, &values).outcome == outcome {
                    return Some(values);
                }
            }
        }
    }
    None
}

/// Can the criterion alone turn a promotion into something else?
fn alive(
    space: &Space<'_>,
    (at, group): (usize, &Group),
    id: &str,
    rest: &BTreeMap<Summary, Values>,
    found: &mut Found,
) {
    let mut without = group.policy.clone();
    without.criteria.retain(|c| c.id.as_str() != id);
    let only = without.criteria.is_empty() && space.groups.len() == 1;
    for (number, with) in group.table.iter().enumerate() {
        let values = group.values(number);
        let bare = if without.criteria.is_empty() {
            Summary::NOTHING
        } else {
            space.summary(&without, &values)
        };
        let turned = rest.iter().find(|(others, _)| {
            let before = bare.join(**others).outcome();
            let after = with.join(**others).outcome();
            (before == Outcome::Promote && after != Outcome::Promote)
                || (only && after == Outcome::Promote)
        });
        if let Some((others, more)) = turned {
            let mut all = values;
            all.extend(more.iter().map(|(k, v)| (*k, v.clone())));
            let own: Vec<MetricKey> = space
                .groups
                .get(at)
                .map_or_else(Vec::new, |g| g.axes.iter().map(|(key, _)| *key).collect());
            found.alive.push(Alive {
                profile: space.policy.profile.clone(),
                target: space.target,
                criterion: id.to_owned(),
                verdict: with.join(*others).outcome().status(space.target).to_owned(),
                turns: witness(&all)
                    .into_iter()
                    .filter(|w| own.iter().any(|key| key.to_string() == w.metric))
                    .collect(),
            });
            return;
        }
    }
    let text = "no facts exist on which it alone keeps a portfolio from its promotion: the other criteria say it already".to_owned();
    found
        .flaws
        .push(flaw(space, "dead-criterion", Some(id), text));
}

/// Better is never worse, for every metric of every group, whatever the other groups say.
pub(super) fn monotone(space: &Space<'_>, found: &mut Found) {
    for (at, group) in space.groups.iter().enumerate() {
        let rest = space.rest(Some(at));
        for (axis, (key, points)) in group.axes.iter().enumerate() {
            if is_condition(group, *key) {
                // Facts about applicability are held fixed.
                found.fixed.push(*key);
                continue;
            }
            let Some(up) = direction(space, group, *key, found) else {
                continue;
            };
            let order = climbing(group, *key, points, up);
            match descent(group, axis, &order, rest.keys().copied()) {
                None => found.monotone.push(*key),
                Some((low, high, better, worse)) => {
                    let text = format!(
                        "{key} better from {low} to {high} turns {} into {}",
                        better.status(space.target),
                        worse.status(space.target),
                    );
                    let judged = group.policy.criteria.iter().find(|c| c.key() == *key);
                    let id = judged.map(|c| c.id.to_string());
                    found
                        .flaws
                        .push(flaw(space, "not-monotone", id.as_deref(), text));
                }
            }
        }
    }
}

fn is_condition(group: &Group, key: MetricKey) -> bool {
    group.policy.criteria.iter().any(|c| {
        c.applicable_if
            .as_ref()
            .is_some_and(|a| MetricKey::new(a.metric, a.sample) == key)
    })
}

/// Whether more of `key` is better: by its definition, else as the criteria ask.
fn direction(space: &Space<'_>, group: &Group, key: MetricKey, found: &mut Found) -> Option<bool> {
    match better(key.metric) {
        Better::More => return Some(true),
        Better::Less => return Some(false),
        Better::AsAsked => {}
    }
    let mut asked = group.policy.criteria.iter().filter(|c| c.key() == key);
    let up = asked.next().map(|c| c.op.more_is_better())?;
    if let Some(other) = asked.find(|c| c.op.more_is_better() != up) {
        let text = format!("{key} is asked to be large and to be small");
        let id = other.id.to_string();
        found
            .flaws
            .push(flaw(space, "not-monotone", Some(&id), text));
        return None;
    }
    Some(up)
}

/// Positions of the points from bad to good, up to where a value is not believed.
fn climbing(group: &Group, key: MetricKey, points: &[Option<Decimal>], up: bool) -> Vec<usize> {
    let believed = |value: &Decimal| {
        let own = group.policy.criteria.iter().filter(|c| c.key() == key);
        own.into_iter().all(|c| !zone::implausible(c, value))
    };
    let mut order: Vec<(usize, &Decimal)> = points
        .iter()
        .enumerate()
        .filter_map(|(at, point)| Some((at, point.as_ref()?)))
        .filter(|(_, value)| believed(value))
        .collect();
    order.sort_by(|a, b| if up { a.1.cmp(b.1) } else { b.1.cmp(a.1) });
    order.into_iter().map(|(at, _)| at).collect()
}

/// The first step upwards on `axis` that makes some verdict worse.
fn descent(
    group: &Group,
    axis: usize,
    order: &[usize],
    rest: impl Iterator<Item = Summary> + Clone,
) -> Option<(String, String, Outcome, Outcome)> {
    let stride = group.stride(axis);
    let (_, points) = group.axes.get(axis)?;
    let block = stride * points.len();
    let mut seen = std::collections::BTreeSet::new();
    for start in (0..group.table.len()).step_by(block.max(1)) {
        for inner in 0..stride {
            for (low, high) in order.iter().zip(order.iter().skip(1)) {
                let before = *group.table.get(start + low * stride + inner)?;
                let after = *group.table.get(start + high * stride + inner)?;
                if before == after || !seen.insert((before, after)) {
                    continue;
                }
                for others in rest.clone() {
                    let (a, b) = (before.join(others).outcome(), after.join(others).outcome());
                    if b < a {
                        let text = |at: &usize| {
                            let value = points.get(*at).and_then(Option::as_ref);
                            value.map(ToString::to_string).unwrap_or_default()
                        };
                        return Some((text(low), text(high), a, b));
                    }
                }
            }
        }
    }
    None
}

fn witness(values: &Values) -> Vec<WitnessValue> {
    values
        .iter()
        .map(|(key, value)| WitnessValue {
            metric: key.to_string(),
            value: value.clone(),
        })
        .collect()
}

pub(super) fn flaw(space: &Space<'_>, code: &'static str, id: Option<&str>, text: String) -> Flaw {
    flaw_in(space.policy, space.target, code, id, text)
}

/// A flaw of `policy` at `target`, with the place of its criterion.
pub(super) fn flaw_in(
    policy: &Policy,
    target: Target,
    code: &'static str,
    id: Option<&str>,
    text: String,
) -> Flaw {
    let mut criteria = policy.criteria.iter();
    let held = id.and_then(|id| criteria.find(|c| c.id.as_str() == id));
    Flaw {
        code,
        profile: Some(policy.profile.clone()),
        target: Some(target),
        criterion: id.map(str::to_owned),
        file: Some(policy.file.clone()),
        line: held.map(|c| c.line),
        text,
    }
}

/// Criteria that count at no target.
pub(super) fn advisory_only(policy: &crate::governance::policy::model::Policy) -> Vec<String> {
    let advisory = |c: &&crate::governance::policy::model::Criterion| {
        [
            c.enforcement.shadow,
            c.enforcement.testnet,
            c.enforcement.live,
        ]
        .iter()
        .all(|e| *e == Enforcement::Advisory)
    };
    let silent = policy.criteria.iter().filter(advisory);
    silent.map(|c| c.id.to_string()).collect()
}
