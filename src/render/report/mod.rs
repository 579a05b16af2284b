//! Research reports in Markdown and in one self-contained HTML file.
//!
//! In: a plain value such as [`RobustnessReport`]. Out: text, the same bytes for the same value.
//! A report interprets in the playbook's words (good, warning, bad) and never gives a verdict:
//! that is the gate's.

pub mod robustness;

pub use robustness::RobustnessReport;
