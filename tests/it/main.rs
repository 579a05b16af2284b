//! The one integration test binary.

mod architecture;
mod cli_reference;
mod harness;
mod machine;
mod metric_reference;
mod version;
