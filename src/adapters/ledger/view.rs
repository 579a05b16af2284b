//! The kept view beside a ledger: written whole after a commit, read only where it fits the
//! database's own signed tip.
//!
//! In: a verified writer's bytes. Out: the same bytes, if the log key signed them for exactly the
//! entries that are there. The entries themselves are not read, so what comes out is for showing
//! and for nothing else; reading a view verifies nothing that an append could stand on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::connection::{Ledger, Verified};
use super::error::LedgerError;
use super::load::{check_row, genesis};
use super::tip;
use crate::adapters::host::durable;
use crate::governance::audit::entry::Entry;
use crate::governance::audit::kept_view::{self, KeptView, VERSION};
use crate::governance::audit::tree::Frontier;

/// Largest file that is read.
const BYTES_MAX: u64 = 256 * 1024 * 1024;
const FIRST_SQL: &str = "SELECT seq, leaf_hash, data FROM entry WHERE seq = 0";

/// Where the view of the ledger at `path` lies.
#[must_use]
pub fn view_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".view");
    PathBuf::from(name)
}

/// The bytes of the view file of the ledger at `path`; none where there is none.
///
/// # Errors
/// When it cannot be read, is no plain file, or is too large.
pub fn read_view_file(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let path = view_path(path);
    let found = match path.symlink_metadata() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    if !found.is_file() || found.len() > BYTES_MAX {
        return Err(io::Error::other("no plain file, or too large"));
    }
    fs::read(path).map(Some)
}

impl Ledger {
    /// Keeps `body` as what is shown at the verified head. It is a cache: not synced, and whoever
    /// cannot write it goes on without.
    ///
    /// # Errors
    /// When nothing was verified, without the log key, or when the file system refuses.
    pub fn keep_view(&self, body: &[u8]) -> Result<(), LedgerError> {
        let head = self.head()?;
        let origin = &self.verified()?.origin;
        let log_key = self.log_key()?;
        let file = kept_view::seal(origin, &head, body, |namespace, message| {
            log_key.sign(namespace, message)
        });
        let path = view_path(self.path());
        durable::write_cache(&path, &file).map_err(|source| LedgerError::Io {
            doing: "write",
            path,
            source,
        })
    }

    /// The kept view, if this program wrote it, the log key signed it, and it is of exactly the
    /// entries that the database's last checkpoint is for.
    pub async fn kept_view(&mut self) -> Option<KeptView> {
        let file = read_view_file(self.path()).ok()??;
        let (first, tip_rows) = self.read_ends().await.ok()?;
        let body = genesis(&first).ok()?;
        if body.schema_sha256 != self.schema_sha256 {
            return None;
        }
        let verified = Verified {
            origin: first.leaf.ledger,
            log_public: body.log_key,
            frontier: Frontier::default(),
            note: Vec::new(),
        };
        let frontier = tip::check(&tip_rows, &verified).ok()?;
        let kept = kept_view::open(&file, &verified.origin, &verified.log_public).ok()?;
        let here = kept.head.size == frontier.size() && kept.head.root == frontier.root();
        (here && kept.version == VERSION).then_some(kept)
    }

    /// The first entry and the tip, read in one transaction.
    async fn read_ends(&mut self) -> Result<(Entry, Vec<sqlx::sqlite::SqliteRow>), LedgerError> {
        use sqlx::Row as _;
        self.roll_back_leftover().await?;
        self.in_transaction = true;
        let read = match self.fetch("BEGIN").await {
            Ok(_) => match self.fetch(FIRST_SQL).await {
                Ok(first) => self.fetch(tip::READ_SQL).await.map(|tip| (first, tip)),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        self.roll_back_leftover().await?;
        let (first, tip) = read?;
        let empty = || LedgerError::Integrity("the ledger is empty".to_owned());
        let row = first.first().ok_or_else(empty)?;
        let (seq, leaf_hash, data): (i64, &[u8], &[u8]) =
            (|| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))()
                .map_err(LedgerError::database("read the first entry"))?;
        let entry = check_row(seq, leaf_hash, data, &Frontier::default());
        Ok((entry.map_err(LedgerError::Integrity)?, tip))
    }
}
