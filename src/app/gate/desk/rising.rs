//! What keeps risk from rising at this host: a clock that is off, a halt that cannot be read.
//!
//! In: the desk. Out: nothing, or the refusal. What lowers risk is never asked here.

use super::Desk;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::promotion::clock::Off;

const CLOCK_HINT: &str = "set the clock right, or let risk and ops sign `promote clock acknowledge --reason TEXT --key RISK --key OPS`; what lowers risk is accepted meanwhile";

impl Desk {
    /// Refuses what raises risk while nobody knows what lies in the halt directory.
    ///
    /// # Errors
    /// Exit 20.
    pub fn halts_are_known(&self) -> Result<(), Failure> {
        match &self.unread {
            None => Ok(()),
            Some(what) => {
                let text = format!("a halt may lie where it cannot be read or recorded: {what}");
                Err(Failure::new(Exit::Halted, "halt.unread", text).hint(
                    "let this user read it, or halt again and take it away; what lowers risk is accepted meanwhile",
                ))
            }
        }
    }

    /// Refuses what raises risk while the host's clock is off.
    ///
    /// # Errors
    /// Exit 7 when it does.
    pub fn raises_risk(&self) -> Result<(), Failure> {
        self.halts_are_known()?;
        let (slug, text) = match self.off {
            None => return Ok(()),
            Some(Off::Behind(ms)) => (
                "clock-behind",
                format!("the clock lies {ms} ms behind the last entry"),
            ),
            Some(Off::Ahead(ms)) => (
                "clock-ahead",
                format!(
                    "the clock lies {} hours ahead of the last entry",
                    ms / 3_600_000
                ),
            ),
        };
        Err(Failure::new(Exit::Conflict, slug, text).hint(CLOCK_HINT))
    }

    /// As [`Desk::raises_risk`], for what the root threshold does: on a ledger that stood still for
    /// too long, nobody may hold the roles that acknowledge the clock before somebody is enrolled.
    ///
    /// # Errors
    /// Exit 7 when the clock lies behind.
    pub fn not_behind(&self) -> Result<(), Failure> {
        match self.off {
            Some(Off::Ahead(_)) => Ok(()),
            None | Some(Off::Behind(_)) => self.raises_risk(),
        }
    }
}
