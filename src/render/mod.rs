//! Render: values in, text out; it never reads.

pub mod axis;
pub mod chart;
pub mod policy;
pub mod report;
pub mod verdict;
