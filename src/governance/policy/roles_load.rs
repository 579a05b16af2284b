//! Reads `roles.toml` with every problem found at once, each with its place.
//!
//! In: the file's bytes. Out: [`Rules`]. No quorum is 0 or missing, no preset and no target is
//! left out, and as many different persons are wanted as there are slots: a rule that is not
//! written never counts as fulfilled.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::load::{text_of, top, with_table};
use super::problem::PolicyError;
use super::roles::{
    ApprovalRules, Assurance, CertificateRules, ClockRules, OverrideRules, Quorum, RequestRules,
    Role, Rules, Separation,
};
use super::source::{Entry, Fields, Source};
use crate::governance::stage::Target;
use crate::kernel::id::{ProfileId, is_identifier};
use crate::kernel::text::visible;

/// Name of the file in a policy set.
pub const FILE_NAME: &str = "roles.toml";
/// Quorum presets that `promote init` offers; both must be there.
pub const PRESETS: [&str; 2] = ["playbook", "regulated"];

const TARGETS: [(&str, Target); 3] = [
    ("shadow", Target::Shadow),
    ("testnet", Target::Testnet),
    ("live", Target::Live),
];
const SLOTS: [(&str, Role); 4] = [
    ("research", Role::Research),
    ("risk", Role::Risk),
    ("ops", Role::Ops),
    ("authoriser", Role::Authoriser),
];

/// Reads `roles.toml`.
///
/// # Errors
/// Every problem in it.
pub fn load_rules(file: &str, bytes: &[u8]) -> Result<Rules, Vec<PolicyError>> {
    let text = text_of(file, bytes).map_err(|e| vec![*e])?;
    with_table(file, text, read_rules)
}

fn read_rules<'t>(source: &mut Source<'t>, root: &DeTable<'t>) -> Option<Rules> {
    let mut fields = source.fields(top(source.text), root);
    let version = fields
        .required(source, "version")
        .and_then(|e| source.string(&e));
    let mut table = |source: &mut Source<'t>, name| {
        let entry = fields.required(source, name)?;
        source.table(entry)
    };
    let separation = table(source, "separation").and_then(|t| read_separation(source, t));
    let quorum = table(source, "quorum").and_then(|t| read_presets(source, t));
    let approval = table(source, "approval").and_then(|t| per_target(source, t, read_approval));
    let request = table(source, "request").and_then(|t| read_request(source, t));
    let certificate = table(source, "certificate").and_then(|t| read_certificates(source, t));
    let overrides = table(source, "override").and_then(|t| read_override(source, t));
    let clock = table(source, "clock").and_then(|t| read_clock(source, t));
    let assurance = table(source, "assurance").and_then(|t| read_assurance(source, t));
    source.finish(fields);
    let (certificate, certificate_profile) = certificate?;
    Some(Rules {
        version: version?.value,
        separation: separation?,
        quorum: quorum?,
        approval: approval?,
        request: request?,
        certificate,
        certificate_profile,
        overrides: overrides?,
        clock: clock?,
        assurance: assurance?,
    })
}

fn read_separation<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<Separation> {
    let mut flag = |source: &mut Source<'t>, name| {
        let entry = table.required(source, name)?;
        source.boolean(&entry)
    };
    let requester = flag(source, "requester_fills_no_slot");
    let one_role = flag(source, "one_role_per_person");
    source.finish(table);
    Some(Separation {
        requester_fills_no_slot: requester?,
        one_role_per_person: one_role?,
    })
}

fn read_presets<'t>(
    source: &mut Source<'t>,
    mut table: Fields<'_, 't>,
) -> Option<BTreeMap<String, BTreeMap<Target, Quorum>>> {
    for preset in PRESETS {
        if table.has(preset) {
            continue;
        }
        let message = format!("quorum preset `{preset}` is missing");
        source.report(&table.place.clone(), "missing-quorum", message);
    }
    let mut presets = BTreeMap::new();
    for (name, entry) in table.rest() {
        if !is_identifier(name.value) {
            let message = format!("`{}` is not a name for a preset", visible(name.value, 60));
            source.report(&name.place, "bad-id", message);
        }
        if let Some(targets) = source.table(entry)
            && let Some(preset) = per_target(source, targets, read_quorum)
        {
            presets.insert(name.value.to_owned(), preset);
        }
    }
    Some(presets)
}

