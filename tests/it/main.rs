//! The one integration test binary.

mod architecture;
mod harness;
mod version;
