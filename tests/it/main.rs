//! The one integration test binary.

mod architecture;
mod cli_reference;
mod evidence;
mod evidence_cli;
mod harness;
mod metric_reference;
#[path = "../support/naive_policy.rs"]
mod naive_policy;
mod policy;
mod policy_laws;
#[cfg(feature = "research")]
mod robustness;
mod schemas;
mod store;
mod version;
