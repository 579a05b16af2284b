//! The rules of a request as they read for the stage that is held: what was asked of the session
//! before is asked of the session that runs.
//!
//! In: a policy or deny rules, the portfolio, the time. Out: the same rules on the sample of the
//! running stage. In LIVE nothing is asked of sessions before the seventh day. Keeps: criteria and
//! deny rules read the same sample, so a certificate is never held to two sessions.

use crate::governance::policy::deny::{DenyRules, When};
use crate::governance::policy::model::Policy;
use crate::governance::promotion::state::Portfolio;
use crate::governance::stage::Stage;
use crate::kernel::time::UtcTime;
use crate::metrics::Sample;

/// Days in LIVE from which live sessions are judged.
const LIVE_SESSION_DAYS: i64 = 7;

/// True while a portfolio in LIVE has too few sessions there to be judged by them.
pub(super) fn is_young(held: &Portfolio, now: UtcTime) -> bool {
    held.since.unwrap_or(now).plus_days(LIVE_SESSION_DAYS) > now
}

/// The sample of the session before the stage, and the one that is read in its place; none in its
/// place while there are too few sessions.
fn moved(held: &Portfolio, now: UtcTime) -> Option<(Sample, Option<Sample>)> {
    match held.stage {
        Stage::Testnet => Some((Sample::Shadow, Some(Sample::Testnet))),
        Stage::Live if is_young(held, now) => Some((Sample::Testnet, None)),
        Stage::Live => Some((Sample::Testnet, Some(Sample::Live))),
        Stage::Research | Stage::Shadow | Stage::Retired => None,
    }
}

/// The policy as it judges the present stage.
#[must_use]
pub fn policy_of_stage(policy: &Policy, held: &Portfolio, now: UtcTime) -> Policy {
    let mut policy = policy.clone();
    let Some((before, running)) = moved(held, now) else {
        return policy;
    };
    let Some(running) = running else {
        policy.criteria.retain(|c| c.sample != before);
        return policy;
    };
    let put = |sample: &mut Sample| {
        if *sample == before {
            *sample = running;
        }
    };
    for criterion in &mut policy.criteria {
        put(&mut criterion.sample);
        if let Some(condition) = &mut criterion.applicable_if {
            put(&mut condition.sample);
        }
        for check in &mut criterion.extra_checks {
            put(&mut check.sample);
        }
    }
    policy
}

/// The deny rules as they hold for the present stage.
#[must_use]
pub fn deny_of_stage(deny: &DenyRules, held: &Portfolio, now: UtcTime) -> DenyRules {
    let mut deny = deny.clone();
    let Some((before, running)) = moved(held, now) else {
        return deny;
    };
    deny.rules.retain_mut(|rule| {
        let When::Fact(condition) = &mut rule.when else {
            return true;
        };
        if condition.sample != before {
            return true;
        }
        condition.sample = running.unwrap_or(before);
        running.is_some()
    });
    deny
}
