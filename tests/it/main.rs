//! The one integration test binary.

mod architecture;
mod cli_reference;
mod harness;
mod store;
mod version;
