//! The one integration test binary.

mod architecture;
mod cli_reference;
mod harness;
mod market;
mod report;
mod store;
mod version;
