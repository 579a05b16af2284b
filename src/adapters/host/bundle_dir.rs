//! Bundle directories: read whole into memory, written whole or not at all.
//!
//! Reading follows no link and opens nothing but plain files, stops at 64 MiB or 1,000 files, and
//! gives the files by their path inside the directory. Whether they are a bundle is decided by
//! [`crate::evidence::bundle::check`].

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::evidence::bundle::{BYTES_MAX, FILES_MAX, Files};
use crate::kernel::text::visible;

/// Deepest folder below the bundle.
const DEPTH_MAX: usize = 3;

/// Why a directory was not read.
#[derive(Debug, thiserror::Error)]
pub enum BundleDirError {
    /// The file system refuses.
    #[error("could not read `{path}`")]
    Io {
        /// What was read.
        path: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// A link, a pipe, a device: not a plain file or folder.
    #[error("`{0}` is not a plain file or folder")]
    Special(String),
    /// A name that is no text, or too deep.
    #[error("`{0}` cannot be part of a bundle")]
    Name(String),
    /// More than a bundle may hold.
    #[error("too large: at most {files} files with {mib} MiB together")]
    TooLarge {
        /// Most files.
        files: usize,
        /// Most bytes, in units of 1,048,576.
        mib: usize,
    },
}

/// Reads every file below `dir`.
///
/// # Errors
/// When something is not a plain file or folder, too much, or cannot be read.
pub fn read(dir: &Path) -> Result<Files, BundleDirError> {
    read_within(dir, FILES_MAX, BYTES_MAX)
}

/// The same for other folders of files, with their own limits.
///
/// # Errors
/// As [`read`].
pub fn read_within(dir: &Path, files: usize, bytes: usize) -> Result<Files, BundleDirError> {
    let mut reading = Reading {
        files: Files::new(),
        files_max: files,
        bytes_max: bytes,
        left: bytes,
    };
    reading.folder(dir, "", 0)?;
    Ok(reading.files)
}

struct Reading {
    files: Files,
    files_max: usize,
    bytes_max: usize,
    left: usize,
}

impl Reading {
    fn folder(&mut self, dir: &Path, prefix: &str, depth: usize) -> Result<(), BundleDirError> {
        for entry in fs::read_dir(dir).map_err(|e| failed(dir, e))? {
            let entry = entry.map_err(|e| failed(dir, e))?;
            let path = entry.path();
            let name = entry
                .file_name()
                .into_string()
                .map_err(|_| BundleDirError::Name(shown(&path)))?;
            let inside = format!("{prefix}{name}");
            // The entry's own type: a link is not followed.
            let kind = entry.file_type().map_err(|e| failed(&path, e))?;
            if kind.is_dir() && depth < DEPTH_MAX {
                self.folder(&path, &format!("{inside}/"), depth + 1)?;
            } else if kind.is_dir() {
                return Err(BundleDirError::Name(shown(&path)));
            } else if kind.is_file() {
                self.file(&path, inside)?;
            } else {
                return Err(BundleDirError::Special(shown(&path)));
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, inside: String) -> Result<(), BundleDirError> {
        let limit = u64::try_from(self.left)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let file = File::open(path).map_err(|e| failed(path, e))?;
        let mut bytes = Vec::new();
        file.take(limit)
            .read_to_end(&mut bytes)
            .map_err(|e| failed(path, e))?;
        self.left = self
            .left
            .checked_sub(bytes.len())
            .ok_or_else(|| self.too_large())?;
        self.files.insert(inside, bytes);
        if self.files.len() > self.files_max {
            return Err(self.too_large());
        }
        Ok(())
    }

    fn too_large(&self) -> BundleDirError {
        BundleDirError::TooLarge {
            files: self.files_max,
            mib: self.bytes_max / (1024 * 1024),
        }
    }
}

fn shown(path: &Path) -> String {
    visible(&path.display().to_string(), 200)
}

fn failed(path: &Path, error: io::Error) -> BundleDirError {
    BundleDirError::Io {
        path: shown(path),
        error,
    }
}
