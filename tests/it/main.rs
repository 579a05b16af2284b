//! The one integration test binary.

mod architecture;
mod cli_reference;
mod evidence;
mod evidence_cli;
mod harness;
mod metric_reference;
mod report;
#[cfg(feature = "research")]
mod robustness;
mod store;
mod version;
