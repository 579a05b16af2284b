//! A second policy evaluator, written from the design page alone: integers, no shared code, no
//! cleverness; and the campaign that holds the real one against it on random policies and facts.
//!
//! Everything is counted in billionths (`i128`). "Less is better" is turned into "more is better"
//! by changing every sign at the door. Included with `#[path]` by whoever runs a share of it.

use std::collections::BTreeMap;

use promote::evidence::conventions::GateConventions;
use promote::evidence::facts::{Fact, Facts};
use promote::governance::policy::evaluate::{evaluate, evaluate_bare};
use promote::governance::policy::model::{Condition, Criterion, ExtraCheck, Policy, Weights};
use promote::governance::policy::verdict::{EXTRA_CHECKS_PASSED, Enforcement, Op};
use promote::governance::stage::Target;
use promote::kernel::decimal::Decimal;
use promote::kernel::id::{CriterionId, ProfileId};
use promote::kernel::unit::Unit;
use promote::metrics::{Metric, MetricKey, Sample, Undefined};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};

const ONE: i128 = 1_000_000_000;

/// `metric:sample`, as text.
type Key = &'static str;

/// One number of the evidence.
#[derive(Debug, Clone, Copy)]
pub struct NaiveFact {
    value: Option<i128>,
    unit_is_right: bool,
    deviates: bool,
}

/// A limit on another metric: for conditions and extra checks.
#[derive(Debug, Clone, Copy)]
pub struct NaiveLimit {
    key: Key,
    op: &'static str,
    limit: i128,
}

/// One criterion, in billionths.
#[derive(Debug, Clone)]
pub struct NaiveCriterion {
    id: String,
    key: Key,
    op: &'static str,
    floor: i128,
    target: Option<i128>,
    guard: i128,
    margin: i128,
    reject: Option<i128>,
    most: Option<i128>,
    weights: [char; 3],
    condition: Option<NaiveLimit>,
    max_age: Option<i128>,
    extra: Vec<NaiveLimit>,
}

/// Everything that one evaluation depends on.
#[derive(Debug, Clone)]
pub struct NaiveCase {
    criteria: Vec<NaiveCriterion>,
    facts: BTreeMap<Key, NaiveFact>,
    target: usize,
    guard: Option<i128>,
    bare: bool,
}

/// The naive answer: zones by id, whether a borderline one passed, and the verdict.
pub fn naive(case: &NaiveCase) -> (BTreeMap<String, &'static str>, bool, &'static str) {
    let mut zones = BTreeMap::new();
    for c in &case.criteria {
        zones.insert(c.id.clone(), naive_zone(case, c));
    }
    let counted: Vec<&NaiveCriterion> = case
        .criteria
        .iter()
        .filter(|c| c.weights[case.target] != 'a')
        .collect();
    let having = |zone: &str| counted.iter().filter(|c| zones[&c.id] == zone).count();

    let mut waved_through = false;
    if case.target == 0 && having("borderline") == 1 {
        for c in &counted {
            if zones[&c.id] == "borderline" && !c.extra.is_empty() {
                waved_through = c.extra.iter().all(|x| naive_extra(case, x));
            }
        }
    }
    let mut with_band = 0;
    let mut below = 0;
    for c in &counted {
        if c.weights[case.target] == 'h' && c.target.is_some() && zones[&c.id] != "not_applicable" {
            with_band += 1;
            if zones[&c.id] == "near_miss" || zones[&c.id] == "fail" {
                below += 1;
            }
        }
    }
    let verdict = if having("fail") > 0 || (with_band >= 2 && below == with_band) {
        "REJECT"
    } else if counted.is_empty()
        || having("near_miss") > 0
        || having("missing") > 0
        || (having("borderline") > 0 && !waved_through)
    {
        "REVISE"
    } else {
        ["PROMOTE_TO_SHADOW", "PROMOTE_TO_TESTNET", "PROMOTE_TO_LIVE"][case.target]
    };
    (zones, waved_through, verdict)
}

