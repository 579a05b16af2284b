//! The one integration test binary.

mod architecture;
mod cli_reference;
mod evidence;
mod evidence_cli;
mod harness;
mod metric_reference;
#[cfg(feature = "research")]
mod robustness;
mod report;
mod store;
mod version;
