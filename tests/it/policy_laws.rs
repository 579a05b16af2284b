//! Laws that every evaluation keeps: a second evaluator agrees, better is never worse, order does
//! not matter, and every verdict can be reached.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use proptest::prelude::*;

use crate::naive_policy;
use promote::evidence::facts::{Fact, Facts};
use promote::governance::policy::evaluate::{evaluate, evaluate_bare};
use promote::governance::policy::model::{Criterion, Policy};
use promote::governance::policy::set::PolicySet;
use promote::governance::policy::verdict::{Enforcement, Outcome, Zone};
use promote::governance::stage::Target;
use promote::kernel::decimal::Decimal;
use promote::metrics::{Metric, MetricKey, Sample};

/// The shipped set, read once.
fn shipped() -> &'static PolicySet {
    static SET: OnceLock<PolicySet> = OnceLock::new();
    SET.get_or_init(|| PolicySet::embedded().unwrap())
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn fact(key: MetricKey, value: &Decimal) -> Fact {
    let mut fact = Fact::computed(key, Ok(0.0), "law");
    fact.value = Some(value.clone());
    fact
}

fn facts(values: &BTreeMap<MetricKey, Decimal>) -> Facts {
    Facts::new(values.iter().map(|(key, value)| fact(*key, value))).unwrap()
}

const SHARPE: MetricKey = MetricKey::new(Metric::Sharpe, Sample::Oos);
const DRAWDOWN: MetricKey = MetricKey::new(Metric::MaxDrawdown, Sample::Full);
const CRASH: MetricKey = MetricKey::new(Metric::CrashDrawdown, Sample::Stress);

#[test]
fn the_naive_evaluator_agrees() {
    let cases = 5_000;
    let seen = naive_policy::agree(0, cases);
    for what in [
        "clear",
        "in_band",
        "borderline",
        "near_miss",
        "fail",
        "missing",
        "not_applicable",
        "REJECT",
        "REVISE",
        "PROMOTE",
    ] {
        let share = seen.get(what).copied().unwrap_or(0);
        assert!(share * 20 >= cases, "`{what}` in {share} of {cases} cases");
    }
    assert!(
        seen.get("extra_checks_passed").copied().unwrap_or(0) >= 10,
        "{seen:?}"
    );
}

/// Values around every edge of a criterion, worst first.
fn ladder(criterion: &Criterion) -> Vec<Decimal> {
    let target = criterion.target.clone().unwrap();
    let width = target.minus(&criterion.floor);
    let hair = if width.signum() > 0 {
        "0.000000001"
    } else {
        "-0.000000001"
    };
    let at = |score: &str| criterion.floor.plus(&width.times(&dec(score)));
    let mut steps = vec![at("-2")];
    for score in ["-1", "0", "0.25", "1"] {
        steps.extend([at(score).minus(&dec(hair)), at(score)]);
    }
    steps.push(at("2"));
    steps
}

#[test]
fn better_is_never_worse_on_the_grid_of_all_edges() {
    let set = shipped();
    for policy in set.policies() {
        let criterion = |key: MetricKey| policy.criteria.iter().find(|c| c.key() == key).unwrap();
        let ladders = [SHARPE, DRAWDOWN, CRASH].map(|key| (key, ladder(criterion(key))));
        // Only what SHADOW judges: the rest is advisory there and costs time.
        let mut small = policy.clone();
        small
            .criteria
            .retain(|c| c.enforcement.shadow != Enforcement::Advisory);
        for extra in [false, true] {
            let mut values = BTreeMap::from([
                (MetricKey::new(Metric::Trades, Sample::Oos), dec("120")),
                (
                    MetricKey::new(Metric::HistoryDays, Sample::Full),
                    dec("900"),
                ),
            ]);
            if extra {
                values.insert(MetricKey::new(Metric::Sharpe, Sample::Full), dec("5"));
                values.insert(MetricKey::new(Metric::McSharpeP05, Sample::Mc), dec("1"));
                let worst = MetricKey::new(Metric::CrashDrawdownWorst, Sample::Stress);
                values.insert(worst, dec("0.1"));
            }
            climb(&small, &ladders, &mut values);
        }
    }
}

/// Walks the whole grid; every single step upwards must not worsen the outcome.
fn climb(
    policy: &Policy,
    ladders: &[(MetricKey, Vec<Decimal>); 3],
    values: &mut BTreeMap<MetricKey, Decimal>,
) {
    let n = ladders[0].1.len();
    let mut grid: Vec<Outcome> = Vec::with_capacity(n * n * n);
    for (a, b, c) in (0..n).flat_map(|a| (0..n).flat_map(move |b| (0..n).map(move |c| (a, b, c)))) {
        for (at, (key, steps)) in [a, b, c].into_iter().zip(ladders) {
            values.insert(*key, steps[at].clone());
        }
        let outcome = evaluate_bare(policy, &facts(values), Target::Shadow, None).outcome;
        for (at, stride) in [(a, n * n), (b, n), (c, 1)] {
            if at > 0 {
                let below = grid[grid.len() - stride];
                assert!(below <= outcome, "{}: {values:?}", policy.profile);
            }
        }
        grid.push(outcome);
    }
    assert_eq!(grid.first(), Some(&Outcome::Reject));
    assert_eq!(grid.last(), Some(&Outcome::Promote));
}

/// A value at `tenths` of the band above the floor (or of 1 where there is one edge).
fn placed(criterion: &Criterion, tenths: i64) -> Decimal {
    let unit = match &criterion.target {
        Some(target) => target.minus(&criterion.floor),
        None if criterion.op.more_is_better() => dec("1"),
        None => dec("-1"),
    };
    criterion
        .floor
        .plus(&unit.times(&dec("0.1")).times(&Decimal::from_int(tenths)))
}

