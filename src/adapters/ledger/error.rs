//! Why a ledger could not be opened, read or written. What verification sees is a finding instead.

use std::path::PathBuf;

/// Could not do it.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// No such file; only `promote init` makes one.
    #[error("there is no ledger at `{0}`")]
    Missing(PathBuf),
    /// A file that must not be there.
    #[error("`{0}` exists already")]
    Exists(PathBuf),
    /// The file system.
    #[error("could not {doing} `{path}`")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The database.
    #[error("could not {doing}")]
    Database {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        #[source]
        source: sqlx::Error,
    },
    /// A setting that is not in force.
    #[error("the database has {name} = {found}, wanted {wanted}")]
    Setting {
        /// Pragma.
        name: &'static str,
        /// Value found.
        found: String,
        /// Value wanted.
        wanted: &'static str,
    },
    /// Bytes that are not as they must be.
    #[error("{0}")]
    Integrity(String),
    /// Somebody else appended first.
    #[error("the ledger has {found} entries, this was decided on {expected}")]
    Moved {
        /// Entries that the decision rests on.
        expected: u64,
        /// Entries found.
        found: u64,
    },
    /// Another writer holds the ledger for too long.
    #[error("the ledger is held by another writer")]
    Busy,
    /// An entry or blob that may not be stored.
    #[error("entry or blob cannot be stored: {0}")]
    Unstorable(String),
    /// Opened for reading, or without the log key.
    #[error("the ledger is open for reading only")]
    ReadOnly,
}

impl LedgerError {
    /// True when bytes are not as they must be: exit code 9.
    #[must_use]
    pub fn is_integrity(&self) -> bool {
        matches!(self, Self::Integrity(_))
    }

    pub(super) fn database(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| {
            let code = source
                .as_database_error()
                .and_then(|e| e.code()?.parse::<i32>().ok());
            // The low byte of an extended code of SQLite is the primary one.
            match code.map(|code| code & 0xff) {
                Some(5 | 6) => Self::Busy,
                Some(11 | 26) => Self::Integrity(format!(
                    "the database file is damaged: {}",
                    crate::kernel::text::visible(&source.to_string(), 200)
                )),
                _ => Self::Database { doing, source },
            }
        }
    }
}
