//! One connection: settings asked for and read back, schema checked, nothing created by accident.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use super::append;
use super::error::LedgerError;
use crate::adapters::keys::Identity;
use crate::governance::audit::entry::{Draft, Entry, Head};
use crate::governance::audit::tree::Frontier;
use crate::kernel::canonical;
use crate::kernel::digest::Digest;

/// The schema.
const SCHEMA: &str = include_str!("../../../schema/sqlite/0001_ledger.sql");

/// What a ledger is opened for.
#[derive(Debug)]
pub enum Access {
    /// Reading.
    Read,
    /// Reading and appending, with the log key that signs checkpoints.
    Write(Box<Identity>),
}

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    pub(super) connection: SqliteConnection,
    pub(super) log_key: Option<Identity>,
    /// Frontier and origin of what was verified; set by the first load.
    pub(super) verified: Option<Verified>,
    pub(super) schema_sha256: Digest,
    path: PathBuf,
}

/// What loading has established.
#[derive(Debug, Clone)]
pub(super) struct Verified {
    pub(super) origin: String,
    pub(super) log_public: crate::kernel::pubkey::PublicKey,
    pub(super) frontier: Frontier,
}

impl Ledger {
    /// Makes a new ledger with its first entry. `genesis` is given the digest of the schema, which
    /// the genesis body must name.
    ///
    /// # Errors
    /// When the file exists, cannot be written, or the genesis cannot be stored.
    pub async fn create(
        path: &Path,
        log_key: Identity,
        origin: &str,
        genesis: Draft,
        blobs: &[Vec<u8>],
    ) -> Result<(Self, Entry), LedgerError> {
        if path.symlink_metadata().is_ok() {
            return Err(LedgerError::Exists(path.to_owned()));
        }
        let io = |source| LedgerError::Io {
            doing: "create",
            path: path.to_owned(),
            source,
        };
        if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(parent)
                .map_err(io)?;
        }
        fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(io)?;
        let mut connection = connect(path, true).await?;
        for statement in [
            "PRAGMA application_id = 0x50524d54",
            "PRAGMA user_version = 1",
            SCHEMA,
        ] {
            sqlx::raw_sql(statement)
                .execute(&mut connection)
                .await
                .map_err(LedgerError::database("create the tables"))?;
        }
        let schema_sha256 = digest_of_schema(&mut connection).await?;
        let log_public = log_key.public();
        let frontier = Frontier::default();
        let verified = Some(Verified {
            origin: origin.to_owned(),
            log_public,
            frontier,
        });
        let mut ledger = Self {
            connection,
            log_key: Some(log_key),
            verified,
            schema_sha256,
            path: path.to_owned(),
        };
        let mut entries = append::append(&mut ledger, 0, &[genesis], blobs).await?;
        let first = entries.pop().ok_or(LedgerError::ReadOnly)?;
        Ok((ledger, first))
    }

    /// Opens an existing ledger: settings read back, schema digest taken. Entries are verified by
    /// [`Self::entries`].
    ///
    /// # Errors
    /// When there is none, or its settings are not as they must be.
    pub async fn open(path: &Path, access: Access) -> Result<Self, LedgerError> {
        let found = path
            .symlink_metadata()
            .map_err(|_| LedgerError::Missing(path.to_owned()))?;
        if !found.is_file() {
            return Err(LedgerError::Integrity(format!(
                "`{}` is not a plain file; a link could show different ledgers to different readers",
                path.display()
            )));
        }
        let (log_key, writable) = match access {
            Access::Read => (None, false),
            Access::Write(identity) => (Some(*identity), true),
        };
        let mut connection = connect(path, writable).await?;
        read_back(&mut connection).await?;
        let schema_sha256 = digest_of_schema(&mut connection).await?;
        Ok(Self {
            connection,
            log_key,
            verified: None,
            schema_sha256,
            path: path.to_owned(),
        })
    }

    /// Appends entries in one transaction with one checkpoint, if the ledger still has `expected`
    /// entries; answers after the commit.
    ///
    /// # Errors
    /// [`LedgerError::Moved`] when somebody else was first; else when it cannot be stored. Then
    /// nothing was written.
    pub async fn append(
        &mut self,
        expected: u64,
        entries: &[Draft],
        blobs: &[Vec<u8>],
    ) -> Result<Vec<Entry>, LedgerError> {
        append::append(self, expected, entries, blobs).await
    }

    /// Size and root of what was verified.
    ///
    /// # Errors
    /// When nothing was loaded yet.
    pub fn head(&self) -> Result<Head, LedgerError> {
        let verified = self.verified()?;
        Ok(Head {
            size: verified.frontier.size(),
            root: verified.frontier.root(),
        })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Closes the connection; a writer's log is folded into the database file.
    ///
    /// # Errors
    /// When the database reports one.
    pub async fn close(self) -> Result<(), LedgerError> {
        self.connection
            .close()
            .await
            .map_err(LedgerError::database("close the ledger"))
    }

    pub(super) fn verified(&self) -> Result<&Verified, LedgerError> {
        self.verified
            .as_ref()
            .ok_or_else(|| LedgerError::Integrity("the ledger was not verified".to_owned()))
    }
}

