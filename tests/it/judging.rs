//! What a judgement shows beside its zone: the score, and what would have been enough.

use std::collections::BTreeSet;

use promote::evidence::facts::{Fact, Facts};
use promote::governance::policy::evaluate::{evaluate, evaluate_bare, evaluate_overridden};
use promote::governance::policy::model::{Condition, Criterion, Policy, Weights};
use promote::governance::policy::set::PolicySet;
use promote::governance::policy::verdict::{Enforcement, Judgement, Op, Zone};
use promote::governance::stage::Target;
use promote::kernel::decimal::Decimal;
use promote::kernel::id::CriterionId;
use promote::kernel::unit::Unit;
use promote::metrics::{Metric, MetricKey, Sample, Undefined};

const SHARPE: MetricKey = MetricKey::new(Metric::Sharpe, Sample::Oos);

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn fact(key: MetricKey, value: &str) -> Fact {
    let mut fact = Fact::computed(key, Ok(0.0), "judging");
    fact.value = Some(dec(value));
    fact
}

/// The shipped moderate policy with its Sharpe criterion alone, changed.
fn policy(change: impl FnOnce(&mut Criterion)) -> Policy {
    let set = PolicySet::embedded().unwrap();
    let moderate = set.policies().find(|p| p.profile.as_str() == "moderate");
    let mut policy = moderate.unwrap().clone();
    policy.criteria.retain(|c| c.id.as_str() == "sharpe_oos");
    change(&mut policy.criteria[0]);
    policy
}

fn judged(policy: &Policy, facts: impl IntoIterator<Item = Fact>) -> Judgement {
    let facts = Facts::new(facts).unwrap();
    let verdict = evaluate(policy, &facts, Target::Testnet, None);
    verdict.criteria.into_iter().next().unwrap()
}

#[test]
fn a_score_is_shown_where_the_value_was_weighed_and_nowhere_else() {
    let as_shipped = policy(|_| {});
    let weighed = judged(&as_shipped, [fact(SHARPE, "1.15")]);
    assert_eq!(
        (weighed.zone, weighed.score),
        (Zone::InBand, Some(dec("0.5")))
    );
    // Weighed, but under other conventions: the score says how it would have stood.
    let mut other = fact(SHARPE, "1.15");
    other.deviates = true;
    let other = judged(&as_shipped, [other]);
    assert_eq!(other.zone, Zone::Missing);
    assert_eq!(other.reason.as_deref(), Some("convention"));
    assert_eq!(other.score, Some(dec("0.5")));
    // Not believed.
    let much = judged(&as_shipped, [fact(SHARPE, "6.1")]);
    assert_eq!(much.zone, Zone::Missing);
    assert_eq!(much.reason.as_deref(), Some("implausible"));
    assert_eq!((much.value, much.score), (Some(dec("6.1")), None));
    // In another unit.
    let mut percent = fact(SHARPE, "1.15");
    percent.unit = Unit::Fraction;
    let percent = judged(&as_shipped, [percent]);
    assert_eq!(percent.reason.as_deref(), Some("wrong_unit"));
    assert_eq!(percent.score, None);
    // Not asked.
    let conditional = policy(|criterion| {
        criterion.applicable_if = Some(Condition {
            metric: Metric::Trials,
            sample: Sample::Full,
            op: Op::Ge,
            value: dec("2"),
        });
    });
    let trials = MetricKey::new(Metric::Trials, Sample::Full);
    let not_asked = judged(&conditional, [fact(SHARPE, "1.15"), fact(trials, "1")]);
    assert_eq!(not_asked.zone, Zone::NotApplicable);
    assert_eq!(
        (not_asked.value, not_asked.score),
        (Some(dec("1.15")), None)
    );
}

#[test]
fn a_correlation_with_an_empty_book_is_not_asked_and_every_other_figure_is() {
    let on = |metric: Metric| {
        let policy = policy(|criterion| {
            criterion.metric = metric;
            criterion.sample = Sample::Full;
            criterion.unit = metric.unit();
        });
        let key = MetricKey::new(metric, Sample::Full);
        let fact = Fact::computed(key, Err(Undefined::Alone), "judging");
        judged(&policy, [fact])
    };
    let alone = on(Metric::BookCorrelationMax);
    assert_eq!(alone.zone, Zone::NotApplicable);
    assert_eq!(alone.reason.as_deref(), Some("alone"));
    let unknown = on(Metric::BookExposure);
    assert_eq!(unknown.zone, Zone::Missing);
    assert_eq!(unknown.reason.as_deref(), Some("alone"));
}

#[test]
fn a_value_on_a_strict_edge_is_told_the_edge_and_no_distance() {
    let strict = policy(|criterion| {
        criterion.op = Op::Gt;
        criterion.target = None;
        criterion.floor = dec("1.2");
    });
    let on_it = judged(&strict, [fact(SHARPE, "1.2")]);
    assert_eq!(on_it.zone, Zone::NearMiss);
    assert_eq!(on_it.flip.as_deref(), Some("more than 1.2"));
    let below = judged(&strict, [fact(SHARPE, "1.1")]);
    assert_eq!(below.flip.as_deref(), Some("more than 1.2 (+0.1)"));
    let facts = Facts::new([]).unwrap();
    let nothing = evaluate_bare(&strict, &facts, Target::Testnet, None);
    assert_eq!(nothing.criteria[0].flip.as_deref(), Some("more than 1.2"));
}

#[test]
fn an_override_lets_a_soft_criterion_pass_that_is_missed_below_live_and_nothing_else() {
    let as_shipped = policy(|_| {});
    let zone = |enforcement, target, value: Option<&str>, named: &str| {
        let mut policy = as_shipped.clone();
        policy.criteria[0].enforcement = Weights::same(enforcement);
        let facts = Facts::new(value.map(|value| fact(SHARPE, value))).unwrap();
        let named = BTreeSet::from([CriterionId::new(named).unwrap()]);
        let zones = [
            evaluate(&policy, &facts, target, None),
            evaluate_overridden(&policy, &facts, target, None, &named),
        ];
        zones.map(|verdict| verdict.criteria[0].zone)
    };
    use Enforcement::{Advisory, Hard, Soft};
    let (own, missed) = ("sharpe_oos", Some("0.1"));
    for target in [Target::Shadow, Target::Testnet] {
        let [before, after] = zone(Soft, target, missed, own);
        assert_eq!((before, after), (Zone::Fail, Zone::Overridden), "{target}");
    }
    for (enforcement, target, value, named) in [
        (Soft, Target::Live, missed, own),
        (Hard, Target::Shadow, missed, own),
        (Advisory, Target::Shadow, missed, own),
        (Soft, Target::Shadow, missed, "max_drawdown"),
        (Soft, Target::Shadow, Some("1.15"), own),
        (Soft, Target::Shadow, None, own),
    ] {
        let [before, after] = zone(enforcement, target, value, named);
        assert_eq!(before, after, "{target} {value:?} {named}");
    }
}
