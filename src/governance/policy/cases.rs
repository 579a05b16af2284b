//! Policy test cases: what a policy must say about given facts, written by risk officers in TOML.
//!
//! In: a file of cases and a policy set. Out: per case, the differences between what was expected
//! and what the evaluator said; none means passed. docs/policies.md describes the format. Cases
//! name a profile, not a file, so the same cases hold a draft against the set in force.

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

use super::deny::DenyRule;
use super::evaluate::{evaluate, evaluate_bare};
use super::load::{text_of, top, with_table};
use super::problem::PolicyError;
use super::set::PolicySet;
use super::source::{Entry, Fields, Placed, Source};
use super::verdict::{Judgement, Verdict};
use crate::evidence::facts::{Fact, Facts};
use crate::evidence::limits::{self, Limits};
use crate::evidence::settings::{Setting, Settings};
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::ProfileId;
use crate::kernel::text::visible;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricKey, Sample, Undefined};

/// One case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it shows, in words.
    pub name: String,
    /// File it stands in.
    pub file: String,
    /// Line where it begins.
    pub line: usize,
    /// Judged by the policy of this profile.
    pub profile: ProfileId,
    /// For this target.
    pub target: Target,
    /// True when the facts are derived by the gate: an unknown condition is then true.
    pub derived: bool,
    /// Guard in force, where too many looks made it grow.
    pub guard: Option<Decimal>,
    /// The facts.
    pub facts: Facts,
    /// What would be traded with, where deny rules are asked.
    pub settings: Option<Settings>,
    /// The checklist items that are confirmed, where rules about them are asked.
    pub confirmed: Option<Vec<String>>,
    /// What is expected.
    pub expect: Expectation,
}

/// What a case expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// `REJECT`, `REVISE` or `PROMOTE_TO_X`.
    pub verdict: String,
    /// Per criterion: the zone.
    pub zones: Vec<(String, String)>,
    /// Per criterion: the score, and with how many decimals it is written.
    pub scores: Vec<(String, Decimal, u32)>,
    /// Per criterion: the reason.
    pub reasons: Vec<(String, String)>,
    /// The deny rules that are hit, sorted; none where they are not asked.
    pub denied: Option<Vec<String>>,
}

/// One case, run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// The verdict; none when the set has no policy for the profile.
    pub verdict: Option<Verdict>,
    /// What differs from the expectation, in words; empty when the case passed.
    pub differences: Vec<String>,
}

impl CaseResult {
    /// True when nothing differs.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Runs `case` against `set`.
#[must_use]
pub fn run_case(set: &PolicySet, case: &Case) -> CaseResult {
    let Some(policy) = set.policy(&case.profile) else {
        return CaseResult {
            verdict: None,
            differences: vec![format!("the set has no policy for `{}`", case.profile)],
        };
    };
    let judge = if case.derived {
        evaluate
    } else {
        evaluate_bare
    };
    let verdict = judge(policy, &case.facts, case.target, case.guard.as_ref());
    let mut differences = differences(&case.expect, &verdict);
    differences.extend(denied(set, case));
    CaseResult {
        verdict: Some(verdict),
        differences,
    }
}

fn differences(expect: &Expectation, verdict: &Verdict) -> Vec<String> {
    let mut found = Vec::new();
    if verdict.status() != expect.verdict {
        found.push(format!(
            "verdict {}, expected {}",
            verdict.status(),
            expect.verdict
        ));
    }
    let mut compare = |id: &str, what: &str, wanted: &str, of: &dyn Fn(&Judgement) -> String| {
        let criterion = verdict.criteria.iter().find(|j| j.id.as_str() == id);
        let got = criterion.map_or_else(|| "no such criterion".to_owned(), of);
        if got != wanted {
            found.push(format!("{id}: {what} {got}, expected {wanted}"));
        }
    };
    for (id, zone) in &expect.zones {
        compare(id, "zone", zone, &|j| j.zone.as_str().to_owned());
    }
    for (id, score, decimals) in &expect.scores {
        let wanted = score.to_fixed(*decimals);
        compare(id, "score", &wanted, &|j| match &j.score {
            Some(score) => score.to_fixed(*decimals),
            None => "none".to_owned(),
        });
    }
    for (id, reason) in &expect.reasons {
        compare(id, "reason", reason, &|j| {
            j.reason.clone().unwrap_or_else(|| "none".to_owned())
        });
    }
    found
}

/// What differs in the deny rules that are hit. Without settings or confirmed items the rules
/// about them are not asked.
fn denied(set: &PolicySet, case: &Case) -> Option<String> {
    let expected = case.expect.denied.as_ref()?;
    let settings = |rule: &&DenyRule| {
        let known = case.settings.as_ref();
        known.is_some_and(|known| rule.hits_settings(case.target, known))
    };
    let open = |rule: &&DenyRule| {
        let (wanted, known) = (rule.wants(case.target), case.confirmed.as_ref());
        let both = wanted.zip(known);
        both.is_some_and(|(item, known)| !known.iter().any(|id| id == item.as_str()))
    };
    let hit = |rule: &&DenyRule| {
        settings(rule) || rule.hits_facts(case.target, &case.facts) || open(rule)
    };
    let rules = set.deny().rules.iter().filter(hit);
    let mut found: Vec<String> = rules.map(|rule| rule.id.to_string()).collect();
    found.sort();
    (found != *expected).then(|| {
        let (found, expected) = (found.join(", "), expected.join(", "));
        format!("denied by [{found}], expected [{expected}]")
    })
}

/// Reads the cases of `file`.
///
/// # Errors
/// Every problem in it.
pub fn load_cases(file: &str, bytes: &[u8]) -> Result<Vec<Case>, Vec<PolicyError>> {
    let text = text_of(file, bytes).map_err(|e| vec![*e])?;
    with_table(file, text, read_cases)
}

fn read_cases<'t>(source: &mut Source<'t>, root: &DeTable<'t>) -> Option<Vec<Case>> {
    let mut fields = source.fields(top(source.text), root);
    let tables = fields
        .required(source, "case")
        .and_then(|e| source.array(&e))
        .unwrap_or_default();
    source.finish(fields);
    let mut cases: Vec<Case> = Vec::new();
    let mut names = BTreeSet::new();
    for entry in tables {
        let place = entry.place.clone();
        let case = source.table(entry).and_then(|t| read_case(source, t));
        if let Some(case) = case {
            if !names.insert(case.name.clone()) {
                let message = format!("case `{}` is there twice", visible(&case.name, 80));
                source.report(&place, "duplicate-case", message);
            }
            cases.push(case);
        }
    }
    Some(cases)
}

