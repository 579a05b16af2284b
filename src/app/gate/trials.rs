//! Trials as commands see them: a record on disk names a trial, the ledger counts its runs.

use std::path::Path;

use serde::Serialize;

use super::desk::Desk;
use super::person::Deed;
use crate::app::failure::{self, Failure};
use crate::governance::policy::roles::Role;
use crate::governance::promotion::statement::Act;
use crate::governance::promotion::tracks::TrackAct;
use crate::governance::promotion::tracks::trial::{TrialEnd, TrialKind, TrialStart};
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::of;
use crate::kernel::time::UtcTime;

/// Digest of a trial's record.
///
/// # Errors
/// When it cannot be read.
pub fn record_of(file: &Path) -> Result<Digest, Failure> {
    let bytes = std::fs::read(file).map_err(|e| failure::io("read", file, &e))?;
    Ok(Digest::of(&bytes))
}

fn deed(act: TrackAct) -> Deed {
    Deed::plain(Act::Track(Box::new(act)), &[Role::Research])
}

/// A trial starts.
#[must_use]
pub fn start(record_sha256: Digest, portfolio: PortfolioId, what: TrialKind, runs: u64) -> Deed {
    deed(TrackAct::TrialStart(TrialStart {
        record_sha256,
        portfolio,
        what,
        runs,
        strategy_sha256: None,
    }))
}

/// A trial ends.
#[must_use]
pub fn end(record_sha256: Digest, finished: u64, failed: u64) -> Deed {
    deed(TrackAct::TrialEnd(TrialEnd {
        record_sha256,
        finished,
        failed,
    }))
}

/// `promote/trials/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct TrialsJson {
    /// Which answer this is.
    pub schema: &'static str,
    /// Runs started, of all listed trials together.
    pub runs: u64,
    /// Those among which somebody could choose: what `trials:full`, and with it the deflated Sharpe
    /// ratio, counts of them. A lower bound of what was tried.
    pub counted: u64,
    /// Trials, in ledger order.
    pub trials: Vec<TrialLine>,
}

/// One trial.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct TrialLine {
    /// Digest of its record.
    pub record_sha256: Digest,
    /// What it is for.
    pub portfolio: PortfolioId,
    /// What is tried.
    pub what: TrialKind,
    /// When it started.
    pub started_at: UtcTime,
    /// Configuration, where all runs are of one that was fixed beforehand.
    pub strategy_sha256: Option<Digest>,
    /// Runs that started.
    pub started: u64,
    /// Runs that finished; none while it runs.
    pub finished: Option<u64>,
    /// Runs that failed; none while it runs.
    pub failed: Option<u64>,
    /// True when its runs count in `trials:full`: not those of one fixed configuration.
    pub counts: bool,
}

/// Every trial, or those of one portfolio.
#[must_use]
pub fn list(desk: &Desk, only: Option<&PortfolioId>) -> TrialsJson {
    let all = desk.state.tracks.trials.values();
    let mut found: Vec<_> = all
        .filter(|t| only.is_none_or(|id| t.start.portfolio == *id))
        .collect();
    found.sort_by_key(|t| t.mark.seq);
    TrialsJson {
        schema: "promote/trials/v1",
        runs: found
            .iter()
            .map(|t| t.start.runs)
            .fold(0, u64::saturating_add),
        counted: found
            .iter()
            .filter(|t| t.counts())
            .map(|t| t.start.runs)
            .fold(0, u64::saturating_add),
        trials: found
            .iter()
            .map(|t| TrialLine {
                record_sha256: t.start.record_sha256,
                portfolio: t.start.portfolio.clone(),
                what: t.start.what,
                started_at: t.mark.time,
                strategy_sha256: t.start.strategy_sha256,
                started: t.start.runs,
                finished: t.end.as_ref().map(|(_, end)| end.finished),
                failed: t.end.as_ref().map(|(_, end)| end.failed),
                counts: t.counts(),
            })
            .collect(),
    }
}

/// The list as text.
#[must_use]
pub fn list_text(list: &TrialsJson) -> String {
    let mut out = format!(
        "{} started; trials:full counts {} of them (1 at least), a lower bound of what was tried\n",
        of(list.runs, "run"),
        list.counted
    );
    for line in &list.trials {
        let ended = match (line.finished, line.failed) {
            (Some(finished), Some(failed)) => format!("{finished} finished, {failed} failed"),
            _ => "not ended".to_owned(),
        };
        out.push_str(&format!(
            "{}: {} for {}, {} started at {}, {ended}{}\n",
            line.record_sha256,
            line.what.as_str(),
            line.portfolio,
            of(line.started, "run"),
            line.started_at,
            if line.counts {
                ""
            } else {
                ", of one fixed configuration: not counted"
            }
        ));
    }
    out
}
