//! Distrust: what a decision is worth when a key behind it is not believed any more.
//!
//! Every decision is counted again, with its own approvals and the quorum of its time, without
//! those that are distrusted. It falls when they do not reach the quorum, and when the request, its
//! evidence or anything else that it was granted on (see `supports`) is not believed. One that falls takes
//! with it those that were built on it: the portfolio goes back to the stage before the lowest that fell, and is halted until two
//! persons resume it. Nothing is rewritten: the entries stay, the fold says what they are worth.

use std::collections::BTreeSet;

use crate::governance::stage::{Stage, Target};
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, RequestId};

use super::super::guard::stage_before;
use super::super::quorum::tally;
use super::super::safety::halt::{Cause, stop_portfolio};
use super::super::safety::{self, Standing};
use super::super::state::{Approved, Mark, State, Status};
use super::super::versions::drop_climbing;
use super::fallout;

/// Counts again what everything rests on, after the revocation at `mark`.
pub fn settle(state: &mut State, mark: &Mark) {
    fallout::settle(state, mark);
    for request in fallen(state) {
        if let Some(decided) = state.access.decisions.get_mut(&request) {
            decided.fallen.get_or_insert(mark.seq);
        }
    }
    let portfolios: Vec<PortfolioId> = state.portfolios.keys().cloned().collect();
    for portfolio in portfolios {
        let chain = standing_on(state, &portfolio);
        if let Some(target) = lowest_fallen(state, &chain) {
            lower(state, &portfolio, stage_before(target), mark);
        }
        for (stage, strategy) in climbing(state, &portfolio) {
            let chain = standing_of(state, &portfolio, strategy);
            if lowest_fallen(state, &chain).is_some() {
                drop_climbing(state, &portfolio, stage, mark.time, Some(mark));
            }
        }
    }
}

fn climbing(state: &State, id: &PortfolioId) -> Vec<(Stage, Digest)> {
    let held = state.portfolios.get(id);
    let each = held.into_iter().flat_map(|held| &held.climbing);
    each.map(|(stage, version)| (*stage, version.strategy))
        .collect()
}

/// Decisions that do not reach their quorum any more.
fn fallen(state: &State) -> BTreeSet<RequestId> {
    let access = &state.access;
    let falls = |(id, decided): (&RequestId, &super::Decided)| {
        let record = state.requests.get(id)?;
        let filling: BTreeSet<&Digest> = decided.approvals.iter().collect();
        let believed: Vec<Approved> = record
            .approvals
            .iter()
            .filter(|a| filling.contains(&a.mark.leaf))
            .filter(|a| !access.distrusted(&a.mark.key, a.mark.seq))
            .cloned()
            .collect();
        // As of the decision: what expired since then counted when it was taken.
        let then = tally(decided.quorum.as_ref(), &believed, decided.mark.time);
        let stands = then.complete
            && !access.is_disbelieved(&(&record.mark).into())
            && !fallout::producer_is_disbelieved(state, &record.request.producers, record.mark.seq)
            && decided
                .supports
                .iter()
                .all(|group| group.iter().any(|s| !access.is_disbelieved(s)));
        (!stands).then(|| id.clone())
    };
    access.decisions.iter().filter_map(falls).collect()
}

/// The decisions that the present stage of a portfolio rests on, the highest first.
#[must_use]
pub fn standing_on(state: &State, portfolio: &PortfolioId) -> Vec<(Target, RequestId)> {
    let running = state.portfolios.get(portfolio).and_then(|p| p.strategy);
    running.map_or_else(Vec::new, |strategy| standing_of(state, portfolio, strategy))
}

/// The decisions that the stage of one version rests on, the highest first.
fn standing_of(state: &State, id: &PortfolioId, strategy: Digest) -> Vec<(Target, RequestId)> {
    let stage = state
        .portfolios
        .get(id)
        .map_or(Stage::Research, |held| held.stage_of(strategy));
    let mut wanted: Vec<Target> = match stage {
        Stage::Live => vec![Target::Shadow, Target::Testnet, Target::Live],
        Stage::Testnet => vec![Target::Shadow, Target::Testnet],
        Stage::Shadow => vec![Target::Shadow],
        Stage::Research | Stage::Retired => Vec::new(),
    };
    let promoted: Vec<(Target, RequestId)> = state
        .history(id)
        .filter(|r| r.status == Status::Promoted && r.request.strategy_sha256 == strategy)
        .map(|r| (r.request.target, r.request.request.clone()))
        .collect();
    let mut chain = Vec::new();
    for (target, request) in promoted.into_iter().rev() {
        if wanted.last() == Some(&target) {
            wanted.pop();
            chain.push((target, request));
        }
    }
    chain
}

fn lowest_fallen(state: &State, chain: &[(Target, RequestId)]) -> Option<Target> {
    let fell = |request: &RequestId| {
        let decided = state.access.decisions.get(request);
        decided.is_some_and(|d| d.fallen.is_some())
    };
    chain
        .iter()
        .rev()
        .find(|(_, request)| fell(request))
        .map(|(target, _)| *target)
}

fn lower(state: &mut State, id: &PortfolioId, to: Stage, mark: &Mark) {
    safety::lowering::lower(state, id, to, Standing::on(mark), Some(mark));
    let cause = Cause::Distrust;
    stop_portfolio(state, id, cause, Standing::on(mark), Some(mark));
}
