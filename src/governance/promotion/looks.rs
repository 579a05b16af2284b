//! Looks: how often out-of-sample data was judged, and the guard that grows with it.
//!
//! A look is a request for SHADOW with a strategy digest not judged before on that out-of-sample
//! data; those at its declared predecessors count as well, and what a portfolio once declared it
//! keeps. Beyond the policy set's budget the guard of every criterion grows to 0.5.

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

/// A portfolio, those it is declared to continue, and theirs, by requests before position `before`.
#[must_use]
pub fn lineage(
    state: &State,
    portfolio: &PortfolioId,
    declared: &[PortfolioId],
    before: u64,
) -> BTreeSet<PortfolioId> {
    let mut found = BTreeSet::new();
    let mut open: Vec<PortfolioId> = declared.to_vec();
    open.push(portfolio.clone());
    while let Some(next) = open.pop() {
        if found.insert(next.clone()) {
            let history = state.history(&next).filter(|r| r.mark.seq < before);
            open.extend(history.flat_map(|r| r.request.grounds.predecessors.clone()));
        }
    }
    found
}

/// Whether what happened to `other` also weighs on `request`: its own portfolio, one that it
/// continues, or one that asked with the same strategy.
#[must_use]
pub fn weighs_on(state: &State, request: &Request, other: &PortfolioId) -> bool {
    let declared = &request.grounds.predecessors;
    let same =
        |r: &super::state::RequestRecord| r.request.strategy_sha256 == request.strategy_sha256;
    request.portfolio == *other
        || state.history(other).any(same)
        || lineage(state, &request.portfolio, declared, u64::MAX).contains(other)
}

/// Looks at a portfolio and its predecessors so far, `with` one more if it is new.
#[must_use]
pub fn count(
    state: &State,
    portfolio: &PortfolioId,
    declared: &[PortfolioId],
    target: Target,
    with: (Digest, Option<OosRange>),
) -> usize {
    let lineage = lineage(state, portfolio, declared, u64::MAX);
    let judged = lineage
        .iter()
        .flat_map(|id| state.history(id))
        .filter(|r| r.judged.is_some() && r.request.target == Target::Shadow)
        .map(|r| (r.request.strategy_sha256, r.request.oos));
    let mut looks: BTreeSet<Look> = judged.collect();
    if target == Target::Shadow {
        looks.insert(with);
    }
    looks.len()
}

/// Looks as they were counted when the entry at `seq` judged `request`.
pub(super) fn count_at(state: &State, request: &Request, seq: u64) -> usize {
    let declared = &request.grounds.predecessors;
    let lineage = lineage(state, &request.portfolio, declared, seq);
    let looks: BTreeSet<Look> = lineage
        .iter()
        .flat_map(|id| state.history(id))
        .filter(|r| r.request.target == Target::Shadow)
        .filter(|r| r.judged.as_ref().is_some_and(|judged| judged.seq <= seq))
        .map(|r| (r.request.strategy_sha256, r.request.oos))
        .collect();
    looks.len()
}

/// The guard in force for this request, where it is not the policy's.
#[must_use]
pub fn guard(state: &State, request: &Request) -> Option<Decimal> {
    guard_for(
        state,
        &request.portfolio,
        &request.grounds.predecessors,
        request.target,
        (request.strategy_sha256, request.oos),
    )
}

/// The guard in force for a look at `portfolio`.
#[must_use]
pub fn guard_for(
    state: &State,
    portfolio: &PortfolioId,
    declared: &[PortfolioId],
    target: Target,
    with: (Digest, Option<OosRange>),
) -> Option<Decimal> {
    let looks = count(state, portfolio, declared, target, with);
    grown(&state.policy, looks)
}

pub(super) fn grown(policy: &PolicySet, looks: usize) -> Option<Decimal> {
    let budget = policy.rules().request.looks_max as usize;
    (looks > budget).then(|| "0.5".parse().unwrap_or_else(|_| Decimal::from_int(1)))
}
