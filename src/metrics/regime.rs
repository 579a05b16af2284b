//! Market regimes, and the Sharpe ratio in the worst of them.
//!
//! # Rule
//! The market is the mean return of all symbols of the portfolio, bar by bar. The label of bar t
//! rests on the bars before t alone, so nobody could have known less at its opening: with w bars
//! to look back on (30 days, at least 20 bars), `up` when the sum of the last w returns is not negative,
//! `down` otherwise; `wild` when their standard deviation is above that of all bars before t, `calm`
//! otherwise. The first 2 w bars are `warm_up`. The rule is fixed here and cannot be chosen after
//! the fact. The sums run from the first bar, so that the work does not grow with w.
//!
//! # Formula
//! The lowest Sharpe ratio (as [`super::sharpe`]) of the portfolio's returns over the regimes that
//! have at least 30 bars; `warm_up` is none of them. A regime in which the portfolio did nothing
//! (every return 0) neither earned nor lost and is left out.
//!
//! # Units
//! Annualised ratio.
//!
//! # Degenerate cases
//! Not one label per return, or no regime with 30 bars: `too_few_observations`. A regime with
//! constant returns other than 0: `zero_variance`.

use super::id::UnknownId;
use super::sharpe::sharpe;
use super::{MetricResult, Undefined, defined};
use crate::kernel::time::DAY_MS;

/// Days to look back on.
pub const LOOK_BACK_DAYS: i64 = 30;
/// Fewest bars to look back on.
pub const LOOK_BACK_MIN: usize = 20;
/// Fewest bars of a regime that counts.
pub const BARS_MIN: usize = 30;

/// Regime of one bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Regime {
    /// Too early to say.
    WarmUp,
    /// Rising, little movement.
    CalmUp,
    /// Falling, little movement.
    CalmDown,
    /// Rising, much movement.
    WildUp,
    /// Falling, much movement.
    WildDown,
}

impl Regime {
    /// Every label.
    pub const ALL: [Self; 5] = [
        Self::WarmUp,
        Self::CalmUp,
        Self::CalmDown,
        Self::WildUp,
        Self::WildDown,
    ];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WarmUp => "warm_up",
            Self::CalmUp => "calm_up",
            Self::CalmDown => "calm_down",
            Self::WildUp => "wild_up",
            Self::WildDown => "wild_down",
        }
    }
}

impl std::str::FromStr for Regime {
    type Err = UnknownId;
    fn from_str(text: &str) -> Result<Self, UnknownId> {
        Self::ALL
            .into_iter()
            .find(|r| r.as_str() == text)
            .ok_or_else(|| UnknownId::new("regime", text))
    }
}

/// Bars to look back on, for bars of `bar_ms` milliseconds.
#[must_use]
pub fn look_back(bar_ms: i64) -> usize {
    let bars = LOOK_BACK_DAYS * DAY_MS / bar_ms.max(1);
    usize::try_from(bars).unwrap_or(0).max(LOOK_BACK_MIN)
}

/// Sums over all bars before one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) n: f64,
    pub(super) sum: f64,
    sumsq: f64,
}

impl Sums {
    pub(super) fn with(self, r: f64) -> Self {
        Self {
            n: self.n + 1.0,
            sum: self.sum + r,
            sumsq: self.sumsq + r * r,
        }
    }

    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            n: self.n - earlier.n,
            sum: self.sum - earlier.sum,
            sumsq: self.sumsq - earlier.sumsq,
        }
    }

    pub(super) fn variance(self) -> f64 {
        (self.sumsq - self.sum * self.sum / self.n) / (self.n - 1.0)
    }
}

/// The label of every bar of `market`, looking back on `window` bars.
#[must_use]
pub fn labels(market: &[f64], window: usize) -> Vec<Regime> {
    let window = window.max(2);
    // before[t] sums the bars before t.
    let mut before = vec![Sums::default()];
    let mut labels = Vec::with_capacity(market.len());
    for (t, r) in market.iter().enumerate() {
        let all = before.last().copied().unwrap_or_default();
        let from = t.checked_sub(window).and_then(|from| before.get(from));
        labels.push(match from {
            Some(from) if t >= 2 * window => label(all.since(*from), all),
            _ => Regime::WarmUp,
        });
        before.push(all.with(*r));
    }
    labels
}

fn label(recent: Sums, all: Sums) -> Regime {
    let wild = recent.variance() > all.variance();
    let up = recent.sum >= 0.0;
    match (wild, up) {
        (false, true) => Regime::CalmUp,
        (false, false) => Regime::CalmDown,
        (true, true) => Regime::WildUp,
        (true, false) => Regime::WildDown,
    }
}

