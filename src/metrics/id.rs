//! The closed set of metric ids, the samples they are taken on, and their units.
//!
//! A known metric that no criterion uses is accepted and ignored; an unknown one is an error. The
//! spelling table below is the only one: code, TOML, JSON and documents use it.

use std::fmt;
use std::str::FromStr;

use crate::kernel::unit::Unit;

/// Which data a metric was computed on.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    /// The whole backtest.
    Full,
    /// The out-of-sample part.
    Oos,
    /// A shadow session.
    Shadow,
    /// A testnet session.
    Testnet,
    /// A live session.
    Live,
    /// Stress scenarios on the full sample.
    Stress,
    /// Monte-Carlo resamples of the full sample.
    Mc,
}

impl Sample {
    /// Every sample.
    pub const ALL: [Self; 7] = [
        Self::Full,
        Self::Oos,
        Self::Shadow,
        Self::Testnet,
        Self::Live,
        Self::Stress,
        Self::Mc,
    ];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Oos => "oos",
            Self::Shadow => "shadow",
            Self::Testnet => "testnet",
            Self::Live => "live",
            Self::Stress => "stress",
            Self::Mc => "mc",
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Sample {
    type Err = UnknownId;
    fn from_str(text: &str) -> Result<Self, UnknownId> {
        Self::ALL
            .into_iter()
            .find(|s| s.as_str() == text)
            .ok_or_else(|| UnknownId::new("sample", text))
    }
}

/// A metric or sample that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{shown}`")]
pub struct UnknownId {
    what: &'static str,
    shown: String,
}

impl UnknownId {
    /// `text` is no `what`.
    #[must_use]
    pub fn new(what: &'static str, text: &str) -> Self {
        Self {
            what,
            shown: crate::kernel::text::visible(text, 40),
        }
    }
}

/// A metric together with the sample it is taken on, written `metric:sample`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricKey {
    /// Which metric.
    pub metric: Metric,
    /// On which sample.
    pub sample: Sample,
}

impl MetricKey {
    /// Joins a metric and a sample.
    #[must_use]
    pub const fn new(metric: Metric, sample: Sample) -> Self {
        Self { metric, sample }
    }

    /// True when the metric exists on this sample.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.metric.samples().contains(&self.sample)
    }
}

impl fmt::Display for MetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}:{}", self.metric, self.sample))
    }
}

use Sample::{Full, Live, Mc, Oos, Shadow, Stress, Testnet};

const SERIES: &[Sample] = &[Full, Oos, Shadow, Testnet, Live];
const SESSION: &[Sample] = &[Shadow, Testnet, Live];

macro_rules! metrics {
    ($($(#[$doc:meta])* $variant:ident $name:literal $unit:ident $samples:expr;)*) => {
        /// A metric id. The wire spelling is snake case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum Metric {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Metric {
            /// Every metric, in the order of the design table.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The wire spelling.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The unit of its values.
            #[must_use]
            pub fn unit(self) -> Unit {
                match self { $(Self::$variant => Unit::$unit),* }
            }

            /// The samples it exists on.
            #[must_use]
            pub fn samples(self) -> &'static [Sample] {
                match self { $(Self::$variant => $samples),* }
            }
        }
    };
}

