//! The ledger: an append-only SQLite database of entries, tree nodes, checkpoints and blobs.
//!
//! Opening checks the pragmas and the schema; loading verifies every entry, the tree and the last
//! checkpoint; appending is one immediate transaction that ends in a new signed checkpoint, and
//! answers only after the commit. Nothing here updates, deletes or repairs.

mod append;
mod blob;
mod connection;
mod error;
mod load;
mod settings;
mod tip;
mod verify;

pub use connection::{Access, Ledger, schema_sha256};
pub use error::LedgerError;
pub use verify::{Blobs, Verification};
