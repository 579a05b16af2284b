//! Adapters: the only rooms that touch the world.

pub mod host;
