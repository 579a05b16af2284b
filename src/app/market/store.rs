//! Writing bars into a workspace: never over different bars unless that was asked for.

use std::io::ErrorKind;
use std::path::Path;

use crate::adapters::frames;
use crate::adapters::host::durable;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::workspace::Workspace;
use crate::kernel::canonical;
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;
use crate::research::market::manifest::Origin;
use crate::research::market::{BarSeries, DataManifest, FaultRecord};

use super::{frame_failure, load_bars, paths};

/// Whether bars may replace different ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Refused.
    No,
    /// `--replace`.
    Yes,
}

/// Checks that storing `series` loses nothing: true when it has to be written, false when the same
/// bars are already there.
///
/// # Errors
/// Exit 7 when different bars are there and `replace` does not allow it.
pub fn is_needed(
    workspace: &Workspace,
    series: &BarSeries,
    replace: Replace,
) -> Result<bool, Failure> {
    let (_, manifest_path) = paths(workspace, &series.symbol, series.timeframe);
    if manifest_path.symlink_metadata().is_err() || replace == Replace::Yes {
        return Ok(true);
    }
    let there = load_bars(workspace, &series.symbol, series.timeframe);
    if there.is_ok_and(|stored| stored.series.bars == series.bars) {
        return Ok(false);
    }
    let message = format!(
        "other bars of {} {} are already in this workspace",
        series.symbol, series.timeframe
    );
    Err(Failure::new(Exit::Conflict, "data.exists", message)
        .hint("compare with `promote data list`; `--replace` puts the new ones in their place"))
}

/// Writes bars and their manifest, and gives the manifest; see the parent module for what a killed
/// process leaves.
///
/// # Errors
/// When there is no bar, or the file system refuses.
pub fn save(
    workspace: &Workspace,
    series: &BarSeries,
    origin: Origin,
    faults: Vec<FaultRecord>,
) -> Result<DataManifest, Failure> {
    let (bars_path, manifest_path) = paths(workspace, &series.symbol, series.timeframe);
    let file = frames::bars_file(&series.bars, series.synthetic)
        .map_err(|e| frame_failure(&bars_path, &e))?;
    let manifest = DataManifest::of(series, Digest::of(&file), origin, faults)
        .ok_or_else(|| Failure::new(Exit::Invalid, "data.empty", "there is no bar to store"))?;
    let bytes = canonical::encode(&manifest).map_err(|e| {
        let doing = "could not write a data manifest";
        Failure::from_error(Exit::Internal, "data.manifest", doing, &e)
    })?;
    remove(&manifest_path)?;
    frames::write_bars(&bars_path, &file).map_err(|e| frame_failure(&bars_path, &e))?;
    durable::write_file(&manifest_path, &bytes)
        .map_err(|e| failure::io("write", &manifest_path, &e))?;
    Ok(manifest)
}

fn remove(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(failure::io("replace", path, &e)),
        _ => Ok(()),
    }
}

/// Every manifest in the workspace, sorted by file name.
///
/// # Errors
/// Exit 9 when one of them is not readable as a manifest; when the file system refuses.
pub fn manifests(workspace: &Workspace) -> Result<Vec<DataManifest>, Failure> {
    let folder = workspace.root.join("data");
    let entries = match std::fs::read_dir(&folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|e| failure::io("read", &folder, &e))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| failure::io("read", &folder, &e))?.path();
        let is_pair = path.extension().is_some_and(|e| e == "json")
            && path.with_extension("parquet").is_file();
        if is_pair {
            names.push(path);
        }
    }
    names.sort();
    names.iter().map(|path| read_manifest(path)).collect()
}

/// Reads one manifest.
///
/// # Errors
/// Exit 9 when it is not readable as one.
pub fn read_manifest(path: &Path) -> Result<DataManifest, Failure> {
    let bytes = std::fs::read(path).map_err(|e| failure::io("read", path, &e))?;
    canonical::decode(&bytes, canonical::DOCUMENT_MAX_BYTES).map_err(|e| {
        let name = visible(&path.display().to_string(), 200);
        let doing = format!("`{name}` is not a data manifest");
        Failure::from_error(Exit::Integrity, "data.manifest", &doing, &e)
    })
}
