//! A clock that is off: what raises risk waits until risk and ops acknowledge; what lowers risk is
//! stamped right after the last entry, and the engine remarks on it.
//!
//! Ahead of the last entry by more than the rules allow, the acknowledgement itself carries the
//! clock's time into the ledger. Behind it, the acknowledgement says how far behind is accepted,
//! for a day. Sandboxes choose their time, so nothing is off there.
//!
//! Time passes only as far as persons vouch for it: an entry of the engine, a halt (which counts
//! however old it is) and an entry without effect carry the ledger no further than the rules allow
//! beyond the last statement of a person, however many of them there are. An entry beyond that is
//! stamped right after the last one, whatever it says itself.

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::kernel::digest::Digest;
use crate::kernel::id::PersonId;
use crate::kernel::time::{DAY_MS, HOUR_MS, UtcTime};

use super::{Checked, SafetyAct, exactly, short};
use crate::governance::promotion::access::Signature;
use crate::governance::promotion::clock::{BEHIND_MAX_MS, Limits};
use crate::governance::promotion::guard::{self, Moment};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{Mark, State};
use crate::governance::promotion::statement::{Act, Statement};

/// Risk and ops have looked at the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockAcknowledgement {
    /// What the host's clock said.
    pub clock: UtcTime,
    /// Time of the last entry then.
    pub last: UtcTime,
    /// Why it is right, in words.
    pub reason: String,
}

/// The engine's remark on an entry that was stamped right after the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockRemark {
    /// Leaf hash of the entry.
    pub entry: Digest,
    /// What the host's clock said.
    pub clock: UtcTime,
}

/// A clock behind the last entry that was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedBehind {
    /// Milliseconds that it lay behind.
    pub ms: i64,
    /// When that was said.
    pub time: UtcTime,
    /// By whom.
    pub by: Signature,
}

/// How far right after the last entry is, in milliseconds.
const RIGHT_AFTER_MS: i64 = 1000;

/// How far the clock may be off now.
#[must_use]
pub fn limits(state: &State) -> Limits {
    let hours = i64::from(state.rules().clock.ahead_hours_max);
    let last = state.last_time();
    let alone = last.millis_since(state.safety.vouched.unwrap_or(last));
    let accepted = state.safety.clock_behind.as_ref();
    let in_force = accepted.filter(|a| state.last_time().millis_since(a.time) <= DAY_MS);
    Limits {
        ahead_ms: hours.saturating_mul(HOUR_MS).saturating_sub(alone),
        behind_ms: BEHIND_MAX_MS.saturating_add(in_force.map_or(0, |a| a.ms)),
    }
}

/// Refuses what raises risk at a time that lies too far ahead of the last entry.
///
/// # Errors
/// `clock-ahead`.
pub fn in_order(state: &State, now: UtcTime) -> Checked {
    if is_vouched_for(state, now) {
        return Ok(());
    }
    Err(Refusal::ClockAhead {
        hours: now.millis_since(state.last_time()) / HOUR_MS,
    })
}

fn is_vouched_for(state: &State, now: UtcTime) -> bool {
    let ahead = now.millis_since(state.last_time());
    state.genesis.sandbox || ahead <= limits(state).ahead_ms.max(RIGHT_AFTER_MS)
}

/// The time at which an entry counts that says `now`; `act` is none for acts of the engine and for
/// what cannot be read.
#[must_use]
pub fn stamp(state: &State, act: Option<&Act>, now: UtcTime) -> UtcTime {
    if act.is_some_and(is_acknowledgement) || is_vouched_for(state, now) {
        now
    } else {
        state.last_time().plus_millis(1)
    }
}

/// Notes that a person's `statement` was accepted at `time`, before its effect.
pub(in crate::governance::promotion) fn vouch(
    state: &mut State,
    statement: &Statement,
    time: UtcTime,
) {
    let halt = matches!(super::of(&statement.act), Some(SafetyAct::Halt(_)));
    let machine = ["engine", "instance"].contains(&statement.signer.role.as_str());
    if !machine && !halt {
        state.safety.vouched = Some(time);
    }
}

/// True for the act that puts a clock right.
#[must_use]
pub fn is_acknowledgement(act: &Act) -> bool {
    matches!(super::of(act), Some(SafetyAct::ClockAcknowledgement(_)))
}

pub(super) fn check(
    state: &State,
    act: &ClockAcknowledgement,
    signers: &[(PersonId, Role)],
    at: &Moment,
) -> Checked {
    exactly(
        "clock acknowledgement",
        signers,
        &[Role::Risk, Role::Ops],
        "risk and ops, two persons",
    )?;
    guard::raises_risk(state)?;
    short(&act.reason, "reason")?;
    if act.last != state.last_time() {
        return Err(Refusal::StatementDiffers { field: "last" });
    }
    let ahead = act.clock.millis_since(act.last);
    let limits = limits(state);
    if state.genesis.sandbox || (-limits.behind_ms..=limits.ahead_ms).contains(&ahead) {
        return Err(Refusal::ClockInOrder);
    }
    if ahead < 0 {
        return Ok(());
    }
    // The entry is stamped with the clock that its signers saw, give or take the signing.
    let late = at.now.millis_since(act.clock);
    if (0..=DAY_MS).contains(&late) {
        Ok(())
    } else {
        Err(Refusal::StatementDiffers { field: "clock" })
    }
}

pub(super) fn effect(state: &mut State, act: &ClockAcknowledgement, mark: &Mark) {
    let behind = act.last.millis_since(act.clock);
    if behind > 0 {
        state.safety.clock_behind = Some(AcceptedBehind {
            ms: behind,
            time: mark.time,
            by: mark.into(),
        });
    }
}