fn naive_zone(case: &NaiveCase, c: &NaiveCriterion) -> &'static str {
    if let Some(condition) = &c.condition {
        let known = case.facts.get(condition.key);
        let usable = known.and_then(|f| f.value.filter(|_| f.unit_is_right));
        let holds = match usable {
            Some(value) => compare(value, condition.op, condition.limit),
            None => known.is_some() || !case.bare,
        };
        if !holds {
            return "not_applicable";
        }
    }
    let Some(fact) = case.facts.get(c.key) else {
        return "missing";
    };
    let (Some(value), true) = (fact.value, fact.unit_is_right) else {
        return "missing";
    };
    // From here on more is better.
    let sign = if c.op == "ge" || c.op == "gt" { 1 } else { -1 };
    let (x, low) = (sign * value, sign * c.floor);
    if c.most.is_some_and(|most| x > sign * most) {
        return "missing";
    }
    if let Some(days) = c.max_age {
        let sample = c.key.split(':').nth(1).unwrap();
        let own = case.facts.get(format!("data_age_days:{sample}").as_str());
        let age = own.or_else(|| case.facts.get("data_age_days:full"));
        match age.and_then(|f| f.value.filter(|_| f.unit_is_right)) {
            Some(age) if age <= days => {}
            _ => return "missing",
        }
    }
    let zone = match c.target {
        None if compare(value, c.op, c.floor) => "clear",
        None if c.reject.is_some_and(|edge| x < sign * edge) => "fail",
        None => "near_miss",
        Some(target) => {
            let width = sign * target - low;
            let guard = c.guard.max(case.guard.unwrap_or(0));
            // Both sides times a billion, because guard and margin are in billionths.
            let height = (x - low) * ONE;
            match height {
                h if h < -c.margin * width => "fail",
                h if h < 0 => "near_miss",
                h if h >= ONE * width => "clear",
                h if h < guard * width => "borderline",
                _ => "in_band",
            }
        }
    };
    if fact.deviates && zone != "fail" {
        return "missing";
    }
    zone
}

fn naive_extra(case: &NaiveCase, check: &NaiveLimit) -> bool {
    match case.facts.get(check.key) {
        Some(f) if f.unit_is_right && !f.deviates => {
            f.value.is_some_and(|v| compare(v, check.op, check.limit))
        }
        _ => false,
    }
}

fn compare(a: i128, op: &str, b: i128) -> bool {
    match op {
        "ge" => a >= b,
        "le" => a <= b,
        "gt" => a > b,
        "lt" => a < b,
        other => panic!("{other}"),
    }
}

// ---- random cases -------------------------------------------------------------------------

const KEYS: [(Key, Metric, Sample); 10] = [
    ("sharpe:oos", Metric::Sharpe, Sample::Oos),
    ("sharpe:full", Metric::Sharpe, Sample::Full),
    ("max_drawdown:full", Metric::MaxDrawdown, Sample::Full),
    (
        "crash_drawdown:stress",
        Metric::CrashDrawdown,
        Sample::Stress,
    ),
    ("mc_sharpe_p05:mc", Metric::McSharpeP05, Sample::Mc),
    ("psr:oos", Metric::Psr, Sample::Oos),
    ("trades:oos", Metric::Trades, Sample::Oos),
    ("styles:full", Metric::Styles, Sample::Full),
    ("data_age_days:full", Metric::DataAgeDays, Sample::Full),
    ("data_age_days:oos", Metric::DataAgeDays, Sample::Oos),
];

fn pick<T: Copy>(rng: &mut ChaCha8Rng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())]
}

fn chance(rng: &mut ChaCha8Rng, percent: u32) -> bool {
    rng.random_range(0..100) < percent
}

/// A number on a coarse grid, so that edges are met exactly, sometimes a hair beside it.
fn number(rng: &mut ChaCha8Rng) -> i128 {
    let on_grid = i128::from(rng.random_range(-10_i32..=30)) * ONE / 10;
    match rng.random_range(0..10) {
        0 => on_grid - 1,
        1 => on_grid + 1,
        _ => on_grid,
    }
}

fn limit(rng: &mut ChaCha8Rng) -> NaiveLimit {
    NaiveLimit {
        key: pick(rng, &KEYS).0,
        op: pick(rng, &["ge", "le", "gt", "lt"]),
        limit: number(rng),
    }
}

