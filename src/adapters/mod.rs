//! Adapters: the only rooms that touch the world.

#[cfg(feature = "research")]
pub mod frames;
pub mod host;
pub mod keys;
pub mod ledger;
