//! Sweeps: one rule over one series of bars, with very many combinations of its parameters.
//!
//! `grid` reads named sweeps and lays out their combinations, `run` gives each its figures,
//! `ranking` says which are best and what surrounds them, `luck` what the best would show without
//! skill, and `replay` runs one combination again for its whole series. Below: `ground` is what all
//! runs share, `crossings` turns conditions or signals into holding spans, `stretch` keeps of them
//! what lies on the part of the history that counts, and `tally` turns the spans of one run into its
//! figures, with the help of `ranges`. No run keeps a series: memory is that of the bars and of one
//! row of figures per combination.

pub mod crossings;
pub mod grid;
pub mod ground;
pub mod luck;
pub mod ranges;
pub mod ranking;
pub mod replay;
pub mod run;
pub mod stretch;
pub mod tally;
