//! The one integration test binary.

mod architecture;
mod cli_reference;
mod decision_log;
mod harness;
mod machine;
mod evidence;
mod evidence_cli;
mod harness;
mod store;
mod metric_reference;
mod model;
mod version;
