//! Appending: one immediate transaction, one checkpoint, and no answer before the commit.
//!
//! Inside the transaction the tip is checked (own last checkpoint, stored nodes, nothing else than
//! what was loaded), and the ledger must have exactly the entries that the decision rests on. One
//! trip to the database makes a commit where nothing has changed since the ledger was loaded. An
//! error anywhere leaves the ledger as it was; an error of the commit itself leaves the outcome
//! open, and the connection then refuses to append until the ledger is loaded again.

use std::fmt::Write as _;

use sqlx::sqlite::{Sqlite, SqliteArguments};

use super::blob::{self, Packed};
use super::connection::{Ledger, Verified};
use super::error::LedgerError;
use super::tip;
use crate::adapters::keys::Identity;
use crate::governance::audit::checkpoint;
use crate::governance::audit::entry::{Draft, Entry, Head};
use crate::governance::audit::tree::{Frontier, Node};
use crate::kernel::canonical;

const DOING: &str = "append to the ledger";
const APPEND_SQL: &str = include_str!("../../../schema/sqlite/append.sql");
const AT_TIP_SQL: &str = concat!(
    "BEGIN IMMEDIATE; ",
    include_str!("../../../schema/sqlite/tip.sql"),
    include_str!("../../../schema/sqlite/append.sql")
);

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

/// Appends in one trip where the tip is the one that was loaded. The commit is made ready on it;
/// the database then goes on only if its own tip is that one. Otherwise, and for blobs, the tip is
/// read and checked inside the transaction, which also tells what is wrong with it.
async fn in_transaction(
    ledger: &mut Ledger,
    verified: Verified,
    expected: u64,
    drafts: &[Draft],
    blobs: &[Packed],
) -> Result<(Vec<Entry>, Verified), Failed> {
    let at_tip = verified.frontier.size() == expected && !verified.note.is_empty();
    if at_tip && blobs.is_empty() {
        let ready = make_ready(&verified, ledger.log_key()?, drafts)?;
        match one_trip(ledger, &verified, &ready).await {
            Ok(()) => return Ok(ready.done(verified)),
            Err(error) if is_another_tip(&error) => ledger.roll_back_leftover().await?,
            // Only taking the lock can be refused as busy: nothing was written.
            Err(error) => match LedgerError::database(DOING)(error) {
                LedgerError::Busy => return Err(Failed::Before(LedgerError::Busy)),
                other => return Err(Failed::Committing(other)),
            },
        }
        ledger.in_transaction = true;
    }
    two_trips(ledger, verified, expected, drafts, blobs).await
}

async fn one_trip(
    ledger: &mut Ledger,
    verified: &Verified,
    ready: &Ready,
) -> Result<(), sqlx::Error> {
    let mut bytes = Bytes::default();
    let rows = ready.rows(&mut bytes);
    let peaks = bytes.nodes(&verified.frontier.peaks());
    commit(AT_TIP_SQL, ready, rows, bytes)?
        .bind(as_sql(verified.frontier.size())?)
        .bind(verified.note.clone())
        .bind(verified.frontier.root().as_bytes().to_vec())
        .bind(peaks)
        .execute(ledger.connection.get()?)
        .await
        .map(|_| ())
}

/// True when the guard of `schema/sqlite/tip.sql` ended the statement.
fn is_another_tip(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|e| e.message() == "malformed JSON")
}

async fn two_trips(
    ledger: &mut Ledger,
    mut verified: Verified,
    expected: u64,
    drafts: &[Draft],
    blobs: &[Packed],
) -> Result<(Vec<Entry>, Verified), Failed> {
    let rows = sqlx::query(tip::BEGIN_AND_READ_SQL)
        .fetch_all(
            ledger
                .connection
                .get()
                .map_err(LedgerError::database(DOING))?,
        )
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
    let ready = make_ready(&verified, ledger.log_key()?, drafts)?;
    for packed in blobs {
        blob::insert(
            ledger
                .connection
                .get()
                .map_err(LedgerError::database(DOING))?,
            packed,
        )
        .await?;
    }
    let committing = |e| Failed::Committing(LedgerError::database(DOING)(e));
    let mut bytes = Bytes::default();
    let rows = ready.rows(&mut bytes);
    commit(APPEND_SQL, &ready, rows, bytes)
        .map_err(committing)?
        .execute(ledger.connection.get().map_err(committing)?)
        .await
        .map_err(committing)?;
    Ok(ready.done(verified))
}

