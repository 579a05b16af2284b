//! When a certificate falls due, and when its stage falls: by its age, or because a LIVE portfolio
//! fails under a policy set that was published since.
//!
//! In: the state. Out: the times of one portfolio. Keeps: a publication never moves a fall that was
//! due before it to a later time, so that nobody puts one off by publishing again; a certificate, a
//! grant or a lowering begins anew.

use serde::{Deserialize, Serialize};

use super::{Standing, certificate};
use crate::governance::promotion::oversight::recertification_due;
use crate::governance::promotion::state::State;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;

/// When the certificate of a stage falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The warning begins.
    pub warn: UtcTime,
    /// Overdue from here.
    pub overdue: UtcTime,
    /// The stage falls.
    pub falls: UtcTime,
}

/// When a stage falls, for each of the two reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Falls {
    /// Its certificate is too old.
    pub by_age: UtcTime,
    /// It fails under the set in force; none while it does not.
    pub by_failing: Option<UtcTime>,
}

/// When a portfolio's certificate falls due; none where no stage rests on one.
#[must_use]
pub fn times(state: &State, id: &PortfolioId) -> Option<Times> {
    let (ordinary, falls, warn_days) = reasons(state, id)?;
    let falls_at = falls
        .by_failing
        .map_or(falls.by_age, |at| at.min(falls.by_age));
    // After a stricter policy set a LIVE portfolio that fails under it is due at once.
    let failing = recertification_due(state, id).map(|published| published.time);
    let overdue = failing
        .map_or(ordinary, |at| at.min(ordinary))
        .min(falls_at);
    Some(Times {
        warn: overdue.plus_days(-warn_days),
        overdue,
        falls: falls_at,
    })
}

/// Since when a portfolio's certificate is overdue at `now`.
#[must_use]
pub fn overdue(state: &State, id: &PortfolioId, now: UtcTime) -> Option<UtcTime> {
    let since = times(state, id)?.overdue;
    (now >= since).then_some(since)
}

/// When the certificate is overdue by its age, when the stage falls, and the days of warning.
fn reasons(state: &State, id: &PortfolioId) -> Option<(UtcTime, Falls, i64)> {
    let standing = state.safety.standing.get(id)?;
    let rules = certificate::rules(state, id, state.portfolios.get(id)?.stage)?;
    let ordinary = standing.time.plus_days(i64::from(rules.days));
    // Another rule for certificates leaves the whole grace from its publication on.
    let changed = state.oversight.certificates_since;
    let after = |due: UtcTime| {
        let from = changed.map_or(due, |changed| due.max(changed));
        from.plus_days(i64::from(rules.grace_days))
    };
    let kept = state.safety.falls_by.get(id);
    let earlier = |at: UtcTime, kept: Option<UtcTime>| kept.map_or(at, |kept| kept.min(at));
    let failing = recertification_due(state, id).map(|published| after(published.time));
    let falls = Falls {
        by_age: earlier(after(ordinary), kept.map(|kept| kept.by_age)),
        by_failing: failing.map(|at| earlier(at, kept.and_then(|kept| kept.by_failing))),
    };
    Some((ordinary, falls, i64::from(rules.warn_days)))
}

/// Remembers when every stage falls, before a publication that may not move it to a later time.
pub(in crate::governance::promotion) fn keep(state: &mut State) {
    let ids = state.safety.standing.keys();
    let each = ids.filter_map(|id| Some((id.clone(), reasons(state, id)?.1)));
    state.safety.falls_by = each.collect();
}

/// A portfolio's stage stands on another entry from here on, or on none.
pub(super) fn stand(state: &mut State, id: &PortfolioId, on: Option<Standing>) {
    state.oversight.failing.remove(id);
    state.safety.falls_by.remove(id);
    match on {
        Some(on) => state.safety.standing.insert(id.clone(), on),
        None => state.safety.standing.remove(id),
    };
}
