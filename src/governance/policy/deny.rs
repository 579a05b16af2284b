//! Deny rules: what no request may have, whatever its figures.
//!
//! In: the rules of a set, and what is known of a request: settings, facts, checklist items. Out:
//! the rules that are hit. A criterion weighs a figure and may be overridden; a deny rule is a red
//! line without bands. Keeps: what is not known keeps no rule, so it hits.

use serde::Serialize;

use super::model::Condition;
use super::verdict::Op;
use crate::evidence::facts::Facts;
use crate::evidence::settings::{Setting, Settings};
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::ItemId;
use crate::metrics::MetricKey;

/// When a rule is hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// A setting compares so.
    Setting {
        /// Which.
        setting: Setting,
        /// Comparison.
        op: Op,
        /// With this value.
        value: Decimal,
    },
    /// A market is traded that is not in this list.
    SymbolsBeyond(Vec<String>),
    /// A judged value compares so.
    Fact(Condition),
    /// A checklist item before the target is not confirmed, or is not there.
    Unconfirmed(ItemId),
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DenyRule {
    /// Name, unique in the file.
    pub id: ItemId,
    /// Targets at which it holds; at least one, sorted.
    pub targets: Vec<Target>,
    /// When it is hit.
    pub when: When,
    /// What is wrong then.
    pub message: String,
    /// What to do.
    pub remedy: String,
    /// Controls that it answers, for auditors.
    pub control_refs: Vec<String>,
    /// Line of the file where it begins, from 1.
    pub line: usize,
}

impl DenyRule {
    /// True when the settings hit it at `target`.
    #[must_use]
    pub fn hits_settings(&self, target: Target, settings: &Settings) -> bool {
        self.holds_at(target)
            && match &self.when {
                When::Setting { setting, op, value } => settings
                    .get(*setting)
                    .is_none_or(|known| op.holds(&known.above, &known.below.times(value))),
                When::SymbolsBeyond(list) => {
                    settings.symbols.is_empty()
                        || settings.symbols.iter().any(|s| !list.contains(s))
                }
                When::Fact(_) | When::Unconfirmed(_) => false,
            }
    }

    /// True when the facts hit it at `target`.
    #[must_use]
    pub fn hits_facts(&self, target: Target, facts: &Facts) -> bool {
        let When::Fact(condition) = &self.when else {
            return false;
        };
        let fact = facts.get(MetricKey::new(condition.metric, condition.sample));
        let fact = fact.filter(|fact| fact.unit == condition.metric.unit());
        let value = fact.and_then(|fact| fact.value.as_ref());
        self.holds_at(target)
            && value.is_none_or(|value| condition.op.holds(&value.judged(), &condition.value))
    }

    /// The item that it wants confirmed at `target`.
    #[must_use]
    pub fn wants(&self, target: Target) -> Option<&ItemId> {
        match &self.when {
            When::Unconfirmed(item) if self.holds_at(target) => Some(item),
            _ => None,
        }
    }

    fn holds_at(&self, target: Target) -> bool {
        self.targets.contains(&target)
    }

    /// The condition in words.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.when {
            When::Setting { setting, op, value } if setting.is_flag() => {
                let off = op.holds(&Decimal::zero(), value);
                format!(
                    "{} is {}",
                    setting.as_str(),
                    if off { "false" } else { "true" }
                )
            }
            When::Setting { setting, op, value } => {
                format!("{} {} {value}", setting.as_str(), op.sign())
            }
            When::SymbolsBeyond(list) => format!("a symbol beyond {}", list.join(", ")),
            When::Fact(c) => format!("{}:{} {} {}", c.metric, c.sample, c.op.sign(), c.value),
            When::Unconfirmed(item) => format!("checklist item {item} is not confirmed"),
        }
    }
}

/// The rules of a set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DenyRules {
    /// Version, for people.
    pub version: String,
    /// The rules, in the order of the file.
    pub rules: Vec<DenyRule>,
}

impl DenyRules {
    /// The first rule that the facts hit.
    #[must_use]
    pub fn by_facts(&self, target: Target, facts: &Facts) -> Option<&DenyRule> {
        let mut rules = self.rules.iter();
        rules.find(|rule| rule.hits_facts(target, facts))
    }

    /// The first rule that the settings hit.
    #[must_use]
    pub fn by_settings(&self, target: Target, settings: &Settings) -> Option<&DenyRule> {
        let mut rules = self.rules.iter();
        rules.find(|rule| rule.hits_settings(target, settings))
    }

    /// The rule of that name.
    #[must_use]
    pub fn rule(&self, id: &ItemId) -> Option<&DenyRule> {
        self.rules.iter().find(|rule| rule.id == *id)
    }
}
