//! Changes in the deny rules: a rule more, or one that holds at more targets, is stricter; a rule
//! gone or with another condition is not shown to be stricter.

use std::collections::BTreeSet;

use super::{Change, Direction};
use crate::governance::policy::deny::{DenyRule, DenyRules};
use crate::kernel::id::ItemId;
use crate::kernel::text::visible;

/// What changed in the deny rules.
pub(super) fn changes(old: &DenyRules, new: &DenyRules) -> Vec<Change> {
    let mut changes = Vec::new();
    if old.version != new.version && !(old.rules.is_empty() || new.rules.is_empty()) {
        let version = |rules: &DenyRules| Some(visible(&rules.version, 80));
        let shown = (version(old), version(new));
        changes.push(Change::new("deny", "version", shown, Direction::Wording));
    }
    let both = old.rules.iter().chain(&new.rules);
    let ids: BTreeSet<&ItemId> = both.map(|rule| &rule.id).collect();
    for id in ids {
        let (a, b) = (old.rule(id), new.rule(id));
        let direction = match (a, b) {
            (Some(a), Some(b)) if same(a, b) => continue,
            (None, Some(_)) => Direction::Tightens,
            (Some(a), Some(b)) => direction(a, b),
            _ => Direction::Loosens,
        };
        let shown = (a.map(words), b.map(words));
        changes.push(Change::new(&format!("deny {id}"), "", shown, direction));
    }
    changes
}

/// The same but for where it stands.
fn same(a: &DenyRule, b: &DenyRule) -> bool {
    let texts = a.message == b.message && a.remedy == b.remedy && a.control_refs == b.control_refs;
    a.when == b.when && a.targets == b.targets && texts
}

fn direction(a: &DenyRule, b: &DenyRule) -> Direction {
    if a.when != b.when || !a.targets.iter().all(|target| b.targets.contains(target)) {
        return Direction::Loosens;
    }
    match a.targets == b.targets {
        true => Direction::Wording,
        false => Direction::Tightens,
    }
}

fn words(rule: &DenyRule) -> String {
    let targets: Vec<String> = rule.targets.iter().map(ToString::to_string).collect();
    let text = format!(
        "{} for {}: {}",
        rule.words(),
        targets.join(", "),
        rule.message
    );
    visible(&text, 240)
}
