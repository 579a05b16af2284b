//! The database settings that durability and append-only rest on: asked for, read back, and another
//! value refused. Some can silently stay what they were, such as the journal mode on a file system
//! without shared memory.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Row as _};

use super::error::LedgerError;

/// SQLite before this has a known fault in its write-ahead log.
const VERSION_MIN: [u32; 3] = [3, 51, 3];

/// Setting and the value it must have, in the order of [`READ_SQL`].
const WANTED: [(&str, &str); 13] = [
    ("application_id", "1347571028"),
    ("user_version", "1"),
    ("journal_mode", "wal"),
    ("synchronous", "2"),
    ("fullfsync", "1"),
    ("checkpoint_fullfsync", "1"),
    ("foreign_keys", "1"),
    ("recursive_triggers", "1"),
    ("trusted_schema", "0"),
    ("secure_delete", "1"),
    ("cell_size_check", "1"),
    ("busy_timeout", "30000"),
    ("mmap_size", "0"),
];

const READ_SQL: &str = "PRAGMA application_id; PRAGMA user_version; PRAGMA journal_mode; \
    PRAGMA synchronous; PRAGMA fullfsync; PRAGMA checkpoint_fullfsync; PRAGMA foreign_keys; \
    PRAGMA recursive_triggers; PRAGMA trusted_schema; PRAGMA secure_delete; \
    PRAGMA cell_size_check; PRAGMA busy_timeout; PRAGMA mmap_size; SELECT sqlite_version()";

/// How the file at `path` is opened. Readers are held back by `query_only`, not by a read-only
/// file handle: only so can the last connection to close take the write-ahead log's files away
/// again. The journal mode is never changed here: it belongs to the file.
pub(super) fn options(path: &Path, writable: bool) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(30))
        .pragma("fullfsync", "ON")
        .pragma("checkpoint_fullfsync", "ON")
        .pragma("recursive_triggers", "ON")
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        .pragma("query_only", if writable { "OFF" } else { "ON" })
        .disable_statement_logging()
}

/// Reads every setting back.
pub(super) async fn read_back(connection: &mut SqliteConnection) -> Result<(), LedgerError> {
    let rows = sqlx::query(READ_SQL)
        .fetch_all(connection)
        .await
        .map_err(LedgerError::database("read the settings"))?;
    let mut found = Vec::new();
    for row in rows {
        let number: Result<i64, _> = row.try_get(0);
        found.push(match number {
            Ok(number) => number.to_string(),
            Err(_) => row
                .try_get(0)
                .map_err(LedgerError::database("read the settings"))?,
        });
    }
    let mut found = found.into_iter();
    for (name, wanted) in WANTED {
        let found = found.next().unwrap_or_default();
        if found != wanted {
            return Err(LedgerError::Setting {
                name,
                found,
                wanted,
            });
        }
    }
    let found = found.next().unwrap_or_default();
    let version: Vec<u32> = found.split('.').filter_map(|p| p.parse().ok()).collect();
    if version.as_slice() < VERSION_MIN.as_slice() {
        return Err(LedgerError::Setting {
            name: "sqlite_version",
            found,
            wanted: "3.51.3 or later",
        });
    }
    Ok(())
}
