//! The lease: for how long a session may trade before it must ask again.
//!
//! It is short; heartbeats renew it by asking the ledger's state, and are no entries. Before every
//! order [`Lease::check`] is asked, with nothing but the time, the halt epochs and the halt
//! directory: it costs nothing and needs no ledger. What cannot be asked any more runs out.

use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::HaltEpochs;
use crate::kernel::time::UtcTime;

use super::claims::Claims;
use super::refusal::TokenRefusal;
use super::standing;

/// A session's right to trade, for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What the token claimed.
    pub claims: Claims,
    /// When the session began: time of the entry.
    pub began: UtcTime,
    /// When the last heartbeat was answered.
    pub renewed: UtcTime,
}

impl Lease {
    /// The lease of a token that was redeemed at `time`.
    #[must_use]
    pub fn begin(claims: Claims, time: UtcTime) -> Self {
        Self {
            claims,
            began: time,
            renewed: time,
        }
    }

    /// When it ends without a heartbeat.
    #[must_use]
    pub fn until(&self) -> UtcTime {
        let lease = self.claims.lease_seconds.saturating_mul(1000);
        self.renewed.plus_millis(lease).min(self.session_until())
    }

    /// When the session ends, whatever its heartbeats.
    #[must_use]
    pub fn session_until(&self) -> UtcTime {
        let longest = self.claims.session_max_seconds.saturating_mul(1000);
        self.began.plus_millis(longest)
    }

    /// Whether an order may go out at `now`, when the halt epochs are `epochs` as far as they are
    /// known and `halt_file` says that a halt lies in the halt directory.
    ///
    /// # Errors
    /// The reason why not.
    pub fn check(
        &self,
        now: UtcTime,
        epochs: HaltEpochs,
        halt_file: bool,
    ) -> Result<(), TokenRefusal> {
        if halt_file {
            let text = "a halt lies in the halt directory".to_owned();
            return Err(TokenRefusal::Halted { text });
        }
        if epochs != self.claims.halt_epochs {
            let text = "there was a halt since the token was issued".to_owned();
            return Err(TokenRefusal::Halted { text });
        }
        let until = self.session_until();
        if now >= until {
            return Err(TokenRefusal::SessionOver { until });
        }
        let until = self.until();
        // A clock that was set back does not make a lease longer.
        if now >= until || now < self.renewed {
            return Err(TokenRefusal::LeaseExpired { until });
        }
        Ok(())
    }

    /// A heartbeat at `now`: asks the settled state of the verified ledger, and begins anew. A
    /// lease that ran out can be renewed while the session lasts; until then nothing was traded.
    ///
    /// # Errors
    /// The reason why the session may not go on.
    pub fn renew(&self, state: &State, now: UtcTime) -> Result<Self, TokenRefusal> {
        let until = self.session_until();
        if now >= until {
            return Err(TokenRefusal::SessionOver { until });
        }
        if now < self.renewed {
            return Err(TokenRefusal::LeaseExpired {
                until: self.until(),
            });
        }
        standing::goes_on(state, &self.claims, now)?;
        Ok(Self {
            renewed: now,
            ..self.clone()
        })
    }
}
