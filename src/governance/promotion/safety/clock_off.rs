//! A clock that is off: what raises risk waits until risk and ops acknowledge; what lowers risk is
//! stamped right after the last entry, and the engine remarks on it.
//!
//! Ahead of the last entry by more than the rules allow, the acknowledgement itself carries the
//! clock's time into the ledger. Behind it, the acknowledgement says how far behind is accepted,
//! for a day. Sandboxes choose their time, so nothing is off there.

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::kernel::digest::Digest;
use crate::kernel::id::PersonId;
use crate::kernel::time::{DAY_MS, HOUR_MS, UtcTime};

use super::{Checked, exactly, short};
use crate::governance::promotion::clock::{BEHIND_MAX_MS, Limits};
use crate::governance::promotion::guard::{self, Moment};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{Mark, State};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedBehind {
    /// Milliseconds that it lay behind.
    pub ms: i64,
    /// When that was said.
    pub time: UtcTime,
}

/// How far the clock may be off now.
#[must_use]
pub fn limits(state: &State) -> Limits {
    let hours = i64::from(state.rules().clock.ahead_hours_max);
    let accepted = state.safety.clock_behind;
    let in_force = accepted.filter(|a| state.last_time().millis_since(a.time) <= DAY_MS);
    Limits {
        ahead_ms: hours.saturating_mul(HOUR_MS),
        behind_ms: BEHIND_MAX_MS.saturating_add(in_force.map_or(0, |a| a.ms)),
    }
}

/// Refuses what raises risk at a time that lies too far ahead of the last entry.
///
/// # Errors
/// `clock-ahead`.
pub fn in_order(state: &State, now: UtcTime) -> Checked {
    let ahead = now.millis_since(state.last_time());
    if state.genesis.sandbox || ahead <= limits(state).ahead_ms {
        return Ok(());
    }
    Err(Refusal::ClockAhead {
        hours: ahead / HOUR_MS,
    })
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
        });
    }
}
