//! The time that a command acts at.
//!
//! Real ledgers: the later of the clock and the last entry; a clock more than two seconds behind
//! the last entry, or far ahead of it, may only lower risk until it is acknowledged, and what it
//! lowers is stamped right after the last entry. Sandboxes: the last entry and a millisecond, or a chosen
//! time that never runs backwards.

use crate::kernel::time::UtcTime;

/// How far the clock may lie behind the last entry.
pub const BEHIND_MAX_MS: i64 = 2000;

/// The present, and whether the clock can be trusted with raising risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Present {
    /// Now.
    pub now: UtcTime,
    /// How the clock is off, if it is by too much.
    pub off: Option<Off>,
}

/// A clock that is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    /// Milliseconds behind the last entry.
    Behind(i64),
    /// Milliseconds ahead of the last entry.
    Ahead(i64),
}

/// How far a clock may be off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Milliseconds behind the last entry.
    pub behind_ms: i64,
    /// Milliseconds ahead of the last entry.
    pub ahead_ms: i64,
}

/// Why a chosen time is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefusal {
    /// Real ledgers have real time.
    #[error("--now is for sandbox ledgers only")]
    RealLedger,
    /// Before the last entry.
    #[error("--now {chosen} lies before the last entry, {last}: time never runs backwards")]
    Backwards {
        /// Chosen.
        chosen: UtcTime,
        /// Last entry.
        last: UtcTime,
    },
}

/// The time to act at.
///
/// # Errors
/// When a time is chosen for a real ledger, or one before the last entry.
pub fn present(
    sandbox: bool,
    chosen: Option<UtcTime>,
    clock: UtcTime,
    last: UtcTime,
    limits: Limits,
) -> Result<Present, ClockRefusal> {
    let at = |now| Ok(Present { now, off: None });
    match (sandbox, chosen) {
        (false, Some(_)) => Err(ClockRefusal::RealLedger),
        (true, Some(chosen)) if chosen < last => Err(ClockRefusal::Backwards { chosen, last }),
        (true, Some(chosen)) => at(chosen),
        (true, None) => at(last.plus_millis(1)),
        (false, None) => {
            let ahead = clock.millis_since(last);
            let behind = last.millis_since(clock);
            let off = if ahead > limits.ahead_ms {
                Some(Off::Ahead(ahead))
            } else if behind > limits.behind_ms {
                Some(Off::Behind(behind))
            } else {
                None
            };
            let now = if ahead >= 0 && off.is_none() {
                clock
            } else {
                last.plus_millis(1)
            };
            Ok(Present { now, off })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_chosen_in_sandboxes_only_and_never_runs_backwards() {
        let last = UtcTime::EPOCH.plus_days(10);
        let before = last.plus_millis(-1);
        let late = last.plus_millis(-2001);
        let limits = Limits {
            behind_ms: BEHIND_MAX_MS,
            ahead_ms: 1000,
        };
        let of = |sandbox, chosen, clock| present(sandbox, chosen, clock, last, limits);
        let real = |clock| of(false, None, clock).unwrap();
        let next = last.plus_millis(1);
        assert_eq!(of(true, None, late).unwrap().now, next);
        assert_eq!(of(true, Some(last), late).unwrap().now, last);
        assert!(of(true, Some(before), last).is_err());
        assert_eq!(of(false, Some(last), last), Err(ClockRefusal::RealLedger));
        assert_eq!(real(last).now, last);
        let near = last.plus_millis(1000);
        assert_eq!(
            real(near),
            Present {
                now: near,
                off: None
            }
        );
        let slow = Present {
            now: next,
            off: None,
        };
        assert_eq!(real(before), slow);
        let behind = Some(Off::Behind(2001));
        assert_eq!(
            real(late),
            Present {
                now: next,
                off: behind
            }
        );
        // Exactly as far behind as is allowed.
        assert_eq!(real(last.plus_millis(-2000)), slow);
        let ahead = Some(Off::Ahead(1001));
        let far = last.plus_millis(1001);
        assert_eq!(
            real(far),
            Present {
                now: next,
                off: ahead
            }
        );
        // Sandboxes choose their time, however far.
        assert_eq!(of(true, Some(last.plus_days(900)), late).unwrap().off, None);
    }
}