fn criterion(rng: &mut ChaCha8Rng, at: usize) -> NaiveCriterion {
    let banded = chance(rng, 75);
    let better = i128::from(rng.random_range(1_i32..=8)) * ONE / 10;
    let floor = number(rng);
    let op = if banded {
        pick(rng, &["ge", "le"])
    } else {
        pick(rng, &["ge", "le", "gt", "lt"])
    };
    let sign = if op == "ge" || op == "gt" { 1 } else { -1 };
    let target = banded.then_some(floor + sign * better);
    let ceiling = target.unwrap_or(floor) + sign * (ONE + better);
    NaiveCriterion {
        // Ids do not sort as they were made.
        id: format!("{}{at}", pick(rng, &["a", "b", "c"])),
        key: pick(rng, &KEYS).0,
        op,
        floor,
        target,
        guard: pick(rng, &[0, ONE / 4, ONE / 4, ONE / 2, ONE]),
        margin: pick(rng, &[0, ONE / 2, ONE, ONE, 2 * ONE]),
        reject: (!banded && chance(rng, 60)).then_some(floor - sign * better),
        most: chance(rng, 15).then_some(ceiling),
        weights: [0; 3].map(|_| pick(rng, &['h', 'h', 'h', 's', 's', 'a'])),
        condition: chance(rng, 20).then(|| limit(rng)),
        max_age: chance(rng, 10).then(|| ONE * i128::from(rng.random_range(1_u32..3))),
        extra: (0..rng.random_range(0..3))
            .filter(|_| banded)
            .map(|_| limit(rng))
            .collect(),
    }
}

/// The random case number `n`.
pub fn random_case(n: u64) -> NaiveCase {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&n.to_le_bytes());
    let rng = &mut ChaCha8Rng::from_seed(seed);
    let criteria: Vec<NaiveCriterion> = (0..rng.random_range(1..6))
        .map(|at| criterion(rng, at))
        .collect();
    let facts = random_facts(rng, &criteria);
    NaiveCase {
        criteria,
        facts,
        target: rng.random_range(0..3),
        guard: chance(rng, 20).then_some(ONE / 2),
        bare: chance(rng, 50),
    }
}

fn random_facts(rng: &mut ChaCha8Rng, criteria: &[NaiveCriterion]) -> BTreeMap<Key, NaiveFact> {
    let kind = rng.random_range(0..3);
    let mut facts = BTreeMap::new();
    for (key, _, _) in KEYS {
        let judged = criteria.iter().find(|c| c.key == key);
        let value = match judged {
            // Good cases, bad cases, and any cases: else a PROMOTE would be rare.
            Some(c) if kind == 0 => near(rng, c, 0, 16),
            Some(c) if kind == 1 => near(rng, c, -20, 2),
            _ => number(rng),
        };
        if chance(rng, 94) {
            facts.insert(
                key,
                NaiveFact {
                    value: chance(rng, 97).then_some(value),
                    unit_is_right: chance(rng, 98),
                    deviates: chance(rng, 4),
                },
            );
        }
    }
    facts
}

/// The random case number `n`, and the same facts under a policy in which something changed.
pub fn changed_case(n: u64) -> (NaiveCase, NaiveCase) {
    let old = random_case(n);
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&n.to_le_bytes());
    let rng = &mut ChaCha8Rng::from_seed(seed);
    let mut new = old.clone();
    for _ in 0..rng.random_range(1..3) {
        let at = rng.random_range(0..new.criteria.len());
        if chance(rng, 15) {
            let next = 10 + new.criteria.len();
            new.criteria.push(criterion(rng, next));
        } else if chance(rng, 5) && new.criteria.len() > 1 {
            new.criteria.remove(at);
        } else {
            alter(rng, &mut new.criteria[at]);
        }
    }
    (old, new)
}

/// Other facts for both cases.
pub fn other_facts(n: u64, old: &mut NaiveCase, new: &mut NaiveCase) {
    let mut seed = [9; 32];
    seed[..8].copy_from_slice(&n.to_le_bytes());
    let rng = &mut ChaCha8Rng::from_seed(seed);
    old.facts = random_facts(rng, &old.criteria);
    old.target = rng.random_range(0..3);
    new.facts = old.facts.clone();
    new.target = old.target;
}

