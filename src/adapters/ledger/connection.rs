//! One connection: made whole or not at all, opened only where the settings and the schema are as
//! they must be, nothing created by accident.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions as _, Row as _};

use super::append;
use super::error::LedgerError;
use super::link::Link;
use super::settings;
use crate::adapters::host::durable;
use crate::adapters::keys::Identity;
use crate::governance::audit::checkpoint;
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
    pub(super) connection: Link,
    pub(super) log_key: Option<Identity>,
    /// What was verified; set by the first load.
    pub(super) verified: Option<Verified>,
    pub(super) schema_sha256: Digest,
    /// True while a transaction may be open, also after a dropped future.
    pub(super) in_transaction: bool,
    path: PathBuf,
}

/// What loading has established.
#[derive(Debug, Clone)]
pub(super) struct Verified {
    pub(super) origin: String,
    pub(super) log_public: crate::kernel::pubkey::PublicKey,
    pub(super) frontier: Frontier,
    /// The last checkpoint's note, whose signature was checked or made here.
    pub(super) note: Vec<u8>,
}

impl Ledger {
    /// Makes a new ledger with its first entry, whose body must name [`schema_sha256`]. It appears
    /// whole at `path` or not at all.
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
        if !checkpoint::is_origin(origin) {
            return Err(LedgerError::Unstorable(
                "an origin has no space, no `+` and no control character, and is not empty"
                    .to_owned(),
            ));
        }
        if path.symlink_metadata().is_ok() {
            return Err(LedgerError::Exists(path.to_owned()));
        }
        let io = |source| LedgerError::Io {
            doing: "create",
            path: path.to_owned(),
            source,
        };
        let parent = durable::parent_of(path);
        durable::create_private_dir(&parent).map_err(io)?;
        let staging = tempfile::Builder::new()
            .prefix(".promote-")
            .tempdir_in(&parent)
            .map_err(io)?;
        let staged = staging.path().join("ledger.db");
        let (verified, log_key, first) = fill_new(&staged, log_key, origin, genesis, blobs).await?;
        fs::File::open(&staged)
            .and_then(|file| file.sync_all())
            .map_err(io)?;
        tempfile::TempPath::try_from_path(&staged)
            .map_err(io)?
            .persist_noclobber(path)
            .map_err(|e| match e.error.kind() {
                std::io::ErrorKind::AlreadyExists => LedgerError::Exists(path.to_owned()),
                _ => io(e.error),
            })?;
        durable::sync_dir(&parent).map_err(io)?;
        let mut ledger = Self::open(path, Access::Write(Box::new(log_key))).await?;
        ledger.verified = Some(verified);
        Ok((ledger, first))
    }

    /// Opens an existing ledger: settings read back, schema compared with the one that this build
    /// knows. Entries are verified by [`Self::entries`].
    ///
    /// # Errors
    /// When there is none, it is no plain file with one name, its settings are not as they must
    /// be, or a table or trigger was changed.
    pub async fn open(path: &Path, access: Access) -> Result<Self, LedgerError> {
        let found = path
            .symlink_metadata()
            .map_err(|_| LedgerError::Missing(path.to_owned()))?;
        if !found.is_file() || found.nlink() != 1 {
            let shown = crate::kernel::text::visible(&path.display().to_string(), 200);
            return Err(LedgerError::Integrity(format!(
                "`{shown}` is not a plain file with one name; a link could show different ledgers to different readers"
            )));
        }
        let (log_key, writable) = match access {
            Access::Read => (None, false),
            Access::Write(identity) => (Some(*identity), true),
        };
        let mut link = connect(path, writable).await?;
        let connection = link
            .get()
            .map_err(LedgerError::database("open the ledger"))?;
        settings::read_back(connection).await?;
        let schema_sha256 = digest_of_schema(connection).await?;
        if schema_sha256 != SCHEMA_SHA256 {
            return Err(LedgerError::Integrity(
                "the database schema is not the ledger's: a table, view or trigger was changed"
                    .to_owned(),
            ));
        }
        Ok(Self {
            connection: link,
            log_key,
            verified: None,
            schema_sha256,
            in_transaction: false,
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

    /// The frontier of the tree over what was verified.
    ///
    /// # Errors
    /// When nothing was loaded yet.
    pub fn frontier(&self) -> Result<Frontier, LedgerError> {
        Ok(self.verified()?.frontier.clone())
    }

    /// The signed checkpoint over what was verified.
    ///
    /// # Errors
    /// When nothing was loaded yet.
    pub fn checkpoint_note(&self) -> Result<String, LedgerError> {
        let note = self.verified()?.note.clone();
        String::from_utf8(note).map_err(|e| LedgerError::Integrity(e.to_string()))
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

    /// Ends a transaction that an error or a dropped future left open.
    pub(super) async fn roll_back_leftover(&mut self) -> Result<(), LedgerError> {
        if !self.in_transaction {
            return Ok(());
        }
        let ended = sqlx::raw_sql("ROLLBACK")
            .execute(
                self.connection
                    .get()
                    .map_err(LedgerError::database("roll back"))?,
            )
            .await;
        match ended {
            // A failed statement may have ended it already.
            Err(e) if e.to_string().contains("no transaction is active") => {}
            other => {
                other.map_err(LedgerError::database("roll back"))?;
            }
        }
        self.in_transaction = false;
        Ok(())
    }

    pub(super) fn log_key(&self) -> Result<&Identity, LedgerError> {
        self.log_key.as_ref().ok_or(LedgerError::ReadOnly)
    }

    pub(super) fn verified(&self) -> Result<&Verified, LedgerError> {
        self.verified
            .as_ref()
            .ok_or_else(|| LedgerError::Integrity("the ledger was not verified".to_owned()))
    }
}

/// Makes the database at `path`, with its tables and its first entry, and closes it.
async fn fill_new(
    path: &Path,
    log_key: Identity,
    origin: &str,
    genesis: Draft,
    blobs: &[Vec<u8>],
) -> Result<(Verified, Identity, Entry), LedgerError> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| LedgerError::Io {
            doing: "create",
            path: path.to_owned(),
            source,
        })?;
    let mut link = connect(path, true).await?;
    let connection = link
        .get()
        .map_err(LedgerError::database("create the ledger"))?;
    for statement in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA application_id = 0x50524d54",
        "PRAGMA user_version = 1",
        SCHEMA,
    ] {
        sqlx::raw_sql(statement)
            .execute(&mut *connection)
            .await
            .map_err(LedgerError::database("create the tables"))?;
    }
    let verified = Verified {
        origin: origin.to_owned(),
        log_public: log_key.public(),
        frontier: Frontier::default(),
        note: Vec::new(),
    };
    let mut ledger = Ledger {
        schema_sha256: digest_of_schema(connection).await?,
        connection: link,
        log_key: Some(log_key),
        verified: Some(verified),
        in_transaction: false,
        path: path.to_owned(),
    };
    let first = append::append(&mut ledger, 0, &[genesis], blobs)
        .await?
        .pop();
    let (Some(first), Some(verified), Some(log_key)) = (first, ledger.verified, ledger.log_key)
    else {
        return Err(LedgerError::Unstorable("no genesis".to_owned()));
    };
    ledger
        .connection
        .close()
        .await
        .map_err(LedgerError::database("create the ledger"))?;
    Ok((verified, log_key, first))
}

