//! What the ledger is told about runs: that they start, and how they ended.
//!
//! In: what is tried, for whom, on which bars, and where the ledger lies. Out: the digest that names
//! the trial, and its entry. The start is recorded before anything is computed and the end after the
//! result stands, so that a run that was killed stays counted. Both are signed by the engine. Where no
//! ledger or no engine key is at hand, a record in `results/trials/` is left and the result says
//! `unregistered`.

pub mod record;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use self::record::{Bars, TrialRecord, TrialRecordEnd, exists, keep, keep_end};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::engine_insists;
use crate::app::gate::desk::{Desk, When, machine_key_path};
use crate::app::gate::tracking::{RecordedEntry, entries};
use crate::app::runtime::block_on;
use crate::app::workspace::Workspace;
use crate::evidence::manifest::Trials;
use crate::governance::promotion::decide::Command;
use crate::governance::promotion::tracks::TrackAct;
use crate::governance::promotion::tracks::trial::{self, TrialEnd, TrialKind, TrialStart};
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;

/// Where records lie below the workspace.
const FOLDER: &str = "results/trials";

/// A ledger that this program may write to.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its file.
    pub path: PathBuf,
    /// When and on what host.
    pub when: When,
}

impl Place {
    /// The ledger at `path`, if it and the machine keys that write to it are there.
    #[must_use]
    pub fn at(path: PathBuf, when: When) -> Option<Self> {
        let keys = ["engine", "log"].map(|name| machine_key_path(&path, name));
        let there = path.is_file() && keys.iter().all(|key| key.is_file());
        there.then_some(Self { path, when })
    }
}

/// What is tried, by digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// One configuration that was fixed beforehand.
    Strategy(Digest),
    /// The combinations of a grid.
    Grid(Digest),
}

/// Runs that are about to start.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Of which kind.
    pub what: TrialKind,
    /// How many.
    pub runs: u64,
    /// For whom they count.
    pub portfolio: PortfolioId,
    /// What is tried.
    pub tried: Tried,
    /// The bars that they run on.
    pub data: Vec<Bars>,
    /// The command that repeats them, without paths of this machine.
    pub command: String,
    /// The present, where no ledger says it.
    pub now: UtcTime,
}

/// A trial that has started.
pub struct Started {
    /// What the result says about it.
    pub trials: Trials,
    /// Its entry; none without a ledger.
    pub entry: Option<RecordedEntry>,
    /// Runs among which somebody could choose that the ledger counted before, for the same portfolio.
    pub earlier: u64,
    runs: u64,
    place: Option<Place>,
    record: Option<(Digest, PathBuf)>,
}

impl Started {
    /// What came back signed: the trial started when the manifest was written out.
    #[must_use]
    pub fn before(trials: Trials) -> Self {
        Self {
            trials,
            entry: None,
            earlier: 0,
            runs: 0,
            place: None,
            record: None,
        }
    }

    /// Digest of the record that names it.
    #[must_use]
    pub fn record(&self) -> Option<Digest> {
        self.record.as_ref().map(|(digest, _)| *digest)
    }

    /// Records how it ended: all of its runs finished, or none.
    ///
    /// # Errors
    /// When neither the ledger nor the folder takes it; the start stays and is counted.
    pub fn end(self, finished: bool) -> Result<(), Failure> {
        let Some((record_sha256, folder)) = self.record else {
            return Ok(());
        };
        let (finished, failed) = if finished {
            (self.runs, 0)
        } else {
            (0, self.runs)
        };
        if let Some(place) = self.place {
            let end = TrackAct::TrialEnd(TrialEnd {
                record_sha256,
                finished,
                failed,
            });
            return append(&place, |_| Ok(end)).map(drop);
        }
        let end = TrialRecordEnd {
            schema: "promote/trial-record-end/v1",
            record_sha256,
            finished,
            failed,
        };
        keep_end(&folder, &end)
    }
}

/// Records that `trial` starts, in `ledger` or else in the folder of the workspace alone.
///
/// # Errors
/// When the ledger is there and does not take it, or the record cannot be written.
pub fn start(
    trial: Trial,
    workspace: &Workspace,
    ledger: Option<&Place>,
) -> Result<Started, Failure> {
    let folder = workspace.resolve(Path::new(FOLDER));
    let (what, runs, portfolio) = (trial.what, trial.runs, trial.portfolio.clone());
    let (strategy, grid) = match trial.tried {
        Tried::Strategy(digest) => (Some(digest), None),
        Tried::Grid(digest) => (None, Some(digest)),
    };
    let mut record = TrialRecord {
        schema: "promote/trial-record/v1",
        what,
        runs,
        portfolio: trial.portfolio,
        strategy_sha256: strategy,
        grid_sha256: grid,
        data: trial.data,
        command: trial.command,
        head: None,
        started_at: trial.now,
        number: 0,
    };
    let mut earlier = 0;
    let (digest, entry) = match ledger {
        Some(place) => {
            let mut named = None;
            let entry = append(place, |desk| {
                let own = BTreeSet::from([portfolio.clone()]);
                earlier = trial::count(&desk.state, &own, desk.head().size);
                record.head = Some(desk.head());
                record.started_at = desk.now;
                let record_sha256 = keep(&folder, &record)?;
                named = Some(record_sha256);
                Ok(TrackAct::TrialStart(TrialStart {
                    record_sha256,
                    portfolio,
                    what,
                    runs,
                    strategy_sha256: strategy,
                }))
            })?;
            (named, Some(entry))
        }
        None => {
            while exists(&folder, &record)? {
                record.number += 1;
            }
            (Some(keep(&folder, &record)?), None)
        }
    };
    Ok(Started {
        trials: Trials {
            count: i64::try_from(runs).unwrap_or(i64::MAX),
            records: digest.into_iter().collect(),
            unregistered: entry.is_none(),
        },
        entry,
        earlier,
        runs,
        place: ledger.cloned(),
        record: digest.map(|digest| (digest, folder)),
    })
}

/// Appends an act of the engine that follows from the present ledger; its entry.
fn append(
    place: &Place,
    make: impl FnOnce(&Desk) -> Result<TrackAct, Failure>,
) -> Result<RecordedEntry, Failure> {
    block_on(async {
        let mut desk = Desk::write(&place.path, place.when.clone()).await?;
        let act = make(&desk)?;
        let written = engine_insists(&mut desk, Command::Trial(Box::new(act))).await?;
        desk.close().await?;
        entries(&written, "trial")
            .into_iter()
            .next()
            .ok_or_else(|| {
                Failure::new(Exit::Internal, "trial.unwritten", "the trial was not noted")
            })
    })
}
