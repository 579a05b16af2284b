//! The guard of an approval: of which request, over what, and by whom.
//!
//! In: the state, a signed approval, the role of its signer, the present. Out: nothing, or the one
//! reason why not. An approval repeats what the request was judged on, so that nobody approves
//! something else than they were shown; whoever asked or wrote it fills no slot.

use super::{Checked, Moment, open, same, short, stage_before};
use crate::governance::policy::roles::Role;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{Approved, RequestRecord, State, Status};
use crate::governance::promotion::statement::{Approval, Request};
use crate::governance::promotion::tracks::shown::Shown;
use crate::governance::promotion::tracks::wanting;
use crate::governance::promotion::{access, book, denying, safety};
use crate::governance::stage::Target;
use crate::kernel::time::UtcTime;

/// The target of the request that is approved.
pub(super) fn target_of(state: &State, approval: &Approval) -> Result<Target, Refusal> {
    Ok(open(state, &approval.request)?.request.target)
}

/// Everything that an approval has to say and to keep.
pub(super) fn check(
    state: &State,
    signed: &Signed,
    approval: &Approval,
    role: Role,
    at: &Moment,
) -> Checked {
    let record = open(state, &approval.request)?;
    let id = || approval.request.clone();
    let judged = record
        .judged
        .as_ref()
        .filter(|_| record.status != Status::Submitted)
        .ok_or_else(|| Refusal::NotEvaluated { request: id() })?;
    book::unchanged(state, record)?;
    denying::judged(state, record)?;
    let Request {
        target,
        evidence,
        portfolio,
        ..
    } = &record.request;
    same(approval.request_leaf == record.mark.leaf, "request_leaf")?;
    same(approval.portfolio == *portfolio, "portfolio")?;
    same(approval.from == stage_before(*target), "from")?;
    same(approval.to == target.stage(), "to")?;
    same(
        approval.decision_sha256 == judged.evaluation.decision_sha256,
        "decision_sha256",
    )?;
    same(
        approval.contract_sha256 == judged.evaluation.beside.contract_sha256(),
        "contract_sha256",
    )?;
    same(approval.evidence == *evidence, "evidence")?;
    same(
        approval.policy_sha256 == state.policy.digest(),
        "policy_sha256",
    )?;
    same(
        approval.strategy_sha256 == record.request.strategy_sha256,
        "strategy_sha256",
    )?;
    same(
        approval.limits_sha256 == record.request.limits_sha256,
        "limits_sha256",
    )?;
    same(approval.instance == record.request.instance, "instance")?;
    same(
        approval.instance_card == record.request.instance_card,
        "instance_card",
    )?;
    access::check_instance(state, &record.request)?;
    same(
        approval.halt_epochs == state.halt_epochs(portfolio),
        "halt_epochs",
    )?;
    short(&approval.comment, "comment")?;
    check_slot(state, record, signed, role, at.now)
}

/// Separation of duties, then whether the slot is open.
fn check_slot(
    state: &State,
    record: &RequestRecord,
    signed: &Signed,
    role: Role,
    now: UtcTime,
) -> Checked {
    let signer = &signed.statement.signer;
    let target = record.request.target;
    let quorum = state.quorum(target).ok_or_else(|| Refusal::NoQuorum {
        preset: state.genesis.preset.clone(),
        target,
    })?;
    let slots = quorum.slots.get(&role).copied().unwrap_or(0);
    eligible(state, record, &signer.person, role)?;
    if slots == 0 {
        return Err(Refusal::RoleNotAsked {
            role: role.to_string(),
            target,
        });
    }
    let valid = |a: &&Approved| now < a.valid_until;
    let mut standing = record.approvals.iter().filter(valid);
    if standing.any(|a| a.mark.person == signer.person || a.mark.key == signer.key) {
        return Err(Refusal::AlreadyApproved {
            person: signer.person.clone(),
        });
    }
    let standing = record.approvals.iter().filter(valid);
    if standing.filter(|a| a.role == role).count() >= slots as usize {
        return Err(Refusal::SlotFilled {
            role: role.to_string(),
        });
    }
    Ok(())
}

/// Whether `person` may fill a `role` slot of this request at all.
///
/// # Errors
/// When the person is the requester, or one of its authors in a risk or authoriser slot.
pub fn eligible(
    state: &State,
    record: &RequestRecord,
    person: &crate::kernel::id::PersonId,
    role: Role,
) -> Checked {
    if state.rules().separation.requester_fills_no_slot && record.mark.person == *person {
        return Err(Refusal::RequesterFillsSlot {
            person: person.clone(),
        });
    }
    safety::overrides::may_fill(state, &record.request.request, person, role)?;
    if matches!(role, Role::Risk | Role::Authoriser) && state.author_set(record).contains(person) {
        return Err(Refusal::AuthorFillsSlot {
            person: person.clone(),
            role: role.to_string(),
        });
    }
    let shown = Shown::by(&record.request, record.mark.seq);
    wanting::may_fill(state, &shown, person, role)
}
