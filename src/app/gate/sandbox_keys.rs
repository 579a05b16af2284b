//! Keys that a sandbox made stay in sandboxes.
//!
//! In: keys, or the files that they come from, and the acts that make a key somebody's. Out: nothing,
//! or `sandbox-key`. A seeded key is everybody's, so a real ledger takes none that can be known: by
//! the key itself for small seeds, by the comment in its file otherwise.

use std::path::Path;

use super::failures;
use crate::adapters::keys::sandbox::{is_marked, is_seeded};
use crate::app::failure::Failure;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::Act;
use crate::kernel::pubkey::PublicKey;

fn refused(key: &PublicKey) -> Failure {
    failures::refused(&Refusal::SandboxKey {
        key: key.fingerprint(),
    })
}

/// Refuses keys of sandboxes with a small seed.
///
/// # Errors
/// Exit 4 when one of them is.
pub fn check(keys: &[PublicKey]) -> Result<(), Failure> {
    match keys.iter().find(|key| is_seeded(key)) {
        Some(key) => Err(refused(key)),
        None => Ok(()),
    }
}

/// Refuses `key` when the comment in its file says that a sandbox made it.
///
/// # Errors
/// Exit 4 when it does.
pub fn check_file(file: &Path, key: &PublicKey) -> Result<(), Failure> {
    match is_marked(file) {
        true => Err(refused(key)),
        false => Ok(()),
    }
}

/// Refuses an act that makes a sandbox's key somebody's in a real ledger.
///
/// # Errors
/// Exit 4 when it would.
pub fn check_act(state: &State, act: &Act) -> Result<(), Failure> {
    if state.genesis.sandbox {
        return Ok(());
    }
    match act {
        Act::Enrolment(act) => check(&[act.public_key]),
        Act::KeyRotation(act) => check(&[act.new]),
        Act::RootChange(act) => check(&act.roots),
        Act::InstanceEnrolment(act) => check(&[act.card.public_key]),
        _ => Ok(()),
    }
}
