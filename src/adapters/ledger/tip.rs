//! The tip: what the database says about its own end, checked before anything is built on it.
//!
//! In: the rows of `schema/sqlite/head.sql`. Out: the frontier, if the last checkpoint is signed by
//! the log key, is for exactly the entries that are there, and has the root that the stored nodes
//! give.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::connection::Verified;
use super::error::LedgerError;
use crate::governance::audit::checkpoint;
use crate::governance::audit::tree::Frontier;
use crate::kernel::digest::Digest;

/// One statement that reads the tip.
pub(super) const READ_SQL: &str = include_str!("../../../schema/sqlite/head.sql");
/// The same inside a new write transaction.
pub(super) const BEGIN_AND_READ_SQL: &str = concat!(
    "BEGIN IMMEDIATE; ",
    include_str!("../../../schema/sqlite/head.sql")
);

/// The last checkpoint row.
struct Last {
    size: u64,
    root: Vec<u8>,
    note: Vec<u8>,
}

/// Checks the tip and gives the frontier there. Only for the very head that was loaded or written
/// here before is the signature not checked again: its note must be the same, and its frontier.
pub(super) fn check(rows: &[SqliteRow], verified: &Verified) -> Result<Frontier, LedgerError> {
    let (last, count, peaks) = split(rows)?;
    let wrong = |text: &str| Err(LedgerError::Integrity(text.to_owned()));
    let Some(last) = last else {
        return if count == 0 && verified.frontier.size() == 0 {
            Ok(Frontier::default())
        } else {
            wrong("the ledger has entries, but no checkpoint")
        };
    };
    if last.size != count {
        return wrong("the last checkpoint is not for the entries that are there");
    }
    let known = count == verified.frontier.size() && last.note == verified.note;
    if !known {
        let head = checkpoint::open(&last.note, &verified.origin, &verified.log_public)
            .map_err(|e| LedgerError::Integrity(format!("last checkpoint: {e}")))?;
        if head.size != last.size || head.root.as_bytes().as_slice() != last.root {
            return wrong("last checkpoint: columns differ from its note");
        }
    }
    let frontier = Frontier::from_peaks(count, peaks)
        .filter(|f| f.root().as_bytes().as_slice() == last.root)
        .ok_or_else(|| {
            LedgerError::Integrity(
                "the stored tree does not give the root of the last checkpoint".to_owned(),
            )
        })?;
    // What was loaded is still what is there: the same size with other entries is another history.
    if count < verified.frontier.size() {
        return wrong("the ledger is shorter than when it was loaded");
    }
    if count == verified.frontier.size() && frontier != verified.frontier {
        return wrong("the stored tree is not the one over the loaded entries");
    }
    Ok(frontier)
}

/// The last checkpoint's note.
pub(super) fn note(rows: &[SqliteRow]) -> Result<Vec<u8>, LedgerError> {
    Ok(split(rows)?.0.map(|last| last.note).unwrap_or_default())
}

fn split(rows: &[SqliteRow]) -> Result<(Option<Last>, u64, Vec<Digest>), LedgerError> {
    let read = |e| LedgerError::database("read the last checkpoint")(e);
    let number = |n: i64| u64::try_from(n).map_err(|e| LedgerError::Integrity(e.to_string()));
    let (mut last, mut count, mut peaks) = (None, 0, Vec::new());
    for row in rows {
        let what: i64 = row.try_get_unchecked(0).map_err(read)?;
        let value: i64 = row.try_get_unchecked(1).map_err(read)?;
        match what {
            0 => {
                last = Some(Last {
                    size: number(value)?,
                    root: row.try_get_unchecked(2).map_err(read)?,
                    note: row.try_get_unchecked(3).map_err(read)?,
                });
            }
            1 => count = number(value)?,
            _ => {
                let hash: &[u8] = row.try_get_unchecked(2).map_err(read)?;
                let hash =
                    Digest::try_from(hash).map_err(|e| LedgerError::Integrity(e.to_string()))?;
                peaks.push(hash);
            }
        }
    }
    Ok((last, count, peaks))
}
