//! The one integration test binary.

mod architecture;
mod cli_reference;
mod evidence;
mod evidence_cli;
mod harness;
#[path = "../support/naive_policy.rs"]
mod naive_policy;
mod policy;
mod policy_laws;
mod schemas;
mod metric_reference;
#[cfg(feature = "research")]
mod robustness;
mod store;
mod version;
