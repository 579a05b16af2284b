//! The folder of a result: a new one each time, written whole or not at all, never overwritten.
//!
//! In: what kind of result it is, and where it belongs. Out: its path, and the files in it. What is
//! there already is refused, with the slug and the hint of the kind.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::adapters::host::durable;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::workspace::Workspace;
use crate::kernel::canonical;
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

/// What the folders of one kind of result have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultsFolder {
    /// Begins their names below `results/reports/`.
    pub prefix: &'static str,
    /// Names the refusal of a folder that is there already.
    pub slug: &'static str,
    /// Why another one would not say anything else.
    pub again: &'static str,
}

impl ResultsFolder {
    /// `out`, else `results/reports/PREFIX_NAME_DATE/DIGEST8`.
    #[must_use]
    pub fn path(
        &self,
        workspace: &Workspace,
        out: Option<&Path>,
        (name, now): (&str, UtcTime),
        run_sha256: Digest,
    ) -> PathBuf {
        let Some(out) = out else {
            let below = format!(
                "results/reports/{}_{name}_{}/{}",
                self.prefix,
                now.date(),
                run_sha256.short()
            );
            return workspace.resolve(Path::new(&below));
        };
        out.to_owned()
    }

    /// Refuses a `path` at which something is already.
    ///
    /// # Errors
    /// Exit 7.
    pub fn check_free(&self, path: &Path) -> Result<(), Failure> {
        match path.symlink_metadata() {
            Ok(_) => Err(self.taken(path)),
            Err(_) => Ok(()),
        }
    }

    /// Writes the folder: whole, or not at all.
    ///
    /// # Errors
    /// Exit 7 when it is there already.
    pub fn write(&self, path: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Failure> {
        durable::write_new_dir(path, files).map_err(|e| self.unwritten(path, &e))
    }

    /// That the folder at `path` could not be written.
    #[must_use]
    pub fn unwritten(&self, path: &Path, error: &std::io::Error) -> Failure {
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => self.taken(path),
            _ => failure::io("write", path, error),
        }
    }

    fn taken(&self, path: &Path) -> Failure {
        let said = format!("`{}` exists already", shown(path));
        Failure::new(Exit::Conflict, self.slug, said).hint(format!(
            "results are never overwritten, and the same {}: name another directory with --out",
            self.again
        ))
    }
}

/// Canonical bytes of a document in it.
///
/// # Errors
/// Never for what this program gives.
pub fn encoded<T: Serialize>(document: &T) -> Result<Vec<u8>, Failure> {
    canonical::encode(document).map_err(|e| {
        let doing = "could not write the results";
        Failure::from_error(Exit::Internal, "results.encode", doing, &e)
    })
}

/// A path as it is printed.
#[must_use]
pub fn shown(path: &Path) -> String {
    visible(&path.display().to_string(), 400)
}