/// The digest of the schema that this build creates.
///
/// # Errors
/// When the database in memory cannot be made.
pub async fn schema_sha256() -> Result<Digest, LedgerError> {
    let mut connection = SqliteConnection::connect("sqlite::memory:")
        .await
        .map_err(LedgerError::database("open a database in memory"))?;
    sqlx::raw_sql(SCHEMA)
        .execute(&mut connection)
        .await
        .map_err(LedgerError::database("create the tables"))?;
    digest_of_schema(&mut connection).await
}

async fn connect(path: &Path, writable: bool) -> Result<SqliteConnection, LedgerError> {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(30))
        .pragma("recursive_triggers", "ON")
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
        .pragma("cell_size_check", "ON")
        .pragma("query_only", if writable { "OFF" } else { "ON" })
        .disable_statement_logging()
        .connect()
        .await
        .map_err(LedgerError::database("open the ledger"))
}

/// Reads every setting back: some can silently stay what they were.
async fn read_back(connection: &mut SqliteConnection) -> Result<(), LedgerError> {
    let wanted: [(&'static str, &'static str, &'static str); 9] = [
        ("application_id", "PRAGMA application_id", "1347571028"),
        ("user_version", "PRAGMA user_version", "1"),
        ("journal_mode", "PRAGMA journal_mode", "wal"),
        ("synchronous", "PRAGMA synchronous", "2"),
        ("foreign_keys", "PRAGMA foreign_keys", "1"),
        ("recursive_triggers", "PRAGMA recursive_triggers", "1"),
        ("trusted_schema", "PRAGMA trusted_schema", "0"),
        ("secure_delete", "PRAGMA secure_delete", "1"),
        ("cell_size_check", "PRAGMA cell_size_check", "1"),
    ];
    for (name, pragma, wanted) in wanted {
        let row = sqlx::query(pragma)
            .fetch_one(&mut *connection)
            .await
            .map_err(LedgerError::database("read the settings"))?;
        let number: Result<i64, _> = row.try_get(0);
        let found = match number {
            Ok(number) => number.to_string(),
            Err(_) => row
                .try_get(0)
                .map_err(LedgerError::database("read the settings"))?,
        };
        if found != wanted {
            return Err(LedgerError::Setting {
                name,
                found,
                wanted,
            });
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct SchemaRow {
    kind: String,
    name: String,
    table: String,
    sql: String,
}

/// SHA-256 of the canonical list of (kind, name, table, sql) of everything in the schema.
pub(super) async fn digest_of_schema(
    connection: &mut SqliteConnection,
) -> Result<Digest, LedgerError> {
    let rows = sqlx::query(include_str!("../../../schema/sqlite/schema.sql"))
        .fetch_all(connection)
        .await
        .map_err(LedgerError::database("read the schema"))?;
    let mut list = Vec::new();
    for row in rows {
        let text = |i: usize| {
            row.try_get::<String, _>(i)
                .map_err(LedgerError::database("read the schema"))
        };
        list.push(SchemaRow {
            kind: text(0)?,
            name: text(1)?,
            table: text(2)?,
            sql: text(3)?,
        });
    }
    let bytes = canonical::encode(&list)
        .map_err(|e| LedgerError::Integrity(format!("the schema holds an unexpected text: {e}")))?;
    Ok(Digest::of(&bytes))
}
