//! What resampling makes of the result.

use crate::metrics::{Metric, MetricResult};

/// One resampling method.
#[derive(Debug, Clone, PartialEq)]
pub struct MonteCarloSection {
    /// `simple`, `moving_block` or `stationary`.
    pub method: String,
    /// Runs.
    pub runs: u64,
    /// Block length in bars; mean length for `stationary`, 1 for `simple`.
    pub block: u64,
    /// Quantiles per metric.
    pub quantiles: Vec<QuantileRow>,
    /// Share of runs whose Sharpe ratio is above the profile's floor: (floor, share).
    pub above_floor: Option<(f64, MetricResult)>,
    /// The runs themselves, as far as they are drawn.
    pub distributions: Vec<Distribution>,
}

/// The values of one metric over all runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Which metric; gives name and unit.
    pub metric: Metric,
    /// One value per run; NaN where a run has none.
    pub values: Vec<f64>,
    /// The policy's thresholds, as (`floor 0.8`, `0.8`).
    pub limits: Vec<(String, f64)>,
}

/// Quantiles of one resampled metric (type 7).
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileRow {
    /// Which metric; gives name and unit.
    pub metric: Metric,
    /// 2.5 %.
    pub p025: MetricResult,
    /// 5 %.
    pub p05: MetricResult,
    /// Median.
    pub p50: MetricResult,
    /// 95 %.
    pub p95: MetricResult,
    /// 97.5 %.
    pub p975: MetricResult,
}
