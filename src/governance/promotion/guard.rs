//! Guards: may this signed statement become an entry now?
//!
//! In: the state, the present head and time, a signed statement. Out: nothing, or the one reason
//! why not. `decide` asks before an entry is written and `apply` asks again when it is read, so no
//! guard exists on one side only. What lowers risk (denial, withdrawal) needs one valid signature;
//! what raises it also needs a ledger without findings and a signer who saw the present state.
//!
//! Who signed says `guard/signers.rs`; what is asked of a request stands in [`request`], of an
//! approval in `guard/approval.rs`.

use super::event::Signed;
use super::refusal::Refusal;
use super::risk::{self, Risk};
use super::state::{RequestRecord, State};
use super::statement::{Act, Denial, Statement, Withdrawal};
use super::{expiry, safety};
use crate::governance::audit::entry::Head;
use crate::governance::policy::roles::Role;
use crate::governance::stage::{Stage, Target};
use crate::kernel::id::is_identifier;
use crate::kernel::text::FREE_TEXT_MAX_BYTES;
use crate::kernel::time::UtcTime;

mod approval;
pub mod request;
mod signers;

pub use approval::eligible;
pub(super) use signers::role_of;
pub use signers::{authenticate, authenticate_all, present_or_former_signers, signers};

/// The present: the ledger's head and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Head over every folded entry.
    pub tip: Head,
    /// Now.
    pub now: UtcTime,
}

type Checked = Result<(), Refusal>;

/// Ledger, uniqueness, times and head: what every statement but a halt has to keep. That it was
/// not written later than now is asked of what raises risk.
///
/// # Errors
/// The first rule that it breaks.
pub fn frame(state: &State, signed: &Signed, at: &Moment) -> Checked {
    unique(state, signed)?;
    let Statement {
        head,
        issued_at,
        expires_at,
        ..
    } = &signed.statement;
    if !state.is_prefix(head, &at.tip) {
        return Err(Refusal::HeadNotPrefix { size: head.size });
    }
    // A clock that runs ahead keeps nobody from lowering risk.
    if *issued_at > at.now && risk::of(&signed.statement.act) == Risk::Raises {
        return Err(Refusal::IssuedInFuture {
            issued_at: *issued_at,
        });
    }
    if at.now >= *expires_at {
        return Err(Refusal::StatementExpired {
            expires_at: *expires_at,
        });
    }
    Ok(())
}

/// Ledger and uniqueness: all that a halt has to keep, whose signer may have seen nothing.
///
/// # Errors
/// The first rule that it breaks.
pub fn unique(state: &State, signed: &Signed) -> Checked {
    let Statement {
        ledger,
        nonce,
        signer,
        ..
    } = &signed.statement;
    if *ledger != state.ledger {
        let named = crate::kernel::text::visible(ledger, 80);
        return Err(Refusal::ForeignLedger { named });
    }
    if state.statements.contains(&signed.digest) {
        return Err(Refusal::StatementReplayed);
    }
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if nonce.len() != 32 || !nonce.bytes().all(hex) {
        return Err(Refusal::NonceMalformed);
    }
    // Per key: nobody uses up the nonce of a statement that somebody else has signed.
    let used = state.nonces.get(&signer.key);
    if used.is_some_and(|used| used.contains(nonce)) {
        return Err(Refusal::NonceUsed);
    }
    Ok(())
}

/// Everything about a person's act.
///
/// # Errors
/// The first rule that it breaks.
pub fn person_act(state: &State, signed: &Signed, at: &Moment) -> Checked {
    if let Act::Safety(act) = &signed.statement.act {
        return safety::check(state, signed, act, at);
    }
    if let Act::Track(act) = &signed.statement.act {
        return super::tracks::check(state, signed, act, at);
    }
    if super::access::is_ours(&signed.statement.act) {
        return super::access::check(state, signed, at);
    }
    if super::oversight::is_ours(&signed.statement.act) {
        return super::oversight::check(state, signed, at);
    }
    signed.single()?;
    let held = authenticate(state, signed)?;
    let signer = &signed.statement.signer;
    if held.person != signer.person {
        return Err(Refusal::WrongPerson {
            named: signer.person.clone(),
            owner: held.person.clone(),
        });
    }
    frame(state, signed, at)?;
    let role = role_of(state, signer)?;
    match &signed.statement.act {
        Act::Request(request) => {
            raises_risk(state)?;
            request::check(state, signed, role, at)?;
            fresh(state, signed, request.target, &request.portfolio, at)
        }
        Act::Approval(approval) => {
            raises_risk(state)?;
            safety::approval_may_count(state, signed, approval)?;
            approval::check(state, signed, approval, role, at)?;
            fresh(
                state,
                signed,
                approval::target_of(state, approval)?,
                &approval.portfolio,
                at,
            )
        }
        Act::Denial(denial) => check_denial(state, denial, role),
        Act::Withdrawal(withdrawal) => check_withdrawal(state, signed, withdrawal, role),
        Act::ChecklistItem(_)
        | Act::PolicyPublication(_)
        | Act::InstanceEnrolment(_)
        | Act::KeyRevocation(_)
        | Act::KeyRotation(_)
        | Act::RootChange(_)
        | Act::Void(_)
        | Act::TokenIssue(_)
        | Act::TokenRedemption(_)
        | Act::TokenRevocation(_)
        | Act::Enrolment(_)
        | Act::Evaluation(_)
        | Act::EvaluationError(_)
        | Act::Decision(_)
        | Act::Refusal(_)
        | Act::Safety(_)
        | Act::Track(_) => Err(Refusal::NotAPersonsAct {
            act: signed.statement.act.kind(),
        }),
    }
}

