//! Acts on a request: approve, deny, withdraw, decide.
//!
//! A person's statement is recorded, and a decision that follows from it in the same transaction. A
//! refused statement with a valid enrolled signature is
//! recorded as a refusal, and the command fails with its reason.

use super::answer;
use super::book::Book;
use super::desk::Desk;
use super::failures;
use super::judging::derived;
use super::sandbox_keys;
use super::signing::{How, Made, bytes_of, compose, make, public_of, read_back};
use crate::adapters::host::Entropy;
use crate::adapters::host::refused_log::{self, Refused};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::evidence::settings::Settings;
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::basis::compare;
use crate::governance::promotion::chain::{Chain, ChainError};
use crate::governance::promotion::decide::Command;
use crate::governance::promotion::denying;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::guard::{authenticate, stage_before};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::risk::{self, Risk};
use crate::governance::promotion::safety::clock_off::{ClockRemark, is_acknowledgement};
use crate::governance::promotion::state::RequestRecord;
use crate::governance::promotion::statement::{Act, Approval, Denial, Request, Withdrawal};
use crate::kernel::digest::Digest;
use crate::kernel::id::RequestId;

/// How often a statement is decided again because somebody else wrote first.
const TRIES_MAX: usize = 20;

/// What follows a person's act, beside the decisions that [`Desk::append`] adds to whatever is
/// written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Follow {
    /// Nothing.
    Nothing,
    /// A request is judged once it is recorded; what it would trade with is held against the deny
    /// rules before.
    Judging {
        /// The request.
        request: Box<Request>,
        /// What it would trade with.
        settings: Box<Settings>,
    },
}

/// What a person wants to do to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Approve, with a word to the record.
    Approve {
        /// The word; may be empty.
        comment: String,
    },
    /// Refuse.
    Deny {
        /// Reason code.
        reason: String,
        /// A word; may be empty.
        comment: String,
    },
    /// Take back.
    Withdraw,
}

impl Wish {
    fn kind(&self) -> &'static str {
        match self {
            Self::Approve { .. } => "approval",
            Self::Deny { .. } => "denial",
            Self::Withdraw => "withdrawal",
        }
    }
}

/// What signing asks of the world.
pub struct World<'w> {
    /// Randomness for nonces.
    pub entropy: &'w mut dyn Entropy,
    /// Is given the exact bytes before they are signed.
    pub show: &'w mut dyn FnMut(&str),
}

/// Is asked before an approval is signed here or submitted, with the bytes where they are made
/// here; an error ends it.
pub type Agree<'w> = &'w mut dyn FnMut(&Request, &str) -> Result<(), Failure>;

/// Records what a person wants, and the decision if it was the last thing missing.
///
/// # Errors
/// When it is refused, or what would be signed is not what the evidence gives (exit 9).
pub async fn act(
    desk: &mut Desk,
    id: &RequestId,
    wish: &Wish,
    role: Option<&str>,
    how: &How,
    (world, agree): (World<'_>, Agree<'_>),
) -> Result<(Made, Vec<Entry>), Failure> {
    let World { entropy, show } = world;
    let record = desk.request(id)?.clone();
    let approves = matches!(wish, Wish::Approve { .. });
    if approves {
        desk.raises_risk()?;
        recompute(desk, &record).await?;
    }
    let made = match public_of(how)? {
        Some(key) => {
            let act = word(desk, &record, wish);
            let role = match role {
                Some(role) => role.to_owned(),
                None => own_role(desk, &record, &key.fingerprint())?,
            };
            let statement = compose(desk, act, &[(key, role)], entropy)?;
            // What is only written out is confirmed where it is submitted.
            if approves && matches!(how, How::Keys { .. }) {
                agree(
                    &record.request,
                    &String::from_utf8_lossy(&bytes_of(&statement)?),
                )?;
            }
            make(&statement, how, show)?
        }
        None => {
            if approves {
                agree(&record.request, "")?;
            }
            brought(read_back(how)?, id, wish, role)?
        }
    };
    let Made::Signed(signed) = &made else {
        return Ok((made, Vec::new()));
    };
    let written = submit(desk, signed, Follow::Nothing, &[]).await?;
    Ok((made, written))
}

/// Records a signed statement and what follows from it. If somebody else writes first, it is
/// decided again on what the ledger then holds: the statement stays valid while nothing that
/// matters has changed.
///
/// # Errors
/// When it is refused; the refusal is recorded if its signature is valid and enrolled.
pub async fn submit(
    desk: &mut Desk,
    signed: &Signed,
    follow: Follow,
    blobs: &[Vec<u8>],
) -> Result<Vec<Entry>, Failure> {
    for _ in 0..TRIES_MAX {
        match attempt(desk, signed, &follow, blobs).await {
            Err(failure) if failure.slug == failures::MOVED => desk.refresh().await?,
            other => return other,
        }
    }
    attempt(desk, signed, &follow, blobs).await
}