fn profile_policy(set: &PolicySet, at: usize) -> &Policy {
    set.policies().nth(at % 3).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn better_is_never_worse(
        profile in 0_usize..3,
        target in 0_usize..3,
        places in prop::collection::vec(-14_i64..14, 40),
        which in 0_usize..40,
        step in 1_i64..20,
        styles in 1_i64..4,
        guard in prop::option::of(Just("0.5")),
    ) {
        let set = shipped();
        let policy = profile_policy(set, profile);
        // Conditions stay as they are; everything else is placed around its edges.
        let mut values = BTreeMap::from([
            (MetricKey::new(Metric::Styles, Sample::Full), Decimal::from_int(styles)),
            (MetricKey::new(Metric::Trials, Sample::Full), Decimal::from_int(styles)),
            (MetricKey::new(Metric::Sharpe, Sample::Full), Decimal::from_int(places[39])),
        ]);
        for (criterion, place) in policy.criteria.iter().zip(&places) {
            values.insert(criterion.key(), placed(criterion, *place + 8));
        }
        let moved = &policy.criteria[which % policy.criteria.len()];
        let better = placed(moved, places[which % policy.criteria.len()] + 8 + step);
        prop_assume!(moved.implausible_beyond.as_ref().is_none_or(|most| better <= *most));
        let guard = guard.map(dec);
        let target = Target::ALL[target];
        let before = evaluate(policy, &facts(&values), target, guard.as_ref());
        values.insert(moved.key(), better);
        let after = evaluate(policy, &facts(&values), target, guard.as_ref());
        prop_assert!(before.outcome <= after.outcome, "{} {target}: {values:?}", moved.id);
    }

    #[test]
    fn the_order_of_facts_and_criteria_does_not_matter(n in any::<u64>(), turn in 0_usize..6) {
        let case = naive_policy::random_case(n);
        let (policy, given) = naive_policy::real(&case);
        let mut turned = policy.clone();
        let by = turn % turned.criteria.len();
        turned.criteria.rotate_left(by);
        let mut list: Vec<Fact> = given.iter().cloned().collect();
        list.reverse();
        let other = Facts::new(list).unwrap();
        for target in Target::ALL {
            prop_assert_eq!(
                evaluate(&policy, &given, target, None),
                evaluate(&turned, &other, target, None)
            );
        }
    }
}

#[test]
fn every_verdict_of_every_profile_and_target_can_be_reached() {
    let set = shipped();
    for policy in set.policies() {
        for target in Target::ALL {
            for (tenths, outcome) in [
                (10, Outcome::Promote),
                (2, Outcome::Revise),
                (-11, Outcome::Reject),
            ] {
                let values: BTreeMap<MetricKey, Decimal> = policy
                    .criteria
                    .iter()
                    .map(|c| (c.key(), placed(c, tenths)))
                    .collect();
                let found = evaluate(policy, &facts(&values), target, None).outcome;
                assert_eq!(found, outcome, "{} {target} {tenths}", policy.profile);
            }
        }
    }
}

/// What flips a criterion is exactly enough, and a hair less is not.
#[test]
fn the_named_change_flips_and_a_hair_less_does_not() {
    let set = shipped();
    let policy = set
        .policies()
        .find(|p| p.profile.as_str() == "moderate")
        .unwrap();
    let judged = |value: &str| {
        let values = BTreeMap::from([(SHARPE, dec(value))]);
        let verdict = evaluate_bare(policy, &facts(&values), Target::Testnet, None);
        let found = verdict
            .criteria
            .iter()
            .find(|j| j.id.as_str() == "sharpe_oos");
        found.unwrap().clone()
    };
    let bad = judged("0.9");
    assert_eq!(bad.flip.as_deref(), Some("at least 1.075 (+0.175)"));
    assert!(!bad.passes());
    assert!(judged("1.075").passes());
    assert_eq!(judged("1.075").flip, None);
    assert!(!judged("1.074999999").passes());
    let unbelievable = judged("6.000000001");
    assert_eq!(
        unbelievable.flip.as_deref(),
        Some("at most 6 (beyond it nobody believes it)")
    );
    assert!(judged("6").passes());
}

/// The number that a flip names, moved by a hair where the comparison is strict.
fn flipped(flip: &str) -> Decimal {
    let words: Vec<&str> = flip.split(' ').collect();
    let number = dec(words[2]);
    match words[0] {
        "more" => number.plus(&dec("0.000000001")),
        "less" => number.minus(&dec("0.000000001")),
        _ => number,
    }
}

#[test]
fn every_flip_that_is_named_gives_a_passing_zone() {
    let mut checked = 0;
    for n in 0..2_000 {
        let case = naive_policy::random_case(n);
        let (policy, given) = naive_policy::real(&case);
        let verdict = evaluate(&policy, &given, Target::Live, None);
        for judgement in &verdict.criteria {
            let criterion = policy.criterion(&judgement.id).unwrap();
            let entangled = criterion.applicable_if.is_some() || criterion.max_age_days.is_some();
            let (Some(flip), false) = (&judgement.flip, entangled) else {
                continue;
            };
            let key = criterion.key();
            let others = given.iter().filter(|f| f.key() != key).cloned();
            let changed = fact(key, &flipped(flip));
            let after = Facts::new(others.chain([changed])).unwrap();
            let again = evaluate(&policy, &after, Target::Live, None);
            let found = again
                .criteria
                .iter()
                .find(|j| j.id == judgement.id)
                .unwrap();
            let passes = matches!(found.zone, Zone::Clear | Zone::InBand);
            assert!(passes, "case {n}: {flip}: {found:?}");
            checked += 1;
        }
    }
    assert!(checked > 1_000, "{checked}");
}