metrics! {
    /// Annualised mean excess return over its sample standard deviation.
    Sharpe "sharpe" Ratio SERIES;
    /// Annualised mean return over downside deviation.
    Sortino "sortino" Ratio SERIES;
    /// CAGR over maximum drawdown.
    Calmar "calmar" Ratio SERIES;
    /// Sum of winning over sum of losing net trade results.
    ProfitFactor "profit_factor" Ratio SERIES;
    /// Compound annual growth rate.
    Cagr "cagr" Fraction SERIES;
    /// Growth over the whole sample.
    TotalReturn "total_return" Fraction SERIES;
    /// Annualised sample standard deviation of returns.
    Volatility "volatility" Fraction SERIES;
    /// Largest fall from a peak, positive.
    MaxDrawdown "max_drawdown" Fraction SERIES;
    /// Winning over winning and losing closed trades.
    HitRatio "hit_ratio" Fraction SERIES;
    /// Closed trades.
    Trades "trades" Count SERIES;
    /// Closed trades per 30 days and 10.5 hours (a year / 12).
    TradesPerMonth "trades_per_month" Ratio SERIES;
    /// Longest time from a peak to its recovery or the end.
    DrawdownDays "drawdown_days" Days SERIES;
    /// Time covered by the bars.
    HistoryDays "history_days" Days SERIES;
    /// Age of the last bar at the evaluation.
    DataAgeDays "data_age_days" Days SERIES;
    /// Maximum drawdown after one crash bar in the middle.
    CrashDrawdown "crash_drawdown" Fraction &[Stress];
    /// The same at the worst position.
    CrashDrawdownWorst "crash_drawdown_worst" Fraction &[Stress];
    /// Largest drawdown over all stress scenarios.
    StressDrawdownWorst "stress_drawdown_worst" Fraction &[Stress];
    /// Monte-Carlo runs.
    McRuns "mc_runs" Count &[Mc];
    /// 2.5 % quantile of the resampled Sharpe ratio.
    McSharpeP025 "mc_sharpe_p025" Ratio &[Mc];
    /// 5 % quantile of the resampled Sharpe ratio.
    McSharpeP05 "mc_sharpe_p05" Ratio &[Mc];
    /// Median of the resampled Sharpe ratio.
    McSharpeP50 "mc_sharpe_p50" Ratio &[Mc];
    /// 95 % quantile of the resampled Sharpe ratio.
    McSharpeP95 "mc_sharpe_p95" Ratio &[Mc];
    /// 97.5 % quantile of the resampled Sharpe ratio.
    McSharpeP975 "mc_sharpe_p975" Ratio &[Mc];
    /// 95 % quantile of the resampled maximum drawdown.
    McMaxDrawdownP95 "mc_max_drawdown_p95" Fraction &[Mc];
    /// Share of runs with a Sharpe ratio above the profile's floor.
    McProbSharpeAboveFloor "mc_prob_sharpe_above_floor" Fraction &[Mc];
    /// Different strategy styles.
    Styles "styles" Count &[Full];
    /// Strategies in the portfolio.
    Strategies "strategies" Count &[Full];
    /// Runs among which somebody could choose (`promote trial list`), at least 1; a lower bound.
    Trials "trials" Count &[Full];
    /// Largest correlation between strategies of different style.
    CorrelationMax "correlation_max" Ratio &[Full];
    /// Mean correlation over all pairs of strategies.
    CorrelationMean "correlation_mean" Ratio &[Full];
    /// Weighted mean volatility over portfolio volatility.
    DiversificationRatio "diversification_ratio" Ratio &[Full];
    /// Inverse Herfindahl index of risk contributions.
    EffectiveBets "effective_bets" Ratio &[Full];
    /// Largest share of risk of one strategy.
    RiskContributionMax "risk_contribution_max" Fraction &[Full];
    /// Lowest Sharpe ratio over the market regimes.
    RegimeSharpeMin "regime_sharpe_min" Ratio &[Full];
    /// Multiple of the costs at which the return is zero.
    CostBreakeven "cost_breakeven" Ratio &[Full];
    /// Probabilistic Sharpe ratio.
    Psr "psr" Fraction &[Oos];
    /// Deflated Sharpe ratio.
    Dsr "dsr" Fraction &[Oos];
    /// Probability of backtest overfitting.
    Pbo "pbo" Fraction &[Oos];
    /// Distance of the return from the contract's centre in half-widths.
    DriftReturn "drift_return" Ratio SESSION;
    /// The same for volatility.
    DriftVolatility "drift_volatility" Ratio SESSION;
    /// The same for drawdown, worse side only.
    DriftDrawdown "drift_drawdown" Ratio SESSION;
    /// The same for trades.
    DriftTrades "drift_trades" Ratio SESSION;
    /// The same for slippage, worse side only.
    DriftSlippage "drift_slippage" Ratio SESSION;
    /// Breaches of execution limits.
    LimitBreaches "limit_breaches" Count SESSION;
    /// Orders executed as wanted.
    OrderSuccess "order_success" Fraction SESSION;
    /// Drawdown together with all LIVE portfolios.
    BookMaxDrawdown "book_max_drawdown" Fraction &[Full];
    /// Largest correlation with a LIVE portfolio.
    BookCorrelationMax "book_correlation_max" Ratio &[Full];
    /// Exposure together with all LIVE portfolios.
    BookExposure "book_exposure" Fraction &[Full];
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Metric {
    type Err = UnknownId;
    fn from_str(text: &str) -> Result<Self, UnknownId> {
        Self::ALL
            .iter()
            .copied()
            .find(|m| m.as_str() == text)
            .ok_or_else(|| UnknownId::new("metric", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_agree_both_ways_and_with_serde() {
        for &metric in Metric::ALL {
            assert_eq!(metric.as_str().parse::<Metric>().unwrap(), metric);
            assert_eq!(serde_json::to_value(metric).unwrap(), metric.as_str());
            assert!(!metric.samples().is_empty());
        }
        for sample in Sample::ALL {
            assert_eq!(sample.as_str().parse::<Sample>().unwrap(), sample);
            assert_eq!(serde_json::to_value(sample).unwrap(), sample.as_str());
        }
        assert!("shape".parse::<Metric>().is_err());
    }
}