async fn attempt(
    desk: &mut Desk,
    signed: &Signed,
    follow: &Follow,
    blobs: &[Vec<u8>],
) -> Result<Vec<Entry>, Failure> {
    if risk::of(&signed.statement.act) == Risk::Raises {
        desk.halts_are_known()?;
    }
    sandbox_keys::check_act(&desk.state, &signed.statement.act)?;
    let engine = desk.engine()?;
    let sign = |namespace: &str, bytes: &[u8]| engine.sign(namespace, bytes);
    let mut chain = desk.chain();
    let entry = match chain.submit(signed.clone()) {
        Ok(entry) => entry,
        Err(error) => return Err(refuse(desk, signed, error).await?),
    };
    if desk.off.is_some() && !is_acknowledgement(&signed.statement.act) {
        let entry = entry.leaf_hash;
        let clock = desk.clock();
        let remark = Command::ClockRemark(ClockRemark { entry, clock });
        chain
            .engine(remark, engine.public(), &sign)
            .map_err(|e| failures::chain(&e))?;
    }
    if let Follow::Judging { request, settings } = follow {
        // Settings are asked before anything is recorded: nobody looks at figures for nothing.
        denying::by_settings(&chain.state, request, settings).map_err(|e| failures::refused(&e))?;
    }
    desk.append(chain, blobs).await
}

/// The failure of a refused statement, after recording the refusal where that is due.
async fn refuse(desk: &mut Desk, signed: &Signed, error: ChainError) -> Result<Failure, Failure> {
    let failure = failures::chain(&error);
    let ChainError::Refused(refusal) = error else {
        return Ok(failure);
    };
    // What a refused publication was judged by is not kept, so nobody could refuse it again.
    let publication = matches!(signed.statement.act, Act::PolicyPublication(_));
    if publication || authenticate(&desk.state, signed).is_err() {
        return Ok(noted(desk, signed, &refusal, failure));
    }
    let engine = desk.engine()?;
    let sign = |namespace: &str, bytes: &[u8]| engine.sign(namespace, bytes);
    let mut chain = desk.chain();
    chain
        .refuse(signed, &refusal, engine.public(), &sign)
        .map_err(|e| failures::chain(&e))?;
    if chain.drafts.is_empty() {
        return Ok(failure);
    }
    let written = desk.append(chain, &[]).await?;
    let refusals = written.iter().filter(|e| e.leaf.kind == "refusal");
    Ok(failure.recorded(refusals.map(answer::Made::of)))
}

/// Notes a refused act without a valid enrolled signature in the local log.
fn noted(desk: &Desk, signed: &Signed, refusal: &Refusal, failure: Failure) -> Failure {
    let refused = Refused {
        schema: "promote/refused/v1",
        at: desk.now.to_string(),
        act: signed.statement.act.kind(),
        named: signed.statement.signer.person.as_str(),
        statement_sha256: signed.digest.to_string(),
        reason: refusal.slug(),
    };
    match refused_log::append(desk.path(), &refused) {
        Ok(true) => failure,
        Ok(false) => failure.snippet("the local log of refused acts is full".to_owned()),
        Err(e) => failure.snippet(format!("the local log of refused acts: {e}")),
    }
}

/// Decides a request whose slots are filled.
///
/// # Errors
/// Exit 8 while something is missing.
pub async fn decide(desk: &mut Desk, id: &RequestId) -> Result<Vec<Entry>, Failure> {
    desk.raises_risk()?;
    let request = id.clone();
    engine_act(desk, Command::Decide { request }, &[]).await
}

pub(super) async fn engine_act(
    desk: &mut Desk,
    command: Command,
    blobs: &[Vec<u8>],
) -> Result<Vec<Entry>, Failure> {
    let engine = desk.engine()?;
    let mut chain: Chain = desk.chain();
    let sign = |namespace: &str, bytes: &[u8]| engine.sign(namespace, bytes);
    chain
        .engine(command, engine.public(), &sign)
        .map_err(|e| failures::chain(&e))?;
    desk.append(chain, blobs).await
}

/// As the engine decides; if somebody else writes first, it is decided again on what the ledger then
/// holds.
///
/// # Errors
/// When it is refused or cannot be written.
pub async fn engine_insists(desk: &mut Desk, command: Command) -> Result<Vec<Entry>, Failure> {
    for _ in 0..TRIES_MAX {
        match engine_act(desk, command.clone(), &[]).await {
            Err(failure) if failure.slug == failures::MOVED => desk.refresh().await?,
            other => return other,
        }
    }
    engine_act(desk, command, &[]).await
}

