//! Unapproval: a signer takes an approval back before the decision.
//!
//! Always accepted from its signer, also when the role in which it was given has ended, and for a statement that nobody has brought yet: brought
//! later, it is refused. What is voided is the pair of statement and person, so nobody can void
//! somebody else's.

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, RequestId};

use super::{Checked, short};
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::guard;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{Mark, State};

/// An approval is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unapproval {
    /// Digest of the approval's statement.
    pub approval: Digest,
    /// The request that it approves, for the reader.
    pub request: RequestId,
    /// Why, in words.
    pub reason: String,
}

/// An approval that the ledger has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Whose.
    pub person: PersonId,
    /// Of which request.
    pub request: RequestId,
    /// Leaf hash of its entry.
    pub leaf: Digest,
}

pub(super) fn check(state: &State, act: &Unapproval, signers: &[(PersonId, Role)]) -> Checked {
    let [(person, _)] = signers else {
        return Err(Refusal::BadSignature {
            why: format!("one signature is wanted, {} found", signers.len()),
        });
    };
    short(&act.reason, "reason")?;
    let Some(given) = state.safety.approvals.get(&act.approval) else {
        return Ok(());
    };
    if given.person != *person {
        return Err(Refusal::NotOwnApproval {
            person: person.clone(),
        });
    }
    if given.request != act.request {
        return Err(Refusal::StatementDiffers { field: "request" });
    }
    guard::open(state, &given.request).map(|_| ())
}

pub(super) fn effect(state: &mut State, act: &Unapproval, mark: &Mark) {
    let voided = (act.approval, mark.person.clone());
    state.safety.voided.insert(voided);
    let Some(given) = state.safety.approvals.get(&act.approval) else {
        return;
    };
    let record = state.requests.get_mut(&given.request);
    let approvals = record.map(|r| r.approvals.iter_mut());
    if let Some(approval) = approvals.and_then(|mut all| all.find(|a| a.mark.leaf == given.leaf)) {
        // It stays in the record and counts no longer.
        approval.valid_until = approval.valid_until.min(mark.time);
    }
}

/// Remembers an accepted approval by its statement.
pub(in crate::governance::promotion) fn given(
    state: &mut State,
    signed: &Signed,
    request: &RequestId,
    mark: &Mark,
) {
    let given = Given {
        person: mark.person.clone(),
        request: request.clone(),
        leaf: mark.leaf,
    };
    state.safety.approvals.insert(signed.digest, given);
}

/// Refuses an approval that its signer has taken back.
pub(super) fn not_voided(state: &State, signed: &Signed) -> Checked {
    let person = signed.statement.signer.person.clone();
    if state.safety.voided.contains(&(signed.digest, person)) {
        return Err(Refusal::ApprovalVoided);
    }
    Ok(())
}
