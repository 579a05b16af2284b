//! Guards: may this signed statement become an entry now?
//!
//! In: the state, the present head and time, a signed statement. Out: nothing, or the one reason
//! why not. `decide` asks before an entry is written and `apply` asks again when it is read, so no
//! guard exists on one side only. What lowers risk (denial, withdrawal) needs one valid signature;
//! what raises it also needs a ledger without findings and a signer who saw the present state.

use crate::governance::audit::entry::Head;
use crate::governance::policy::roles::Role;
use crate::governance::stage::{Stage, Target};
use crate::kernel::id::{PersonId, is_identifier};
use crate::kernel::sshsig::Envelope;
use crate::kernel::text::FREE_TEXT_MAX_BYTES;
use crate::kernel::time::UtcTime;

use super::access::not_revoked;
use super::event::Signed;
use super::expiry;
use super::refusal::Refusal;
use super::risk::{self, Risk};
use super::safety;
use super::state::{EnrolledKey, RequestRecord, State, Status};
use super::statement::{Act, Approval, Denial, Request, Signer, Statement, Withdrawal};
use super::tracks::shown::Shown;

/// The present: the ledger's head and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Head over every folded entry.
    pub tip: Head,
    /// Now.
    pub now: UtcTime,
}

type Checked = Result<(), Refusal>;

/// The enrolled key behind a person's statement, if its signature is valid. An act refused after
/// this point is worth an entry.
///
/// # Errors
/// When the signature does not fit, or the key is nobody's here.
pub fn authenticate<'s>(state: &'s State, signed: &Signed) -> Result<&'s EnrolledKey, Refusal> {
    let held = authenticate_all(state, signed)?;
    // `check_signatures` wants one signature at least.
    held.into_iter()
        .next()
        .ok_or_else(|| Refusal::BadSignature {
            why: "no signature".to_owned(),
        })
}

/// The enrolled keys behind every signature of a statement, the signer's first.
///
/// # Errors
/// When a signature does not fit, or a key is nobody's here.
pub fn authenticate_all<'s>(
    state: &'s State,
    signed: &Signed,
) -> Result<Vec<&'s EnrolledKey>, Refusal> {
    let envelopes = signed.check_signatures()?;
    let held = |envelope: &Envelope| {
        let fingerprint = envelope.key.fingerprint();
        state
            .keys
            .get(&fingerprint)
            .filter(|held| held.key == envelope.key)
            .ok_or(Refusal::UnknownKey {
                key: fingerprint.clone(),
            })
            .and_then(|held| not_revoked(state, &fingerprint).map(|()| held))
    };
    envelopes.iter().map(held).collect()
}

/// The persons behind a statement and the roles they act in, the signer first: every key belongs
/// to the person that the statement names, every person holds the role, nobody stands there twice.
///
/// # Errors
/// The first of these that does not hold.
pub fn signers(state: &State, signed: &Signed) -> Result<Vec<(PersonId, Role)>, Refusal> {
    signers_in(state, signed, role_of)
}

/// As [`signers`], also in roles that ended: what somebody takes back was given while they held one.
///
/// # Errors
/// As [`signers`].
pub fn present_or_former_signers(
    state: &State,
    signed: &Signed,
) -> Result<Vec<(PersonId, Role)>, Refusal> {
    signers_in(state, signed, |state, signer| {
        match role_of(state, signer) {
            Err(Refusal::RoleEnded { role, .. }) => Ok(role),
            other => other,
        }
    })
}

fn signers_in(
    state: &State,
    signed: &Signed,
    role_of: impl Fn(&State, &Signer) -> Result<Role, Refusal>,
) -> Result<Vec<(PersonId, Role)>, Refusal> {
    let held = authenticate_all(state, signed)?;
    let Statement {
        signer, cosigners, ..
    } = &signed.statement;
    let mut list: Vec<(PersonId, Role)> = Vec::new();
    for (named, held) in std::iter::once(signer).chain(cosigners).zip(held) {
        if held.person != named.person {
            return Err(Refusal::WrongPerson {
                named: named.person.clone(),
                owner: held.person.clone(),
            });
        }
        if list.iter().any(|(person, _)| *person == named.person) {
            return Err(Refusal::SignsTwice {
                person: named.person.clone(),
            });
        }
        list.push((named.person.clone(), role_of(state, named)?));
    }
    Ok(list)
}

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
            super::guard_request::check(state, signed, role, at)?;
            fresh(state, signed, request.target, &request.portfolio, at)
        }
        Act::Approval(approval) => {
            raises_risk(state)?;
            safety::approval_may_count(state, signed, approval)?;
            check_approval(state, signed, approval, role, at)?;
            fresh(
                state,
                signed,
                target_of(state, approval)?,
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

pub(super) fn role_of(state: &State, signer: &Signer) -> Result<Role, Refusal> {
    let refuse = || Refusal::RoleNotHeld {
        person: signer.person.clone(),
        role: crate::kernel::text::visible(&signer.role, 40),
    };
    let role: Role = signer.role.parse().map_err(|_| refuse())?;
    let person = state.persons.get(&signer.person).ok_or_else(refuse)?;
    if person.roles.contains(&role) {
        return Ok(role);
    }
    match person.ended.get(&role) {
        Some(ended) => Err(Refusal::RoleEnded {
            person: signer.person.clone(),
            role,
            ended: *ended,
        }),
        None => Err(refuse()),
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

fn target_of(state: &State, approval: &Approval) -> Result<Target, Refusal> {
    Ok(open(state, &approval.request)?.request.target)
}

fn check_approval(
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
    super::book::unchanged(state, record)?;
    super::denying::judged(state, record)?;
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
    super::access::check_instance(state, &record.request)?;
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
    let valid = |a: &&super::state::Approved| now < a.valid_until;
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
    super::tracks::wanting::may_fill(state, &shown, person, role)
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
