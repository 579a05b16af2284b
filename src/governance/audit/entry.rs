//! One ledger entry: the leaf data `{actor, body, kind, ledger, prev_root, private, seq, time, v}`
//! in canonical bytes, and its leaf hash.
//!
//! The stored bytes are the entry. They are never encoded again: [`Entry::read`] keeps them beside
//! the parsed [`Leaf`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::canonical::{self, CanonicalError, ENTRY_MAX_BYTES};
use crate::kernel::digest::Digest;
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;

/// Version of the leaf format.
pub const LEAF_VERSION: i64 = 1;

/// Who made an entry: a person through a signed statement, or a machine key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Person id, or `engine`.
    pub id: String,
    /// Key that signed.
    pub key: Option<Fingerprint>,
    /// Role acted in; `engine` for machine entries.
    pub role: String,
}

/// A salted commitment to erasable text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Field committed to.
    pub field: String,
    /// SHA-256(0x50 || salt32 || text).
    pub commit: Digest,
}

/// The parsed leaf data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// Who.
    pub actor: Actor,
    /// What; its shape depends on `kind`.
    pub body: Value,
    /// Kind of entry, such as `request`.
    pub kind: String,
    /// Origin of the ledger: binds the entry to it.
    pub ledger: String,
    /// Root of the tree over all entries before this one.
    pub prev_root: Digest,
    /// Commitments to erasable text.
    pub private: Vec<Commitment>,
    /// Position, from 0.
    pub seq: u64,
    /// Time of the append.
    pub time: UtcTime,
    /// [`LEAF_VERSION`].
    pub v: i64,
}

/// An entry as stored: bytes, hash, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Position, from 0.
    pub seq: u64,
    /// SHA-256(0x00 || data).
    pub leaf_hash: Digest,
    /// The leaf data, byte for byte.
    pub data: Vec<u8>,
    /// The same, parsed.
    pub leaf: Leaf,
}

impl Entry {
    /// Parses stored leaf data; canonical bytes only.
    ///
    /// # Errors
    /// When the bytes are not canonical or not a leaf of this version.
    pub fn read(data: Vec<u8>) -> Result<Self, CanonicalError> {
        let leaf: Leaf = canonical::decode(&data, ENTRY_MAX_BYTES)?;
        if leaf.v != LEAF_VERSION {
            return Err(CanonicalError::Shape(format!("leaf version {}", leaf.v)));
        }
        Ok(Self {
            seq: leaf.seq,
            leaf_hash: leaf_hash(&data),
            data,
            leaf,
        })
    }
}

impl Entry {
    /// Seals `draft` as the entry that follows `head` in the ledger `origin`.
    ///
    /// # Errors
    /// When the leaf cannot be written canonically or is over 65,535 bytes.
    pub fn seal(draft: Draft, origin: &str, head: Head) -> Result<Self, CanonicalError> {
        let leaf = Leaf {
            actor: draft.actor,
            body: draft.body,
            kind: draft.kind,
            ledger: origin.to_owned(),
            prev_root: head.root,
            private: Vec::new(),
            seq: head.size,
            time: draft.time,
            v: LEAF_VERSION,
        };
        // Read back, so that nothing is ever stored that could not be read.
        Self::read(canonical::encode(&leaf)?)
    }
}

/// RFC 6962 leaf hash.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Digest {
    Digest::of_parts(&[&[0x00], data])
}

/// An entry that is about to be appended: everything that the ledger does not add itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Who.
    pub actor: Actor,
    /// Kind of entry.
    pub kind: String,
    /// What.
    pub body: Value,
    /// When.
    pub time: UtcTime,
}

/// The head that a statement's signer saw: size and root of a signed checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Digest,
}