/// Reads a table with exactly the keys `shadow`, `testnet` and `live`.
fn per_target<'v, 't, T>(
    source: &mut Source<'t>,
    mut table: Fields<'v, 't>,
    read: impl Fn(&mut Source<'t>, Fields<'v, 't>) -> Option<T>,
) -> Option<BTreeMap<Target, T>> {
    let mut found = BTreeMap::new();
    for (name, target) in TARGETS {
        let value = table
            .required(source, name)
            .and_then(|e| source.table(e))
            .and_then(|t| read(source, t));
        if let Some(value) = value {
            found.insert(target, value);
        }
    }
    source.finish(table);
    (found.len() == TARGETS.len()).then_some(found)
}

fn read_quorum<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<Quorum> {
    let slots = table
        .required(source, "slots")
        .and_then(|e| read_slots(source, e));
    let persons_entry = table.required(source, "persons");
    let persons = persons_entry.as_ref().and_then(|e| source.whole(e, 1));
    let time_lock_hours = table
        .required(source, "time_lock_hours")
        .and_then(|e| source.whole(&e, 0));
    let witnesses = table
        .required(source, "witnesses")
        .and_then(|e| source.whole(&e, 0));
    source.finish(table);
    let slots = slots?;
    let sum: u32 = slots.values().sum();
    if let (Some(persons), Some(entry)) = (persons, &persons_entry)
        && persons < sum
    {
        let message = format!("`{persons}` persons cannot fill {sum} slots: one person fills one");
        let hint = format!("write persons = {sum}");
        source.report_hint(&entry.place, "too-few-persons", message, Some(hint));
    }
    Some(Quorum {
        slots,
        persons: persons?,
        time_lock_hours: time_lock_hours?,
        witnesses: witnesses?,
    })
}

fn read_slots<'t>(source: &mut Source<'t>, entry: Entry<'_, 't>) -> Option<BTreeMap<Role, u32>> {
    let place = entry.place.clone();
    let mut table = source.table(entry)?;
    let mut slots = BTreeMap::new();
    let named = !table.is_empty();
    for (name, role) in SLOTS {
        let Some(entry) = table.optional(name) else {
            continue;
        };
        if source.text.get(entry.place.span.clone()) == Some("0") {
            let message = format!("a quorum of 0 for `{name}` would approve by itself");
            let hint = "write 1 or more, or leave the role out";
            source.report_hint(&entry.place, "quorum-zero", message, Some(hint.to_owned()));
            continue;
        }
        if let Some(count) = source.whole(&entry, 1) {
            slots.insert(role, count);
        }
    }
    source.finish(table);
    if !named {
        let message = "no slot at all: everything would be approved".to_owned();
        source.report(&place, "missing-quorum", message);
    }
    Some(slots)
}

fn read_approval<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<ApprovalRules> {
    let mut hours = |source: &mut Source<'t>, name| {
        let entry = table.required(source, name)?;
        source.whole(&entry, 1)
    };
    let ttl_hours = hours(source, "ttl_hours");
    let head_age_hours_max = hours(source, "head_age_hours_max");
    source.finish(table);
    Some(ApprovalRules {
        ttl_hours: ttl_hours?,
        head_age_hours_max: head_age_hours_max?,
    })
}

