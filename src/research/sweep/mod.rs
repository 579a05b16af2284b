//! Sweeps: one rule over one series of bars, with very many combinations of its parameters.
//!
//! `grid` reads named sweeps and lays out their combinations, `granularity` has grids for a kind,
//! `run` gives each combination its figures, `ranking` says which are best and what surrounds them,
//! `landscape` what each parameter does to a figure, `standing` whether the best is a plateau, a peak
//! or at an edge, `luck` what the best would show without skill, and `replay` runs one combination
//! again for its whole series. Below: `ground` is what all runs share, `crossings` turns conditions or
//! signals into holding spans, `stretch` keeps of them what lies on the part of the history that counts,
//! and `tally` turns the spans of one run into its figures, with the help of `ranges`. No run keeps a
//! series: memory is that of the bars and of one row of figures per combination.

pub mod crossings;
pub mod granularity;
pub mod grid;
pub mod ground;
pub mod landscape;
pub mod luck;
pub mod ranges;
pub mod ranking;
pub mod replay;
pub mod run;
pub mod standing;
pub mod stretch;
pub mod tally;
