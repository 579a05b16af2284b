//! No dead deny rule: each can be hit, each can be kept, and none is said by another already.
//!
//! In: the rules and the checklists of a set. Out: per rule what hits it and what keeps it, or the
//! flaw.

use super::{Denying, Flaw};
use crate::governance::policy::deny::{DenyRule, When};
use crate::governance::policy::deny_load::FILE_NAME;
use crate::governance::policy::lint::is_share;
use crate::governance::policy::set::PolicySet;
use crate::governance::policy::verdict::Op;
use crate::kernel::decimal::Decimal;
use crate::kernel::unit::Unit;
use crate::metrics::Metric;

/// One step of the 9 decimals to which values are rounded.
const STEP: &str = "0.000000001";

/// Least and largest value that a subject can have; none where there is no bound.
type Domain = (Option<Decimal>, Option<Decimal>);

pub(super) fn rules(set: &PolicySet) -> (Vec<Denying>, Vec<Flaw>) {
    let (mut lines, mut flaws) = (Vec::new(), Vec::new());
    let all = &set.deny().rules;
    for (at, rule) in all.iter().enumerate() {
        let implied = all.iter().enumerate().find(|(other, wider)| {
            *other != at && implies(rule, wider) && (*other < at || !implies(wider, rule))
        });
        if let Some((_, wider)) = implied {
            let text = format!("`{}` is hit whenever it is: it says nothing", wider.id);
            flaws.push(flaw("dead-deny-rule", rule, text));
        }
        match witness(set, rule) {
            Ok((hit_by, kept_by)) => lines.push(Denying {
                rule: rule.id.to_string(),
                hit_by,
                kept_by,
            }),
            Err((code, text)) => flaws.push(flaw(code, rule, text.to_owned())),
        }
    }
    (lines, flaws)
}

fn flaw(code: &'static str, rule: &DenyRule, text: String) -> Flaw {
    Flaw {
        code,
        profile: None,
        target: None,
        criterion: Some(rule.id.to_string()),
        file: Some(FILE_NAME.to_owned()),
        line: Some(rule.line),
        text,
    }
}

const DEAD: (&str, &str) = ("dead-deny-rule", "nothing can hit it");
const ALWAYS: (&str, &str) = ("deny-always", "nothing can keep it: nobody would ever rise");

/// What hits a rule and what keeps it.
fn witness(
    set: &PolicySet,
    rule: &DenyRule,
) -> Result<(String, String), (&'static str, &'static str)> {
    match &rule.when {
        When::Setting { setting, .. } if setting.is_flag() => {
            let name = setting.as_str();
            Ok((rule.words(), format!("{name} the other way")))
        }
        When::Setting { setting, op, value } => {
            let domain = (Some(Decimal::zero()), None);
            let (hit, kept) = numbers(*op, value, &domain)?;
            let name = setting.as_str();
            Ok((format!("{name} {hit}"), format!("{name} {kept}")))
        }
        When::Fact(c) => {
            let (hit, kept) = numbers(c.op, &c.value, &domain(c.metric))?;
            let name = format!("{}:{}", c.metric, c.sample);
            Ok((format!("{name} {hit}"), format!("{name} {kept}")))
        }
        When::SymbolsBeyond(list) => {
            let first = list.first().ok_or(ALWAYS)?;
            Ok(("any other symbol".to_owned(), first.clone()))
        }
        When::Unconfirmed(item) => {
            let there = |target| set.checklists().item(target, item).is_some();
            match rule.targets.iter().all(|target| there(*target)) {
                true => Ok((format!("{item} open"), format!("{item} confirmed"))),
                false => Err(("deny-always", "a target's checklist has no such item")),
            }
        }
    }
}

fn domain(metric: Metric) -> Domain {
    let zero = Some(Decimal::zero());
    match metric.unit() {
        _ if is_share(metric) => (zero, Some(Decimal::from_int(1))),
        Unit::Count | Unit::Days => (zero, None),
        Unit::Fraction | Unit::Ratio => (None, None),
    }
}

/// A value that hits and one that keeps, both as close to the limit as can be.
fn numbers(
    op: Op,
    value: &Decimal,
    domain: &Domain,
) -> Result<(Decimal, Decimal), (&'static str, &'static str)> {
    let step: Decimal = STEP.parse().unwrap_or_else(|_| Decimal::from_int(1));
    let inside = |x: &Decimal| {
        let low = domain.0.as_ref().is_none_or(|least| x >= least);
        low && domain.1.as_ref().is_none_or(|most| x <= most)
    };
    // At the limit, a step beside it, and the ends: what can differ differs there.
    let ends = domain.0.iter().chain(domain.1.iter()).cloned();
    let near = [value.minus(&step), value.clone(), value.plus(&step)];
    let points: Vec<Decimal> = near.into_iter().chain(ends).filter(inside).collect();
    let hit = points.iter().find(|x| op.holds(x, value)).ok_or(DEAD)?;
    let kept = points.iter().find(|x| !op.holds(x, value)).ok_or(ALWAYS)?;
    Ok((hit.clone(), kept.clone()))
}

/// True when `wider` is hit wherever `rule` is.
fn implies(rule: &DenyRule, wider: &DenyRule) -> bool {
    if !rule.targets.iter().all(|t| wider.targets.contains(t)) {
        return false;
    }
    match (&rule.when, &wider.when) {
        (
            When::Setting { setting, op, value },
            When::Setting {
                setting: other,
                op: to,
                value: limit,
            },
        ) => setting == other && within((*op, value), (*to, limit)),
        (When::Fact(a), When::Fact(b)) => {
            let same = a.metric == b.metric && a.sample == b.sample;
            same && within((a.op, &a.value), (b.op, &b.value))
        }
        (When::SymbolsBeyond(a), When::SymbolsBeyond(b)) => b.iter().all(|s| a.contains(s)),
        (When::Unconfirmed(a), When::Unconfirmed(b)) => a == b,
        _ => false,
    }
}

/// True when every value that the first condition holds for holds for the second.
fn within((op, value): (Op, &Decimal), (to, limit): (Op, &Decimal)) -> bool {
    let open = |op| matches!(op, Op::Gt | Op::Lt);
    if op.more_is_better() != to.more_is_better() {
        return false;
    }
    if value == limit {
        return open(op) || !open(to);
    }
    (value > limit) == op.more_is_better()
}
