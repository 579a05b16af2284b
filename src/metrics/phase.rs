//! Phases of the market: trending, ranging, volatile.
//!
//! # Rule
//! As in [`super::regime`], the market is the mean return of all symbols, and the label of bar t
//! rests on the bars before t alone, with w bars to look back on. `volatile` when the standard
//! deviation of the last w returns is above that of all bars before t; otherwise `trending` when
//! their sum is further from 0 than one standard error of it (deviation x sqrt(w)), `ranging` when it is
//! not. The first 2 w bars are `warm_up`. The rule is fixed here, before any result is seen, and has
//! nothing to choose. A random walk trends in about a third of its calm bars: a share near that says
//! that the market did not trend.
//!
//! # Units
//! Labels.
//!
//! # Degenerate cases
//! A market that stands still: `ranging`.

use super::regime::Sums;

/// Phase of one bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Too early to say.
    WarmUp,
    /// Going somewhere, with no more movement than usual.
    Trending,
    /// Going nowhere, with no more movement than usual.
    Ranging,
    /// More movement than usual.
    Volatile,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 4] = [Self::WarmUp, Self::Trending, Self::Ranging, Self::Volatile];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WarmUp => "warm_up",
            Self::Trending => "trending",
            Self::Ranging => "ranging",
            Self::Volatile => "volatile",
        }
    }
}

/// The phase of every bar of `market`, looking back on `window` bars (at least 2).
#[must_use]
pub fn phases(market: &[f64], window: usize) -> Vec<Phase> {
    let window = window.max(2);
    // before[t] sums the bars before t.
    let mut before = vec![Sums::default()];
    let mut phases = Vec::with_capacity(market.len());
    for (t, r) in market.iter().enumerate() {
        let all = before.last().copied().unwrap_or_default();
        let from = t.checked_sub(window).and_then(|from| before.get(from));
        phases.push(match from {
            Some(from) if t >= 2 * window => phase(all.since(*from), all),
            _ => Phase::WarmUp,
        });
        before.push(all.with(*r));
    }
    phases
}

fn phase(recent: Sums, all: Sums) -> Phase {
    let variance = recent.variance();
    if variance > all.variance() {
        Phase::Volatile
    } else if recent.sum * recent.sum > variance.max(0.0) * recent.n {
        Phase::Trending
    } else {
        Phase::Ranging
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_phase_is_reached_by_its_own_market() {
        let swing = |i: usize, size: f64| if i.is_multiple_of(2) { size } else { -size };
        let mut market: Vec<f64> = (0..60).map(|i| swing(i, 0.012)).collect();
        market.extend((60..100).map(|i| swing(i, 0.01)));
        market.extend((0..50).map(|i| 0.003 + swing(i, 0.005)));
        market.extend((0..50).map(|i| -0.003 + swing(i, 0.005)));
        market.extend((0..50).map(|i| swing(i, 0.04)));
        let phases = phases(&market, 20);
        assert_eq!(phases[39], Phase::WarmUp);
        assert_eq!(phases[99], Phase::Ranging);
        assert_eq!(phases[149], Phase::Trending);
        assert_eq!(phases[199], Phase::Trending);
        assert_eq!(phases[249], Phase::Volatile);
        assert_eq!(super::phases(&[0.0; 60], 20)[59], Phase::Ranging);
        let words: Vec<&str> = Phase::ALL.iter().map(|p| p.as_str()).collect();
        assert_eq!(words, ["warm_up", "trending", "ranging", "volatile"]);
    }

    proptest! {
        #[test]
        fn no_phase_knows_its_own_bar_or_a_later_one(
            market in prop::collection::vec(-0.05_f64..0.05, 60..120), at in 0_usize..60,
            other in -0.9_f64..0.9,
        ) {
            let mut changed = market.clone();
            for r in changed.iter_mut().skip(at) {
                *r = other;
            }
            let (a, b) = (phases(&market, 20), phases(&changed, 20));
            prop_assert_eq!(&a[..=at], &b[..=at]);
        }
    }
}
