//! What the ledger is told about a run: that it starts, and how it ended.
//!
//! In: the resolved preset, the bars, where the ledger lies. Out: what the bundle says about its
//! trials. The start is recorded before anything is computed and the end after the bundle stands,
//! so that a run that was killed stays counted. Both are signed by the engine. Where no ledger or
//! no engine key is at hand, a record in `results/trials/` is left and the bundle says
//! `unregistered`. What is run again, and a bundle that only comes back signed, is no new trial.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::resolve::Resolved;
use super::run::Job;
use crate::adapters::host::durable;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::gate::act::engine_insists;
use crate::app::gate::desk::{Desk, When, machine_key_path};
use crate::app::gate::tracking::{RecordedEntry, entries};
use crate::app::runtime::block_on;
use crate::evidence::manifest::Trials;
use crate::governance::audit::entry::Head;
use crate::governance::promotion::decide::Command;
use crate::governance::promotion::tracks::TrackAct;
use crate::governance::promotion::tracks::trial::{TrialEnd, TrialKind, TrialStart};
use crate::kernel::canonical;
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;
use crate::research::market::{BarSeries, Symbol};

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

/// `promote/trial-record/v1`: what names a trial, by the digest of its bytes.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TrialRecord {
    schema: &'static str,
    /// What is tried.
    what: TrialKind,
    /// Runs that start.
    runs: u64,
    /// What it is for.
    portfolio: PortfolioId,
    /// The configuration that runs.
    strategy_sha256: Digest,
    /// The bars that it runs on.
    data: Vec<Bars>,
    /// The command that repeats it.
    command: String,
    /// The ledger's head before it, where a ledger was at hand.
    head: Option<Head>,
    /// When it started.
    started_at: UtcTime,
    /// Tells apart what is otherwise the same.
    number: u64,
}

/// Bars by their digest.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Bars {
    /// Such as `BTC/EUR`.
    symbol: String,
    /// Such as `1h`.
    timeframe: String,
    /// Digest of their canonical rows.
    sha256: Digest,
}

/// `promote/trial-record-end/v1`: how a trial ended, where no ledger took it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TrialRecordEnd {
    schema: &'static str,
    /// Digest of the record.
    record_sha256: Digest,
    /// Runs that finished.
    finished: u64,
    /// Runs that failed.
    failed: u64,
}

/// A trial that has started.
pub struct Started {
    /// What the bundle says about it.
    pub trials: Trials,
    /// Its entry; none without a ledger.
    pub entry: Option<RecordedEntry>,
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
            place: None,
            record: None,
        }
    }

    /// Records how it ended.
    ///
    /// # Errors
    /// When neither the ledger nor the folder takes it; the start stays and is counted.
    pub fn end(self, finished: bool) -> Result<(), Failure> {
        let Some((record_sha256, folder)) = self.record else {
            return Ok(());
        };
        let (finished, failed) = (u64::from(finished), u64::from(!finished));
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
        let file = folder.join(format!("{record_sha256}.end.json"));
        let bytes = encoded(&end)?;
        durable::write_file(&file, &bytes).map_err(|e| failure::io("write", &file, &e))
    }
}

/// Records that `resolved` starts on these bars.
///
/// # Errors
/// When the ledger is there and does not take it, or the record cannot be written.
pub fn start(
    resolved: &Resolved,
    job: &Job<'_>,
    series: &BTreeMap<Symbol, BarSeries>,
) -> Result<Started, Failure> {
    if let Some(trials) = job.sealing.trials() {
        return Ok(Started::before(trials));
    }
    let folder = job.workspace.resolve(Path::new(FOLDER));
    let mut record = record(resolved, job, series)?;
    let (portfolio, strategy) = (record.portfolio.clone(), record.strategy_sha256);
    let act = |record_sha256| {
        TrackAct::TrialStart(TrialStart {
            record_sha256,
            portfolio,
            what: TrialKind::Walkforward,
            runs: 1,
            strategy_sha256: Some(strategy),
        })
    };
    let (digest, entry) = match &job.ledger {
        Some(place) => {
            let mut named = None;
            let entry = append(place, |desk| {
                record.head = Some(desk.head());
                record.started_at = desk.now;
                let digest = keep(&folder, &record)?;
                named = Some(digest);
                Ok(act(digest))
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
            count: 1,
            records: digest.into_iter().collect(),
            unregistered: entry.is_none(),
        },
        entry,
        place: job.ledger.clone(),
        record: digest.map(|digest| (digest, folder)),
    })
}

fn record(
    resolved: &Resolved,
    job: &Job<'_>,
    series: &BTreeMap<Symbol, BarSeries>,
) -> Result<TrialRecord, Failure> {
    let data = series.values().map(|bars| Bars {
        symbol: bars.symbol.to_string(),
        timeframe: bars.timeframe.to_string(),
        sha256: bars.sha256(),
    });
    Ok(TrialRecord {
        schema: "promote/trial-record/v1",
        what: TrialKind::Walkforward,
        runs: 1,
        portfolio: resolved.configuration.portfolio.clone(),
        strategy_sha256: Digest::of(&encoded(&resolved.configuration)?),
        data: data.collect(),
        command: job.command.clone(),
        head: None,
        started_at: job.now,
        number: 0,
    })
}

fn encoded<T: Serialize>(value: &T) -> Result<Vec<u8>, Failure> {
    canonical::encode(value).map_err(|e| {
        let doing = "could not write the record of the trial";
        Failure::from_error(Exit::Internal, "trial.record", doing, &e)
    })
}

fn file_of(folder: &Path, digest: &Digest) -> PathBuf {
    folder.join(format!("{digest}.json"))
}

fn exists(folder: &Path, record: &TrialRecord) -> Result<bool, Failure> {
    Ok(file_of(folder, &Digest::of(&encoded(record)?)).exists())
}

/// Writes the record under its digest.
fn keep(folder: &Path, record: &TrialRecord) -> Result<Digest, Failure> {
    let bytes = encoded(record)?;
    let digest = Digest::of(&bytes);
    let file = file_of(folder, &digest);
    durable::write_file(&file, &bytes).map_err(|e| failure::io("write", &file, &e))?;
    Ok(digest)
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
