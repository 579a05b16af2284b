//! Deny rules where they bite: what may not be asked for, not be approved, and not be decided.
//!
//! In: the state, a request with what was logged about it. Out: the first rule that is hit, or a
//! line per rule. Settings are known before anything is judged, so a request that they hit is not
//! recorded; figures are judged first, so that nobody looks at them for nothing, and then keep the
//! request from approval; checklist items may be confirmed until the decision.

use crate::evidence::facts::{Fact, Facts};
use crate::evidence::settings::Settings;
use crate::governance::policy::deny::DenyRule;
use crate::governance::policy::set::PolicySet;
use crate::governance::stage::Target;

use super::missing::{Missing, count};
use super::oversight::checklist::standings;
use super::refusal::Refusal;
use super::state::{RequestRecord, State};
use super::statement::Request;
use crate::kernel::time::UtcTime;

fn refusal(rule: &DenyRule) -> Refusal {
    Refusal::DeniedByRule {
        rule: rule.id.clone(),
        message: rule.message.clone(),
        remedy: rule.remedy.clone(),
    }
}

/// Every rule of `set` that settings and facts hit, in the order of the file.
#[must_use]
pub fn hits<'s>(
    set: &'s PolicySet,
    target: Target,
    settings: &Settings,
    facts: &[Fact],
) -> Vec<&'s DenyRule> {
    // Facts twice are refused elsewhere; here they are not known.
    let facts = Facts::new(facts.iter().cloned()).unwrap_or_default();
    let rules = set.deny().rules.iter();
    rules
        .filter(|r| r.hits_settings(target, settings) || r.hits_facts(target, &facts))
        .collect()
}

/// Refuses a request whose settings hit a rule.
///
/// # Errors
/// `denied-by-rule`.
pub(super) fn by_settings(
    state: &State,
    request: &Request,
    settings: &Settings,
) -> Result<(), Refusal> {
    let hit = state.policy.deny().by_settings(request.target, settings);
    hit.map_or(Ok(()), |rule| Err(refusal(rule)))
}

/// Refuses an approval of what hits a rule.
///
/// # Errors
/// `denied-by-rule`.
pub(super) fn judged(state: &State, record: &RequestRecord) -> Result<(), Refusal> {
    let hit = of_record(state, record);
    hit.first().map_or(Ok(()), |rule| Err(refusal(rule)))
}

/// The rules in force that what was logged about a request hits.
#[must_use]
pub fn of_record<'s>(state: &'s State, record: &RequestRecord) -> Vec<&'s DenyRule> {
    let Some(judged) = &record.judged else {
        return Vec::new();
    };
    let evaluation = &judged.evaluation;
    let settings = &evaluation.beside.settings;
    hits(
        &state.policy,
        record.request.target,
        settings,
        &evaluation.facts,
    )
}

/// A line per rule that keeps `record` from its decision.
pub(super) fn lines(state: &State, record: &RequestRecord, now: UtcTime, list: &mut Vec<Missing>) {
    let request = &record.request;
    let mut hit = of_record(state, record);
    let rules = &state.policy.deny().rules;
    if rules
        .iter()
        .any(|rule| rule.wants(request.target).is_some())
    {
        let tally = count(state, record, now);
        let with = Some((record, &tally));
        let standing = standings(state, &request.portfolio, request.target, with);
        let open = |rule: &&DenyRule| {
            let wanted = rule.wants(request.target);
            wanted.is_some_and(|id| !standing.iter().any(|s| s.item.id == *id && s.done))
        };
        hit.extend(rules.iter().filter(open));
    }
    for rule in hit {
        let text = format!(
            "denied by rule `{}`: {}: {}",
            rule.id, rule.message, rule.remedy
        );
        list.push(Missing::new("deny_rule", None, text, None));
    }
}
