//! What the result stands on: the market's regimes, and how sure the figures are.

use crate::metrics::{MetricKey, MetricResult};

/// The portfolio in each regime of the market.
#[derive(Debug, Clone, PartialEq)]
pub struct RegimeSection {
    /// Days that a label looks back on.
    pub days: u64,
    /// The same in bars.
    pub bars: u64,
    /// Trending, ranging, volatile.
    pub phases: Vec<RegimeRow>,
    /// Calm or wild, up or down: what the policy's `regime_sharpe_min` is taken from.
    pub regimes: Vec<RegimeRow>,
}

/// One regime.
#[derive(Debug, Clone, PartialEq)]
pub struct RegimeRow {
    /// Its name.
    pub name: String,
    /// Bars in it.
    pub bars: u64,
    /// Share of all bars, a fraction.
    pub share: f64,
    /// Growth of the portfolio over these bars, a fraction.
    pub total_return: MetricResult,
    /// Growth of the market over them, a fraction.
    pub market_return: MetricResult,
    /// Annualised Sharpe ratio over them.
    pub sharpe: MetricResult,
    /// Maximum drawdown over them, put together, a positive fraction.
    pub max_drawdown: MetricResult,
}

/// How sure the figures are.
#[derive(Debug, Clone, PartialEq)]
pub struct HonestySection {
    /// Trials behind the result, itself among them; a lower bound.
    pub trials: u64,
    /// No ledger counted them.
    pub unregistered: bool,
    /// Probability that the true Sharpe ratio out of sample is above 0.
    pub psr: MetricResult,
    /// The same after taking the best of that many trials.
    pub dsr: MetricResult,
    /// Probability of backtest overfitting.
    pub pbo: MetricResult,
    /// Bars out of sample.
    pub track_bars: u64,
    /// The same in days.
    pub track_days: MetricResult,
    /// Track record that several Sharpe ratios would need.
    pub tracks: Vec<TrackRow>,
    /// Bounds of the headline figures.
    pub bounds: Vec<BoundRow>,
}

/// How long a track record has to be.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackRow {
    /// The annualised Sharpe ratio that the true one has to be above.
    pub benchmark: f64,
    /// Why this one, such as `no skill`.
    pub words: String,
    /// Bars needed for a confidence of 95 %.
    pub bars: MetricResult,
    /// The same in days.
    pub days: MetricResult,
}

/// A figure with its bounds at 95 %.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundRow {
    /// Which figure.
    pub key: MetricKey,
    /// Its value.
    pub value: MetricResult,
    /// 95 % of the time the true value is not below this and not above the other.
    pub low: MetricResult,
    /// Upper bound.
    pub high: MetricResult,
    /// Where the bounds come from.
    pub how: String,
}
