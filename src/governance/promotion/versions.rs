//! Versions of a portfolio: which configuration holds which stage.
//!
//! A portfolio keeps its identity while its strategies, weights or parameters change. One version
//! runs; a changed one begins in RESEARCH and climbs below it, stage by stage, with its own dwell,
//! sessions and checklists, and replaces whatever holds the stage where it arrives. So the version
//! that is LIVE trades on until the next one has earned that stage.
//!
//! Keeps: a stage is held by one version at most, a version holds one stage, and every climbing
//! version stands below the running one. Climbing versions are not certified: one that has not
//! risen in the time for which a certificate would hold begins anew.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;

use super::safety::{certificate, lowering};
use super::state::{Mark, Portfolio, RequestRecord, State, Status};

/// A version on its way up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Climbing {
    /// Its strategy digest.
    pub strategy: Digest,
    /// When its stage was granted.
    pub since: UtcTime,
}

/// Climbing versions by the stage that they hold.
pub type Versions = BTreeMap<Stage, Climbing>;

impl Portfolio {
    /// The stage that the version with this strategy digest holds; RESEARCH when there is none.
    #[must_use]
    pub fn stage_of(&self, strategy: Digest) -> Stage {
        if self.strategy == Some(strategy) {
            return self.stage;
        }
        let mut climbing = self.climbing.iter();
        climbing
            .find(|(_, version)| version.strategy == strategy)
            .map_or(Stage::Research, |(stage, _)| *stage)
    }

    /// The version that holds `stage`, and since when.
    #[must_use]
    pub fn version_at(&self, stage: Stage) -> Option<(Digest, UtcTime)> {
        if self.stage == stage {
            return Some((self.strategy?, self.since?));
        }
        let version = self.climbing.get(&stage)?;
        Some((version.strategy, version.since))
    }

    /// Since when the version with this strategy digest holds its stage.
    #[must_use]
    pub fn since_of(&self, strategy: Digest) -> Option<UtcTime> {
        self.version_at(self.stage_of(strategy))
            .map(|(_, since)| since)
    }

    /// True when the version with this strategy digest is the running one.
    #[must_use]
    pub fn runs(&self, strategy: Digest) -> bool {
        self.strategy == Some(strategy)
    }

    /// The version `strategy` arrives at `to`, and replaces what held that stage.
    pub fn arrive(&mut self, to: Stage, strategy: Digest, now: UtcTime) {
        self.climbing.retain(|_, held| held.strategy != strategy);
        if to < self.stage {
            let version = Climbing {
                strategy,
                since: now,
            };
            self.climbing.insert(to, version);
            return;
        }
        self.stage = to;
        self.since = Some(now);
        self.strategy = Some(strategy);
        self.keep_below(to);
    }

    /// Climbing versions at `stage` and above are none any more.
    pub fn keep_below(&mut self, stage: Stage) {
        let keep = |held: Stage| held < stage && stage != Stage::Retired;
        self.climbing.retain(|held, _| keep(*held));
    }
}

/// The request whose decision the stage of the running version stands on: after a lowering the one
/// that granted the stage where it landed.
#[must_use]
pub fn granted<'s>(state: &'s State, id: &'s PortfolioId) -> Option<&'s RequestRecord> {
    let held = state.portfolios.get(id)?;
    let stands = |r: &&RequestRecord| {
        r.status == Status::Promoted
            && held.runs(r.request.strategy_sha256)
            && r.request.target.stage() <= held.stage
    };
    state.history(id).filter(stands).last()
}

/// When a climbing version must have risen, and when it begins anew.
#[must_use]
pub fn until(
    state: &State,
    id: &PortfolioId,
    stage: Stage,
    version: &Climbing,
) -> Option<(UtcTime, UtcTime)> {
    let rules = certificate::rules(state, id, stage)?;
    let overdue = version.since.plus_days(i64::from(rules.days));
    Some((overdue, overdue.plus_days(i64::from(rules.grace_days))))
}

/// Since when the version with this strategy digest is too old to rise; none while it is not, and
/// for versions that do not climb.
#[must_use]
pub fn overdue(state: &State, id: &PortfolioId, strategy: Digest, now: UtcTime) -> Option<UtcTime> {
    let held = state.portfolios.get(id)?;
    let stage = held.stage_of(strategy);
    let version = held.climbing.get(&stage).filter(|v| v.strategy == strategy);
    let (overdue, _) = until(state, id, stage, version?)?;
    (now >= overdue).then_some(overdue)
}

/// Every climbing version with the time at which it begins anew.
pub(super) fn ends(state: &State) -> impl Iterator<Item = (UtcTime, &PortfolioId, Stage)> {
    let each = state.portfolios.iter();
    each.flat_map(move |(id, held)| {
        let ends = move |(stage, version): (&Stage, &Climbing)| {
            let (_, ends) = until(state, id, *stage, version)?;
            Some((ends, id, *stage))
        };
        held.climbing.iter().filter_map(ends)
    })
}

/// The climbing version at `stage` begins anew; an open request of it ends.
pub(super) fn drop_climbing(
    state: &mut State,
    id: &PortfolioId,
    stage: Stage,
    time: UtcTime,
    by: Option<&Mark>,
) {
    let dropped = state
        .portfolios
        .get_mut(id)
        .and_then(|held| held.climbing.remove(&stage));
    let Some(dropped) = dropped else {
        return;
    };
    let open = state.open_request(id).map(|r| r.request.strategy_sha256);
    if open == Some(dropped.strategy) {
        lowering::invalidate(state, id, time, by);
    }
    if let (Some(by), Some(held)) = (by, state.portfolios.get_mut(id)) {
        held.touched = by.seq;
    }
}
