//! `deny.toml`: reads the deny rules of a set, with every problem in its place.
//!
//! In: the file's bytes. Out: [`DenyRules`]. Every rule says at which targets it holds, what hits it,
//! what is wrong then and what to do.

use toml::de::DeTable;

use super::deny::{DenyRule, DenyRules, When};
use super::load::{OPS, read_question, read_references, text_of, top, with_table};
use super::model::Condition;
use super::problem::PolicyError;
use super::source::{Entry, Fields, Source};
use super::verdict::Op;
use crate::evidence::settings::Setting;
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::ItemId;

/// Name of the file in a policy set.
pub const FILE_NAME: &str = "deny.toml";
/// Most rules.
const RULES_MAX: usize = 200;

/// Reads `deny.toml`.
///
/// # Errors
/// Every problem in it.
pub fn load_deny(file: &str, bytes: &[u8]) -> Result<DenyRules, Vec<PolicyError>> {
    let text = text_of(file, bytes).map_err(|e| vec![*e])?;
    with_table(file, text, read)
}

fn read<'t>(source: &mut Source<'t>, root: &DeTable<'t>) -> Option<DenyRules> {
    let mut fields = source.fields(top(source.text), root);
    let version = fields
        .required(source, "version")
        .and_then(|e| source.string(&e));
    let list = fields.required(source, "deny");
    let place = list.as_ref().map(|e| e.place.clone());
    let tables = list.and_then(|e| source.array(&e));
    source.finish(fields);
    let tables = tables?;
    if let Some(place) = place.filter(|_| tables.len() > RULES_MAX) {
        let message = format!("{} rules, the limit is {RULES_MAX}", tables.len());
        source.report(&place, "too-large", message);
        return None;
    }
    let mut rules: Vec<DenyRule> = Vec::new();
    for entry in tables {
        let place = entry.place.clone();
        let Some(rule) = source.table(entry).and_then(|t| read_rule(source, t)) else {
            continue;
        };
        if rules.iter().any(|other| other.id == rule.id) {
            let message = format!("`{}` stands there twice", rule.id);
            source.report(&place, "duplicate-id", message);
        }
        rules.push(rule);
    }
    Some(DenyRules {
        version: version?.value,
        rules,
    })
}

fn read_rule<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<DenyRule> {
    let line = source.line_of(table.place.span.start);
    let id = table
        .required(source, "id")
        .and_then(|e| source.parsed::<ItemId>(&e, "bad-id", ""));
    let targets = table
        .required(source, "targets")
        .and_then(|e| read_targets(source, &e));
    let when = table
        .required(source, "when")
        .and_then(|e| source.table(e))
        .and_then(|t| read_when(source, t));
    let mut text = |source: &mut Source<'t>, name| {
        let entry = table.required(source, name)?;
        let text = source.string(&entry)?;
        if text.value.trim().is_empty() {
            source.report(&entry.place, "bad-text", "is empty".to_owned());
        }
        Some(text.value)
    };
    let (message, remedy) = (text(source, "message"), text(source, "remedy"));
    let control_refs = read_references(source, &mut table);
    source.finish(table);
    Some(DenyRule {
        id: id?.value,
        targets: targets?,
        when: when?,
        message: message?,
        remedy: remedy?,
        control_refs,
        line,
    })
}

fn read_targets<'t>(source: &mut Source<'t>, entry: &Entry<'_, 't>) -> Option<Vec<Target>> {
    let words = [
        ("shadow", Target::Shadow),
        ("testnet", Target::Testnet),
        ("live", Target::Live),
    ];
    let mut targets: Vec<Target> = source
        .array(entry)?
        .iter()
        .filter_map(|e| source.word(e, "unknown-target", &words))
        .collect();
    targets.sort();
    targets.dedup();
    if targets.is_empty() {
        let message = "names no target: the rule would hold nowhere".to_owned();
        source.report(&entry.place, "missing-target", message);
        return None;
    }
    Some(targets)
}

fn read_when<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<When> {
    let when = if let Some(entry) = table.optional("setting") {
        let setting = source.word(&entry, "unknown-setting", &Setting::ALL);
        setting.and_then(|setting| read_setting(source, &mut table, setting))
    } else if let Some(entry) = table.optional("symbols_beyond") {
        let list = source.array(&entry)?;
        let names = list.iter().filter_map(|e| source.string(e));
        let mut names: Vec<String> = names.map(|name| name.value).collect();
        names.sort();
        names.dedup();
        Some(When::SymbolsBeyond(names))
    } else if let Some(entry) = table.optional("unconfirmed") {
        let item = source.parsed::<ItemId>(&entry, "bad-id", "");
        item.map(|item| When::Unconfirmed(item.value))
    } else {
        let question = read_question(source, &mut table, "value");
        question.map(|question| {
            When::Fact(Condition {
                metric: question.metric,
                sample: question.sample,
                op: question.op,
                value: question.limit.value,
            })
        })
    };
    source.finish(table);
    when
}

/// A flag `is` true or false; a number compares.
fn read_setting<'t>(
    source: &mut Source<'t>,
    table: &mut Fields<'_, 't>,
    setting: Setting,
) -> Option<When> {
    if setting.is_flag() {
        let entry = table.required(source, "is")?;
        let (op, value) = match source.boolean(&entry)? {
            true => (Op::Ge, 1),
            false => (Op::Lt, 1),
        };
        let value = Decimal::from_int(value);
        return Some(When::Setting { setting, op, value });
    }
    let op = table.required(source, "op");
    let op = op.and_then(|e| source.word(&e, "unknown-op", &OPS));
    let value = table.required(source, "value");
    let value = value.and_then(|e| source.decimal(&e));
    Some(When::Setting {
        setting,
        op: op?,
        value: value?.value,
    })
}
