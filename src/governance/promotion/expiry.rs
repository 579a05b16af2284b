//! What time alone does: open requests end, approvals stop counting.
//!
//! `settle(state, now)` applies every transition that is due by `now`. It is called before each
//! entry with the entry's time, so a transition that was due stays, whatever is appended later;
//! and before each answer with the present time. Calling it twice changes nothing.

use std::collections::BTreeMap;

use crate::governance::audit::entry::Head;
use crate::governance::policy::roles::{ApprovalRules, Quorum};
use crate::governance::stage::Target;
use crate::kernel::time::{DAY_MS, HOUR_MS, UtcTime};

use super::quorum::tally;
use super::safety;
use super::state::{End, RequestRecord, State, Status};

/// Applies every derived transition due by `now`, in the order of their times.
pub fn settle(state: &mut State, now: UtcTime) {
    while let Some(due) = safety::next_due(state, now) {
        settle_requests(state, due.time);
        safety::fall_due(state, due);
    }
    settle_requests(state, now);
    settle_roles(state, now);
}

/// Ends the roles whose time is over.
fn settle_roles(state: &mut State, now: UtcTime) {
    for person in state.persons.values_mut() {
        let over = |until: &UtcTime| *until <= now;
        if !person.until.values().any(over) {
            continue;
        }
        let (ended, held): (BTreeMap<_, _>, _) = std::mem::take(&mut person.until)
            .into_iter()
            .partition(|(_, until)| over(until));
        person.until = held;
        person.roles.retain(|role| !ended.contains_key(role));
        person.ended.extend(ended);
    }
}

fn settle_requests(state: &mut State, now: UtcTime) {
    let days = state.rules().request.ttl_days;
    let quorums: BTreeMap<Target, Option<Quorum>> = Target::ALL
        .into_iter()
        .map(|target| (target, state.quorum(target).cloned()))
        .collect();
    for record in state.requests.values_mut() {
        let until = until(record.mark.time, days);
        if record.status.is_open() && now >= until {
            record.status = Status::Expired;
            record.end = Some(End {
                time: until,
                by: None,
            });
        }
        if matches!(record.status, Status::AwaitingApproval | Status::Approved) {
            let quorum = quorums.get(&record.request.target).and_then(Option::as_ref);
            record.status = if tally(quorum, &record.approvals, now).complete {
                Status::Approved
            } else {
                Status::AwaitingApproval
            };
        }
    }
}

/// When an open request ends by itself.
#[must_use]
pub fn expires_at(state: &State, record: &RequestRecord) -> UtcTime {
    until(record.mark.time, state.rules().request.ttl_days)
}

fn until(from: UtcTime, days: u32) -> UtcTime {
    from.plus_millis(i64::from(days).saturating_mul(DAY_MS))
}

/// When an approval written at `issued_at` over `head` stops counting: its life begins at the
/// earlier of the two moments that it proves, its time of issue and the moment its head was
/// replaced.
#[must_use]
pub fn approval_until(
    state: &State,
    rules: &ApprovalRules,
    issued_at: UtcTime,
    head: &Head,
) -> UtcTime {
    let begins = state
        .replaced_at(head.size)
        .map_or(issued_at, |replaced| replaced.min(issued_at));
    begins.plus_millis(i64::from(rules.ttl_hours).saturating_mul(HOUR_MS))
}

/// True when `head` is the present one, or was replaced less than the allowed time ago.
#[must_use]
pub fn head_is_fresh(state: &State, rules: &ApprovalRules, head: &Head, now: UtcTime) -> bool {
    let allowed = i64::from(rules.head_age_hours_max).saturating_mul(HOUR_MS);
    state
        .replaced_at(head.size)
        .is_none_or(|replaced| now.millis_since(replaced) <= allowed)
}
