//! Render: values in, text out; it never reads.

pub mod report;
pub mod policy;
pub mod verdict;
