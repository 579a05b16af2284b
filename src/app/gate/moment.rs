//! The time of commands that judge or produce without writing to the ledger: research, imports,
//! reports on bars and bundles.
//!
//! In: the path of a ledger that may not exist, the host's clock, perhaps a chosen time. Out: now,
//! and whether the world ends there. In a sandbox it does: time is that of the ledger, and what
//! lies after it does not exist yet, however far the files on disk reach. On a real ledger time is
//! the clock's, and cannot be chosen.

use std::path::Path;

use super::desk::When;
use super::failures;
use super::shown::Shown;
use crate::app::failure::Failure;
use crate::governance::promotion::clock::ClockRefusal;
use crate::kernel::time::UtcTime;

/// Now, and whether anything exists after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Now.
    pub now: UtcTime,
    /// The time is a ledger's or a chosen one: what lies after it does not exist.
    pub ends_here: bool,
}

impl Moment {
    /// The moment at the ledger `path`, or that of `when` where there is no such file.
    ///
    /// # Errors
    /// When the ledger does not verify, or the time may not be chosen.
    pub async fn at(path: Option<&Path>, when: When) -> Result<Self, Failure> {
        let (clock, chosen) = (when.clock, when.chosen);
        let ledger = path.filter(|path| path.is_file());
        let Some(path) = ledger else {
            return Self::of(None, chosen, clock);
        };
        let shown = Shown::read(path, when).await?;
        let sandbox = shown.state.genesis.sandbox;
        Self::of(Some((sandbox, shown.now)), chosen, clock)
    }

    /// `ledger`: whether it is a sandbox, and its now.
    fn of(
        ledger: Option<(bool, UtcTime)>,
        chosen: Option<UtcTime>,
        clock: UtcTime,
    ) -> Result<Self, Failure> {
        let real = ClockRefusal::RealLedger;
        match (ledger, chosen) {
            (Some((false, _)), Some(_)) => Err(failures::clock(&real)),
            (Some((true, now)), _) | (None, Some(now)) => Ok(Self {
                now,
                ends_here: true,
            }),
            (Some((false, _)) | None, None) => Ok(Self {
                now: clock,
                ends_here: false,
            }),
        }
    }

    /// The first opening of a bar of this length that has not ended by now; none where the world
    /// goes on.
    #[must_use]
    pub fn first_open(&self, bar_ms: i64) -> Option<UtcTime> {
        self.ends_here.then(|| self.now.plus_millis(1 - bar_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_has_its_own_time_and_a_real_ledger_has_the_clocks() {
        let at = UtcTime::EPOCH.plus_days(10);
        let clock = at.plus_days(300);
        let of = |ledger, chosen| {
            let moment = Moment::of(ledger, chosen, clock);
            moment.map(|m| (m.now, m.ends_here)).ok()
        };
        assert_eq!(of(Some((true, at)), None), Some((at, true)));
        assert_eq!(of(Some((true, at)), Some(at)), Some((at, true)));
        assert_eq!(of(Some((false, at)), None), Some((clock, false)));
        assert_eq!(of(Some((false, at)), Some(at)), None);
        assert_eq!(of(None, None), Some((clock, false)));
        assert_eq!(of(None, Some(at)), Some((at, true)));
    }

    #[test]
    fn a_bar_exists_from_its_end_on() {
        let now = UtcTime::EPOCH.plus_days(10);
        let here = |ends_here| Moment { now, ends_here };
        // The bar that ends now exists; its opening lies before the first that does not.
        assert_eq!(
            here(true).first_open(1000),
            Some(now.plus_millis(-1000).plus_millis(1))
        );
        assert_eq!(here(false).first_open(1000), None);
    }
}
