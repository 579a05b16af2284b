//! `apply`: the only consumer of entries.
//!
//! In: the state before, one verified entry. Out: the state after. An entry takes effect only if
//! `decide` would have proposed it from the state before it: human signatures are checked and
//! counted again, the policy runs again on the logged facts, and a refusal must be one that
//! `decide` gives. Anything else has no effect and becomes a finding, which blocks acts that raise
//! risk until it is voided.
//!
//! Whether an entry may take effect says `apply/check.rs`, what it changes `apply/effect.rs`.

use super::guard::Moment;
use super::refusal::Refusal;
use super::safety::clock_off;
use super::state::{NoEffect, State};
use super::statement::Act;
use super::tracks::TrackAct;
use super::{event, expiry};
use crate::governance::audit::entry::{Entry, Head};
use check::check;
use effect::effect;

mod check;
mod effect;

/// Applies `entry` to `state`. True when it took effect.
pub fn apply(state: &mut State, entry: &Entry) -> bool {
    let at = Moment {
        tip: Head {
            size: state.size(),
            root: entry.leaf.prev_root,
        },
        now: entry.leaf.time,
    };
    let read = check_frame(state, entry).map(|()| event::read(entry));
    let act = match &read {
        Ok(Ok(signed)) => Some(&signed.statement.act),
        _ => None,
    };
    // Time that nobody vouches for does not pass.
    let time = clock_off::stamp(state, act, entry.leaf.time);
    let outcome = read.and_then(|read| {
        expiry::settle(state, time);
        let said = |r: Refusal| (r.slug(), r.to_string());
        let signed = read.map_err(said)?;
        let verified = check(state, &signed, &at).map_err(said)?;
        clock_off::vouch(state, &signed.statement, time);
        effect(state, &signed, (entry, time), verified);
        if moves_what_falls_due(&signed.statement.act) {
            state.waiting.stir();
        }
        expiry::settle(state, time);
        Ok(())
    });
    let time = time.max(state.last_time());
    state.positions.push((entry.leaf.prev_root, time));
    match outcome {
        Ok(()) => true,
        Err((code, message)) => {
            state.findings.push(NoEffect {
                seq: entry.seq,
                leaf: entry.leaf_hash,
                code,
                message,
            });
            false
        }
    }
}

fn check_frame(state: &State, entry: &Entry) -> Result<(), (&'static str, String)> {
    if entry.seq != state.size() || entry.leaf.seq != entry.seq {
        let wanted = state.size();
        return Err(("position", format!("position {wanted} was wanted")));
    }
    if entry.leaf.ledger != state.ledger {
        return Err((
            "foreign-ledger",
            "the entry is of another ledger".to_owned(),
        ));
    }
    if entry.leaf.time < state.last_time() {
        return Err((
            "time-backwards",
            "its time is before the last entry's".to_owned(),
        ));
    }
    if entry.leaf.kind == "genesis" {
        return Err(("second-genesis", "a ledger begins once".to_owned()));
    }
    Ok(())
}

/// False for acts that touch no request, no approval, no stage, no certificate, no override and no
/// rule. Hourly commits are most of a ledger, and leave nothing to settle.
fn moves_what_falls_due(act: &Act) -> bool {
    match act {
        Act::Refusal(_) | Act::EvaluationError(_) | Act::ChecklistItem(_) => false,
        Act::Track(act) => match act.as_ref() {
            TrackAct::SessionOpen(_)
            | TrackAct::SessionCommit(_)
            | TrackAct::SessionClose(_)
            | TrackAct::Dataset(_)
            | TrackAct::Rerun(_)
            | TrackAct::EvidenceAttestation(_)
            | TrackAct::TrialStart(_)
            | TrackAct::TrialEnd(_) => false,
            TrackAct::EvidenceRevocation(_) => true,
        },
        Act::Enrolment(_)
        | Act::Request(_)
        | Act::Evaluation(_)
        | Act::Approval(_)
        | Act::Denial(_)
        | Act::Withdrawal(_)
        | Act::Decision(_)
        | Act::InstanceEnrolment(_)
        | Act::KeyRevocation(_)
        | Act::KeyRotation(_)
        | Act::RootChange(_)
        | Act::Void(_)
        | Act::TokenIssue(_)
        | Act::TokenRedemption(_)
        | Act::TokenRevocation(_)
        | Act::PolicyPublication(_)
        | Act::Safety(_) => true,
    }
}
