//! What time alone does: open requests end, approvals stop counting.
//!
//! `settle(state, now)` applies every transition that is due by `now`. It is called before each
//! entry with the entry's time, so a transition that was due stays, whatever is appended later;
//! and before each answer with the present time. Calling it twice changes nothing. Only what
//! [`Waiting`] names is looked at: a ledger of a hundred thousand ended requests settles as fast as
//! an empty one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::governance::audit::entry::Head;
use crate::governance::policy::roles::ApprovalRules;
use crate::kernel::id::RequestId;
use crate::kernel::time::{DAY_MS, HOUR_MS, UtcTime};

use super::quorum::tally;
use super::safety;
use super::state::{End, RequestRecord, State, Status};

/// What time alone may still change. It follows from the rest of the state, and only saves looking
/// for it: two states never differ by it.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// Every open request, and perhaps some that ended since the last settling.
    open: BTreeSet<RequestId>,
    /// From the last settling until the first moment at which anything falls due; none once an
    /// entry may have moved that moment.
    quiet: Option<Range<UtcTime>>,
}

impl PartialEq for Waiting {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Waiting {
    /// Knows nothing: everything is looked at when time is settled next.
    #[must_use]
    pub fn anything(state: &State) -> Self {
        Self {
            open: state.requests.keys().cloned().collect(),
            quiet: None,
        }
    }

    /// A request was recorded.
    pub(super) fn note(&mut self, request: &RequestId) {
        self.open.insert(request.clone());
    }

    /// An entry may have moved what falls due.
    pub(super) fn stir(&mut self) {
        self.quiet = None;
    }
}

/// True when nothing is due at `now` that was not applied already.
#[must_use]
pub fn is_settled(state: &State, now: UtcTime) -> bool {
    let quiet = state.waiting.quiet.as_ref();
    quiet.is_some_and(|quiet| quiet.contains(&now))
}

/// Applies every derived transition due by `now`, in the order of their times.
pub fn settle(state: &mut State, now: UtcTime) {
    if is_settled(state, now) {
        return;
    }
    while let Some(due) = safety::next_due(state, now) {
        settle_requests(state, due.time);
        safety::fall_due(state, due);
    }
    settle_requests(state, now);
    settle_roles(state, now);
    state.waiting.quiet = Some(now..next_change(state, now));
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
    let mut open = std::mem::take(&mut state.waiting.open);
    open.retain(|id| {
        let Some(held) = state.requests.get(id) else {
            return false;
        };
        let status = status_at(state, held, days, now);
        let until = until(held.mark.time, days);
        if let Some(record) = state.requests.get_mut(id)
            && record.status != status
        {
            record.status = status;
            if status == Status::Expired {
                record.end = Some(End {
                    time: until,
                    by: None,
                });
            }
        }
        status.is_open()
    });
    state.waiting.open = open;
}

/// Where an open request stands at `now`; an ended one stays where it is.
fn status_at(state: &State, record: &RequestRecord, days: u32, now: UtcTime) -> Status {
    if record.status.is_open() && now >= until(record.mark.time, days) {
        return Status::Expired;
    }
    match record.status {
        Status::AwaitingApproval | Status::Approved => {
            let quorum = state.quorum(record.request.target);
            match tally(quorum, &record.approvals, now).complete {
                true => Status::Approved,
                false => Status::AwaitingApproval,
            }
        }
        unmoved => unmoved,
    }
}

/// The first moment after `now`, at which `state` was settled, when anything falls due.
fn next_change(state: &State, now: UtcTime) -> UtcTime {
    let requests = state.waiting.open.iter();
    let open = requests.filter_map(|id| state.requests.get(id));
    let moments = open.flat_map(|record| {
        let approvals = record.approvals.iter().map(|approval| approval.valid_until);
        approvals
            .filter(|until| *until > now)
            .chain([expires_at(state, record)])
    });
    let due = safety::next_due(state, UtcTime::LAST).map(|due| due.time);
    let persons = state.persons.values();
    let roles = persons.flat_map(|person| person.until.values().copied());
    moments
        .chain(due)
        .chain(roles)
        .min()
        .unwrap_or(UtcTime::LAST)
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

#[cfg(test)]
mod tests;
