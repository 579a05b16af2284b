//! A closer look at candidates: what is asked for, and what is settled before anything is computed.
//!
//! In: which candidates, and a question. Out: the ground they stand on, the digest of everything that
//! the answer follows from, and a folder of its own, which is refused when it is there already. What is
//! asked and what is computed is the look's own: `app::monte_carlo` and `app::stress` are looks.

use std::path::PathBuf;

use serde::Serialize;

use super::{Field, Head, Wanted};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::made::Made;
use crate::app::results_folder::{ResultsFolder, encoded};
use crate::app::workspace::Workspace;
use crate::evidence::manifest::Engine;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;
use crate::render::csv::write_rows;
use crate::research::robustness::options::Format;

/// A kind of look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// The value of `schema` in its document.
    pub schema: &'static str,
    /// Its folders.
    pub folder: ResultsFolder,
}

impl Look {
    /// The kind whose document has the `schema`, in folders that begin with `prefix`.
    #[must_use]
    pub const fn new(schema: &'static str, prefix: &'static str) -> Self {
        Self {
            schema,
            folder: ResultsFolder {
                prefix,
                slug: "candidates.exists",
                again: "question gives the same answer",
            },
        }
    }
}

/// What is asked for.
pub struct Job<'a, T> {
    /// Where bars and results are.
    pub workspace: &'a Workspace,
    /// Which candidates.
    pub wanted: Wanted,
    /// What is asked about each.
    pub asked: T,
    /// Report files.
    pub format: Format,
    /// Directory of the results; none: below `results/reports/`.
    pub out: Option<PathBuf>,
    /// The present.
    pub now: UtcTime,
    /// This program.
    pub engine: Engine,
    /// The command that repeats it, without machine paths.
    pub command: String,
}

/// What is settled before anything is computed.
#[derive(Debug)]
pub struct Settled {
    /// What the candidates stand on.
    pub ground: Head,
    /// What makes the document.
    pub made: Made,
    /// The folder.
    pub path: PathBuf,
}

/// Everything that an answer follows from; its digest names the folder.
#[derive(Serialize)]
struct Inputs<'a, A> {
    schema: &'a str,
    ground: &'a Head,
    asked: &'a A,
    engine: &'a Engine,
}

impl<T> Job<'_, T> {
    /// Settles the `look` at the candidates of `field`; `asked` is what its document says was asked.
    ///
    /// # Errors
    /// Exit 7 when the folder is there already.
    pub fn settle<A: Serialize>(
        &self,
        look: Look,
        field: &Field,
        asked: &A,
    ) -> Result<Settled, Failure> {
        let ground = Head::of(field);
        let run_sha256 = Digest::of(&encoded(&Inputs {
            schema: look.schema,
            ground: &ground,
            asked,
            engine: &self.engine,
        })?);
        let named = (ground.sweep.as_str(), self.now);
        let folder = look.folder;
        let path = folder.path(self.workspace, self.out.as_deref(), named, run_sha256);
        folder.check_free(&path)?;
        let made = Made {
            run_sha256,
            engine: self.engine.clone(),
            produced_at: self.now,
            command: self.command.clone(),
            path: None,
        };
        Ok(Settled { ground, made, path })
    }
}

/// A table of a look as CSV, the header first.
///
/// # Errors
/// Never for what this program gives.
pub fn table(rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, Failure> {
    write_rows(rows).map_err(|e| {
        let doing = "could not write a table as CSV";
        Failure::from_error(Exit::Internal, "candidates.write", doing, &e)
    })
}
