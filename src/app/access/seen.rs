//! The highest head of the ledger that an instance saw, kept beside its key.
//!
//! A ledger that was put back to an older state would let a used token in again. The instance keeps
//! the head that it acted on, outside the ledger's folder and durable, and refuses a ledger that
//! does not hold it as a prefix.

use std::path::{Path, PathBuf};

use crate::adapters::host::durable;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::gate::desk::Desk;
use crate::governance::audit::entry::Head;
use crate::kernel::canonical::{self, ENTRY_MAX_BYTES};

fn path(key_file: &Path) -> PathBuf {
    let mut name = key_file.as_os_str().to_owned();
    name.push(".seen");
    PathBuf::from(name)
}

/// Refuses a ledger that does not extend what the instance saw.
///
/// # Errors
/// Exit 9 when it does not, or the note cannot be read.
pub fn check(key_file: &Path, desk: &Desk) -> Result<(), Failure> {
    let path = path(key_file);
    let bytes = match std::fs::read(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|e| failure::io("read", &path, &e))?,
    };
    let seen: Head = canonical::decode(&bytes, ENTRY_MAX_BYTES).map_err(|e| {
        let doing = format!("`{}` does not hold a head", path.display());
        Failure::from_error(Exit::Integrity, "instance.seen", &doing, &e)
    })?;
    if desk.state.is_prefix(&seen, &desk.head()) {
        return Ok(());
    }
    let text = format!(
        "the instance saw this ledger with {} entries, and this is not its continuation",
        seen.size
    );
    Err(Failure::new(Exit::Integrity, "ledger.rolled-back", text)
        .hint("somebody put back an older copy, or another ledger: ask who keeps it"))
}

/// Notes the present head, durable.
///
/// # Errors
/// When it cannot be written.
pub fn note(key_file: &Path, desk: &Desk) -> Result<(), Failure> {
    let path = path(key_file);
    let bytes = canonical::encode(&desk.head())
        .map_err(|e| Failure::from_error(Exit::Internal, "instance.seen", "", &e))?;
    durable::write_file(&path, &bytes).map_err(|e| failure::io("write", &path, &e))
}
