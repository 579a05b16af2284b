//! The record of a trial in `results/trials/`: what names it, by the digest of its bytes.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::adapters::host::durable;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::governance::audit::entry::Head;
use crate::governance::promotion::tracks::trial::TrialKind;
use crate::kernel::canonical;
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;
use crate::research::market::BarSeries;

/// `promote/trial-record/v1`: what names a trial, by the digest of its bytes.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TrialRecord {
    pub(super) schema: &'static str,
    /// What is tried.
    pub(super) what: TrialKind,
    /// Runs that start.
    pub(super) runs: u64,
    /// What it is for.
    pub(super) portfolio: PortfolioId,
    /// The configuration that runs, where it was fixed beforehand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) strategy_sha256: Option<Digest>,
    /// The grid whose combinations run, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) grid_sha256: Option<Digest>,
    /// The bars that it runs on.
    pub(super) data: Vec<Bars>,
    /// The command that repeats it.
    pub(super) command: String,
    /// The ledger's head before it, where a ledger was at hand.
    pub(super) head: Option<Head>,
    /// When it started.
    pub(super) started_at: UtcTime,
    /// Tells apart what is otherwise the same.
    pub(super) number: u64,
}

/// Bars by their digest.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Bars {
    /// Such as `BTC/EUR`.
    symbol: String,
    /// Such as `1h`.
    timeframe: String,
    /// Digest of their canonical rows.
    sha256: Digest,
}

impl Bars {
    /// Those of a series.
    #[must_use]
    pub fn of(series: &BarSeries) -> Self {
        Self {
            symbol: series.symbol.to_string(),
            timeframe: series.timeframe.to_string(),
            sha256: series.sha256(),
        }
    }
}

/// `promote/trial-record-end/v1`: how a trial ended, where no ledger took it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TrialRecordEnd {
    pub(super) schema: &'static str,
    /// Digest of the record.
    pub(super) record_sha256: Digest,
    /// Runs that finished.
    pub(super) finished: u64,
    /// Runs that failed.
    pub(super) failed: u64,
}

/// Canonical bytes of what a trial is named by.
///
/// # Errors
/// When it cannot stand in canonical bytes.
pub fn encoded<T: Serialize>(value: &T) -> Result<Vec<u8>, Failure> {
    canonical::encode(value).map_err(|e| {
        let doing = "could not write the record of the trial";
        Failure::from_error(Exit::Internal, "trial.record", doing, &e)
    })
}

fn file_of(folder: &Path, digest: &Digest) -> PathBuf {
    folder.join(format!("{digest}.json"))
}

/// True when such a record is there already.
pub(super) fn exists(folder: &Path, record: &TrialRecord) -> Result<bool, Failure> {
    Ok(file_of(folder, &Digest::of(&encoded(record)?)).exists())
}

/// Writes the record under its digest.
pub(super) fn keep(folder: &Path, record: &TrialRecord) -> Result<Digest, Failure> {
    let bytes = encoded(record)?;
    let digest = Digest::of(&bytes);
    let file = file_of(folder, &digest);
    durable::write_file(&file, &bytes).map_err(|e| failure::io("write", &file, &e))?;
    Ok(digest)
}

/// Writes how the trial ended beside its record.
pub(super) fn keep_end(folder: &Path, end: &TrialRecordEnd) -> Result<(), Failure> {
    let file = folder.join(format!("{}.end.json", end.record_sha256));
    let bytes = encoded(end)?;
    durable::write_file(&file, &bytes).map_err(|e| failure::io("write", &file, &e))
}
