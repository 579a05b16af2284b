//! What keeps a portfolio from rising: halts, missed reviews, incidents, overdue certificates.
//!
//! Guards ask here before anything raises risk, `missing` and `status` show the same answers.

use crate::kernel::id::{PortfolioId, ProfileId};
use crate::kernel::time::UtcTime;

use super::incident::{self, Severity};
use super::{Checked, due, halt, review};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::Request;
use crate::governance::promotion::versions;

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

/// What a request must not meet: a halt, also one that was lifted after its signer looked, a
/// missed review, an open incident, an overdue certificate, and evidence that was spent.
///
/// # Errors
/// The first that it meets.
pub fn check_request(state: &State, request: &Request, seen: u64, now: UtcTime) -> Checked {
    let (portfolio, profile) = (&request.portfolio, &request.profile);
    not_halted(state, portfolio, profile)?;
    review::none_unmade(state, [portfolio])?;
    let halts = state.safety.halts.iter();
    let moved = halts
        .filter(|h| h.scope.covers(portfolio, profile))
        .flat_map(|h| [Some(h.seq), h.resumed.as_ref().map(|mark| mark.seq)])
        .flatten()
        .max();
    if let Some(seq) = moved.filter(|seq| *seq >= seen) {
        return Err(Refusal::StateMoved { seq });
    }
    if let Some(record) = incident::worst_on(state, request) {
        return Err(open_incident(record));
    }
    let strategy = request.strategy_sha256;
    let overdue = due::overdue(state, portfolio, now)
        .or_else(|| versions::overdue(state, portfolio, strategy, now));
    if let Some(since) = overdue {
        return Err(Refusal::CertificateOverdue { since });
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
pub(super) fn no_grave_incident(state: &State, ids: &[PortfolioId]) -> Checked {
    let open = ids.iter().filter_map(|id| incident::worst_open(state, id));
    let mut grave = open.filter(|i| i.opening.severity >= Severity::Medium);
    match grave.next() {
        Some(record) => Err(open_incident(record)),
        None => Ok(()),
    }
}

fn open_incident(record: &incident::IncidentRecord) -> Refusal {
    Refusal::IncidentOpen {
        severity: record.opening.severity.as_str(),
        seq: record.mark.seq,
    }
}
