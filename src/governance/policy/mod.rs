//! Policies: thresholds as data, judged in exact arithmetic.
//!
//! A [`set::PolicySet`] is loaded and checked as a whole; [`evaluate`] judges facts by one policy
//! of it and gives a [`verdict::Verdict`]; [`decision`] makes the record that is hashed, approved
//! and replayed; [`cases`] runs test cases that risk officers write.

pub mod cases;
pub mod checklists;
pub mod decision;
pub mod deny;
pub mod deny_load;
pub mod diff;
pub mod evaluate;
pub mod load;
pub mod model;
pub mod problem;
pub mod prove;
pub mod roles;
pub mod roles_load;
pub mod set;
pub mod verdict;

mod lint;
mod source;
mod zone;
