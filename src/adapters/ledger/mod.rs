//! The ledger: an append-only SQLite database of entries, tree nodes, checkpoints and blobs.
//!
//! Opening checks the pragmas and the schema; loading verifies every entry, the tree and the last
//! checkpoint; appending is one immediate transaction that ends in a new signed checkpoint, and
//! answers only after the commit. Nothing here updates, deletes or repairs. A connection is closed before
//! it is let go; what is shown may be kept in a file beside the ledger.

mod append;
mod blob;
mod connection;
mod error;
mod link;
mod load;
mod settings;
mod tip;
mod verify;
mod view;

pub use connection::{Access, Ledger, schema_sha256};
pub use error::LedgerError;
pub use verify::{Blobs, Verification};
pub use view::{read_view_file, view_path};
