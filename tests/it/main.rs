//! The one integration test binary.

mod architecture;
mod cli_reference;
mod harness;
mod metric_reference;
#[cfg(feature = "research")]
mod robustness;
mod version;
