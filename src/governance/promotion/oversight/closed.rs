//! Checklists as they stood when a request was decided.
//!
//! In: the state before a decision or a denial takes effect. Out: for that request every item of its
//! transition with the confirmations that counted then. Keeps: what a lowering, a revoked key or
//! another policy set does to confirmations later changes nothing of it; it is shown and decides
//! nothing.

use super::super::missing;
use super::super::state::State;
use super::checklist::{Confirmed, standings};
use crate::governance::policy::checklists::Item;
use crate::governance::policy::roles::Role;
use crate::kernel::id::{ItemId, RequestId};
use crate::kernel::time::UtcTime;

/// An item as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Which.
    pub item: ItemId,
    /// True when nothing was missing.
    pub done: bool,
    /// Confirmations that counted, in the order of the item's roles.
    pub confirmed: Vec<Confirmed>,
    /// Roles that had not confirmed.
    pub open: Vec<Role>,
}

/// Remembers how the checklist of `id` stands at `time`.
pub fn close(state: &mut State, id: &RequestId, time: UtcTime) {
    let Some(record) = state.requests.get(id) else {
        return;
    };
    let request = &record.request;
    let tally = missing::count(state, record, time);
    let list = standings(
        state,
        &request.portfolio,
        request.target,
        Some((record, &tally)),
    );
    let closed: Vec<Closed> = list
        .into_iter()
        .map(|standing| Closed {
            item: standing.item.id.clone(),
            done: standing.done,
            confirmed: standing.confirmed.into_iter().cloned().collect(),
            open: standing.open,
        })
        .collect();
    state.oversight.closed.insert(id.clone(), closed);
}

/// The items of a request's transition as they stood when it was decided, each in the words of the
/// set in force then; none where it ended otherwise.
#[must_use]
pub fn closed<'s>(state: &'s State, id: &RequestId) -> Option<Vec<(&'s Item, &'s Closed)>> {
    let list = state.oversight.closed.get(id)?;
    let record = state.requests.get(id)?;
    let by = record.end.as_ref()?.by.as_ref()?;
    let items = state.oversight.policy_at(by.seq)?.checklists();
    let found = list.iter().filter_map(|closed| {
        let item = items.item(record.request.target, &closed.item)?;
        Some((item, closed))
    });
    Some(found.collect())
}
