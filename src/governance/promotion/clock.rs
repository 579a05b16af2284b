//! The time that a command acts at.
//!
//! Real ledgers: the later of the clock and the last entry; a clock more than two seconds behind
//! the last entry may only lower risk. Sandboxes: the last entry and a millisecond, or a chosen
//! time that never runs backwards.

use crate::kernel::time::UtcTime;

/// How far the clock may lie behind the last entry.
pub const BEHIND_MAX_MS: i64 = 2000;

/// The present, and whether the clock can be trusted with raising risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Present {
    /// Now.
    pub now: UtcTime,
    /// Milliseconds that the clock lies behind the last entry, if too many.
    pub behind: Option<i64>,
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
) -> Result<Present, ClockRefusal> {
    let at = |now| Ok(Present { now, behind: None });
    match (sandbox, chosen) {
        (false, Some(_)) => Err(ClockRefusal::RealLedger),
        (true, Some(chosen)) if chosen < last => Err(ClockRefusal::Backwards { chosen, last }),
        (true, Some(chosen)) => at(chosen),
        (true, None) => at(last.plus_millis(1)),
        (false, None) if clock >= last => at(clock),
        (false, None) => {
            let behind = last.millis_since(clock);
            Ok(Present {
                now: last.plus_millis(1),
                behind: (behind > BEHIND_MAX_MS).then_some(behind),
            })
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
        assert_eq!(
            present(true, None, late, last).unwrap().now,
            last.plus_millis(1)
        );
        assert_eq!(present(true, Some(last), late, last).unwrap().now, last);
        assert!(present(true, Some(before), last, last).is_err());
        assert_eq!(
            present(false, Some(last), last, last),
            Err(ClockRefusal::RealLedger)
        );
        assert_eq!(present(false, None, last, last).unwrap().now, last);
        assert_eq!(present(false, None, before, last).unwrap().behind, None);
        assert_eq!(present(false, None, late, last).unwrap().behind, Some(2001));
    }
}
