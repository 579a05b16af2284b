//! What was traded, and what it cost.

use crate::metrics::MetricResult;

/// Trades of one strategy, or of all.
#[derive(Debug, Clone, PartialEq)]
pub struct TradeRow {
    /// Strategy id, or what stands for all of them.
    pub strategy: String,
    /// Closed trades.
    pub trades: u64,
    /// Winning over winning and losing trades, a fraction.
    pub hit_ratio: MetricResult,
    /// Gains over losses.
    pub profit_factor: MetricResult,
    /// Expectancy: mean net result of a trade, a fraction of its entry value.
    pub mean_return: MetricResult,
    /// The same over the winning trades.
    pub mean_win: MetricResult,
    /// The same over the losing trades, negative.
    pub mean_loss: MetricResult,
    /// Best net result, a fraction of its entry value.
    pub best: MetricResult,
    /// Worst net result, a fraction of its entry value.
    pub worst: MetricResult,
    /// Mean time in a trade, in hours.
    pub mean_hours: MetricResult,
    /// Share of the bars in which a position was held, a fraction.
    pub exposure: f64,
    /// Share of the portfolio that is exchanged in a year, a fraction.
    pub turnover: MetricResult,
    /// Costs paid, in the unit of equity.
    pub costs: f64,
    /// Net result, in the unit of equity.
    pub net: f64,
}

/// What higher costs would leave.
#[derive(Debug, Clone, PartialEq)]
pub struct CostSection {
    /// Multiple of the costs at which the trades earn nothing.
    pub breakeven: MetricResult,
    /// The series at several multiples of the costs.
    pub rows: Vec<CostRow>,
}

/// The series at one multiple of its costs.
#[derive(Debug, Clone, PartialEq)]
pub struct CostRow {
    /// Multiple: 1 is as run.
    pub multiple: f64,
    /// Total return, a fraction.
    pub total_return: MetricResult,
    /// Annualised Sharpe ratio.
    pub sharpe: MetricResult,
    /// Maximum drawdown, a positive fraction.
    pub max_drawdown: MetricResult,
}
