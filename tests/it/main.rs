//! The one integration test binary.

mod architecture;
mod bundles;
mod cli_reference;
mod decision_log;
mod evidence;
mod evidence_cli;
mod gate;
mod harness;
mod machine;
mod metric_reference;
mod model;
#[cfg(feature = "research")]
mod robustness;
mod store;
mod version;
