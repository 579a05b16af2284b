//! The figures of a candidate's own run, which every closer look shows beside what it made of them.

use super::{Candidate, Field};
use crate::metrics::{
    Metric, MetricKey, MetricResult, Sample, cagr, drawdown, hit_ratio, profit_factor, sharpe,
    total_return,
};
use crate::render::report::robustness::MetricRow;

/// Figures of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Growth over the sample.
    pub total_return: MetricResult,
    /// Annualised Sharpe ratio.
    pub sharpe: MetricResult,
    /// Maximum drawdown, positive.
    pub max_drawdown: MetricResult,
}

/// Figures of the run itself, by the engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Own {
    /// Those of its series, bar by bar.
    pub figures: Figures,
    /// Growth per year.
    pub cagr: MetricResult,
    /// Share of winning trades.
    pub hit_ratio: MetricResult,
    /// Won over lost.
    pub profit_factor: MetricResult,
}

impl Figures {
    /// Those of `returns` on the bars of `field`.
    #[must_use]
    pub fn of(field: &Field, returns: &[f64], max_drawdown: MetricResult) -> Self {
        Self {
            total_return: total_return::total_return(returns),
            sharpe: field.year.and_then(|q| sharpe::sharpe(returns, q, 0.0)),
            max_drawdown,
        }
    }
}

impl Own {
    /// Those of `candidate`.
    #[must_use]
    pub fn of(field: &Field, candidate: &Candidate) -> Self {
        let account = &candidate.account;
        let returns = &account.returns;
        let pnl: Vec<f64> = account.trades.iter().map(|t| t.pnl).collect();
        Self {
            figures: Figures::of(field, returns, drawdown::max_drawdown(returns)),
            cagr: field.year.and_then(|q| cagr::cagr(returns, q)),
            hit_ratio: hit_ratio::hit_ratio(&pnl),
            profit_factor: profit_factor::profit_factor(&pnl),
        }
    }

    /// What the first interpretation of a report looks at.
    #[must_use]
    pub fn headline(&self) -> Vec<MetricRow> {
        let rows = [
            (Metric::Cagr, self.cagr),
            (Metric::Sharpe, self.figures.sharpe),
            (Metric::HitRatio, self.hit_ratio),
            (Metric::ProfitFactor, self.profit_factor),
        ];
        let row = |(metric, value)| MetricRow {
            key: MetricKey::new(metric, Sample::Full),
            value,
        };
        rows.map(row).into()
    }
}
