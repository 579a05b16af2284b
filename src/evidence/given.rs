//! What the gate knows from elsewhere when it derives the figures of a bundle.
//!
//! Everything here comes from the ledger: the contract that the decision for SHADOW fixed, and the
//! number of trials that were counted. Without it a bundle says what it can on its own.

use super::contract::ShadowContract;

/// Knowledge from outside the bundle.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Given<'a> {
    /// What sessions are held to; without it they have no drift.
    pub contract: Option<&'a ShadowContract>,
    /// Trials that the ledger counted; the larger of this and the manifest's own number counts.
    pub trials: Option<u64>,
}
