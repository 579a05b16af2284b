//! Marks: what every reader of an export has to know before anything else.
//!
//! In: the state. Out: fixed words such as `SANDBOX`. An export without them would promise more
//! than the ledger can keep.

use crate::governance::promotion::state::State;
use crate::governance::promotion::tracks::assurance;

/// Ledger and machine keys lie with the accounts that use them: whoever misuses them can withhold or
/// cut the unsigned end, though forge no approval.
pub const LOCAL: &str = "LOCAL MODE";

/// `SANDBOX`, `REDUCED INDEPENDENCE`, `REDUCED ASSURANCE` and `SMALL TEAM` where they apply, and
/// [`LOCAL`], which every ledger of this version does.
#[must_use]
pub fn all(state: &State) -> Vec<&'static str> {
    let mut marks = Vec::new();
    if state.genesis.sandbox {
        marks.push("SANDBOX");
    }
    if !state.full_independence() {
        marks.push("REDUCED INDEPENDENCE");
    }
    if assurance::is_marked(state) {
        marks.push("REDUCED ASSURANCE");
    }
    if state.genesis.small_team {
        marks.push("SMALL TEAM");
    }
    marks.push(LOCAL);
    marks
}
