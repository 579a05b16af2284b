//! Loading: every entry read and verified against the tree and the last checkpoint.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::connection::{Ledger, Verified};
use super::error::LedgerError;
use super::tip;
use crate::governance::audit::entry::Entry;
use crate::governance::audit::tree::Frontier;
use crate::governance::promotion::statement::Genesis;

impl Ledger {
    /// All entries in order: leaf hashes, positions, `prev_root`, ledger origin, schema digest and
    /// the last checkpoint's signature and root verified. Loading again takes only what extends
    /// what was loaded before.
    ///
    /// # Errors
    /// [`LedgerError::Integrity`] at the first thing that does not fit.
    pub async fn entries(&mut self) -> Result<Vec<Entry>, LedgerError> {
        self.roll_back_leftover().await?;
        // One snapshot: entries and tip are read in one transaction.
        self.in_transaction = true;
        let rows = self.fetch("BEGIN").await.map(drop);
        let rows = match rows {
            Ok(()) => self.read_snapshot().await,
            Err(error) => Err(error),
        };
        self.roll_back_leftover().await?;
        let (rows, tip_rows) = rows?;
        let mut entries: Vec<Entry> = Vec::with_capacity(rows.len());
        let mut frontier = Frontier::default();
        let before = self.verified.as_ref().map(|v| v.frontier.clone());
        let mut extends = before.is_none();
        for row in rows {
            let (seq, leaf_hash, data): (i64, &[u8], &[u8]) =
                (|| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))()
                    .map_err(LedgerError::database("read the entries"))?;
            let entry =
                check_row(seq, leaf_hash, data, &frontier).map_err(LedgerError::Integrity)?;
            frontier.append(entry.leaf_hash);
            extends = extends || before.as_ref() == Some(&frontier);
            entries.push(entry);
        }
        if !extends {
            return Err(LedgerError::Integrity(
                "the ledger does not extend what was loaded from it before".to_owned(),
            ));
        }
        let first = entries
            .first()
            .ok_or_else(|| LedgerError::Integrity("the ledger is empty".to_owned()))?;
        let genesis = genesis(first).map_err(LedgerError::Integrity)?;
        let origin = first.leaf.ledger.clone();
        if let Some(entry) = entries.iter().find(|e| e.leaf.ledger != origin) {
            return Err(LedgerError::Integrity(format!(
                "entry {} is of another ledger",
                entry.seq
            )));
        }
        if genesis.schema_sha256 != self.schema_sha256 {
            return Err(LedgerError::Integrity(
                "the database schema is not the one that the genesis names: a table or trigger was changed".to_owned(),
            ));
        }
        let mut verified = Verified {
            origin,
            log_public: genesis.log_key,
            frontier,
            note: Vec::new(),
        };
        // The same check as before an append: signature, size, root, stored nodes.
        tip::check(&tip_rows, &verified)?;
        verified.note = tip::note(&tip_rows)?;
        self.verified = Some(verified);
        Ok(entries)
    }

    async fn read_snapshot(&mut self) -> Result<(Vec<SqliteRow>, Vec<SqliteRow>), LedgerError> {
        let entries = self
            .fetch("SELECT seq, leaf_hash, data FROM entry ORDER BY seq")
            .await?;
        Ok((entries, self.fetch(tip::READ_SQL).await?))
    }

    /// Runs a constant statement and gives its rows.
    pub(super) async fn fetch(&mut self, sql: &'static str) -> Result<Vec<SqliteRow>, LedgerError> {
        let failed = LedgerError::database("read the ledger");
        let connection = match self.connection.get() {
            Ok(connection) => connection,
            Err(error) => return Err(failed(error)),
        };
        let rows = sqlx::query(sql).fetch_all(connection).await;
        rows.map_err(failed)
    }
}

/// One entry row, checked against the tree of the rows before it.
pub(super) fn check_row(
    seq: i64,
    leaf_hash: &[u8],
    data: &[u8],
    before: &Frontier,
) -> Result<Entry, String> {
    let entry = Entry::read(data.to_vec()).map_err(|e| format!("entry {seq}: {e}"))?;
    if u64::try_from(seq).ok() != Some(before.size()) || entry.seq != before.size() {
        return Err(format!(
            "entry {seq}: position {} is wanted here",
            before.size()
        ));
    }
    if entry.leaf_hash.as_bytes().as_slice() != leaf_hash {
        return Err(format!("entry {seq}: the bytes have another leaf hash"));
    }
    if entry.leaf.prev_root != before.root() {
        return Err(format!(
            "entry {seq}: prev_root is not the root of the entries before it"
        ));
    }
    Ok(entry)
}

/// The genesis body of the first entry.
pub(super) fn genesis(first: &Entry) -> Result<Genesis, String> {
    if first.leaf.kind != "genesis" {
        return Err("entry 0 is no genesis".to_owned());
    }
    serde_json::from_value(first.leaf.body.clone()).map_err(|e| format!("entry 0: {e}"))
}