/// Lowest Sharpe ratio over the regimes, and the regime it stands in.
///
/// # Errors
/// As the degenerate cases say.
pub fn regime_sharpe_min(
    returns: &[f64],
    labels: &[Regime],
    periods_per_year: f64,
    risk_free: f64,
) -> Result<(f64, Regime), Undefined> {
    if returns.len() != labels.len() {
        return Err(Undefined::TooFewObservations);
    }
    let mut lowest: Option<(f64, Regime)> = None;
    for regime in Regime::ALL.into_iter().filter(|r| *r != Regime::WarmUp) {
        let inside = returns.iter().zip(labels).filter(|(_, l)| **l == regime);
        let inside: Vec<f64> = inside.map(|(r, _)| *r).collect();
        let idle = inside.iter().all(|r| r.abs() <= 0.0);
        if inside.len() < BARS_MIN || idle {
            continue;
        }
        let found: MetricResult = sharpe(&inside, periods_per_year, risk_free);
        let found = defined(found?)?;
        if lowest.is_none_or(|(least, _)| found < least) {
            lowest = Some((found, regime));
        }
    }
    lowest.ok_or(Undefined::TooFewObservations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_label_is_reached_by_its_own_market() {
        let quiet = |i: usize| 0.001 * (i % 2) as f64;
        let mut market: Vec<f64> = (0..100).map(|i| quiet(i) - 0.0005).collect();
        market.extend((0..50).map(|i| 0.01 + quiet(i)));
        market.extend((0..50).map(|i| if i % 2 == 0 { 0.05 } else { -0.06 }));
        market.extend((0..50).map(|i| if i % 2 == 0 { 0.06 } else { -0.05 }));
        market.extend((0..50).map(|i| -0.001 - quiet(i)));
        let labels = labels(&market, 20);
        assert_eq!(labels[39], Regime::WarmUp);
        assert_ne!(labels[40], Regime::WarmUp);
        assert_eq!(labels[149], Regime::CalmUp);
        assert_eq!(labels[199], Regime::WildDown);
        assert_eq!(labels[248], Regime::WildUp);
        assert_eq!(labels[299], Regime::CalmDown);
    }

    proptest! {
        #[test]
        fn no_label_knows_its_own_bar_or_a_later_one(
            market in prop::collection::vec(-0.05_f64..0.05, 60..120), at in 0_usize..60,
            other in -0.9_f64..0.9,
        ) {
            let mut changed = market.clone();
            for r in changed.iter_mut().skip(at) {
                *r = other;
            }
            let (a, b) = (labels(&market, 20), labels(&changed, 20));
            prop_assert_eq!(&a[..=at], &b[..=at]);
        }
    }

    #[test]
    fn the_worst_regime_counts() {
        let good = |i: usize| 0.01 + 0.001 * (i % 3) as f64;
        let returns: Vec<f64> = (0..120)
            .map(|i| if i < 60 { good(i) } else { -good(i) })
            .collect();
        let labels: Vec<Regime> = (0..120)
            .map(|i| {
                if i < 60 {
                    Regime::CalmUp
                } else {
                    Regime::WildDown
                }
            })
            .collect();
        let (value, regime) = regime_sharpe_min(&returns, &labels, 252.0, 0.0).unwrap();
        assert_eq!(regime, Regime::WildDown);
        let alone = sharpe(&returns[60..], 252.0, 0.0).unwrap();
        assert!((value - alone).abs() < 1e-12);
        // Idle in the falling market: only the rising one counts.
        let idle: Vec<f64> = (0..120)
            .map(|i| if i < 60 { good(i) } else { 0.0 })
            .collect();
        assert!(regime_sharpe_min(&idle, &labels, 252.0, 0.0).unwrap().0 > 0.0);
        // 29 bars are no regime.
        let few = [vec![Regime::CalmUp; 29], vec![Regime::WarmUp; 91]].concat();
        let none = Err(Undefined::TooFewObservations);
        assert_eq!(regime_sharpe_min(&returns, &few, 252.0, 0.0), none);
        assert_eq!(regime_sharpe_min(&returns, &few[..9], 252.0, 0.0), none);
    }

    #[test]
    fn spellings_read_back() {
        for regime in Regime::ALL {
            assert_eq!(regime.as_str().parse::<Regime>().unwrap(), regime);
        }
        assert_eq!(look_back(3_600_000), 720);
        assert_eq!(look_back(DAY_MS), 30);
        assert_eq!(look_back(7 * DAY_MS), 20);
    }
}
