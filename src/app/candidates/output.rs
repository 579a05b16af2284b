//! Where a closer look at candidates is written: one new directory per question, never overwritten.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Head;
use crate::adapters::host::durable;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::workspace::Workspace;
use crate::evidence::manifest::Engine;
use crate::kernel::canonical;
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

/// Everything that a result follows from; its digest names the directory.
#[derive(Serialize)]
struct Inputs<'a, T> {
    schema: &'a str,
    ground: &'a Head,
    asked: &'a T,
    engine: &'a Engine,
}

/// The digest of everything that a result follows from.
///
/// # Errors
/// Never for what this program gives.
pub fn run_sha256<T: Serialize>(
    schema: &str,
    ground: &Head,
    asked: &T,
    engine: &Engine,
) -> Result<Digest, Failure> {
    let inputs = Inputs {
        schema,
        ground,
        asked,
        engine,
    };
    Ok(Digest::of(&encoded(&inputs)?))
}

/// Canonical bytes of a document.
///
/// # Errors
/// Never for what this program gives.
pub fn encoded<T: Serialize>(value: &T) -> Result<Vec<u8>, Failure> {
    canonical::encode(value).map_err(|e| {
        let doing = "could not write the results";
        Failure::from_error(Exit::Internal, "candidates.write", doing, &e)
    })
}

/// The directory of a result: `out`, else `results/reports/PREFIX_SWEEP_DATE/DIGEST8`.
///
/// # Errors
/// Exit 7 when it is there already.
pub fn directory(
    workspace: &Workspace,
    prefix: &str,
    ground: &Head,
    now: UtcTime,
    run_sha256: Digest,
    out: Option<&Path>,
) -> Result<PathBuf, Failure> {
    let path = match out {
        Some(out) => out.to_owned(),
        None => workspace.resolve(Path::new(&format!(
            "results/reports/{prefix}_{}_{}/{}",
            ground.sweep,
            now.date(),
            run_sha256.short()
        ))),
    };
    match path.symlink_metadata() {
        Ok(_) => Err(taken(&path)),
        Err(_) => Ok(path),
    }
}

/// Writes the directory: whole, or not at all.
///
/// # Errors
/// Exit 7 when it is there already.
pub fn write(path: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Failure> {
    durable::write_new_dir(path, files).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => taken(path),
        _ => failure::io("write", path, &e),
    })
}

fn taken(path: &Path) -> Failure {
    let shown = visible(&path.display().to_string(), 400);
    let said = format!("`{shown}` exists already");
    Failure::new(Exit::Conflict, "candidates.exists", said)
        .hint("results are never overwritten, and the same question gives the same answer: name another directory with --out")
}
