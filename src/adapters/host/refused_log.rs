//! The local log of refused acts that no ledger entry may hold: without a valid enrolled signature,
//! anybody could fill the ledger with them.
//!
//! One JSON line per act in `refused.jsonl` beside the ledger, readable by its owner only. It is no
//! evidence, only a trace for the operator, and stops growing at [`MAX_BYTES`].

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// Size at which the log stops growing.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// A refused act.
#[derive(Debug, Clone, Serialize)]
pub struct Refused<'a> {
    /// `promote/refused/v1`.
    pub schema: &'static str,
    /// When, by the ledger's time.
    pub at: String,
    /// Kind of act.
    pub act: &'a str,
    /// Whom the statement names as its signer; nobody has proven it.
    pub named: &'a str,
    /// Digest of the statement's bytes.
    pub statement_sha256: String,
    /// Slug of the reason.
    pub reason: &'a str,
}

/// Where the log of the ledger at `ledger` lies.
#[must_use]
pub fn path_of(ledger: &Path) -> PathBuf {
    ledger.with_file_name("refused.jsonl")
}

/// Adds a line; false when the log is full.
///
/// # Errors
/// What the file system says.
pub fn append(ledger: &Path, refused: &Refused<'_>) -> io::Result<bool> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path_of(ledger))?;
    if file.metadata()?.len() >= MAX_BYTES {
        return Ok(false);
    }
    let mut line = serde_json::to_vec(refused)?;
    line.push(b'\n');
    file.write_all(&line)?;
    Ok(true)
}
