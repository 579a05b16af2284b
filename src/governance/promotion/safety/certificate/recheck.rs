//! The facts of a certificate, derived again from kept bundles.
//!
//! In: a recertification, what the ledger held before it, blobs. Out: nothing, or what differs. No
//! figure is believed: everything that can be derived is derived and compared.

use super::{Recertification, target_of};
use crate::governance::promotion::basis::{self, RecheckError};
use crate::governance::promotion::book;
use crate::governance::promotion::looks::{self, Looked};
use crate::governance::promotion::state::State;
use crate::governance::promotion::tracks::beside;
use crate::governance::promotion::tracks::grounds::commits_of;
use crate::kernel::digest::Digest;

/// Derives the facts of `act` again from kept bundles, with what the ledger held before position
/// `before`, and compares.
///
/// # Errors
/// When a blob is missing or changed, or something differs.
pub fn recheck(
    state: &State,
    act: &Recertification,
    before: u64,
    blob: &dyn Fn(&Digest) -> Option<Vec<u8>>,
) -> Result<(), RecheckError> {
    let bundles = basis::open_all(&act.evidence, &act.grounds, blob)?;
    let basis = basis::join(&bundles)?;
    for (equal, field) in [
        (basis.evidence == act.evidence, "evidence"),
        (basis.producers == act.producers, "producers"),
        (basis.portfolio == act.portfolio, "portfolio"),
        (
            basis.strategy_sha256 == act.strategy_sha256,
            "strategy_sha256",
        ),
        (basis.oos == act.oos, "oos"),
        (basis.grounds.says_the_same(&act.grounds), "grounds"),
    ] {
        if !equal {
            return Err(RecheckError::Request(field));
        }
    }
    let set = state.oversight.policy_at(before);
    let policy = set.and_then(|set| set.policy(&basis.profile));
    let target = target_of(act.stage);
    let (Some(policy), Some(target)) = (policy, target) else {
        return Err(RecheckError::Request("stage"));
    };
    let of = Looked::running(&act.portfolio, act.strategy_sha256);
    let counted = set.and_then(|set| looks::grown(set, looks::count_at(state, &of, before)));
    if counted != act.guard {
        return Err(RecheckError::Guard);
    }
    basis::hold(&bundles, &commits_of(state, &act.grounds.sessions))?;
    let strategy = act.strategy_sha256;
    let given = beside::given(state, &act.portfolio, strategy, act.trials, before);
    let (facts, _) = basis::facts_given(&bundles, policy, target, act.now, &given)?;
    let limits = book::limits(act.limits_sha256, blob)?;
    let live = book::open(act.book, blob)?;
    let facts = book::with_book(facts, &bundles, limits.as_ref(), &live);
    if *act.settings != basis::settings(&bundles, limits.as_ref()) {
        return Err(RecheckError::Settings);
    }
    basis::compare_facts(&act.facts, &facts)
}
