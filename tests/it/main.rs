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

mod access_rules;
#[cfg(feature = "research")]
mod account_terms;
mod architecture;
mod believed;
mod beside;
mod book;
mod bundles;
#[cfg(feature = "research")]
mod candidates;
mod checklist_filled;
mod checklist_items;
#[cfg(feature = "research")]
mod cli_reference;
mod clock;
mod closing;
mod consequences;
mod contract;
mod crafted;
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
mod enrolled;
mod evidence;
mod evidence_again;
mod evidence_cli;
mod exports;
mod figures;
#[cfg(feature = "research")]
mod first_look;
mod flips;
mod footing;
mod gate;
mod grounds;
mod halts;
mod harness;
#[cfg(feature = "research")]
mod honesty;
mod imports;
mod judging;
mod kept_view;
mod keys;
mod looks;
mod lowered;
mod machine;
#[cfg(feature = "research")]
mod market;
mod metric_reference;
mod model;
#[cfg(feature = "research")]
mod moment;
#[path = "../support/naive_policy.rs"]
mod naive_policy;
mod neighbours;
mod next;
mod pack;
mod pasteable;
#[cfg(feature = "research")]
mod pipeline;
#[cfg(feature = "research")]
mod playbook_research;
mod policy;
mod policy_governance;
mod policy_laws;
mod producers;
mod publishing;
mod reading;
mod rechecked;
mod red_lines;
mod refused;
mod regulator;
mod report;
mod resemblance;
mod revoked;
mod risk;
#[cfg(feature = "research")]
mod road;
#[cfg(feature = "research")]
mod robustness;
mod roots;
mod safety;
mod schemas;
mod session_commits;
mod sessions;
mod settling;
mod shown;
mod standing;
mod statistics_reference;
mod stay;
mod store;
#[cfg(feature = "research")]
mod strategies;
mod stress_reference;
#[cfg(feature = "research")]
mod sweep;
#[cfg(feature = "research")]
mod sweep_report;
mod token;
mod token_cli;
mod tracks;
mod unjudged;
mod vectors;
mod verified;
mod version;
mod versions;
mod view;
mod vouching;
#[cfg(feature = "research")]
mod walkforward;
mod wanted;

#[path = "../support/ledger.rs"]
mod ledger_support;
