//! Appending: one immediate transaction, one checkpoint, and no answer before the commit.
//!
//! Inside the transaction the last checkpoint's signature is checked, the stored nodes must give
//! its root, and the ledger must have exactly the entries that the decision rests on. An error
//! anywhere leaves the ledger as it was.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, Row as _};

use super::blob;
use super::connection::{Ledger, Verified};
use super::error::LedgerError;
use crate::adapters::keys::Identity;
use crate::governance::audit::checkpoint;
use crate::governance::audit::entry::{Draft, Entry, Head, LEAF_VERSION, Leaf};
use crate::governance::audit::tree::{Frontier, Node};
use crate::kernel::canonical;
use crate::kernel::digest::Digest;

const DOING: &str = "append to the ledger";

pub(super) async fn append(
    ledger: &mut Ledger,
    expected: u64,
    drafts: &[Draft],
    blobs: &[Vec<u8>],
) -> Result<Vec<Entry>, LedgerError> {
    let mut verified = ledger.verified()?.clone();
    let Some(log_key) = ledger.log_key.as_ref() else {
        return Err(LedgerError::ReadOnly);
    };
    if log_key.public() != verified.log_public {
        return Err(LedgerError::Integrity(
            "the log key is not the one that the genesis names".to_owned(),
        ));
    }
    let mut transaction = ledger
        .connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(LedgerError::database(DOING))?;
    let frontier = check_tip(&mut transaction, &verified).await?;
    if frontier.size() != expected {
        return Err(LedgerError::Moved {
            expected,
            found: frontier.size(),
        });
    }
    verified.frontier = frontier;
    let mut entries = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let (entry, nodes) = build(draft, &mut verified)?;
        insert_entry(&mut transaction, &entry, &nodes).await?;
        entries.push(entry);
    }
    for bytes in blobs {
        blob::insert(&mut transaction, bytes).await?;
    }
    insert_checkpoint(&mut transaction, &verified, log_key).await?;
    transaction
        .commit()
        .await
        .map_err(LedgerError::database(DOING))?;
    ledger.verified = Some(verified);
    Ok(entries)
}

/// Checks the own last checkpoint and that the stored nodes give its root.
async fn check_tip(
    connection: &mut SqliteConnection,
    verified: &Verified,
) -> Result<Frontier, LedgerError> {
    let Some(head) = last_checkpoint(connection, verified).await? else {
        return Ok(Frontier::default());
    };
    let size = i64::try_from(head.size).map_err(|_| LedgerError::Integrity("size".to_owned()))?;
    let rows = sqlx::query(include_str!("../../../schema/sqlite/peaks.sql"))
        .bind(size)
        .fetch_all(connection)
        .await
        .map_err(LedgerError::database(DOING))?;
    let mut peaks = Vec::with_capacity(rows.len());
    for row in rows {
        peaks.push(digest(
            row.try_get(1).map_err(LedgerError::database(DOING))?,
        )?);
    }
    match Frontier::from_peaks(head.size, peaks) {
        Some(frontier) if frontier.root() == head.root => Ok(frontier),
        _ => Err(LedgerError::Integrity(
            "the stored tree does not give the root of the last checkpoint".to_owned(),
        )),
    }
}

/// The last checkpoint, its signature checked; none in a ledger that is being made.
pub(super) async fn last_checkpoint(
    connection: &mut SqliteConnection,
    verified: &Verified,
) -> Result<Option<Head>, LedgerError> {
    let row = sqlx::query("SELECT size, root, note FROM checkpoint ORDER BY size DESC LIMIT 1")
        .fetch_optional(connection)
        .await
        .map_err(LedgerError::database("read the last checkpoint"))?;
    let Some(row) = row else { return Ok(None) };
    let read = LedgerError::database("read the last checkpoint");
    let (size, root, note): (i64, &[u8], &[u8]) =
        (|| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))().map_err(read)?;
    let head = checkpoint::open(note, &verified.origin, &verified.log_public)
        .map_err(|e| LedgerError::Integrity(format!("last checkpoint: {e}")))?;
    if i64::try_from(head.size).ok() != Some(size) || head.root.as_bytes().as_slice() != root {
        return Err(LedgerError::Integrity(
            "last checkpoint: columns differ from its note".to_owned(),
        ));
    }
    Ok(Some(head))
}

pub(super) fn digest(bytes: &[u8]) -> Result<Digest, LedgerError> {
    Digest::try_from(bytes).map_err(|e| LedgerError::Integrity(e.to_string()))
}

fn build(draft: &Draft, verified: &mut Verified) -> Result<(Entry, Vec<Node>), LedgerError> {
    let leaf = Leaf {
        actor: draft.actor.clone(),
        body: draft.body.clone(),
        kind: draft.kind.clone(),
        ledger: verified.origin.clone(),
        prev_root: verified.frontier.root(),
        private: Vec::new(),
        seq: verified.frontier.size(),
        time: draft.time,
        v: LEAF_VERSION,
    };
    let unstorable = |e: canonical::CanonicalError| LedgerError::Unstorable(e.to_string());
    let data = canonical::encode(&leaf).map_err(unstorable)?;
    // Read back, so that nothing is ever stored that could not be read.
    let entry = Entry::read(data).map_err(unstorable)?;
    let nodes = verified.frontier.append(entry.leaf_hash);
    Ok((entry, nodes))
}

async fn insert_entry(
    connection: &mut SqliteConnection,
    entry: &Entry,
    nodes: &[Node],
) -> Result<(), LedgerError> {
    let number = |n: u64| i64::try_from(n).map_err(|e| LedgerError::Unstorable(e.to_string()));
    sqlx::query("INSERT INTO entry (seq, leaf_hash, data) VALUES (?1, ?2, ?3)")
        .bind(number(entry.seq)?)
        .bind(entry.leaf_hash.as_bytes().as_slice())
        .bind(entry.data.as_slice())
        .execute(&mut *connection)
        .await
        .map_err(LedgerError::database(DOING))?;
    for node in nodes {
        sqlx::query("INSERT INTO hash_node (level, idx, hash) VALUES (?1, ?2, ?3)")
            .bind(i64::from(node.level))
            .bind(number(node.index)?)
            .bind(node.hash.as_bytes().as_slice())
            .execute(&mut *connection)
            .await
            .map_err(LedgerError::database(DOING))?;
    }
    Ok(())
}

async fn insert_checkpoint(
    connection: &mut SqliteConnection,
    verified: &Verified,
    log_key: &Identity,
) -> Result<(), LedgerError> {
    let head = Head {
        size: verified.frontier.size(),
        root: verified.frontier.root(),
    };
    let body = checkpoint::body(&verified.origin, &head);
    let signature = log_key.sign_raw(body.as_bytes());
    let note = checkpoint::note(&verified.origin, &head, &log_key.public(), &signature);
    sqlx::query("INSERT INTO checkpoint (size, root, note) VALUES (?1, ?2, ?3)")
        .bind(i64::try_from(head.size).map_err(|e| LedgerError::Unstorable(e.to_string()))?)
        .bind(head.root.as_bytes().as_slice())
        .bind(note.as_bytes())
        .execute(connection)
        .await
        .map_err(LedgerError::database(DOING))?;
    Ok(())
}
