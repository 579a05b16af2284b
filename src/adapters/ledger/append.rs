//! Appending: one immediate transaction, one checkpoint, and no answer before the commit.
//!
//! Inside the transaction the tip is checked (own last checkpoint, stored nodes, nothing else than
//! what was loaded), and the ledger must have exactly the entries that the decision rests on. Two
//! trips to the database make a commit: begin and read the tip; insert everything and commit. An
//! error anywhere leaves the ledger as it was; an error of the commit itself leaves the outcome
//! open, and the connection then refuses to append until the ledger is loaded again.

use std::fmt::Write as _;

use super::blob::{self, Packed};
use super::connection::{Ledger, Verified};
use super::error::LedgerError;
use super::tip;
use crate::governance::audit::checkpoint;
use crate::governance::audit::entry::{Draft, Entry, Head};
use crate::governance::audit::tree::Node;
use crate::kernel::canonical;

const DOING: &str = "append to the ledger";
const APPEND_SQL: &str = include_str!("../../../schema/sqlite/append.sql");

pub(super) async fn append(
    ledger: &mut Ledger,
    expected: u64,
    drafts: &[Draft],
    blobs: &[Vec<u8>],
) -> Result<Vec<Entry>, LedgerError> {
    let verified = ledger.verified()?.clone();
    let Some(log_key) = ledger.log_key.as_ref() else {
        return Err(LedgerError::ReadOnly);
    };
    if log_key.public() != verified.log_public {
        return Err(LedgerError::Integrity(
            "the log key is not the one that the genesis names".to_owned(),
        ));
    }
    if drafts.is_empty() {
        return Err(LedgerError::Unstorable("nothing to append".to_owned()));
    }
    // The slow part is done before anybody else is kept waiting.
    let packed = blobs
        .iter()
        .map(|bytes| blob::pack(bytes))
        .collect::<Result<Vec<_>, _>>()?;
    ledger.roll_back_leftover().await?;
    ledger.in_transaction = true;
    let outcome = in_transaction(ledger, verified, expected, drafts, &packed).await;
    match outcome {
        Ok((entries, verified)) => {
            ledger.in_transaction = false;
            ledger.verified = Some(verified);
            Ok(entries)
        }
        Err(Failed::Before(error)) => {
            ledger.roll_back_leftover().await?;
            Err(error)
        }
        Err(Failed::Committing(error)) => {
            // Whether it is on disk is not known: nothing may be built on what was known.
            ledger.verified = None;
            ledger.roll_back_leftover().await?;
            Err(error)
        }
    }
}

/// Where an append failed.
enum Failed {
    /// Nothing was written.
    Before(LedgerError),
    /// The outcome is open.
    Committing(LedgerError),
}

impl From<LedgerError> for Failed {
    fn from(error: LedgerError) -> Self {
        Self::Before(error)
    }
}

async fn in_transaction(
    ledger: &mut Ledger,
    mut verified: Verified,
    expected: u64,
    drafts: &[Draft],
    blobs: &[Packed],
) -> Result<(Vec<Entry>, Verified), Failed> {
    let rows = sqlx::query(tip::BEGIN_AND_READ_SQL)
        .fetch_all(&mut ledger.connection)
        .await
        .map_err(LedgerError::database(DOING))?;
    let frontier = tip::check(&rows, &verified)?;
    if frontier.size() != expected {
        return Err(Failed::Before(LedgerError::Moved {
            expected,
            found: frontier.size(),
        }));
    }
    verified.frontier = frontier;
    let mut entries = Vec::with_capacity(drafts.len());
    let mut nodes = Vec::new();
    for draft in drafts {
        let head = head_of(&verified);
        let entry = Entry::seal(draft.clone(), &verified.origin, head).map_err(unstorable)?;
        nodes.extend(verified.frontier.append(entry.leaf_hash));
        entries.push(entry);
    }
    for packed in blobs {
        blob::insert(&mut ledger.connection, packed).await?;
    }
    let head = head_of(&verified);
    verified.note = sign(ledger, &verified, &head)?;
    let size = i64::try_from(head.size).map_err(|e| LedgerError::Unstorable(e.to_string()))?;
    sqlx::query(APPEND_SQL)
        .bind(entry_rows(&entries))
        .bind(node_rows(&nodes))
        .bind(size)
        .bind(head.root.as_bytes().to_vec())
        .bind(verified.note.clone())
        .execute(&mut ledger.connection)
        .await
        .map_err(|e| Failed::Committing(LedgerError::database(DOING)(e)))?;
    Ok((entries, verified))
}

fn unstorable(error: canonical::CanonicalError) -> LedgerError {
    LedgerError::Unstorable(error.to_string())
}

fn head_of(verified: &Verified) -> Head {
    Head {
        size: verified.frontier.size(),
        root: verified.frontier.root(),
    }
}

fn sign(ledger: &Ledger, verified: &Verified, head: &Head) -> Result<Vec<u8>, LedgerError> {
    let key = ledger.log_key.as_ref().ok_or(LedgerError::ReadOnly)?;
    let body = checkpoint::body(&verified.origin, head);
    let signature = key.sign_raw(body.as_bytes());
    Ok(checkpoint::note(&verified.origin, head, &key.public(), &signature).into_bytes())
}

/// `[[seq, "leaf hash", "data"], …]`, bytes in hexadecimal digits.
fn entry_rows(entries: &[Entry]) -> String {
    let mut out = String::from("[");
    for entry in entries {
        let comma = if out.len() > 1 { "," } else { "" };
        let data = hex::encode(&entry.data);
        let _infallible = write!(
            out,
            r#"{comma}[{},"{}","{data}"]"#,
            entry.seq, entry.leaf_hash
        );
    }
    out.push(']');
    out
}

/// `[[level, index, "hash"], …]`.
fn node_rows(nodes: &[Node]) -> String {
    let mut out = String::from("[");
    for node in nodes {
        let comma = if out.len() > 1 { "," } else { "" };
        let Node { level, index, hash } = node;
        let _infallible = write!(out, r#"{comma}[{level},{index},"{hash}"]"#);
    }
    out.push(']');
    out
}
