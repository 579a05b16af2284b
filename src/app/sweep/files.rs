//! Files beside results that are made from them: the same results give the same bytes, and nothing
//! that says something else is overwritten.

use std::path::PathBuf;

use serde::Serialize;

use crate::adapters::host::durable;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::results_folder::shown;

/// A file that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where.
    pub path: PathBuf,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// A file that is there now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct FileJson {
    /// Where.
    pub path: String,
    /// False when the same file was there already.
    pub written: bool,
}

/// Writes the files, unless one of them is there already and says something else.
///
/// # Errors
/// Exit 7 for such a file, before anything is written; `hint` says what to do.
pub fn keep(wanted: &[Wanted], hint: &str) -> Result<Vec<FileJson>, Failure> {
    let mut found = Vec::with_capacity(wanted.len());
    for file in wanted {
        let there = file.path.symlink_metadata().is_ok();
        let same = there && std::fs::read(&file.path).is_ok_and(|bytes| bytes == file.bytes);
        if there && !same {
            let said = format!(
                "`{}` exists already and says something else",
                shown(&file.path)
            );
            return Err(Failure::new(Exit::Conflict, "sweep.exported", said).hint(hint));
        }
        found.push(FileJson {
            path: shown(&file.path),
            written: !there,
        });
    }
    for (file, found) in wanted.iter().zip(&found) {
        if found.written {
            durable::write_readable(&file.path, &file.bytes)
                .map_err(|e| failure::io("write", &file.path, &e))?;
        }
    }
    Ok(found)
}
