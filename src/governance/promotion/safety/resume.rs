//! Resume: a halt is lifted, by risk and ops together.
//!
//! In: a signed resume that names one halt and its scope. Out: nothing, or why not; then the halt
//! as lifted. Both signers saw the present state of everything in scope. LIVE is resumed on a
//! certificate that is younger than its halt, and after [`CERTIFICATE_AFTER_DAYS`] every running
//! stage is. Nothing else comes back: requests, tokens and overrides that the halt ended stay
//! ended.

use serde::{Deserialize, Serialize};

use super::halt::{HaltRecord, HaltScope, in_scope, standing, stands};
use super::{Checked, certificate, exactly, review, rise, short};
use crate::governance::policy::roles::Role;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::expiry;
use crate::governance::promotion::guard::{self, Moment};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{Mark, State};
use crate::governance::promotion::statement::Statement;
use crate::governance::stage::{Stage, Target};
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};
use crate::kernel::time::{DAY_MS, UtcTime};

/// Days after which a resume also wants fresh certificates.
pub const CERTIFICATE_AFTER_DAYS: i64 = 5;

/// A halt is lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// Leaf hash of the entry that the halt stands on.
    pub halt: Digest,
    /// Its scope: one entry may halt several portfolios.
    pub scope: HaltScope,
    /// Why it may go on, in words.
    pub reason: String,
}

pub(super) fn check(
    state: &State,
    signed: &Signed,
    resume: &Resume,
    signers: &[(PersonId, Role)],
    at: &Moment,
) -> Checked {
    exactly(
        "resume",
        signers,
        &[Role::Risk, Role::Ops],
        "risk and ops, two persons",
    )?;
    guard::raises_risk(state)?;
    short(&resume.reason, "reason")?;
    let record = standing(state, &resume.halt, &resume.scope).ok_or(Refusal::NoSuchHalt)?;
    let halter = record.by.as_ref().map(|mark| &mark.person);
    // Two persons sign, so one of them is always another; said here all the same.
    if signers.iter().all(|(person, _)| Some(person) == halter) {
        return Err(Refusal::SignersWanted {
            act: "resume",
            wanted: "somebody else than who halted too".to_owned(),
        });
    }
    let ids = in_scope(state, &record.scope);
    rise::no_grave_incident(state, &ids)?;
    review::none_unmade(state, &ids)?;
    if let Some(portfolio) = uncertified(state, record, at.now) {
        return Err(Refusal::RecertificationWanted { portfolio });
    }
    present(state, signed, record, &ids, at)
}

/// The first portfolio in a halt's scope that wants a certificate before the halt is lifted.
#[must_use]
pub fn uncertified(state: &State, record: &HaltRecord, now: UtcTime) -> Option<PortfolioId> {
    let late = now.millis_since(record.time) > CERTIFICATE_AFTER_DAYS * DAY_MS;
    let wants = |id: &PortfolioId| {
        let stage = state
            .portfolios
            .get(id)
            .map_or(Stage::Research, |p| p.stage);
        let running = matches!(stage, Stage::Shadow | Stage::Testnet | Stage::Live);
        let wanted = stage == Stage::Live || (late && running);
        wanted && !certificate::after(state, id, record)
    };
    in_scope(state, &record.scope).into_iter().find(wants)
}

/// The signers saw the present state of everything in scope.
fn present(
    state: &State,
    signed: &Signed,
    record: &HaltRecord,
    ids: &[PortfolioId],
    at: &Moment,
) -> Checked {
    let head = &signed.statement.head;
    let stages = || ids.iter().filter_map(|id| state.portfolios.get(id));
    let target = match stages().any(|held| held.stage == Stage::Live) {
        true => Target::Live,
        false => Target::Shadow,
    };
    let rules = state.rules().approval.get(&target).copied();
    let rules = rules.ok_or(Refusal::StaleHead { hours_max: 0 })?;
    if !expiry::head_is_fresh(state, &rules, head, at.now) {
        return Err(Refusal::StaleHead {
            hours_max: rules.head_age_hours_max,
        });
    }
    if record.by.is_none() {
        after_the_moment(state, signed, record)?;
    }
    let touched = stages().map(|held| held.touched);
    match touched.chain([record.seq]).max() {
        Some(seq) if seq >= head.size => Err(Refusal::StateMoved { seq }),
        _ => Ok(()),
    }
}

/// A halt that time alone made stands on an entry that was there before it, so a later head proves
/// nothing: the signers signed at its moment or after it, over a head that was the present one then
/// or came later.
fn after_the_moment(state: &State, signed: &Signed, record: &HaltRecord) -> Checked {
    let Statement {
        head, issued_at, ..
    } = &signed.statement;
    let replaced = state.replaced_at(head.size);
    let seen = replaced.is_none_or(|replaced| replaced >= record.time);
    if seen && *issued_at >= record.time {
        return Ok(());
    }
    Err(Refusal::HaltNotSeen { time: record.time })
}

pub(super) fn effect(state: &mut State, resume: &Resume, mark: Mark) {
    let ids = in_scope(state, &resume.scope);
    for id in ids {
        if let Some(held) = state.portfolios.get_mut(&id) {
            held.touched = mark.seq;
        }
    }
    let mut halts = state.safety.halts.iter_mut();
    if let Some(record) = halts.find(|h| stands(h, &resume.halt, &resume.scope)) {
        record.resumed = Some(mark);
    }
}
