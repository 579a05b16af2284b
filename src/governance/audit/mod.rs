//! Audit: the ledger's entries, its Merkle tree, its checkpoints, and what verification finds.

pub mod entry;
