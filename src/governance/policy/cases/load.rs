//! Reads a file of policy test cases, with every problem found at once, each with its place.
//!
//! In: the name and the text of a file. Out: cases, or what is wrong with them. A fact is written
//! as a policy would judge it; one without a value says why.

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

use super::{Case, Expectation};
use crate::evidence::facts::{Fact, Facts};
use crate::evidence::limits::{self, Limits};
use crate::evidence::settings::{Setting, Settings};
use crate::governance::policy::load::{text_of, top, with_table};
use crate::governance::policy::problem::PolicyError;
use crate::governance::policy::source::{Entry, Fields, Placed, Source};
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::ProfileId;
use crate::kernel::text::visible;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricKey, Sample, Undefined};

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
