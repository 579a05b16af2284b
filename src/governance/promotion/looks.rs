//! Looks: how often out-of-sample data was judged, and the guard that grows with it.
//!
//! A look is a request for SHADOW with a strategy digest not judged before on that out-of-sample
//! data. Looks stay with the portfolio, with the strategy digest under whatever name it was asked
//! for, and with the predecessors that either was declared to continue; what was once declared is
//! kept. Beyond the policy set's budget the guard of every criterion grows to 0.5. [`Looks`] is
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

/// Who is looked at: a strategy under the name of a portfolio, with the portfolios that it declares
/// to continue.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'a> {
    /// Portfolio.
    pub portfolio: &'a PortfolioId,
    /// Those that it continues.
    pub declared: &'a [PortfolioId],
    /// Strategy digest.
    pub strategy: Digest,
}

impl<'a> Looked<'a> {
    /// Who is looked at by a request.
    #[must_use]
    pub fn at(request: &'a Request) -> Self {
        Self {
            portfolio: &request.portfolio,
            declared: &request.grounds.predecessors,
            strategy: request.strategy_sha256,
        }
    }

    /// Who is looked at by a certificate: what was declared stands in its requests.
    #[must_use]
    pub fn running(portfolio: &'a PortfolioId, strategy: Digest) -> Self {
        Self {
            portfolio,
            declared: &[],
            strategy,
        }
    }
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

    /// Before a request for `target` over `oos`: what it would be judged by.
    #[must_use]
    pub fn before(state: &State, of: &Looked<'_>, target: Target, oos: Option<OosRange>) -> Self {
        let used = count_at(state, of, u64::MAX);
        let then = count(state, of, target, oos);
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
        let of = Looked::at(request);
        let Some(judged) = &record.judged else {
            return Self::before(state, &of, request.target, request.oos);
        };
        let set = state.oversight.policy_at(judged.seq);
        let used = count_at(state, &of, judged.seq);
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

/// Looks that were judged up to the entry at `seq`: at the portfolio and those that it continues,
/// and under whatever name at the strategy and those that it was declared to continue.
fn looks(state: &State, of: &Looked<'_>, seq: u64) -> BTreeSet<Look> {
    let asked = state.by_strategy.get(&of.strategy).into_iter().flatten();
    let asked = asked.filter_map(|id| state.requests.get(id));
    let before = asked.clone().filter(|r| r.mark.seq < seq);
    let mut declared = of.declared.to_vec();
    declared.extend(before.flat_map(|r| r.request.grounds.predecessors.clone()));
    let lineage = lineage(state, of.portfolio, &declared, seq);
    lineage
        .iter()
        .flat_map(|id| state.history(id))
        .chain(asked)
        .filter(|r| r.request.target == Target::Shadow)
        .filter(|r| r.judged.as_ref().is_some_and(|judged| judged.seq <= seq))
        .map(|r| (r.request.strategy_sha256, r.request.oos))
        .collect()
}

/// Looks so far at every portfolio: those of its last request.
#[must_use]
pub fn so_far(state: &State) -> BTreeMap<PortfolioId, usize> {
    let last = |id: &PortfolioId| state.history(id).last();
    let all = state.portfolios.keys().filter_map(last);
    let looks = |record: &RequestRecord| count_at(state, &Looked::at(&record.request), u64::MAX);
    all.map(|record| (record.request.portfolio.clone(), looks(record)))
        .collect()
}

/// Looks so far, with one more where a request for `target` over `oos` is a new one.
#[must_use]
pub fn count(state: &State, of: &Looked<'_>, target: Target, oos: Option<OosRange>) -> usize {
    let mut looks = looks(state, of, u64::MAX);
    if target == Target::Shadow {
        looks.insert((of.strategy, oos));
    }
    looks.len()
}

/// Looks as they were counted when the entry at `seq` judged.
pub(super) fn count_at(state: &State, of: &Looked<'_>, seq: u64) -> usize {
    looks(state, of, seq).len()
}

/// The guard in force for this request, where it is not the policy's.
#[must_use]
pub fn guard(state: &State, request: &Request) -> Option<Decimal> {
    guard_for(state, &Looked::at(request), request.target, request.oos)
}

/// The guard in force for a request for `target` over `oos`.
#[must_use]
pub fn guard_for(
    state: &State,
    of: &Looked<'_>,
    target: Target,
    oos: Option<OosRange>,
) -> Option<Decimal> {
    grown(&state.policy, count(state, of, target, oos))
}

/// The guard in force for a certificate, which is no look itself.
#[must_use]
pub fn guard_running(state: &State, portfolio: &PortfolioId, strategy: Digest) -> Option<Decimal> {
    let of = Looked::running(portfolio, strategy);
    grown(&state.policy, count_at(state, &of, u64::MAX))
}

/// The guard that held for what the entry at `seq` judged, under `set`: as it was recorded where
/// the set grants as many looks as the one in force then, else counted again.
pub(super) fn guard_again(
    state: &State,
    of: &Looked<'_>,
    (seq, recorded): (u64, Option<&Decimal>),
    set: &PolicySet,
) -> Option<Decimal> {
    let budget = |set: &PolicySet| set.rules().request.looks_max;
    let held = state.oversight.policy_at(seq);
    match held.is_some_and(|held| budget(held) == budget(set)) {
        true => recorded.cloned(),
        false => grown(set, count_at(state, of, seq)),
    }
}

/// The guard that `looks` bring under a set; none while its budget holds.
pub(super) fn grown(policy: &PolicySet, looks: usize) -> Option<Decimal> {
    let budget = policy.rules().request.looks_max as usize;
    (looks > budget).then(|| "0.5".parse().unwrap_or_else(|_| Decimal::from_int(1)))
}
