//! Research: from bars to a robustness result. Pure computation, parallel with rayon.

pub mod market;
