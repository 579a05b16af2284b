//! The results of a sweep that a workspace holds: found by name, checked, read.
//!
//! In: the name of a sweep, or a directory. Out: its summary and rows. The newest results are those
//! with the latest time of production; rows that are not the ones that the summary names are refused.

use std::path::{Path, PathBuf};

use super::rows::{self, Table};
use super::summary::{self, Summary};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::results_folder::shown;
use crate::app::workspace::Workspace;
use crate::kernel::canonical;
use crate::kernel::digest::Digest;
use crate::kernel::id::StrategyId;
use crate::kernel::text::visible;

/// The results that a directory holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// The directory.
    pub dir: PathBuf,
    /// What `summary.json` says.
    pub summary: Summary,
}

/// The results of the sweep `name`: those in the directory `from`, else the newest of the workspace.
///
/// # Errors
/// Exit 3 when there are none, or those in `from` are of another sweep.
pub fn results(
    workspace: &Workspace,
    name: &StrategyId,
    from: Option<&Path>,
) -> Result<Results, Failure> {
    let Some(dir) = from else {
        return newest(workspace, name);
    };
    let found = Results::read(dir)?;
    found.check_name(name)?;
    Ok(found)
}

impl Results {
    /// Reads the summary in `dir`.
    ///
    /// # Errors
    /// Exit 3 when there is none, or it is of another kind.
    pub fn read(dir: &Path) -> Result<Self, Failure> {
        let file = dir.join(summary::FILE_NAME);
        let bytes = std::fs::read(&file).map_err(|e| failure::io("read", &file, &e))?;
        let summary: Summary =
            canonical::decode(&bytes, canonical::DOCUMENT_MAX_BYTES).map_err(|e| {
                let doing = format!("`{}` is not the summary of a sweep", shown(&file));
                Failure::from_error(Exit::Invalid, "sweep.summary", &doing, &e)
            })?;
        if summary.schema != summary::SCHEMA {
            let said = format!(
                "`{}` has the schema `{}`, `{}` is wanted",
                shown(&file),
                visible(&summary.schema, 80),
                summary::SCHEMA
            );
            return Err(Failure::new(Exit::Invalid, "sweep.summary", said));
        }
        Ok(Self {
            dir: dir.to_owned(),
            summary,
        })
    }

    /// Refuses results of another sweep than `name`.
    ///
    /// # Errors
    /// Exit 3 when they are.
    pub fn check_name(&self, name: &StrategyId) -> Result<(), Failure> {
        let own = &self.summary.sweep.name;
        if own == name {
            return Ok(());
        }
        let said = format!(
            "`{}` holds results of the sweep `{own}`, not of `{name}`",
            shown(&self.dir)
        );
        Err(Failure::new(Exit::Invalid, "sweep.other", said))
    }

    /// The rows that the summary names.
    ///
    /// # Errors
    /// Exit 9 when the file is another, exit 3 when it cannot be read.
    pub fn table(&self) -> Result<Table, Failure> {
        let file = self.dir.join(rows::FILE_NAME);
        let bytes = std::fs::read(&file).map_err(|e| failure::io("read", &file, &e))?;
        if Digest::of(&bytes) != self.summary.results_sha256 {
            let said = format!("`{}` is not the file that its summary names", shown(&file));
            return Err(Failure::new(Exit::Integrity, "sweep.digest", said)
                .hint("run the sweep again, into another directory"));
        }
        rows::read(&self.summary.sweep.axes, &bytes)
    }
}

/// The newest results of the sweep `name` below `results/reports/`.
fn newest(workspace: &Workspace, name: &StrategyId) -> Result<Results, Failure> {
    let reports = workspace.resolve(Path::new("results/reports"));
    let prefix = format!("sweep_{name}_");
    let mut found: Vec<Results> = Vec::new();
    for (folder, dated) in folders(&reports)? {
        let date = dated.strip_prefix(&prefix);
        if !date.is_some_and(|date| date.len() == 10 && !date.contains('_')) {
            continue;
        }
        for (dir, _) in folders(&folder)? {
            if dir.join(summary::FILE_NAME).is_file() {
                found.push(Results::read(&dir)?);
            }
        }
    }
    let when = |results: &Results| (results.summary.produced_at, results.summary.run_sha256);
    found.into_iter().max_by_key(when).ok_or_else(|| {
        let said = format!("no results of the sweep `{name}` in this workspace");
        Failure::new(Exit::Invalid, "sweep.absent", said).hint(format!(
            "run it first: `promote research sweep --sweep-name {name}`"
        ))
    })
}

/// The folders in `parent` with their names, sorted; none where there is no such folder.
fn folders(parent: &Path) -> Result<Vec<(PathBuf, String)>, Failure> {
    let entries = match std::fs::read_dir(parent) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|e| failure::io("read", parent, &e))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| failure::io("read", parent, &e))?;
        if entry.path().is_dir() {
            let name = entry.file_name().to_string_lossy().into_owned();
            found.push((entry.path(), name));
        }
    }
    found.sort();
    Ok(found)
}