type Commit = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

/// `sql` with everything that `schema/sqlite/append.sql` names bound to it.
fn commit(
    sql: &'static str,
    ready: &Ready,
    (entries, nodes): (String, String),
    bytes: Bytes,
) -> Result<Commit, sqlx::Error> {
    Ok(sqlx::query(sql)
        .bind(bytes.0)
        .bind(entries)
        .bind(nodes)
        .bind(as_sql(ready.head.size)?)
        .bind(ready.head.root.as_bytes().to_vec())
        .bind(ready.note.clone()))
}

fn as_sql(number: u64) -> Result<i64, sqlx::Error> {
    i64::try_from(number).map_err(|e| sqlx::Error::Encode(Box::new(e)))
}

/// A commit, made ready.
struct Ready {
    entries: Vec<Entry>,
    nodes: Vec<Node>,
    frontier: Frontier,
    head: Head,
    note: Vec<u8>,
}

impl Ready {
    /// Where the entries and the nodes begin in `bytes`, which grows by them.
    fn rows(&self, bytes: &mut Bytes) -> (String, String) {
        (bytes.entries(&self.entries), bytes.nodes(&self.nodes))
    }

    /// The entries, and what is known after the commit.
    fn done(self, mut verified: Verified) -> (Vec<Entry>, Verified) {
        verified.frontier = self.frontier;
        verified.note = self.note;
        (self.entries, verified)
    }
}

/// Seals `drafts` on the verified tip and signs the checkpoint over them.
fn make_ready(
    verified: &Verified,
    log_key: &Identity,
    drafts: &[Draft],
) -> Result<Ready, LedgerError> {
    let origin = &verified.origin;
    let mut frontier = verified.frontier.clone();
    let mut entries = Vec::with_capacity(drafts.len());
    let mut nodes = Vec::new();
    for draft in drafts {
        let head = head_of(&frontier);
        let entry = Entry::seal(draft.clone(), origin, head).map_err(unstorable)?;
        nodes.extend(frontier.append(entry.leaf_hash));
        entries.push(entry);
    }
    let head = head_of(&frontier);
    let signature = log_key.sign_raw(checkpoint::body(origin, &head).as_bytes());
    let note = checkpoint::note(origin, &head, &log_key.public(), &signature).into_bytes();
    Ok(Ready {
        entries,
        nodes,
        frontier,
        head,
        note,
    })
}

fn unstorable(error: canonical::CanonicalError) -> LedgerError {
    LedgerError::Unstorable(error.to_string())
}

fn head_of(frontier: &Frontier) -> Head {
    Head {
        size: frontier.size(),
        root: frontier.root(),
    }
}

/// The bytes of a commit, one after the other: a single value for the database, without any
/// digits in between.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    /// Adds bytes and says where they begin, counted from 1.
    fn add(&mut self, bytes: &[u8]) -> usize {
        let at = self.0.len() + 1;
        self.0.extend_from_slice(bytes);
        at
    }

    /// `[[seq, at, length of the data], …]`: leaf hash and data one after the other.
    fn entries(&mut self, entries: &[Entry]) -> String {
        list(entries, |out, entry| {
            let at = self.add(entry.leaf_hash.as_bytes());
            self.add(&entry.data);
            let length = entry.data.len();
            let _infallible = write!(out, "[{},{at},{length}]", entry.seq);
        })
    }

    /// `[[level, index, at], …]`.
    fn nodes(&mut self, nodes: &[Node]) -> String {
        list(nodes, |out, node| {
            let at = self.add(node.hash.as_bytes());
            let _infallible = write!(out, "[{},{},{at}]", node.level, node.index);
        })
    }
}

/// A JSON list of what `write` writes for each item.
fn list<T>(items: &[T], mut write: impl FnMut(&mut String, &T)) -> String {
    let mut out = String::from("[");
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(&mut out, item);
    }
    out.push(']');
    out
}
