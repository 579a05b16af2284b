//! Marks: what every reader of an export has to know before anything else.
//!
//! In: the state. Out: fixed words such as `SANDBOX`. An export without them would promise more
//! than the ledger can keep.

use crate::governance::promotion::state::State;
use crate::governance::promotion::tracks::assurance;

/// How the independence of those who sign and vouch is limited: `SANDBOX`,
/// `REDUCED INDEPENDENCE`, `REDUCED ASSURANCE`, `SMALL TEAM`.
#[must_use]
pub fn of_independence(state: &State) -> Vec<&'static str> {
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
    marks
}

/// The same and `LOCAL MODE`: ledger and machine keys lie with the accounts that use them, so
/// whoever misuses them can withhold or cut the unsigned end, though forge no approval.
#[must_use]
pub fn all(state: &State) -> Vec<&'static str> {
    let mut marks = of_independence(state);
    marks.push("LOCAL MODE");
    marks
}
