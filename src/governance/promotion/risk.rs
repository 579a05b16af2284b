//! Risk: which acts raise it, which lower it, and what that asks of the ledger and its time.
//!
//! In: an act that its own guard accepts, the state, the time. Out: nothing, or why not now. One
//! table for every act, asked by `decide` and so by `apply`: what raises risk wants a ledger without
//! findings, a policy set that is not in doubt, and a time that somebody vouches for; what lowers it
//! is never refused here; what is neutral may say nothing about a time that nobody vouches for.

use super::access::fallout::policy_in_doubt;
use super::guard::{self, Moment};
use super::oversight::publication::loosening_signers;
use super::refusal::Refusal;
use super::safety::{SafetyAct, clock_off};
use super::state::State;
use super::statement::Act;
use super::tracks::TrackAct;
use crate::governance::policy::diff::Overall;

/// What an act does to risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// More may happen after it than before.
    Raises,
    /// Less may happen after it than before.
    Lowers,
    /// It is kept for the record, and whatever rests on it is judged later.
    Neutral,
}

/// What `act` does to risk.
#[must_use]
pub fn of(act: &Act) -> Risk {
    match act {
        Act::Enrolment(_)
        | Act::Request(_)
        | Act::Approval(_)
        | Act::Decision(_)
        | Act::InstanceEnrolment(_)
        | Act::KeyRotation(_)
        | Act::RootChange(_)
        | Act::Void(_)
        | Act::TokenIssue(_)
        | Act::TokenRedemption(_)
        | Act::ChecklistItem(_) => Risk::Raises,
        Act::PolicyPublication(act) => match act.overall {
            Overall::Loosening => Risk::Raises,
            Overall::Tightening | Overall::Identical => Risk::Lowers,
        },
        Act::Denial(_) | Act::Withdrawal(_) | Act::KeyRevocation(_) | Act::TokenRevocation(_) => {
            Risk::Lowers
        }
        Act::Evaluation(_) | Act::EvaluationError(_) | Act::Refusal(_) => Risk::Neutral,
        Act::Safety(act) => of_safety(act),
        Act::Track(act) => of_track(act),
    }
}

fn of_safety(act: &SafetyAct) -> Risk {
    match act {
        SafetyAct::Resume(_)
        | SafetyAct::IncidentClosing(_)
        | SafetyAct::Recertification(_)
        | SafetyAct::Override(_)
        | SafetyAct::OverrideReview(_)
        | SafetyAct::ClockAcknowledgement(_) => Risk::Raises,
        SafetyAct::Halt(halt) if halt.drill => Risk::Neutral,
        SafetyAct::Halt(_)
        | SafetyAct::IncidentOpening(_)
        | SafetyAct::Demotion(_)
        | SafetyAct::Retirement(_)
        | SafetyAct::Unapproval(_) => Risk::Lowers,
        SafetyAct::Drill(_) | SafetyAct::ClockRemark(_) => Risk::Neutral,
    }
}

fn of_track(act: &TrackAct) -> Risk {
    match act {
        TrackAct::SessionOpen(_)
        | TrackAct::Dataset(_)
        | TrackAct::Rerun(_)
        | TrackAct::EvidenceAttestation(_) => Risk::Raises,
        TrackAct::EvidenceRevocation(_) => Risk::Lowers,
        TrackAct::SessionCommit(_)
        | TrackAct::SessionClose(_)
        | TrackAct::TrialStart(_)
        | TrackAct::TrialEnd(_) => Risk::Neutral,
    }
}

/// Whether `act` may raise risk now, or be recorded at that time at all.
///
/// # Errors
/// `ledger-findings`, `clock-ahead`, `policy-in-doubt`.
pub fn check(state: &State, act: &Act, at: &Moment) -> Result<(), Refusal> {
    let risk = of(act);
    if risk == Risk::Lowers {
        return Ok(());
    }
    // Its guard has looked at the clock: it is how a clock that is off is put right.
    if !clock_off::is_acknowledgement(act) {
        clock_off::in_order(state, at.now)?;
    }
    if risk == Risk::Neutral {
        return Ok(());
    }
    // Setting aside what has no effect is how a ledger is put right that holds some.
    if !matches!(act, Act::Void(_)) {
        guard::raises_risk(state)?;
    }
    match policy_in_doubt(state).filter(|_| is_judged_by_policy(act)) {
        None => Ok(()),
        Some(seq) => Err(in_doubt(state, seq)),
    }
}

/// The refusal while the set that entry `seq` published is not believed, with who mends that.
pub(super) fn in_doubt(state: &State, seq: u64) -> Refusal {
    let by = loosening_signers(state);
    Refusal::PolicyInDoubt { seq, by }
}

/// Everything but what it takes to bring a set into force that is not in doubt.
fn is_judged_by_policy(act: &Act) -> bool {
    let way_out = matches!(
        act,
        Act::Enrolment(_)
            | Act::KeyRotation(_)
            | Act::RootChange(_)
            | Act::Void(_)
            | Act::PolicyPublication(_)
    );
    !way_out && !clock_off::is_acknowledgement(act)
}
