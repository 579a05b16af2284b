//! The root keys in force, and how they change.
//!
//! In: the keys that the genesis names, then every root change. Out: who may sign in the name of
//! `root`, and from how many keys on that counts. A change is signed by the threshold of the old
//! set and by the threshold of the new one, so nobody is made root who does not hold the key, and
//! nobody loses it without those who held it together. A key that left the set signs nothing for
//! `root` any more, whatever it signed before; root keys are nobody's role keys, before or after.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::governance::promotion::event::Signed;
use crate::governance::promotion::guard::{self, Moment};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::Genesis;
use crate::kernel::pubkey::{Fingerprint, PublicKey};
use crate::kernel::text::check_free_text;

use super::acts::RootChange;

/// Fewest root keys, and the lowest threshold, of a ledger that is no sandbox and not made with
/// `--small-team`.
pub const KEYS_MIN: usize = 3;
/// See [`KEYS_MIN`].
pub const THRESHOLD_MIN: u32 = 2;

/// The root keys in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roots {
    /// The keys.
    pub keys: Vec<PublicKey>,
    /// How many of them sign together.
    pub threshold: u32,
    /// Position from which they are in force.
    pub since: u64,
    /// Every key that ever was one.
    pub ever: BTreeSet<Fingerprint>,
}

impl Roots {
    /// The roots that a ledger begins with.
    #[must_use]
    pub fn begin(genesis: &Genesis) -> Self {
        Self {
            keys: genesis.roots.clone(),
            threshold: genesis.root_threshold,
            since: 0,
            ever: genesis.roots.iter().map(PublicKey::fingerprint).collect(),
        }
    }

    /// True when `key` is a root key now.
    #[must_use]
    pub fn hold(&self, key: &PublicKey) -> bool {
        self.keys.contains(key)
    }

    /// True when `have` different root keys suffice. A threshold of 0 is never reached.
    #[must_use]
    pub fn suffice(&self, have: usize) -> bool {
        self.threshold > 0 && u32::try_from(have).is_ok_and(|have| have >= self.threshold)
    }
}

/// The roots behind a statement in the name of `root`, if they reach the threshold.
///
/// # Errors
/// When a signature does not fit, is not by a root key, or there are too few.
pub fn root_threshold(state: &State, signed: &Signed) -> Result<(), Refusal> {
    let roots = &state.access.roots;
    let keys = signed_as_root(roots, signed)?;
    let have = keys.iter().filter(|key| roots.hold(key)).count();
    if have == keys.len() && roots.suffice(have) {
        Ok(())
    } else {
        Err(too_few(roots, have))
    }
}

/// Checks the root change inside `signed`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(state: &State, signed: &Signed, act: &RootChange, at: &Moment) -> Result<(), Refusal> {
    let old = &state.access.roots;
    let new = Roots {
        keys: act.roots.clone(),
        threshold: act.threshold,
        ..Roots::default()
    };
    let keys = signed_as_root(old, signed)?;
    if let Some(stranger) = keys.iter().find(|key| !old.hold(key) && !new.hold(key)) {
        return Err(Refusal::UnknownKey {
            key: stranger.fingerprint(),
        });
    }
    for set in [old, &new] {
        let have = keys.iter().filter(|key| set.hold(key)).count();
        if !set.suffice(have) {
            return Err(too_few(set, have));
        }
    }
    guard::frame(state, signed, at)?;
    guard::raises_risk(state)?;
    crate::governance::promotion::safety::clock_off::in_order(state, at.now)?;
    check_set(state, act).map_err(|why| Refusal::RootSetRefused { why })
}

/// The keys behind a statement all of whose signers stand there as `root`.
fn signed_as_root(roots: &Roots, signed: &Signed) -> Result<Vec<PublicKey>, Refusal> {
    let envelopes = signed.check_signatures()?;
    let statement = &signed.statement;
    let mut named = std::iter::once(&statement.signer).chain(&statement.cosigners);
    if named.all(|signer| signer.person.as_str() == "root" && signer.role == "root") {
        Ok(envelopes.iter().map(|envelope| envelope.key).collect())
    } else {
        Err(too_few(roots, 0))
    }
}

fn too_few(roots: &Roots, have: usize) -> Refusal {
    Refusal::RootThreshold {
        have: u32::try_from(have).unwrap_or(u32::MAX),
        wanted: roots.threshold,
    }
}

fn check_set(state: &State, act: &RootChange) -> Result<(), String> {
    check_free_text("reason", &act.reason).map_err(|e| e.to_string())?;
    if act.reason.is_empty() {
        return Err("say why".to_owned());
    }
    let distinct: BTreeSet<Fingerprint> = act.roots.iter().map(PublicKey::fingerprint).collect();
    if distinct.len() != act.roots.len() {
        return Err("a key stands in it twice".to_owned());
    }
    // A threshold of zero, or of more keys than there are, was reached by nobody: see `check`.
    let keys = act.roots.len();
    let small = state.genesis.sandbox || state.genesis.small_team;
    if !small && (keys < KEYS_MIN || act.threshold < THRESHOLD_MIN) {
        return Err(format!(
            "{KEYS_MIN} keys and a threshold of {THRESHOLD_MIN} at least are wanted, this is {} of {keys}",
            act.threshold
        ));
    }
    let old = &state.access.roots;
    let same: BTreeSet<Fingerprint> = old.keys.iter().map(PublicKey::fingerprint).collect();
    if same == distinct && old.threshold == act.threshold {
        return Err("these are the roots already".to_owned());
    }
    let newcomers = act.roots.iter().filter(|key| !old.hold(key));
    for key in newcomers {
        let fingerprint = key.fingerprint();
        // A key that once was a root may come back: both thresholds say so.
        if !old.ever.contains(&fingerprint) && super::is_taken(state, key) {
            return Err(format!(
                "the key {fingerprint} is named for something else already: a root key is nobody's role key"
            ));
        }
    }
    Ok(())
}

/// Puts the new set in force.
pub fn effect(state: &mut State, act: &RootChange, seq: u64) {
    let roots = &mut state.access.roots;
    roots.keys.clone_from(&act.roots);
    roots.threshold = act.threshold;
    roots.since = seq;
    roots
        .ever
        .extend(act.roots.iter().map(PublicKey::fingerprint));
}