/// Refuses what raises risk while the ledger holds entries without effect.
///
/// # Errors
/// When there is any finding.
pub fn raises_risk(state: &State) -> Checked {
    match state.findings.first() {
        None => Ok(()),
        Some(first) => Err(Refusal::LedgerFindings {
            count: state.findings.len(),
            first: first.seq,
        }),
    }
}

/// The head is young enough, and nothing after it touches what the signer judged.
///
/// # Errors
/// When it is not.
pub(super) fn fresh(
    state: &State,
    signed: &Signed,
    target: Target,
    portfolio: &crate::kernel::id::PortfolioId,
    at: &Moment,
) -> Checked {
    let head = &signed.statement.head;
    let rules = state.rules().approval.get(&target).copied();
    let rules = rules.ok_or(Refusal::StaleHead { hours_max: 0 })?;
    if !expiry::head_is_fresh(state, &rules, head, at.now) {
        return Err(Refusal::StaleHead {
            hours_max: rules.head_age_hours_max,
        });
    }
    let touched = [
        state.portfolios.get(portfolio).map(|p| p.touched),
        state
            .persons
            .get(&signed.statement.signer.person)
            .map(|p| p.touched),
        Some(state.policy_touched),
    ];
    match touched.into_iter().flatten().max() {
        Some(seq) if seq >= head.size => Err(Refusal::StateMoved { seq }),
        _ => Ok(()),
    }
}

/// A request by id, still open.
///
/// # Errors
/// When it does not exist or ended.
pub fn open<'s>(
    state: &'s State,
    id: &crate::kernel::id::RequestId,
) -> Result<&'s RequestRecord, Refusal> {
    let record = state
        .requests
        .get(id)
        .ok_or_else(|| Refusal::UnknownRequest {
            request: id.clone(),
        })?;
    if record.status.is_open() {
        Ok(record)
    } else {
        Err(Refusal::RequestEnded {
            request: id.clone(),
            status: record.status,
        })
    }
}

fn same(equal: bool, field: &'static str) -> Checked {
    if equal {
        Ok(())
    } else {
        Err(Refusal::StatementDiffers { field })
    }
}

/// A text that says something and is not too long.
///
/// # Errors
/// `no-words`, `text-too-long`.
pub fn words(text: &str, field: &'static str) -> Checked {
    if text.trim().is_empty() {
        return Err(Refusal::NoWords { field });
    }
    short(text, field)
}

fn short(text: &str, field: &'static str) -> Checked {
    if text.len() <= FREE_TEXT_MAX_BYTES {
        Ok(())
    } else {
        Err(Refusal::TextTooLong { field })
    }
}

fn check_denial(state: &State, denial: &Denial, role: Role) -> Checked {
    let record = open(state, &denial.request)?;
    match role {
        Role::Risk => {}
        Role::Ops => {
            let target = record.request.target;
            let items = super::oversight::checklist::items_of_ops(state, target);
            if items.is_empty() {
                return Err(Refusal::DenialWithoutChecklist { target });
            }
            if !items.contains(&denial.reason.as_str()) {
                let items = items.join(", ");
                return Err(Refusal::DenialNeedsChecklistItem { target, items });
            }
        }
        Role::Research | Role::Authoriser | Role::Root => {
            return Err(Refusal::ActNotForRole {
                act: "denial",
                role: role.to_string(),
            });
        }
    }
    same(denial.request_leaf == record.mark.leaf, "request_leaf")?;
    same(is_identifier(&denial.reason), "reason")?;
    short(&denial.comment, "comment")
}

fn check_withdrawal(
    state: &State,
    signed: &Signed,
    withdrawal: &Withdrawal,
    role: Role,
) -> Checked {
    let record = open(state, &withdrawal.request)?;
    let person = &signed.statement.signer.person;
    if record.mark.person != *person && role != Role::Risk {
        return Err(Refusal::WithdrawalNotForPerson {
            person: person.clone(),
        });
    }
    same(withdrawal.request_leaf == record.mark.leaf, "request_leaf")
}

/// The stage from which `target` is the next one.
#[must_use]
pub fn stage_before(target: Target) -> Stage {
    match target {
        Target::Shadow => Stage::Research,
        Target::Testnet => Stage::Shadow,
        Target::Live => Stage::Testnet,
    }
}
