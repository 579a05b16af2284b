//! Adapters: the only rooms that touch the world.

pub mod host;
pub mod keys;
pub mod ledger;