fn read_case<'t>(source: &mut Source<'t>, mut fields: Fields<'_, 't>) -> Option<Case> {
    let line = source.line_of(fields.place.span.start);
    let name = fields
        .required(source, "name")
        .and_then(|e| source.string(&e));
    let profile = fields
        .required(source, "profile")
        .and_then(|e| source.parsed::<ProfileId>(&e, "bad-id", ""));
    let target = fields
        .required(source, "target")
        .and_then(|e| source.parsed::<Target>(&e, "unknown-target", ""));
    let derived = match fields.optional("facts") {
        Some(entry) => source.word(
            &entry,
            "unknown-word",
            &[("bare", false), ("derived", true)],
        ),
        None => Some(false),
    };
    let guard = fields.optional("guard").map(|e| source.decimal(&e));
    let facts = fields
        .required(source, "metrics")
        .and_then(|e| source.table(e))
        .and_then(|t| read_facts(source, t));
    let settings = fields.optional("settings").map(|e| {
        let table = source.table(e)?;
        read_settings(source, table)
    });
    let confirmed = fields.optional("confirmed").map(|e| read_names(source, &e));
    let expect = fields
        .required(source, "expect")
        .and_then(|e| source.table(e))
        .and_then(|t| read_expectation(source, t));
    source.finish(fields);
    Some(Case {
        name: name?.value,
        file: source.file.to_owned(),
        line,
        profile: profile?.value,
        target: target?.value,
        derived: derived?,
        guard: match guard {
            None => None,
            Some(found) => Some(found?.value),
        },
        facts: facts?,
        settings: match settings {
            None => None,
            Some(found) => Some(found?),
        },
        confirmed,
        expect: expect?,
    })
}

fn read_facts<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<Facts> {
    let mut facts = Vec::new();
    for (name, entry) in table.rest() {
        let Some(key) = read_key(source, &name) else {
            continue;
        };
        facts.extend(read_fact(source, key, entry));
    }
    // The keys of one table are different, so no fact is there twice.
    Facts::new(facts).ok()
}

/// Settings by name, on a capital of 1; flags are 0 or 1, and what is not named is 0.
fn read_settings<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<Settings> {
    let symbols = table.optional("symbols");
    let mut symbols = symbols.map_or_else(Vec::new, |e| read_names(source, &e));
    symbols.dedup();
    let mut number = |source: &mut Source<'t>, setting: Setting| {
        let entry = table.optional(setting.as_str())?;
        source.value(&entry).map(|found| found.value)
    };
    let mut get = |setting| number(source, setting).unwrap_or_else(Decimal::zero);
    let live_risk = get(Setting::LiveRisk);
    let positions = get(Setting::MaxOpenPositions).to_string();
    let positions = positions.parse().unwrap_or_default();
    let limits = Limits {
        schema: limits::SCHEMA.to_owned(),
        base_currency: "EUR".to_owned(),
        max_order_notional: get(Setting::OrderShare),
        max_symbol_exposure_notional: get(Setting::SymbolShare),
        max_total_exposure_notional: get(Setting::Leverage),
        max_open_positions: positions,
        max_daily_loss_abs: Decimal::zero(),
        max_daily_loss_pct: get(Setting::MaxDailyLossPct),
        block_on_violation: get(Setting::BlockOnViolation).signum() > 0,
    };
    source.finish(table);
    Some(Settings {
        capital: Some(Decimal::from_int(1)),
        symbols,
        limits: (live_risk.signum() > 0).then_some(limits),
    })
}