/// Digest of the schema that this build creates and opens; a test computes it from the SQL file.
const SCHEMA_SHA256: Digest = Digest::from_bytes([
    0xc5, 0x81, 0xbc, 0xab, 0x8e, 0xc7, 0xab, 0xf0, 0xd6, 0xb5, 0x47, 0x8d, 0x93, 0x96, 0x4b, 0x84,
    0xe6, 0xc2, 0x4d, 0x2d, 0x04, 0xb7, 0x16, 0xe4, 0xe8, 0x9d, 0xca, 0xdd, 0x16, 0x79, 0x31, 0x20,
]);

/// The digest of the schema that this build creates, for the genesis body.
#[must_use]
pub fn schema_sha256() -> Digest {
    SCHEMA_SHA256
}

async fn connect(path: &Path, writable: bool) -> Result<Link, LedgerError> {
    settings::options(path, writable)
        .connect()
        .await
        .map(Link::new)
        .map_err(LedgerError::database("open the ledger"))
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

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;

    use super::*;

    #[test]
    fn the_schema_digest_is_that_of_the_schema_file() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
            sqlx::raw_sql(SCHEMA)
                .execute(&mut connection)
                .await
                .unwrap();
            let digest = digest_of_schema(&mut connection).await.unwrap();
            assert_eq!(digest, SCHEMA_SHA256, "{:?}", digest.as_bytes());
        });
    }
}
