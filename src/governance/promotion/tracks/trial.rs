//! Trials: every sweep, walk-forward and batch leaves an entry when it starts and when it ends.
//!
//! In: statements by research, and by the engine for what this program runs itself. Out: how many
//! were run for a portfolio; the count is a lower bound and is called so. A trial that started and
//! never ended counts as well. A run of one fixed configuration selects nothing by itself: it is
//! registered here, and counted as a look when it is shown.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};

use super::super::refusal::Refusal;
use super::super::state::{Mark, State};
use super::{Checked, TrackAct, one_of};

/// What is tried.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TrialKind {
    /// Parameters over a grid.
    Sweep,
    /// Refitted on windows.
    Walkforward,
    /// Many configurations.
    Batch,
}

impl TrialKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Sweep, Self::Walkforward, Self::Batch];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Walkforward => "walkforward",
            Self::Batch => "batch",
        }
    }
}

/// A trial starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialStart {
    /// Digest of the trial's record: what evidence names it by.
    pub record_sha256: Digest,
    /// What it is for.
    pub portfolio: PortfolioId,
    /// What is tried.
    pub what: TrialKind,
    /// Runs that start.
    pub runs: u64,
    /// The configuration, where all runs are of one that was fixed beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy_sha256: Option<Digest>,
}

/// A trial ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialEnd {
    /// Digest of the trial's record.
    pub record_sha256: Digest,
    /// Runs that finished.
    pub finished: u64,
    /// Runs that failed.
    pub failed: u64,
}

/// A trial as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// How it started.
    pub start: TrialStart,
    /// The entry.
    pub mark: Mark,
    /// How it ended.
    pub end: Option<(Mark, TrialEnd)>,
}

impl TrialRecord {
    /// True when its runs are ones among which somebody could choose: not those of one
    /// configuration that was fixed beforehand.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.start.strategy_sha256.is_none()
    }
}

/// Runs of all trials together may not overflow what evidence can state.
const RUNS_MAX: u64 = 1_000_000_000;

/// May this trial start?
///
/// # Errors
/// The first rule that it breaks.
pub(super) fn check_start(
    state: &State,
    act: &TrialStart,
    signers: &[(PersonId, Role)],
) -> Checked {
    one_of("trial", signers, &[Role::Research])?;
    if act.strategy_sha256.is_some() {
        return Err(Refusal::TrialRefused {
            why: "only the engine says that a configuration was fixed, as it runs it itself",
        });
    }
    may_start(state, act)
}

fn may_start(state: &State, act: &TrialStart) -> Checked {
    let refuse = |why: &'static str| Err(Refusal::TrialRefused { why });
    if act.runs < 1 || act.runs > RUNS_MAX {
        return refuse("it has one run at least and a thousand million at most");
    }
    if state.tracks.trials.contains_key(&act.record_sha256) {
        return refuse("this record has started already");
    }
    Ok(())
}

/// May this trial end?
///
/// # Errors
/// The first rule that it breaks.
pub(super) fn check_end(state: &State, act: &TrialEnd, signers: &[(PersonId, Role)]) -> Checked {
    one_of("trial", signers, &[Role::Research])?;
    may_end(state, act)
}

/// What the engine says about runs of its own: the same rules, but nobody's role.
///
/// # Errors
/// The first rule that it breaks; also for any other act.
pub fn by_engine(state: &State, act: &TrackAct) -> Checked {
    match act {
        TrackAct::TrialStart(act) => may_start(state, act),
        TrackAct::TrialEnd(act) => may_end(state, act),
        other => Err(Refusal::NotAPersonsAct { act: other.kind() }),
    }
}

fn may_end(state: &State, act: &TrialEnd) -> Checked {
    let refuse = |why: &'static str| Err(Refusal::TrialRefused { why });
    match state.tracks.trials.get(&act.record_sha256) {
        None => refuse("no trial with this record has started"),
        Some(trial) if trial.end.is_some() => refuse("the trial has ended already"),
        Some(trial) if act.finished.saturating_add(act.failed) > trial.start.runs => {
            refuse("more runs have ended than started")
        }
        Some(_) => Ok(()),
    }
}

/// Remembers a start.
pub(super) fn started(state: &mut State, act: &TrialStart, mark: Mark) {
    let record = TrialRecord {
        start: act.clone(),
        mark,
        end: None,
    };
    state.tracks.trials.insert(act.record_sha256, record);
}

/// Remembers an end.
pub(super) fn ended(state: &mut State, act: &TrialEnd, mark: Mark) {
    if let Some(trial) = state.tracks.trials.get_mut(&act.record_sha256) {
        trial.end = Some((mark, act.clone()));
    }
}

/// Runs among which somebody could choose, started for these portfolios before position `before`: a
/// lower bound of what was tried.
#[must_use]
pub fn count(state: &State, portfolios: &BTreeSet<PortfolioId>, before: u64) -> u64 {
    let all = state.tracks.trials.values();
    all.filter(|t| t.mark.seq < before && portfolios.contains(&t.start.portfolio))
        .filter(|t| t.counts())
        .map(|t| t.start.runs)
        .fold(0, u64::saturating_add)
}
