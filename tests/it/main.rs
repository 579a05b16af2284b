//! The one integration test binary.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::too_many_arguments,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test that cannot go on panics; clippy's own exemption covers test functions only"
)]

mod architecture;
mod book;
mod bundles;
#[cfg(feature = "research")]
mod cli_reference;
mod clock;
mod closing;
mod consequences;
mod contract;
mod deciding;
mod decision_log;
#[cfg(feature = "research")]
mod demo;
mod denying;
mod distrust;
#[cfg(feature = "research")]
mod docs;
mod edges;
mod endings;
mod evidence;
mod evidence_cli;
mod exports;
mod figures;
mod footing;
mod gate;
mod halts;
mod harness;
mod judging;
mod keys;
mod looks;
mod machine;
#[cfg(feature = "research")]
mod market;
mod metric_reference;
mod model;
#[cfg(feature = "research")]
mod moment;
#[path = "../support/naive_policy.rs"]
mod naive_policy;
mod next;
mod pack;
mod pasteable;
mod policy;
mod policy_governance;
mod policy_laws;
mod producers;
mod reading;
mod refused;
mod regulator;
mod report;
mod resemblance;
#[cfg(feature = "research")]
mod road;
#[cfg(feature = "research")]
mod robustness;
mod roots;
mod safety;
mod schemas;
mod sessions;
mod standing;
mod statistics_reference;
mod stay;
mod store;
mod stress_reference;
mod token;
mod token_cli;
mod tracks;
mod vectors;
mod version;
mod versions;
mod view;

#[path = "../support/ledger.rs"]
mod ledger_support;