/// Changes one field; every criterion stays one that a file could hold.
fn alter(rng: &mut ChaCha8Rng, c: &mut NaiveCriterion) {
    let sign = if c.op == "ge" || c.op == "gt" { 1 } else { -1 };
    let step = pick(rng, &[-2, -1, 1, 2, 3]) * ONE / 20;
    match rng.random_range(0..11) {
        0 if c.target.is_none_or(|t| sign * (t - c.floor - step) > 0) => c.floor += step,
        1 => {
            if let Some(target) = c.target.filter(|t| sign * (t + step - c.floor) > 0) {
                c.target = Some(target + step);
            }
        }
        2 if c.target.is_some() => c.guard = pick(rng, &[0, ONE / 4, ONE / 2, ONE]),
        3 if c.target.is_some() => c.margin = pick(rng, &[0, ONE / 2, ONE, 2 * ONE]),
        4 if c.target.is_none() => {
            c.reject = chance(rng, 80).then_some(c.floor - sign * ONE / 5);
        }
        5 => {
            let better = sign * (ONE + step);
            c.most = chance(rng, 80).then_some(c.target.unwrap_or(c.floor) + better);
        }
        6 => c.weights[rng.random_range(0..3)] = pick(rng, &['h', 's', 'a']),
        7 => match &mut c.condition {
            Some(condition) if chance(rng, 60) => condition.limit += step,
            condition => *condition = chance(rng, 30).then(|| limit(rng)),
        },
        8 => c.max_age = chance(rng, 70).then(|| ONE * i128::from(rng.random_range(1_u32..3))),
        9 if c.target.is_some() => {
            let add = chance(rng, 60);
            match c.extra.last_mut() {
                Some(check) if !add => check.limit += step,
                _ if add => c.extra.push(limit(rng)),
                _ => {}
            }
        }
        10 if c.target.is_none() => {
            c.op = match (c.op, sign) {
                ("ge", _) => "gt",
                ("gt", _) => "ge",
                ("le", _) => "lt",
                _ => "le",
            };
        }
        _ => {}
    }
}

/// A value from `low` to `high` tenths of the band above the floor.
fn near(rng: &mut ChaCha8Rng, c: &NaiveCriterion, low: i128, high: i128) -> i128 {
    let sign = if c.op == "ge" || c.op == "gt" { 1 } else { -1 };
    let width = c.target.map_or(ONE, |t| (t - c.floor).abs());
    let tenths = i64::try_from(low).unwrap()..=i64::try_from(high).unwrap();
    c.floor + sign * width * i128::from(rng.random_range(tenths)) / 10
}

// ---- the same case for the real evaluator ---------------------------------------------------

fn decimal(billionths: i128) -> Decimal {
    let digits = format!("{:010}", billionths.abs());
    let (whole, fraction) = digits.split_at(digits.len() - 9);
    let sign = if billionths < 0 { "-" } else { "" };
    format!("{sign}{whole}.{fraction}").parse().unwrap()
}

fn key_of(key: Key) -> MetricKey {
    let (_, metric, sample) = KEYS.iter().find(|(k, _, _)| *k == key).unwrap();
    MetricKey::new(*metric, *sample)
}

fn op_of(op: &str) -> Op {
    match op {
        "ge" => Op::Ge,
        "le" => Op::Le,
        "gt" => Op::Gt,
        _ => Op::Lt,
    }
}

fn weight_of(weight: char) -> Enforcement {
    match weight {
        'h' => Enforcement::Hard,
        's' => Enforcement::Soft,
        _ => Enforcement::Advisory,
    }
}

