//! Robustness: a preset and the workspace's bars in, a signed or unsigned evidence bundle out.
//!
//! `resolve` joins preset, settings and flags (a flag wins over the preset, the preset over the
//! defaults; `account` does so for how the account is run), `remarks` says so in the report, `run`
//! loads the bars, computes, renders and writes the bundle in one step; `app::trials` tells the
//! ledger before and after.

pub mod account;
pub mod of_sweep;
pub mod printed;
pub mod remarks;
pub mod report;
pub mod resolve;
pub mod run;

pub use resolve::{Overrides, Resolved, catalogue, resolve};
pub use run::{Purpose, Written, run};
