//! Audit: the ledger's entries, its Merkle tree, its checkpoints, and what verification finds.

pub mod checkpoint;
pub mod entry;
pub mod finding;
pub mod kept_view;
pub mod proof;
pub mod tree;
