//! What somebody outside the authors vouches for: bars that they fetched.
//!
//! In: bars on disk. Out: the act to be signed. The digest of bars is always computed from the bars
//! at hand, never taken from a bundle.

use std::path::{Path, PathBuf};

use super::person::Deed;
use super::vouching::deed;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::market::{load_from, store::read_manifest};
use crate::evidence::bundle::CheckedBundle;
use crate::governance::promotion::tracks::TrackAct;
use crate::governance::promotion::tracks::dataset::Dataset;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::research::market::{BarSeries, Symbol, Timeframe};

/// Where bars come from, in the words of who fetched them.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Source.
    pub source: String,
    /// When.
    pub retrieved_at: UtcTime,
}

/// Registrations of the bars at `path` (a folder of stored bars, or one file in it): of exactly the
/// ranges that `bundle` names, or of everything that is there.
///
/// # Errors
/// Exit 3 when bars are missing, exit 9 when the bars at hand are not those of the bundle.
pub fn datasets(
    path: &Path,
    bundle: Option<&CheckedBundle>,
    fetched: &Fetched,
) -> Result<Vec<(String, Deed)>, Failure> {
    crate::kernel::text::check_free_text("source", &fetched.source)
        .map_err(|e| Failure::from_error(Exit::Invalid, "text.unstorable", "", &e))?;
    let found = match bundle {
        Some(bundle) => of_bundle(&folder_of(path), bundle)?,
        None => manifests(path)?
            .iter()
            .map(|file| stored(file))
            .collect::<Result<Vec<_>, _>>()?,
    };
    if found.is_empty() {
        let text = format!("no bars in `{}`", visible(&path.display().to_string(), 200));
        return Err(Failure::new(Exit::Invalid, "dataset.nothing", text)
            .hint("`promote data import FILE --symbol SYMBOL --timeframe LENGTH` stores bars with their manifest"));
    }
    found
        .iter()
        .map(|series| dataset(series, fetched))
        .collect()
}

fn folder_of(path: &Path) -> PathBuf {
    match path.is_dir() {
        true => path.to_owned(),
        false => path.parent().map(Path::to_owned).unwrap_or_default(),
    }
}

/// The manifests of stored bars at `path`, sorted.
fn manifests(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.with_extension("json")]);
    }
    let io = |e: &std::io::Error| failure::io("read", path, e);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|e| io(&e))? {
        let file = entry.map_err(|e| io(&e))?.path();
        let is_manifest = file.extension().is_some_and(|e| e == "json");
        if is_manifest && file.with_extension("parquet").is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn stored(manifest: &Path) -> Result<BarSeries, Failure> {
    let stated = read_manifest(manifest)?;
    let folder = manifest.parent().unwrap_or(Path::new("."));
    Ok(load_from(folder, &stated.symbol, stated.timeframe)?.series)
}

/// The bars of each of the bundle's sources, from the folder.
fn of_bundle(folder: &Path, bundle: &CheckedBundle) -> Result<Vec<BarSeries>, Failure> {
    let mut found = Vec::new();
    for source in &bundle.manifest.data {
        let unknown = |e: &dyn std::error::Error| {
            Failure::from_error(Exit::Invalid, "dataset.unknown", "", e)
        };
        let symbol: Symbol = source.symbol.parse().map_err(|e| unknown(&e))?;
        let timeframe: Timeframe = source.timeframe.parse().map_err(|e| unknown(&e))?;
        let series = load_from(folder, &symbol, timeframe)?
            .series
            .between(Some(source.first), Some(source.last.plus_millis(1)));
        if series.sha256() != source.sha256 {
            let text = format!(
                "the bars of {symbol} {timeframe} at hand are not those that the evidence names"
            );
            return Err(Failure::new(Exit::Integrity, "dataset.differs", text)
                .hint("fetch them again from the source that the evidence was made from"));
        }
        found.push(series);
    }
    Ok(found)
}

fn dataset(series: &BarSeries, fetched: &Fetched) -> Result<(String, Deed), Failure> {
    let empty = || Failure::new(Exit::Invalid, "dataset.nothing", "a series without bars");
    let (first, last) = series.span().ok_or_else(empty)?;
    let sha256 = series.sha256();
    let act = TrackAct::Dataset(Dataset {
        sha256,
        symbol: series.symbol.to_string(),
        timeframe: series.timeframe.to_string(),
        first,
        last,
        rows: i64::try_from(series.bars.len()).unwrap_or(i64::MAX),
        synthetic: series.synthetic,
        source: fetched.source.clone(),
        retrieved_at: fetched.retrieved_at,
    });
    Ok((sha256.to_string(), deed(act)))
}
