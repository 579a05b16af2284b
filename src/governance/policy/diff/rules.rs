//! Changes in `roles.toml`, leaf by leaf: which way is stricter is a closed table; a rule that the
//! table does not know loosens, whichever way it moves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Change, Direction};
use crate::governance::policy::roles::Rules;
use crate::governance::stage::Target;
use crate::kernel::id::ProfileId;

/// Which way a rule is stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stricter {
    /// A larger number.
    More,
    /// A smaller number.
    Less,
    /// `true`.
    On,
    /// `false`.
    Off,
    /// An earlier target.
    Earlier,
    /// Only words.
    Words,
}

/// Last words of a rule's path and which way is stricter.
const TABLE: [(&str, Stricter); 23] = [
    ("version", Stricter::Words),
    ("requester_fills_no_slot", Stricter::On),
    ("one_role_per_person", Stricter::On),
    ("persons", Stricter::More),
    ("time_lock_hours", Stricter::More),
    ("witnesses", Stricter::More),
    ("ttl_hours", Stricter::Less),
    ("head_age_hours_max", Stricter::Less),
    ("ttl_days", Stricter::Less),
    ("cool_off_days", Stricter::More),
    ("looks_max", Stricter::Less),
    ("shadow_dwell_days", Stricter::More),
    ("testnet_dwell_days", Stricter::More),
    ("rerun_from", Stricter::Earlier),
    ("registered_data_from", Stricter::Earlier),
    ("reduced_allowed", Stricter::Off),
    ("slots", Stricter::More),
    ("days", Stricter::Less),
    ("warn_days", Stricter::More),
    ("grace_days", Stricter::Less),
    ("hours_max", Stricter::Less),
    ("review_days", Stricter::Less),
    ("ahead_hours_max", Stricter::Less),
];

/// What changed in the rules.
pub(super) fn changes(old: &Rules, new: &Rules) -> Vec<Change> {
    let profiles = old
        .certificate_profile
        .keys()
        .chain(new.certificate_profile.keys());
    let profiles: BTreeSet<&ProfileId> = profiles.collect();
    let (before, after) = (leaves(old, &profiles), leaves(new, &profiles));
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut changes = Vec::new();
    for path in paths {
        let (a, b) = (before.get(path), after.get(path));
        if a == b {
            continue;
        }
        let shown = (a.map(shown), b.map(shown));
        let direction = direction(path, a, b, &before);
        changes.push(Change::new("roles", path, shown, direction));
    }
    changes
}

fn direction(
    path: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    old: &BTreeMap<String, Value>,
) -> Direction {
    let verdict = |tighter: bool| match tighter {
        true => Direction::Tightens,
        false => Direction::Loosens,
    };
    let Some(stricter) = stricter(path) else {
        return Direction::Loosens;
    };
    match (before, after) {
        // One more slot in a quorum that was there.
        (None, Some(_)) if path.contains(".slots.") => {
            let quorum = path.split(".slots.").next().unwrap_or_default();
            verdict(old.contains_key(&format!("{quorum}.persons")))
        }
        (Some(a), Some(b)) => match stricter {
            Stricter::Words => Direction::Wording,
            Stricter::More => verdict(b.as_u64() > a.as_u64()),
            Stricter::Less => verdict(b.as_u64() < a.as_u64()),
            Stricter::On => verdict(b.as_bool() == Some(true)),
            Stricter::Off => verdict(b.as_bool() == Some(false)),
            Stricter::Earlier => verdict(match (target(a), target(b)) {
                (Some(a), Some(b)) => b < a,
                _ => false,
            }),
        },
        _ => Direction::Loosens,
    }
}

fn target(value: &Value) -> Option<Target> {
    value.as_str()?.parse().ok()
}

fn stricter(path: &str) -> Option<Stricter> {
    let name = if path.contains(".slots.") {
        "slots"
    } else {
        path.rsplit('.').next().unwrap_or_default()
    };
    TABLE.iter().find(|(n, _)| *n == name).map(|(_, s)| *s)
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => crate::kernel::text::visible(text, 80),
        other => other.to_string(),
    }
}

/// Every leaf with its dotted path. Certificates of `profiles` stand there as they are in force, so
/// that rules of its own are compared with those that held for the profile without them.
fn leaves(rules: &Rules, profiles: &BTreeSet<&ProfileId>) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut general = rules.clone();
    general.certificate_profile.clear();
    // Plain data without maps of other keys than text: it always serialises.
    if let Ok(value) = serde_json::to_value(&general) {
        collect("", value, &mut found);
    }
    for profile in profiles {
        for target in Target::ALL {
            let own = rules.certificate_of(profile, target);
            if let Ok(value) = serde_json::to_value(own) {
                let path = format!("certificate.profile.{profile}.{target}");
                collect(&path, value, &mut found);
            }
        }
    }
    found
}

fn collect(path: &str, value: Value, found: &mut BTreeMap<String, Value>) {
    let Value::Object(map) = value else {
        found.insert(path.to_owned(), value);
        return;
    };
    for (name, inner) in map {
        let path = if path.is_empty() {
            name
        } else {
            format!("{path}.{name}")
        };
        collect(&path, inner, found);
    }
}
