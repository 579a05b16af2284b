//! `promote/ledger-entry/v1` and `promote/ledger-entries/v1`: entries as they lie in the ledger.

use serde::Serialize;

use crate::governance::audit::entry::{Entry, Leaf};
use crate::kernel::digest::Digest;

/// `promote/ledger-entry/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct EntryJson<'a> {
    schema: &'static str,
    /// Position.
    seq: u64,
    /// Hash of its leaf.
    leaf_hash: Digest,
    /// What the hash covers.
    leaf: &'a Leaf,
}

/// `promote/ledger-entries/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct EntriesJson<'a> {
    schema: &'static str,
    /// Every entry, in order.
    entries: Vec<EntryJson<'a>>,
}

impl<'a> EntryJson<'a> {
    /// One entry.
    #[must_use]
    pub fn new(entry: &'a Entry) -> Self {
        Self {
            schema: "promote/ledger-entry/v1",
            seq: entry.seq,
            leaf_hash: entry.leaf_hash,
            leaf: &entry.leaf,
        }
    }
}

impl<'a> EntriesJson<'a> {
    /// All of them.
    #[must_use]
    pub fn new(entries: &'a [Entry]) -> Self {
        Self {
            schema: "promote/ledger-entries/v1",
            entries: entries.iter().map(EntryJson::new).collect(),
        }
    }
}
