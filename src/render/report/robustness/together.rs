//! The strategies of a portfolio together: correlation, and who carries the risk.

use crate::kernel::time::UtcTime;
use crate::metrics::MetricResult;

/// One figure of the whole portfolio.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its name.
    pub name: String,
    /// Its value with its unit, or why there is none.
    pub value: String,
    /// How to read it.
    pub words: String,
}

/// Correlation and shares of risk.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskSection {
    /// Strategy ids: the order of rows and columns below.
    pub strategies: Vec<String>,
    /// Weight of each strategy, a fraction.
    pub weights: Vec<f64>,
    /// Correlation of returns, one row per strategy.
    pub correlation: Vec<Vec<MetricResult>>,
    /// Share of the portfolio's volatility of each strategy, a fraction; they add up to 1.
    pub contribution: Vec<MetricResult>,
    /// Share of the portfolio's expected shortfall of each strategy, a fraction; they add up to 1.
    pub shortfall: Vec<MetricResult>,
    /// The tail of that shortfall and of `tail`, a fraction.
    pub tail_share: f64,
    /// Mean and largest correlation over all pairs, in several choices of bars.
    pub pairs: Vec<PairRow>,
    /// The mean over a moving window.
    pub rolling: Option<RollingCorrelation>,
}

/// Correlation over all pairs, in one choice of bars.
#[derive(Debug, Clone, PartialEq)]
pub struct PairRow {
    /// Which bars.
    pub bars: String,
    /// Mean over all pairs.
    pub mean: MetricResult,
    /// Largest of them.
    pub max: MetricResult,
}

/// Correlation over a moving window.
#[derive(Debug, Clone, PartialEq)]
pub struct RollingCorrelation {
    /// Length of the window in days.
    pub days: u64,
    /// End of each window with the mean over all pairs.
    pub mean: Vec<(UtcTime, f64)>,
    /// The same with the largest.
    pub max: Vec<(UtcTime, f64)>,
    /// Windows without a value, because a strategy did not move in them.
    pub idle: u64,
}
