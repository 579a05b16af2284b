//! Render: values in, text out; it never reads.

pub mod amount;
pub mod decision_log;
pub mod markdown;
pub mod policy;
pub mod report;
pub mod verdict;
