//! `drawdown_extension`: the worst time of the series, worse.
//!
//! # Formula
//! A run is a stretch of neighbouring bars after each of which the equity is more than 1 % below its
//! peak. In the run with the deepest drawdown (or, as the tool this scenario is known from has it, in
//! the longest run) every loss becomes r (1 + severity), held at -1. The first of equal runs counts.
//! Without a run the losses in the window of w bars around i (from i - w/2) are taken.
//!
//! # Units
//! Severity as a fraction, not negative; window in bars, only without a run.
//!
//! # Degenerate cases
//! As [`super::strike::Strike::check`] says. It never helps.

use super::strike::{Replacement, Strike};
use crate::metrics::Undefined;
use crate::metrics::ulcer::drawdowns;

/// A drawdown deeper than this belongs to a run.
const EDGE: f64 = 0.01;

/// Which run is extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Episode {
    /// The one with the deepest drawdown.
    Deepest,
    /// The one with the most bars.
    Longest,
}

/// The bars of the run, with larger losses.
///
/// # Errors
/// As the degenerate cases say.
pub fn drawdown_extension(
    returns: &[f64],
    strike: &Strike,
    episode: Episode,
) -> Result<Replacement, Undefined> {
    strike.check(returns, f64::MAX)?;
    let below = drawdowns(returns)?;
    let mut best: Option<Run> = None;
    for run in runs(&below) {
        let better = |than: &Run| match episode {
            Episode::Deepest => run.deepest > than.deepest,
            Episode::Longest => run.len > than.len,
        };
        if best.as_ref().is_none_or(better) {
            best = Some(run);
        }
    }
    let (from, part) = match best {
        Some(run) => {
            let bars = run.from..run.from + run.len;
            (run.from, returns.get(bars).unwrap_or_default())
        }
        None => strike.around(returns),
    };
    let scale = 1.0 + strike.severity;
    let larger = |r: &f64| if *r < 0.0 { (r * scale).max(-1.0) } else { *r };
    Ok(Replacement {
        from,
        returns: part.iter().map(larger).collect(),
    })
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Run {
    from: usize,
    len: usize,
    deepest: f64,
}

fn runs(below: &[f64]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for (bar, depth) in below.iter().enumerate() {
        let inside = *depth > EDGE;
        match runs.last_mut() {
            Some(run) if inside && open => {
                run.len += 1;
                run.deepest = run.deepest.max(*depth);
            }
            _ if inside => runs.push(Run {
                from: bar,
                len: 1,
                deepest: *depth,
            }),
            _ => {}
        }
        open = inside;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three bars about 2 % below the peak, back, then two bars 10 % and more below it.
    const R: [f64; 8] = [-0.02, 0.0, -0.001, 0.5, -0.1, -0.02, 0.5, 0.1];
    const STRIKE: Strike = Strike {
        severity: 0.5,
        window: 3,
        bar: 3,
    };

    #[test]
    fn the_deepest_or_the_longest_run() {
        let deepest = drawdown_extension(&R, &STRIKE, Episode::Deepest).unwrap();
        assert_eq!((deepest.from, deepest.returns.len()), (4, 2));
        assert!((deepest.returns[0] + 0.15).abs() < 1e-15);
        assert!((deepest.returns[1] + 0.03).abs() < 1e-15);
        let longest = drawdown_extension(&R, &STRIKE, Episode::Longest).unwrap();
        assert_eq!((longest.from, longest.returns.len()), (0, 3));
        assert!((longest.returns[2] + 0.0015).abs() < 1e-15);
    }

    #[test]
    fn without_a_run_a_window() {
        let calm = [0.1, -0.005, 0.1, -0.004, 0.1];
        let found = drawdown_extension(&calm, &STRIKE, Episode::Deepest).unwrap();
        assert_eq!(found.from, 2);
        assert!((found.returns[1] + 0.006).abs() < 1e-15);
        assert!((found.returns[2] - 0.1).abs() < 1e-15);
        // Nobody loses more than everything.
        let hard = Strike {
            severity: 30.0,
            ..STRIKE
        };
        let found = drawdown_extension(&R, &hard, Episode::Deepest).unwrap();
        assert_eq!(found.returns[0].to_bits(), (-1.0_f64).to_bits());
    }
}
