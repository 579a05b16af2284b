//! Curves beside the portfolio's own: the market, and the Sharpe ratio over time.

use crate::kernel::time::UtcTime;
use crate::metrics::MetricResult;

/// What the portfolio is held against: buy and hold of its market, before costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Market {
    /// What was bought, such as `buy and hold of BTC/EUR`.
    pub name: String,
    /// Its value at the close of each bar, from the same capital as the portfolio's equity.
    pub points: Vec<(UtcTime, f64)>,
    /// Total return, a fraction.
    pub total_return: MetricResult,
    /// Annualised volatility, a fraction.
    pub volatility: MetricResult,
    /// Annualised Sharpe ratio.
    pub sharpe: MetricResult,
    /// Maximum drawdown, a positive fraction.
    pub max_drawdown: MetricResult,
}

/// The Sharpe ratio over a moving window.
#[derive(Debug, Clone, PartialEq)]
pub struct RollingSharpe {
    /// Length of the window in days.
    pub days: u64,
    /// The same in bars.
    pub bars: u64,
    /// Bars from one window's end to the next.
    pub step: u64,
    /// End of each window that has a value, with its annualised Sharpe ratio.
    pub points: Vec<(UtcTime, f64)>,
    /// Windows that have none, because nothing moved in them.
    pub idle: u64,
}
