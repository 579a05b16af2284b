//! Sweeps as a use case: a named grid and the workspace's bars in, a directory with one row per
//! combination and a summary out; the export of the best, and the report.
//!
//! `sweeps` finds the named grids, `grid_run` counts the trial of one, `run` computes and writes, `rows`
//! and `summary` are what is written, `results` finds and reads it again, `candidates` exports the best
//! of what was written, `report` makes its report, both through `files`; `printed` and `listing` are for
//! people.

pub mod candidates;
pub mod files;
pub mod grid_run;
pub mod listing;
pub mod printed;
pub mod report;
pub mod results;
pub mod rows;
pub mod run;
pub mod summary;
pub mod sweeps;

pub use run::{Job, Out, Ran, run};
pub use sweeps::sweeps;
