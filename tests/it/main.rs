//! The one integration test binary.

mod architecture;
mod cli_reference;
mod harness;
#[path = "../support/naive_policy.rs"]
mod naive_policy;
mod policy;
mod policy_laws;
mod schemas;
mod version;
