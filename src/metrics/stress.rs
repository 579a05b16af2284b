//! Stress scenarios: what one bad bar, or one wild stretch, does to a series. The two that policies
//! judge are here; the others each have a file below.
//!
//! # Formula
//! `single_crash_bar`: r\[i\] = -severity at the start (0), the middle (n / 2) or the end (n - 1).
//! `vol_spike`: the returns in a window of w bars around i (from i - w/2) are scaled about their
//! own mean, m + (1 + severity)(r - m), held at -1: their sum stays, their spread grows, so that
//! the scenario cannot help; its drawdown is never taken below that of the series itself.
//! [`crash_drawdown_worst`] tries every position of the crash bar in one pass each way: with
//! c\[i\] = E / peak before bar i, and m\[i\], w\[i\] the lowest equity after bar i relative to its
//! close and the lowest ratio to a later peak there, the lowest ratio is
//! min(lowest before i, c\[i\] (1 - severity) m\[i\], w\[i\]).
//!
//! # Units
//! Severities are fractions: a crash of 25 % is 0.25. Drawdowns are positive fractions.
//!
//! # Degenerate cases
//! No returns: `too_few_observations`. A severity outside 0 to 1 (crash), or below 0: `out_of_range`.

pub mod correlations_to_one;
pub mod drawdown_extension;
pub mod effect;
pub mod flash_crash;
pub mod gap_down_open;
pub mod liquidity_gap;
pub mod strike;
pub mod trend_reversal;
pub mod worst_bar;

use self::strike::{Replacement, Strike};
use super::drawdown::max_drawdown;
use super::{MetricResult, Undefined, dispersion::mean, returns::check};

/// Where a scenario strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// First bar.
    Start,
    /// Bar n / 2; the playbook's default.
    Middle,
    /// Last bar.
    End,
}

impl Position {
    /// Every position.
    pub const ALL: [Self; 3] = [Self::Start, Self::Middle, Self::End];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }

    /// The bar it names in a series of `n` bars.
    #[must_use]
    pub fn index(self, n: usize) -> usize {
        match self {
            Self::Start => 0,
            Self::Middle => n / 2,
            Self::End => n.saturating_sub(1),
        }
    }
}

impl std::str::FromStr for Position {
    type Err = super::id::UnknownId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|p| p.as_str() == text)
            .ok_or_else(|| super::id::UnknownId::new("position", text))
    }
}

/// The series with one crash bar.
///
/// # Errors
/// `too_few_observations`, `out_of_range` for a severity outside 0 to 1, or no returns.
pub fn single_crash_bar(
    returns: &[f64],
    severity: f64,
    position: Position,
) -> Result<Vec<f64>, Undefined> {
    check_crash(returns, severity)?;
    let mut stressed = returns.to_vec();
    if let Some(bar) = stressed.get_mut(position.index(returns.len())) {
        *bar = -severity;
    }
    Ok(stressed)
}

/// Maximum drawdown with one crash bar at `position`.
///
/// # Errors
/// As [`single_crash_bar`].
pub fn crash_drawdown(returns: &[f64], severity: f64, position: Position) -> MetricResult {
    max_drawdown(&single_crash_bar(returns, severity, position)?)
}

/// Largest maximum drawdown over all positions of one crash bar, and the first such position.
///
/// # Errors
/// As [`single_crash_bar`].
pub fn crash_drawdown_worst(returns: &[f64], severity: f64) -> Result<(f64, usize), Undefined> {
    check_crash(returns, severity)?;
    // From behind: after bar i, the lowest equity relative to its close, and the lowest ratio of
    // any equity to an earlier peak, both counted from that close.
    let mut after = Vec::with_capacity(returns.len());
    let (mut low, mut ratio) = (1.0_f64, 1.0_f64);
    for r in returns.iter().rev() {
        after.push((low, ratio));
        low = ((1.0 + r) * low).min(1.0);
        ratio = ratio.min(low);
    }
    let (mut current, mut lowest) = (1.0_f64, 1.0_f64);
    let (mut worst, mut worst_at) = (f64::INFINITY, 0);
    for (i, (r, (low, ratio))) in returns.iter().zip(after.iter().rev()).enumerate() {
        let here = lowest.min(current * (1.0 - severity) * low).min(*ratio);
        if here < worst {
            (worst, worst_at) = (here, i);
        }
        current = (current * (1.0 + r)).min(1.0);
        lowest = lowest.min(current);
    }
    Ok((1.0 - worst, worst_at))
}

/// The series with wilder returns in a window.
///
/// # Errors
/// `too_few_observations` without returns or window, `out_of_range` for a negative severity.
pub fn vol_spike(
    returns: &[f64],
    severity: f64,
    window: usize,
    position: Position,
) -> Result<Vec<f64>, Undefined> {
    let bar = position.index(returns.len());
    let strike = Strike {
        severity,
        window,
        bar,
    };
    Ok(vol_spike_at(returns, &strike)?.put_into(returns))
}

/// The wilder returns of the window around a bar.
///
/// # Errors
/// As [`vol_spike`].
pub fn vol_spike_at(returns: &[f64], strike: &Strike) -> Result<Replacement, Undefined> {
    strike.check(returns, f64::MAX)?;
    let (from, part) = strike.around(returns);
    let centre = mean(part)?;
    let wilder = |r: &f64| (centre + (1.0 + strike.severity) * (r - centre)).max(-1.0);
    let returns: Vec<f64> = part.iter().map(wilder).collect();
    check(&returns)?;
    Ok(Replacement { from, returns })
}

