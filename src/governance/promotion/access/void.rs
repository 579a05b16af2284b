//! Voiding: entries without effect are set aside for good.
//!
//! An entry that `decide` would not have written has no effect and blocks whatever raises risk.
//! The root threshold may name such entries, each by position and leaf hash; they then stay what
//! they are, without effect, and block nothing any more. An entry that took effect cannot be
//! voided: history is not rewritten.

use std::collections::BTreeSet;

use crate::governance::promotion::event::Signed;
use crate::governance::promotion::guard::{self, Moment};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::State;
use crate::kernel::text::check_free_text;

use super::acts::{Place, Void};
use super::roots::root_threshold;

/// Checks the voiding inside `signed`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(state: &State, signed: &Signed, act: &Void, at: &Moment) -> Result<(), Refusal> {
    root_threshold(state, signed)?;
    guard::frame(state, signed, at)?;
    let why = |why: String| Refusal::VoidRefused { why };
    check_free_text("reason", &act.reason).map_err(|e| why(e.to_string()))?;
    if act.reason.is_empty() {
        return Err(why("say why".to_owned()));
    }
    let distinct: BTreeSet<Place> = act.entries.iter().copied().collect();
    if act.entries.is_empty() || distinct.len() != act.entries.len() {
        return Err(why("each entry is named once, at least one".to_owned()));
    }
    for place in &act.entries {
        let open = |f: &&crate::governance::promotion::state::NoEffect| {
            f.seq == place.seq && f.leaf == place.leaf
        };
        if state.findings.iter().find(open).is_none() {
            return Err(why(format!(
                "entry {} with that leaf hash is none without effect: what took effect is never voided",
                place.seq
            )));
        }
    }
    Ok(())
}

/// Sets the named entries aside.
pub fn effect(state: &mut State, act: &Void) {
    let named: BTreeSet<u64> = act.entries.iter().map(|place| place.seq).collect();
    let (void, open): (Vec<_>, _) = std::mem::take(&mut state.findings)
        .into_iter()
        .partition(|finding| named.contains(&finding.seq));
    state.findings = open;
    state.voided.extend(void);
}
