//! Access: instances, keys that are replaced or revoked, tokens, and the start of a live session.
//!
//! [`signing`] finds out in whose name given keys sign (persons, roots, an instance); the other
//! files are one use case each.

pub mod instance;
pub mod keys;
pub mod live;
pub mod records;
pub mod roots;
pub mod seen;
pub mod signing;
pub mod token;
