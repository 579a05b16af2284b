//! Looks: how often out-of-sample data was judged, and the guard that grows with it.
//!
//! A look is a request for SHADOW with a strategy digest not judged before on that out-of-sample
//! data; those at its declared predecessors count as well, and what a portfolio once declared it
//! keeps. Beyond the policy set's budget the guard of every criterion grows to 0.5. [`Looks`] is
//! what is shown of it, before one is spent and after.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::governance::policy::set::PolicySet;
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;

use super::state::{RequestRecord, State};
use super::statement::{OosRange, Request};

/// What makes one look different from another.
pub type Look = (Digest, Option<OosRange>);

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
    let same = |r: &RequestRecord| r.request.strategy_sha256 == request.strategy_sha256;
    request.portfolio == *other
        || state.history(other).any(same)
        || lineage(state, &request.portfolio, declared, u64::MAX).contains(other)
}

/// What is shown of the looks at a portfolio and its predecessors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Looks {
    /// Looks so far.
    pub used: usize,
    /// How many the policy set allows before the guard grows.
    pub budget: u32,
    /// True when a request with what is shown spends one more, false when not; null where nothing
    /// is asked for.
    pub spends: Option<bool>,
    /// The guard that every criterion is judged with at least; null while it is the policy's own.
    pub guard: Option<Decimal>,
    /// The same after the next look.
    pub next_guard: Option<Decimal>,
}

impl Looks {
    /// `used` looks under `policy`.
    #[must_use]
    pub fn new(policy: &PolicySet, used: usize) -> Self {
        Self {
            used,
            budget: policy.rules().request.looks_max,
            spends: None,
            guard: grown(policy, used),
            next_guard: grown(policy, used.saturating_add(1)),
        }
    }

    /// Before a request for `target` with what `with` says: what it would be judged by.
    #[must_use]
    pub fn before(
        state: &State,
        portfolio: &PortfolioId,
        declared: &[PortfolioId],
        target: Target,
        with: Look,
    ) -> Self {
        let used = distinct(state, portfolio, declared).len();
        let then = count(state, portfolio, declared, target, with);
        Self {
            spends: Some(then > used),
            guard: grown(&state.policy, then),
            ..Self::new(&state.policy, used)
        }
    }

    /// As a request was judged, by the policy set of its time; before that, as it would be.
    #[must_use]
    pub fn of(state: &State, record: &RequestRecord) -> Self {
        let request = &record.request;
        let Some(judged) = &record.judged else {
            let declared = &request.grounds.predecessors;
            let with = (request.strategy_sha256, request.oos);
            return Self::before(state, &request.portfolio, declared, request.target, with);
        };
        let set = state.oversight.policy_at(judged.seq);
        let used = count_at(state, request, judged.seq);
        Self::new(set.unwrap_or(&state.policy), used)
    }
}

impl Looks {
    /// Why the guard in force is not the policy's own; none where it is.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        let guard = self.guard.as_ref()?;
        let (used, budget) = (self.used, self.budget);
        Some(format!(
            "guard {guard} in force for every criterion: {used} looks at out-of-sample data of this portfolio and those that it continues, the policy set allows {budget} (request.looks_max)"
        ))
    }
}

impl std::fmt::Display for Looks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "looks {} of {}", self.used, self.budget)?;
        let spends = self.spends == Some(true);
        let asked = "a request with this evidence is the next one";
        match (&self.guard, &self.next_guard) {
            (Some(guard), _) if spends => write!(f, "; {asked}, and the guard is {guard}"),
            (Some(guard), _) => write!(f, "; the guard is {guard}"),
            (None, Some(guard)) => write!(f, "; the next one raises the guard to {guard}"),
            (None, None) if spends => write!(f, "; {asked}"),
            (None, None) => Ok(()),
        }
    }
}

/// The different looks at a portfolio and its predecessors so far.
fn distinct(state: &State, portfolio: &PortfolioId, declared: &[PortfolioId]) -> BTreeSet<Look> {
    let lineage = lineage(state, portfolio, declared, u64::MAX);
    lineage
        .iter()
        .flat_map(|id| state.history(id))
        .filter(|r| r.judged.is_some() && r.request.target == Target::Shadow)
        .map(|r| (r.request.strategy_sha256, r.request.oos))
        .collect()
}

/// Looks so far at every portfolio, its predecessors included.
#[must_use]
pub fn so_far(state: &State) -> BTreeMap<PortfolioId, usize> {
    let all = state.portfolios.keys();
    all.map(|id| (id.clone(), distinct(state, id, &[]).len()))
        .collect()
}

/// Looks at a portfolio and its predecessors so far, `with` one more if it is new.
#[must_use]
pub fn count(
    state: &State,
    portfolio: &PortfolioId,
    declared: &[PortfolioId],
    target: Target,
    with: Look,
) -> usize {
    let mut looks = distinct(state, portfolio, declared);
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
    let declared = &request.grounds.predecessors;
    let with = (request.strategy_sha256, request.oos);
    let looks = count(state, &request.portfolio, declared, request.target, with);
    grown(&state.policy, looks)
}

pub(super) fn grown(policy: &PolicySet, looks: usize) -> Option<Decimal> {
    let budget = policy.rules().request.looks_max as usize;
    (looks > budget).then(|| "0.5".parse().unwrap_or_else(|_| Decimal::from_int(1)))
}
