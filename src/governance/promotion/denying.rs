//! Deny rules where they bite: what may not be asked for, not be approved, and not be decided.
//!
//! In: the state, a request with what was logged about it. Out: the first rule that is hit, or a
//! line per rule. Settings are known before anything is judged, so a request that they hit is not
//! recorded; figures are judged first, so that nobody looks at them for nothing, and then keep the
//! request from approval; checklist items may be confirmed until the decision.

use crate::evidence::facts::{Fact, Facts};
use crate::evidence::settings::Settings;
use crate::governance::policy::deny::{DenyRule, DenyRules};
use crate::governance::stage::Target;

use super::missing::{Missing, count};
use super::oversight::checklist::standings;
use super::refusal::Refusal;
use super::safety::certificate::{Recertification, target_of};
use super::safety::present::deny_of_stage;
use super::state::{Portfolio, RequestRecord, State, Status};
use super::statement::{Evaluation, Request};
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;

fn refusal(rule: &DenyRule) -> Refusal {
    Refusal::DeniedByRule {
        rule: rule.id.clone(),
        message: rule.message.clone(),
        remedy: rule.remedy.clone(),
    }
}

/// Every rule of `deny` that settings and facts hit, in the order of the file.
#[must_use]
pub fn hits<'s>(
    deny: &'s DenyRules,
    target: Target,
    settings: &Settings,
    facts: &[Fact],
) -> Vec<&'s DenyRule> {
    let facts = table(facts);
    let rules = deny.rules.iter();
    rules
        .filter(|r| r.hits_settings(target, settings) || r.hits_facts(target, &facts))
        .collect()
}

/// Facts twice are refused elsewhere; here they are not known.
fn table(facts: &[Fact]) -> Facts {
    Facts::new(facts.iter().cloned()).unwrap_or_default()
}

/// Refuses a request whose settings hit a rule.
///
/// # Errors
/// `denied-by-rule`.
pub fn by_settings(state: &State, request: &Request, settings: &Settings) -> Result<(), Refusal> {
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
        state.policy.deny(),
        record.request.target,
        settings,
        &evaluation.facts,
    )
}

/// Refuses to keep a stage with settings that hit a rule: those that the certificate shows, and
/// those that the stage was granted with, because tokens name their limits.
///
/// # Errors
/// `denied-by-rule`.
pub fn kept_settings(
    state: &State,
    held: &Portfolio,
    act: &Recertification,
) -> Result<(), Refusal> {
    let Some(target) = target_of(held.stage) else {
        return Ok(());
    };
    let deny = state.policy.deny();
    let granted = granted(state, &act.portfolio, held, target);
    let asked = std::iter::once(&act.settings).chain(granted.map(|e| &e.beside.settings));
    let hit = asked
        .into_iter()
        .find_map(|settings| deny.by_settings(target, settings));
    hit.map_or(Ok(()), |rule| Err(refusal(rule)))
}

/// Refuses to keep a stage on figures that hit a rule.
///
/// # Errors
/// `denied-by-rule`.
pub fn kept_figures(state: &State, held: &Portfolio, act: &Recertification) -> Result<(), Refusal> {
    let Some(target) = target_of(held.stage) else {
        return Ok(());
    };
    let deny = deny_of_stage(state.policy.deny(), held, act.now);
    let facts = table(&act.facts);
    let hit = deny.by_facts(target, &facts);
    hit.map_or(Ok(()), |rule| Err(refusal(rule)))
}

/// What was judged when the version that holds the stage was let in.
fn granted<'s>(
    state: &'s State,
    portfolio: &'s PortfolioId,
    held: &Portfolio,
    target: Target,
) -> Option<&'s Evaluation> {
    let granted = state.history(portfolio).filter(|record| {
        record.status == Status::Promoted
            && record.request.target == target
            && held.runs(record.request.strategy_sha256)
    });
    Some(&granted.last()?.judged.as_ref()?.evaluation)
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
