//! Render: values in, text out; it never reads.
