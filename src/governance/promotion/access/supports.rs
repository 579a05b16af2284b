//! Supports: what a decision was granted on beside its approvals.
//!
//! In: the state in which a request is decided. Out: groups of signatures, one per thing that the
//! decision wanted; whoever signed counts at the position where it was signed. `distrust` asks
//! later whether each group still holds one that is believed.

use super::super::missing;
use super::super::oversight::checklist;
use super::super::state::{Mark, State};
use super::super::tracks::wanting;
use super::Signature;
use crate::kernel::id::RequestId;
use crate::kernel::time::UtcTime;

/// What the decision on `id` at `now` rests on beside its approvals.
#[must_use]
pub fn of(state: &State, id: &RequestId, now: UtcTime) -> Vec<Vec<Signature>> {
    let Some(record) = state.requests.get(id) else {
        return Vec::new();
    };
    let request = &record.request;
    let mut groups: Vec<Vec<Signature>> = Vec::new();
    let mut alone = |mark: &Mark| groups.push(vec![Signature::from(mark)]);
    let overrides = state.safety.overrides.iter();
    for used in overrides.filter(|o| o.used_by.contains(id)) {
        alone(&used.mark);
    }
    for held in &request.grounds.sessions {
        if let Some(session) = state.tracks.sessions.get(&held.session) {
            alone(&session.mark);
            session.commits.iter().for_each(|(mark, _)| alone(mark));
        }
    }
    if checklist::is_binding(state, request.target) {
        let tally = missing::count(state, record, now);
        let known = Some((record, &tally));
        let items = checklist::standings(state, &request.portfolio, request.target, known);
        for confirmed in items.iter().flat_map(|item| &item.confirmed) {
            alone(&confirmed.mark);
        }
    }
    let vouched = wanting::vouchers(state, record, now);
    groups.extend(vouched.into_iter().map(|group| {
        let each = group.into_iter().map(Signature::from);
        each.collect()
    }));
    groups
}
