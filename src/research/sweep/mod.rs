//! Sweeps: one rule over one series of bars, with very many combinations of its parameters.
//!
//! `grid` reads named sweeps and lays out their combinations, `granularity` has grids for a kind,
//! `run` gives each combination its figures, `ranking` says which are best and what surrounds them,
//! `landscape` what each parameter does to a figure, `standing` whether the best is a plateau, a peak
//! or at an edge, `luck` what the best would show without skill, and `replay` runs one combination
//! again for its whole series. Below: `ground` is what all runs share, `parts` says on which part of the
//! history they hold, `tile` runs together what shares columns, `masks` compares these (a `mask` per
//! comparison), `stretches` reads off when a rule is long, `passage` says what holding then comes to, with
//! the help of `ranges`, `levels` where a stop ends it, and `tally` turns that into figures. No run keeps a
//! series: memory is that of the bars and of one row of figures per combination.

pub mod granularity;
pub mod grid;
pub mod ground;
pub mod landscape;
mod levels;
pub mod luck;
pub mod mask;
mod masks;
pub mod parts;
mod passage;
pub mod ranges;
pub mod ranking;
pub mod replay;
pub mod run;
pub mod standing;
pub mod stretches;
pub mod tally;
mod tile;