fn read_request<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<RequestRules> {
    let mut number = |source: &mut Source<'t>, name, least| {
        let entry = table.required(source, name)?;
        source.whole(&entry, least)
    };
    let ttl_days = number(source, "ttl_days", 1);
    let cool_off_days = number(source, "cool_off_days", 0);
    let looks_max = number(source, "looks_max", 1);
    let shadow_dwell_days = number(source, "shadow_dwell_days", 0);
    let testnet_dwell_days = number(source, "testnet_dwell_days", 0);
    source.finish(table);
    Some(RequestRules {
        ttl_days: ttl_days?,
        cool_off_days: cool_off_days?,
        looks_max: looks_max?,
        shadow_dwell_days: shadow_dwell_days?,
        testnet_dwell_days: testnet_dwell_days?,
    })
}

type Certificates = BTreeMap<Target, CertificateRules>;

/// The rules of every stage, and those of single profiles in `profile`, for as many stages as differ.
fn read_certificates<'t>(
    source: &mut Source<'t>,
    mut table: Fields<'_, 't>,
) -> Option<(Certificates, BTreeMap<ProfileId, Certificates>)> {
    let mut profiles = BTreeMap::new();
    let own = table
        .optional("profile")
        .and_then(|entry| source.table(entry));
    for (name, entry) in own.map(|mut own| own.rest()).unwrap_or_default() {
        let place = entry.place.clone();
        let Some(mut stages) = source.table(entry) else {
            continue;
        };
        let mut found = BTreeMap::new();
        for (stage, target) in TARGETS {
            let entry = stages.optional(stage);
            let rules = entry.and_then(|e| source.table(e));
            if let Some(rules) = rules.and_then(|t| read_certificate(source, t)) {
                found.insert(target, rules);
            }
        }
        source.finish(stages);
        match ProfileId::new(name.value) {
            Ok(profile) if !found.is_empty() => {
                profiles.insert(profile, found);
            }
            Ok(_) => {
                let message = "names no stage: shadow, testnet or live is wanted".to_owned();
                source.report(&place, "missing-key", message);
            }
            Err(error) => source.report(&name.place, "bad-id", error.to_string()),
        }
    }
    let all = per_target(source, table, read_certificate)?;
    Some((all, profiles))
}

fn read_certificate<'t>(
    source: &mut Source<'t>,
    mut table: Fields<'_, 't>,
) -> Option<CertificateRules> {
    let mut number = |source: &mut Source<'t>, name, least| {
        let entry = table.required(source, name)?;
        source.whole(&entry, least)
    };
    let days = number(source, "days", 1);
    let warn_days = number(source, "warn_days", 0);
    let grace_days = number(source, "grace_days", 0);
    source.finish(table);
    Some(CertificateRules {
        days: days?,
        warn_days: warn_days?,
        grace_days: grace_days?,
    })
}

fn read_override<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<OverrideRules> {
    let mut number = |source: &mut Source<'t>, name| {
        let entry = table.required(source, name)?;
        source.whole(&entry, 1)
    };
    let hours_max = number(source, "hours_max");
    let review_days = number(source, "review_days");
    source.finish(table);
    Some(OverrideRules {
        hours_max: hours_max?,
        review_days: review_days?,
    })
}

fn read_clock<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<ClockRules> {
    let entry = table.required(source, "ahead_hours_max");
    let ahead_hours_max = entry.and_then(|entry| source.whole(&entry, 1));
    source.finish(table);
    Some(ClockRules {
        ahead_hours_max: ahead_hours_max?,
    })
}

fn read_assurance<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<Assurance> {
    let mut target = |source: &mut Source<'t>, name| {
        let entry = table.required(source, name)?;
        source.word(&entry, "unknown-target", &TARGETS)
    };
    let rerun_from = target(source, "rerun_from");
    let registered_data_from = target(source, "registered_data_from");
    let reduced = table.required(source, "reduced_allowed");
    let reduced_allowed = reduced.and_then(|entry| source.boolean(&entry));
    source.finish(table);
    Some(Assurance {
        rerun_from: rerun_from?,
        registered_data_from: registered_data_from?,
        reduced_allowed: reduced_allowed?,
    })
}