/// The case as a policy and facts.
pub fn real(case: &NaiveCase) -> (Policy, Facts) {
    let criteria = case
        .criteria
        .iter()
        .map(|c| Criterion {
            id: CriterionId::new(&c.id).unwrap(),
            metric: key_of(c.key).metric,
            sample: key_of(c.key).sample,
            op: op_of(c.op),
            floor: decimal(c.floor),
            target: c.target.map(decimal),
            guard: decimal(c.guard),
            reject_margin: decimal(c.margin),
            reject: c.reject.map(decimal),
            implausible_beyond: c.most.map(decimal),
            unit: key_of(c.key).metric.unit(),
            enforcement: Weights {
                shadow: weight_of(c.weights[0]),
                testnet: weight_of(c.weights[1]),
                live: weight_of(c.weights[2]),
            },
            applicable_if: c.condition.map(|l| Condition {
                metric: key_of(l.key).metric,
                sample: key_of(l.key).sample,
                op: op_of(l.op),
                value: decimal(l.limit),
            }),
            max_age_days: c.max_age.map(|days| u32::try_from(days / ONE).unwrap()),
            extra_checks: c
                .extra
                .iter()
                .map(|l| ExtraCheck {
                    metric: key_of(l.key).metric,
                    sample: key_of(l.key).sample,
                    op: op_of(l.op),
                    floor: decimal(l.limit),
                })
                .collect(),
            control_refs: Vec::new(),
            rationale: String::new(),
            line: 1,
        })
        .collect();
    let policy = Policy {
        profile: ProfileId::new("random").unwrap(),
        version: "1".to_owned(),
        description: String::new(),
        file: "random.toml".to_owned(),
        conventions: conventions(),
        criteria,
    };
    let facts = case.facts.iter().map(|(key, f)| {
        let key = key_of(key);
        let right = key.metric.unit();
        let wrong = if right == Unit::Days {
            Unit::Ratio
        } else {
            Unit::Days
        };
        Fact {
            metric: key.metric,
            sample: key.sample,
            value: f.value.map(decimal),
            unit: if f.unit_is_right { right } else { wrong },
            undefined: f.value.is_none().then_some(Undefined::ZeroVariance),
            deviates: f.deviates,
            source: "random".to_owned(),
        }
    });
    (policy, Facts::new(facts).unwrap())
}

fn conventions() -> GateConventions {
    GateConventions {
        risk_free: decimal(0),
        fee_min: decimal(0),
        slippage_min: decimal(0),
        crash_severity: decimal(0),
        vol_spike_severity: decimal(0),
        vol_spike_window: 1,
        mc_method: "simple".to_owned(),
        mc_runs: 1,
        mc_block: "cube_root".to_owned(),
        mc_sharpe_floor: decimal(0),
        contract_width_max: None,
    }
}

/// In how many cases something occurred: zones, verdicts, and `extra_checks_passed`.
pub type Seen = BTreeMap<&'static str, u64>;

/// Holds the real evaluator against the naive one on cases `from..to`; also with the criteria
/// turned round, which must change nothing. Panics at the first difference, naming the case.
pub fn agree(from: u64, to: u64) -> Seen {
    let mut seen = Seen::new();
    for n in from..to {
        let case = random_case(n);
        let (zones, waved_through, verdict) = naive(&case);
        let (policy, facts) = real(&case);
        let judge = if case.bare { evaluate_bare } else { evaluate };
        let target = Target::ALL[case.target];
        let guard = case.guard.map(decimal);
        let answer = judge(&policy, &facts, target, guard.as_ref());
        let real_zones: BTreeMap<String, &'static str> = answer
            .criteria
            .iter()
            .map(|j| (j.id.to_string(), j.zone.as_str()))
            .collect();
        assert_eq!(real_zones, zones, "zones of case {n}: {case:#?}");
        assert_eq!(answer.status(), verdict, "verdict of case {n}: {case:#?}");
        let passed = answer
            .criteria
            .iter()
            .any(|j| j.reason.as_deref() == Some(EXTRA_CHECKS_PASSED));
        assert_eq!(passed, waved_through, "extra checks of case {n}: {case:#?}");

        let mut turned = policy.clone();
        turned.criteria.reverse();
        let again = judge(&turned, &facts, target, guard.as_ref());
        assert_eq!(again, answer, "order matters in case {n}: {case:#?}");

        let mut here: Vec<&'static str> = zones.into_values().collect();
        here.push(verdict.split("_TO_").next().unwrap());
        if waved_through {
            here.push(EXTRA_CHECKS_PASSED);
        }
        here.sort_unstable();
        here.dedup();
        for what in here {
            *seen.entry(what).or_insert(0) += 1;
        }
    }
    seen
}
