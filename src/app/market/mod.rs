//! Market data in a workspace: the bars under `data/`, each file with its manifest.
//!
//! A pair of files, `BTC-EUR_1h.parquet` and `BTC-EUR_1h.json`. The manifest is removed before
//! bars are replaced and written after them, so a killed process leaves either a whole pair or
//! bars without manifest, which count as absent.

pub mod import;
pub mod invented;
pub mod list;
pub mod report;
pub mod store;
pub mod synth;
pub mod year;

use std::path::{Path, PathBuf};

use crate::adapters::frames::{self, FrameError};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::workspace::Workspace;
use crate::kernel::text::visible;
use crate::research::market::{BarSeries, DataManifest, Symbol, Timeframe, manifest};

/// Bars of a workspace with their manifest; the digest was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSeries {
    /// The bars.
    pub series: BarSeries,
    /// Where they come from, and their digest.
    pub manifest: DataManifest,
}

/// The paths of the Parquet file and the manifest of one series.
#[must_use]
pub fn paths(workspace: &Workspace, symbol: &Symbol, timeframe: Timeframe) -> (PathBuf, PathBuf) {
    paths_in(&workspace.root.join("data"), symbol, timeframe)
}

fn paths_in(folder: &Path, symbol: &Symbol, timeframe: Timeframe) -> (PathBuf, PathBuf) {
    let stem = format!("{}_{timeframe}", symbol.file_name());
    (
        folder.join(format!("{stem}.parquet")),
        folder.join(format!("{stem}.json")),
    )
}

/// Loads the bars of `symbol`, and checks them against their manifest.
///
/// # Errors
/// Exit 3 when there are none or a file is unreadable, exit 9 when bars and manifest disagree.
pub fn load_bars(
    workspace: &Workspace,
    symbol: &Symbol,
    timeframe: Timeframe,
) -> Result<StoredSeries, Failure> {
    load_from(&workspace.root.join("data"), symbol, timeframe)
}

/// Loads the bars of `symbol` from any folder that holds such a pair of files.
///
/// # Errors
/// As [`load_bars`].
pub fn load_from(
    folder: &Path,
    symbol: &Symbol,
    timeframe: Timeframe,
) -> Result<StoredSeries, Failure> {
    let (bars_path, manifest_path) = paths_in(folder, symbol, timeframe);
    if manifest_path.symlink_metadata().is_err() {
        return Err(absent(symbol, timeframe));
    }
    let manifest = store::read_manifest(&manifest_path)?;
    let stored = frames::read_known_bars(&bars_path, &manifest.file_sha256)
        .map_err(|e| frame_failure(&bars_path, &e))?;
    let series = BarSeries {
        symbol: symbol.clone(),
        timeframe,
        bars: stored.bars,
        synthetic: manifest.synthetic,
    };
    let again = DataManifest::of(
        &series,
        manifest.file_sha256,
        manifest.source.clone(),
        manifest.faults.clone(),
    );
    let shown = |path: &Path| visible(&path.display().to_string(), 200);
    let same = stored.synthetic == manifest.synthetic
        && manifest.schema == manifest::SCHEMA
        && again.as_ref() == Some(&manifest);
    if !same {
        return Err(changed(&bars_path));
    }
    series.check().map_err(|e| {
        let doing = format!("`{}` holds broken bars", shown(&bars_path));
        Failure::from_error(Exit::Invalid, "data.bars", &doing, &e)
    })?;
    Ok(StoredSeries { series, manifest })
}

fn absent(symbol: &Symbol, timeframe: Timeframe) -> Failure {
    let message = format!("no bars of {symbol} {timeframe} in this workspace");
    Failure::new(Exit::Invalid, "data.absent", message).hint(format!(
        "`promote data import FILE --symbol {symbol} --timeframe {timeframe}`, or `promote data synth --symbol {symbol} --timeframe {timeframe} --start DATE --bars N`"
    ))
}

fn changed(path: &Path) -> Failure {
    let name = visible(&path.display().to_string(), 200);
    let message = format!("`{name}` does not hold what its manifest says");
    Failure::new(Exit::Integrity, "data.digest", message)
        .hint("import the source again with `promote data import FILE --symbol SYMBOL --timeframe LENGTH --replace`")
}

/// An error of the frames room as a failure that names the file.
pub(crate) fn frame_failure(path: &Path, error: &FrameError) -> Failure {
    match error {
        FrameError::Io(io) => return failure::io("read or write", path, io),
        FrameError::Changed => return changed(path),
        _ => {}
    }
    let doing = format!("`{}`", visible(&path.display().to_string(), 200));
    Failure::from_error(
        Exit::Invalid,
        "data.file",
        &format!("cannot use {doing}"),
        error,
    )
}