fn read_key(source: &mut Source<'_>, name: &Placed<&str>) -> Option<MetricKey> {
    let parsed = name.value.split_once(':').map(|(metric, sample)| {
        let metric: Result<Metric, _> = metric.parse();
        let sample: Result<Sample, _> = sample.parse();
        (metric, sample)
    });
    let message = match parsed {
        Some((Ok(metric), Ok(sample))) => {
            let key = MetricKey::new(metric, sample);
            if key.is_known() {
                return Some(key);
            }
            format!("`{metric}` does not exist on sample `{sample}`")
        }
        Some((Err(error), _) | (_, Err(error))) => error.to_string(),
        None => "a key such as \"sharpe:oos\" is wanted".to_owned(),
    };
    source.report(&name.place, "unknown-metric", message);
    None
}

/// A number in the metric's own unit, or a table that says more.
fn read_fact<'t>(source: &mut Source<'t>, key: MetricKey, entry: Entry<'_, 't>) -> Option<Fact> {
    let mut fact = Fact {
        metric: key.metric,
        sample: key.sample,
        value: None,
        unit: key.metric.unit(),
        undefined: None,
        deviates: false,
        source: "test case".to_owned(),
    };
    if !matches!(entry.value, DeValue::Table(_)) {
        fact.value = Some(source.value(&entry)?.value);
        return Some(fact);
    }
    let place = entry.place.clone();
    let mut table = source.table(entry)?;
    let value = table.optional("value").map(|e| source.value(&e));
    let undefined = table.optional("undefined").map(|e| {
        let words = UNDEFINED.map(|u| (u.as_str(), u));
        source.word(&e, "unknown-reason", &words)
    });
    if let Some(entry) = table.optional("unit") {
        let units = [Unit::Fraction, Unit::Ratio, Unit::Count, Unit::Days];
        fact.unit = source.word(&entry, "unknown-unit", &units.map(|u| (u.as_str(), u)))?;
    }
    if let Some(entry) = table.optional("deviates") {
        fact.deviates = source.boolean(&entry)?;
    }
    source.finish(table);
    match (value, undefined) {
        (Some(value), None) => fact.value = Some(value?.value),
        (None, Some(reason)) => fact.undefined = Some(reason?),
        _ => {
            let message = "either `value` or `undefined` is wanted".to_owned();
            source.report(&place, "missing-key", message);
            return None;
        }
    }
    Some(fact)
}

const UNDEFINED: [Undefined; 10] = [
    Undefined::ZeroVariance,
    Undefined::ZeroDenominator,
    Undefined::TooFewObservations,
    Undefined::NotANumber,
    Undefined::Infinite,
    Undefined::OutOfRange,
    Undefined::NoTrades,
    Undefined::Unsupported,
    Undefined::TooWide,
    Undefined::Alone,
];

fn read_expectation<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<Expectation> {
    let verdict = table
        .required(source, "verdict")
        .and_then(|e| source.string(&e));
    let zones = read_words(source, table.optional("zones"));
    let reasons = read_words(source, table.optional("reasons"));
    let scores = table.optional("scores").and_then(|e| source.table(e));
    let mut wanted = Vec::new();
    for (id, entry) in scores.map(|mut t| t.rest()).unwrap_or_default() {
        if let Some(score) = source.decimal(&entry) {
            wanted.push((id.value.to_owned(), score.value, source.decimals(&entry)));
        }
    }
    let denied = table.optional("denied").map(|e| read_names(source, &e));
    source.finish(table);
    Some(Expectation {
        verdict: verdict?.value,
        zones,
        scores: wanted,
        reasons,
        denied,
    })
}

/// A list of names, sorted.
fn read_names<'t>(source: &mut Source<'t>, entry: &Entry<'_, 't>) -> Vec<String> {
    let list = source.array(entry).unwrap_or_default();
    let names = list.iter().filter_map(|e| source.string(e));
    let mut names: Vec<String> = names.map(|name| name.value).collect();
    names.sort();
    names
}

fn read_words<'t>(
    source: &mut Source<'t>,
    entry: Option<Placed<&DeValue<'t>>>,
) -> Vec<(String, String)> {
    let table = entry.and_then(|e| source.table(e));
    let mut words = Vec::new();
    for (id, entry) in table.map(|mut t| t.rest()).unwrap_or_default() {
        if let Some(word) = source.string(&entry) {
            words.push((id.value.to_owned(), word.value));
        }
    }
    words
}
