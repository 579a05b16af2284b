//! A walk-forward as a use case: a named grid and bars in, a directory with windows, the stitched
//! out-of-sample series and reports out.
//!
//! `source` gets the bars, `run` counts the trial, computes and writes, `document`, `tables` and
//! `report` are what is written, `printed` is for people at a terminal.

pub mod document;
pub mod printed;
pub mod report;
pub mod run;
pub mod source;
pub mod tables;

pub use run::{Job, Ran, Timing, run};
