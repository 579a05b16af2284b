//! Evidence as commands see it: read a bundle from disk, check it, derive its numbers, show them.

pub mod import;
pub mod policies;
#[cfg(feature = "research")]
pub mod rerun;
pub mod sealing;
pub mod view;

use std::path::Path;

use super::exit::Exit;
use super::failure::Failure;
use crate::adapters::host::{bundle_dir, durable};
use crate::evidence::bundle::{self, BundleError, CheckedBundle, Files};
use crate::evidence::manifest::Engine;

/// Reads and checks the bundle in `dir`.
///
/// # Errors
/// Exit 9 when bytes differ from what was stated or signed, exit 3 when it is no bundle.
pub fn load(dir: &Path) -> Result<CheckedBundle, Failure> {
    load_files(dir).map(|(_, bundle)| bundle)
}

/// As [`load`], with the files themselves.
///
/// # Errors
/// As [`load`].
pub fn load_files(dir: &Path) -> Result<(Files, CheckedBundle), Failure> {
    let files = bundle_dir::read(dir).map_err(|e| {
        let exit = match &e {
            bundle_dir::BundleDirError::Io { error, .. }
                if error.kind() == std::io::ErrorKind::PermissionDenied =>
            {
                Exit::Internal
            }
            _ => Exit::Invalid,
        };
        Failure::from_error(exit, "evidence.unreadable", "", &e)
            .hint("name the directory that a run of robustness or an import of evidence wrote")
    })?;
    let bundle = bundle::check(&files).map_err(|e| refused(&e))?;
    Ok((files, bundle))
}

/// A bundle error as a failure.
#[must_use]
pub fn refused(error: &BundleError) -> Failure {
    if error.is_integrity() {
        Failure::from_error(Exit::Integrity, "evidence.tampered", "", error)
            .hint("this is not the bundle that was produced: get an unchanged copy")
    } else {
        Failure::from_error(Exit::Invalid, "evidence.malformed", "", error)
            .hint("docs/formats/evidence.md describes the format")
    }
}

/// Writes a built bundle into the new directory `dir`.
///
/// # Errors
/// Exit 7 when `dir` exists; exit 1 when the file system refuses.
pub fn write(dir: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Failure> {
    durable::write_new_dir(dir, files).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::new(
            Exit::Conflict,
            "evidence.exists",
            format!("`{}` exists already", dir.display()),
        )
        .hint("evidence is never overwritten: name another directory"),
        _ => super::failure::io("write", dir, &e),
    })
}

/// This program, as manifests name it.
#[must_use]
pub fn engine() -> Engine {
    Engine {
        name: "promote".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("PROMOTE_COMMIT")
            .unwrap_or("unknown")
            .to_owned(),
    }
}
