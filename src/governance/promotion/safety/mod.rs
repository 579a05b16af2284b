//! Safety: everything that lowers risk, and what brings a portfolio back.
//!
//! One file per family of acts, each with its statements, its guard and its effect; [`Safety`] is
//! their part of the state. In: signed statements by one or several persons. Out: what changed.
//! Keeps: lowering needs one signature and no fresh state, nothing that was ended comes back by a
//! resume, and what only time does is applied in the order of its due times.

pub mod halt;
pub mod lowering;
pub mod missing;
pub mod rise;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, ProfileId};
use crate::kernel::text::FREE_TEXT_MAX_BYTES;
use crate::kernel::time::UtcTime;

use super::decide::Command;
use super::event::Signed;
use super::guard::{self, Moment};
use super::refusal::Refusal;
use super::state::{Mark, State};
use super::statement::Act;

type Checked = Result<(), Refusal>;

/// An act of this family; tagged by its own `type`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum SafetyAct {
    /// Everything in scope stops.
    #[serde(rename = "promote/halt/v1")]
    Halt(halt::Halt),
    /// The engine records how long a drill took.
    #[serde(rename = "promote/drill/v1")]
    Drill(halt::Drill),
    /// A halt is lifted.
    #[serde(rename = "promote/resume/v1")]
    Resume(halt::Resume),
}

/// What these acts add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Safety {
    /// Halts of everything so far.
    pub global_epoch: u64,
    /// Halts of a profile so far.
    pub profile_epochs: BTreeMap<ProfileId, u64>,
    /// Halts of a portfolio so far.
    pub portfolio_epochs: BTreeMap<PortfolioId, u64>,
    /// Halts, in order; lifted ones too.
    pub halts: Vec<halt::HaltRecord>,
    /// Drills, in order.
    pub drills: Vec<halt::DrillRecord>,
    /// Evidence (digests of the reproducible part) that does not count again after a lowering.
    pub spent: BTreeMap<PortfolioId, BTreeSet<Digest>>,
    /// What the present stage of a portfolio rests on: the grant, the last certificate, or the
    /// lowering to it.
    pub standing: BTreeMap<PortfolioId, Standing>,
    /// Stages that time alone took away, in order.
    pub derived: Vec<Derived>,
}

/// The entry that a stage rests on, and the time from which certificates are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Position.
    pub seq: u64,
    /// Leaf hash.
    pub leaf: Digest,
    /// Counted from here.
    pub time: UtcTime,
}

/// A stage that time alone took away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// When it was due.
    pub time: UtcTime,
    /// Whose.
    pub portfolio: PortfolioId,
    /// Why.
    pub cause: halt::Cause,
    /// Before.
    pub from: crate::governance::stage::Stage,
    /// After.
    pub to: crate::governance::stage::Stage,
}

impl SafetyAct {
    /// Entry kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Halt(_) => "halt",
            Self::Drill(_) => "drill",
            Self::Resume(_) => "resume",
        }
    }

    /// The command that makes this act, where the engine makes it.
    #[must_use]
    pub fn engine_command(&self) -> Option<Command> {
        match self {
            Self::Drill(drill) => Some(Command::Drill(*drill)),
            Self::Halt(_) | Self::Resume(_) => None,
        }
    }
}

/// Everything about a person's act of this family.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(state: &State, signed: &Signed, act: &SafetyAct, at: &Moment) -> Checked {
    let signers = guard::signers(state, signed)?;
    match act {
        // Never refused for what its signer saw or what the clock said.
        SafetyAct::Halt(_) => guard::unique(state, signed)?,
        SafetyAct::Drill(_) | SafetyAct::Resume(_) => guard::frame(state, signed, at)?,
    }
    match act {
        SafetyAct::Halt(act) => halt::check(act, &signers),
        SafetyAct::Resume(act) => halt::check_resume(state, signed, act, &signers, at),
        SafetyAct::Drill(_) => Err(Refusal::NotAPersonsAct { act: act.kind() }),
    }
}

/// What an accepted act changes.
pub(super) fn effect(state: &mut State, act: &SafetyAct, mark: Mark) {
    match act {
        SafetyAct::Halt(act) => halt::effect(state, act, mark),
        SafetyAct::Drill(act) => halt::drilled(state, act),
        SafetyAct::Resume(act) => halt::resumed(state, act, mark),
    }
}

/// Something that only time does, due at `time`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    /// When.
    pub time: UtcTime,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {}

/// The earliest thing that is due by `now`.
pub(super) fn next_due(_state: &State, _now: UtcTime) -> Option<Due> {
    None
}

/// Does what is due.
pub(super) fn fall_due(_state: &mut State, due: Due) {
    match due.what {}
}

/// The signer of an act that one person signs in one of `roles`.
fn one_of(act: &'static str, signers: &[(PersonId, Role)], roles: &[Role]) -> Checked {
    match signers {
        [(_, role)] if roles.contains(role) => Ok(()),
        [(_, role)] => Err(Refusal::ActNotForRole {
            act,
            role: role.to_string(),
        }),
        more => Err(Refusal::BadSignature {
            why: format!("one signature is wanted, {} found", more.len()),
        }),
    }
}

/// Exactly these roles sign, one person each, in any order.
fn exactly(
    act: &'static str,
    signers: &[(PersonId, Role)],
    roles: &[Role],
    wanted: &'static str,
) -> Checked {
    let mut have: Vec<Role> = signers.iter().map(|(_, role)| *role).collect();
    let mut sorted = roles.to_vec();
    have.sort();
    sorted.sort();
    if have == sorted {
        return Ok(());
    }
    Err(Refusal::SignersWanted {
        act,
        wanted: wanted.to_owned(),
    })
}

fn short(text: &str, field: &'static str) -> Checked {
    if text.is_empty() {
        return Err(Refusal::TextWanted { field });
    }
    if text.len() > FREE_TEXT_MAX_BYTES {
        return Err(Refusal::TextTooLong { field });
    }
    Ok(())
}

/// The act inside a statement, if it is one of this family.
#[must_use]
pub fn of(act: &Act) -> Option<&SafetyAct> {
    match act {
        Act::Safety(act) => Some(act),
        _ => None,
    }
}

/// Whether an approval may count at all: not while halted, not under an older epoch.
///
/// # Errors
/// `halted`.
pub fn approval_may_count(
    state: &State,
    _signed: &Signed,
    approval: &super::statement::Approval,
) -> Checked {
    match state.portfolios.get(&approval.portfolio) {
        Some(held) => rise::not_halted(state, &approval.portfolio, &held.profile),
        None => Ok(()),
    }
}

/// A stage was granted by the decision at `mark`.
pub(super) fn granted(state: &mut State, portfolio: &PortfolioId, mark: &Mark) {
    let standing = Standing {
        seq: mark.seq,
        leaf: mark.leaf,
        time: mark.time,
    };
    state.safety.standing.insert(portfolio.clone(), standing);
}
