//! The out-of-sample series: the test windows one after another, each with what was chosen for it.
//!
//! In: bars, and what every window came to. Out: one return per test bar, in order of time, and the
//! figures of that series. Where the step is longer than the test window, the bars in between are
//! missing from it. Windows in cash are part of it, with returns of zero.

use std::ops::Range;

use super::walk::Walked;
use crate::kernel::time::UtcTime;
use crate::metrics::{
    MetricResult, Undefined, cagr, drawdown, sharpe, sortino, total_return, volatility,
};
use crate::research::market::bar::Bar;

/// One test bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OosBar {
    /// Its opening time.
    pub time: UtcTime,
    /// Return of what was chosen, fraction.
    pub r: f64,
    /// Its window, from 0.
    pub window: usize,
}

/// The whole series.
#[derive(Debug, Clone, PartialEq)]
pub struct Stitched {
    /// In order of time.
    pub bars: Vec<OosBar>,
    /// Closed trades.
    pub trades: usize,
}

/// The figures of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OosFigures {
    /// Fraction.
    pub total_return: MetricResult,
    /// Fraction per year.
    pub cagr: MetricResult,
    /// Fraction per year.
    pub volatility: MetricResult,
    /// Per year.
    pub sharpe: MetricResult,
    /// Per year.
    pub sortino: MetricResult,
    /// Fraction, positive.
    pub max_drawdown: MetricResult,
}

/// What holding the symbol over the bars of `test` returned, from the first open to the last close,
/// before costs; zero without a bar.
#[must_use]
pub fn market_return(bars: &[Bar], test: Range<usize>) -> f64 {
    let test = bars.get(test).unwrap_or_default();
    match (test.first(), test.last()) {
        (Some(first), Some(last)) => last.close / first.open - 1.0,
        _ => 0.0,
    }
}

impl Stitched {
    /// Joins the test windows.
    #[must_use]
    pub fn of(bars: &[Bar], walked: &[Walked]) -> Self {
        let mut joined = Vec::new();
        for (window, walked) in walked.iter().enumerate() {
            let test = bars.get(walked.window.test.clone()).unwrap_or_default();
            let pairs = test.iter().zip(&walked.returns);
            joined.extend(pairs.map(|(bar, r)| OosBar {
                time: bar.time,
                r: *r,
                window,
            }));
        }
        Self {
            bars: joined,
            trades: walked.iter().map(|w| w.trades).sum(),
        }
    }

    /// What holding the symbol over the same test windows returned.
    #[must_use]
    pub fn market_return(bars: &[Bar], walked: &[Walked]) -> f64 {
        let growth = walked.iter().fold(1.0, |growth, walked| {
            growth * (1.0 + market_return(bars, walked.window.test.clone()))
        });
        growth - 1.0
    }

    /// The returns alone.
    #[must_use]
    pub fn returns(&self) -> Vec<f64> {
        self.bars.iter().map(|bar| bar.r).collect()
    }

    /// Equity after each bar, from 1 before the first.
    #[must_use]
    pub fn equity(&self) -> Vec<(UtcTime, f64)> {
        let mut equity = 1.0;
        let after = |bar: &OosBar| {
            equity *= 1.0 + bar.r;
            (bar.time, equity)
        };
        self.bars.iter().map(after).collect()
    }

    /// Its figures; `periods_per_year` is the number of bars in a year, where there is one.
    #[must_use]
    pub fn figures(&self, periods_per_year: Option<f64>) -> OosFigures {
        let returns = self.returns();
        let year = periods_per_year.ok_or(Undefined::Unsupported);
        OosFigures {
            total_return: total_return::total_return(&returns),
            cagr: year.and_then(|q| cagr::cagr(&returns, q)),
            volatility: year.and_then(|q| volatility::volatility(&returns, q)),
            sharpe: year.and_then(|q| sharpe::sharpe(&returns, q, 0.0)),
            sortino: year.and_then(|q| sortino::sortino(&returns, q)),
            max_drawdown: drawdown::max_drawdown(&returns),
        }
    }
}
