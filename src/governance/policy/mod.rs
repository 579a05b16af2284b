//! Policies: thresholds as data, judged in exact arithmetic.

pub mod roles;
pub mod verdict;
