//! Render: values in, text out; it never reads.

pub mod report;
