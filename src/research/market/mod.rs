//! Market data.

pub mod bar;