/// Derives everything again from the ledger's blobs; refuses on any difference.
async fn recompute(desk: &mut Desk, record: &RequestRecord) -> Result<(), Failure> {
    let Some(judged) = &record.judged else {
        return Ok(());
    };
    let evaluation = &judged.evaluation;
    let when = (evaluation.now, evaluation.beside.trials, judged.seq);
    let book = Book::kept(desk, evaluation.beside.book).await?;
    let reopened = derived(desk, record, when, &book).await?;
    reopened
        .and_then(|reopened| compare(evaluation, &reopened))
        .map_err(|e| failures::recheck(&e))
}

fn word(desk: &Desk, record: &RequestRecord, wish: &Wish) -> Act {
    let request = &record.request;
    match wish {
        Wish::Approve { comment } => Act::Approval(Box::new(Approval {
            request: request.request.clone(),
            request_leaf: record.mark.leaf,
            portfolio: request.portfolio.clone(),
            from: stage_before(request.target),
            to: request.target.stage(),
            // Without an evaluation there is nothing to approve, and the guard says so.
            decision_sha256: record
                .judged
                .as_ref()
                .map_or_else(|| Digest::of(b""), |j| j.evaluation.decision_sha256),
            contract_sha256: record
                .judged
                .as_ref()
                .and_then(|j| j.evaluation.beside.contract_sha256()),
            evidence: request.evidence.clone(),
            policy_sha256: request.policy_sha256,
            strategy_sha256: request.strategy_sha256,
            limits_sha256: request.limits_sha256,
            instance: request.instance.clone(),
            instance_card: request.instance_card,
            halt_epochs: desk.state.halt_epochs(&request.portfolio),
            comment: comment.clone(),
        })),
        Wish::Deny { reason, comment } => Act::Denial(Denial {
            request: request.request.clone(),
            request_leaf: record.mark.leaf,
            reason: reason.clone(),
            comment: comment.clone(),
        }),
        Wish::Withdraw => Act::Withdrawal(Withdrawal {
            request: request.request.clone(),
            request_leaf: record.mark.leaf,
        }),
    }
}

/// The role in which the owner of `key` withdraws: as the requester, else as risk, else as held.
fn own_role(
    desk: &Desk,
    record: &RequestRecord,
    key: &crate::kernel::pubkey::Fingerprint,
) -> Result<String, Failure> {
    use crate::governance::policy::roles::Role;
    let person = super::signing::person_of(&desk.state, key)?;
    if record.mark.person == person {
        return Ok(record.mark.role.clone());
    }
    let roles = desk.state.persons.get(&person).map(|p| &p.roles);
    let role = roles.and_then(|roles| {
        let risk = roles.contains(&Role::Risk).then_some(Role::Risk);
        risk.or_else(|| roles.first().copied())
    });
    Ok(role.map_or_else(String::new, |role| role.to_string()))
}

/// A statement that was signed elsewhere must be the one that the command is about.
fn brought(made: Made, id: &RequestId, wish: &Wish, role: Option<&str>) -> Result<Made, Failure> {
    let Made::Signed(signed) = &made else {
        return Ok(made);
    };
    let statement = &signed.statement;
    let about = match &statement.act {
        Act::Approval(approval) => Some(&approval.request),
        Act::Denial(denial) => Some(&denial.request),
        Act::Withdrawal(withdrawal) => Some(&withdrawal.request),
        Act::Enrolment(_)
        | Act::Request(_)
        | Act::Evaluation(_)
        | Act::EvaluationError(_)
        | Act::Decision(_)
        | Act::InstanceEnrolment(_)
        | Act::KeyRevocation(_)
        | Act::KeyRotation(_)
        | Act::RootChange(_)
        | Act::Void(_)
        | Act::TokenIssue(_)
        | Act::TokenRedemption(_)
        | Act::TokenRevocation(_)
        | Act::ChecklistItem(_)
        | Act::PolicyPublication(_)
        | Act::Refusal(_)
        | Act::Safety(_)
        | Act::Track(_) => None,
    };
    let same_role = role.is_none_or(|role| role == statement.signer.role);
    if about == Some(id) && statement.act.kind() == wish.kind() && same_role {
        return Ok(made);
    }
    let text = format!(
        "the statement is a {} by {} in the role {}, not this {} of `{id}`",
        statement.act.kind(),
        statement.signer.person,
        crate::kernel::text::visible(&statement.signer.role, 40),
        wish.kind(),
    );
    Err(Failure::new(Exit::Usage, "statement.other", text))
}