/// The crash bar at any place.
///
/// # Errors
/// As [`single_crash_bar`]; `out_of_range` for a bar beyond the series.
pub fn crash_at(returns: &[f64], strike: &Strike) -> Result<Replacement, Undefined> {
    strike.check(returns, 1.0)?;
    Ok(Replacement {
        from: strike.bar,
        returns: vec![-strike.severity],
    })
}

/// Maximum drawdown with wilder returns in a window, at least that of the series itself.
///
/// # Errors
/// As [`vol_spike`].
pub fn vol_spike_drawdown(
    returns: &[f64],
    severity: f64,
    window: usize,
    position: Position,
) -> MetricResult {
    let stressed = max_drawdown(&vol_spike(returns, severity, window, position)?)?;
    Ok(stressed.max(max_drawdown(returns)?))
}

/// What `stress_drawdown_worst` covers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scenarios {
    /// Severity of `single_crash_bar`, fraction.
    pub crash_severity: f64,
    /// Severity of `vol_spike`, fraction.
    pub spike_severity: f64,
    /// Window of `vol_spike`, bars.
    pub spike_window: usize,
}

/// Largest drawdown over `single_crash_bar` at its worst bar and `vol_spike` at start, middle and
/// end.
///
/// # Errors
/// As the scenarios: one without a value leaves the worst unknown.
pub fn stress_drawdown_worst(returns: &[f64], scenarios: &Scenarios) -> MetricResult {
    let (mut worst, _) = crash_drawdown_worst(returns, scenarios.crash_severity)?;
    for position in Position::ALL {
        let (severity, window) = (scenarios.spike_severity, scenarios.spike_window);
        worst = worst.max(vol_spike_drawdown(returns, severity, window, position)?);
    }
    Ok(worst)
}

fn check_crash(returns: &[f64], severity: f64) -> Result<(), Undefined> {
    check(returns)?;
    if returns.is_empty() {
        return Err(Undefined::TooFewObservations);
    }
    if (0.0..=1.0).contains(&severity) {
        Ok(())
    } else {
        Err(Undefined::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn crash_at_each_position() {
        let r = [0.1, -0.1, 0.2, 0.1];
        let at = |p| single_crash_bar(&r, 0.3, p).unwrap();
        assert_eq!(at(Position::Start)[0].to_bits(), (-0.3_f64).to_bits());
        assert_eq!(at(Position::Middle)[2].to_bits(), (-0.3_f64).to_bits());
        assert_eq!(at(Position::End)[3].to_bits(), (-0.3_f64).to_bits());
        // 1.1 -> 0.99 -> 0.693: 1 - 0.9 x 0.7.
        let dd = crash_drawdown(&r, 0.3, Position::Middle).unwrap();
        assert!((dd - 0.37).abs() < 1e-12);
        assert_eq!(
            crash_drawdown(&[], 0.3, Position::Start),
            Err(Undefined::TooFewObservations)
        );
        assert_eq!(
            crash_drawdown(&r, 1.5, Position::Start),
            Err(Undefined::OutOfRange)
        );
        assert_eq!(
            crash_drawdown(&r, 25.0, Position::Start),
            Err(Undefined::OutOfRange)
        );
    }

    proptest! {
        #[test]
        fn the_worst_position_is_found(
            r in prop::collection::vec(-0.2_f64..0.2, 1..60), severity in 0.0_f64..1.0,
        ) {
            let naive = (0..r.len())
                .map(|i| {
                    let mut s = r.clone();
                    s[i] = -severity;
                    max_drawdown(&s).unwrap()
                })
                .fold(0.0, f64::max);
            let (worst, at) = crash_drawdown_worst(&r, severity).unwrap();
            prop_assert!((worst - naive).abs() < 1e-12);
            let mut s = r.clone();
            s[at] = -severity;
            prop_assert!((max_drawdown(&s).unwrap() - worst).abs() < 1e-12);
        }

        #[test]
        fn a_spike_never_helps(
            r in prop::collection::vec(-0.2_f64..0.2, 1..60), severity in 0.0_f64..2.0, w in 1_usize..9,
        ) {
            for p in Position::ALL {
                let base = max_drawdown(&r).unwrap();
                prop_assert!(vol_spike_drawdown(&r, severity, w, p).unwrap() >= base);
                let stressed = vol_spike(&r, severity, w, p).unwrap();
                let growth = |x: &[f64]| x.iter().map(|r| r.ln_1p()).sum::<f64>();
                prop_assert!(growth(&stressed) <= growth(&r) + 1e-12);
            }
        }
    }

    #[test]
    fn worst_covers_every_scenario() {
        let r = [0.05, -0.02, 0.03, -0.01, 0.02, -0.02, 0.01];
        let s = Scenarios {
            crash_severity: 0.2,
            spike_severity: 0.5,
            spike_window: 3,
        };
        let worst = stress_drawdown_worst(&r, &s).unwrap();
        for p in Position::ALL {
            assert!(worst >= crash_drawdown(&r, 0.2, p).unwrap());
            assert!(worst >= vol_spike_drawdown(&r, 0.5, 3, p).unwrap());
        }
    }
}
