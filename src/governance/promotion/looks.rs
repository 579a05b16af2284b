//! Looks: how often out-of-sample data was judged, and the guard that grows with it.
//!
//! A look is a request for SHADOW with a strategy digest not judged before on that out-of-sample
//! data. Beyond the policy set's budget the guard of every criterion grows to 0.5.

use std::collections::BTreeSet;

use crate::governance::policy::set::PolicySet;
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;

use super::state::State;
use super::statement::{OosRange, Request};

/// What makes one look different from another.
type Look = (Digest, Option<OosRange>);

/// Looks at a portfolio so far, `with` one more if it is new.
#[must_use]
pub fn count(
    state: &State,
    portfolio: &PortfolioId,
    target: Target,
    with: (Digest, Option<OosRange>),
) -> usize {
    let judged = state
        .history(portfolio)
        .filter(|r| r.judged.is_some() && r.request.target == Target::Shadow)
        .map(|r| (r.request.strategy_sha256, r.request.oos));
    let mut looks: BTreeSet<Look> = judged.collect();
    if target == Target::Shadow {
        looks.insert(with);
    }
    looks.len()
}

/// The guard in force for this request, where it is not the policy's.
#[must_use]
pub fn guard(state: &State, request: &Request) -> Option<Decimal> {
    guard_for(
        state,
        &request.portfolio,
        request.target,
        (request.strategy_sha256, request.oos),
    )
}

/// The guard in force for a look at `portfolio`.
#[must_use]
pub fn guard_for(
    state: &State,
    portfolio: &PortfolioId,
    target: Target,
    with: (Digest, Option<OosRange>),
) -> Option<Decimal> {
    let looks = count(state, portfolio, target, with);
    grown(&state.policy, looks)
}

pub(super) fn grown(policy: &PolicySet, looks: usize) -> Option<Decimal> {
    let budget = policy.rules().request.looks_max as usize;
    (looks > budget).then(|| "0.5".parse().unwrap_or_else(|_| Decimal::from_int(1)))
}
