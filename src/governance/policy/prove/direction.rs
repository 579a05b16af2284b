//! Which way each metric is better, by its definition: a closed table. Where more is neither good
//! nor bad in itself, the criteria of the policy say what they want.

use crate::metrics::Metric;

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    /// More.
    More,
    /// Less.
    Less,
    /// As the policy asks.
    AsAsked,
}

/// Which way `metric` is better.
pub(super) fn better(metric: Metric) -> Better {
    use Metric as M;
    match metric {
        M::Sharpe
        | M::Sortino
        | M::Calmar
        | M::ProfitFactor
        | M::Cagr
        | M::TotalReturn
        | M::HitRatio
        | M::HistoryDays
        | M::McRuns
        | M::McSharpeP025
        | M::McSharpeP05
        | M::McSharpeP50
        | M::McSharpeP95
        | M::McSharpeP975
        | M::McProbSharpeAboveFloor
        | M::DiversificationRatio
        | M::EffectiveBets
        | M::RegimeSharpeMin
        | M::CostBreakeven
        | M::Psr
        | M::Dsr
        | M::OrderSuccess => Better::More,
        M::MaxDrawdown
        | M::DrawdownDays
        | M::DataAgeDays
        | M::CrashDrawdown
        | M::CrashDrawdownWorst
        | M::StressDrawdownWorst
        | M::McMaxDrawdownP95
        | M::CorrelationMax
        | M::CorrelationMean
        | M::RiskContributionMax
        | M::Pbo
        | M::DriftReturn
        | M::DriftVolatility
        | M::DriftDrawdown
        | M::DriftTrades
        | M::DriftSlippage
        | M::LimitBreaches
        | M::BookMaxDrawdown
        | M::BookCorrelationMax => Better::Less,
        M::Volatility
        | M::Trades
        | M::TradesPerMonth
        | M::Styles
        | M::Strategies
        | M::Trials
        | M::BookExposure => Better::AsAsked,
    }
}
