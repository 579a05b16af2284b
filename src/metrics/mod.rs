//! Metrics: one formula per file, with its definition, source, units and degenerate cases.
//!
//! Pure functions over slices of f64, computed sequentially in a fixed order with `libm`, without
//! fused multiply-add, so that another machine years later gets the same decimals. A metric that
//! has no value says why ([`Undefined`]); it is never a NaN, an infinity or a made-up number.

pub mod autocorrelation;
pub mod bias_corrected;
pub mod binomial;
pub mod block_length;
pub mod book;
pub mod bootstrap;
pub mod cagr;
pub mod calendar;
pub mod calmar;
pub mod correlation;
pub mod correlation_matrix;
pub mod cost_breakeven;
pub mod cost_jitter;
pub mod cost_multiple;
pub mod cscv;
pub mod dispersion;
pub mod distribution;
pub mod drawdown;
pub mod drift;
pub mod dsr;
pub mod effective_bets;
pub mod effective_trials;
pub mod expected;
pub mod expected_maximum;
pub mod expected_shortfall;
pub mod half_sharpes;
pub mod history_days;
pub mod hit_ratio;
pub mod id;
pub mod limit_breaches;
pub mod lo_sharpe;
pub mod min_track_record;
pub mod monte_carlo;
pub mod normal;
pub mod omega;
pub mod order_success;
pub mod pbo;
pub mod periods;
pub mod phase;
pub mod profit_factor;
pub mod psr;
pub mod quantile;
pub mod quantile_bounds;
pub mod quick_replicates;
pub mod random_stream;
pub mod regime;
pub mod relative;
pub mod resemblance;
pub mod returns;
pub mod risk;
pub mod rolling_sharpe;
pub mod run_lengths;
pub mod run_table;
pub mod sharpe;
pub mod sharpe_error;
pub mod shortfall_components;
pub mod slippage;
pub mod sortino;
pub mod spearman;
pub mod stress;
pub mod superior_ability;
pub mod symmetric;
pub mod tail_ratio;
pub mod total_return;
pub mod trade_shuffle;
pub mod trades_per_month;
pub mod turnover;
pub mod ulcer;
pub mod value_at_risk;
pub mod volatility;

pub use id::{Metric, MetricKey, Sample};

/// Why a metric has no value. An undefined metric can never pass a criterion.
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
    thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum Undefined {
    /// The denominator is a dispersion that is zero (or lost in rounding noise).
    #[error("zero_variance")]
    ZeroVariance,
    /// Another denominator is zero: no drawdown, no loss.
    #[error("zero_denominator")]
    ZeroDenominator,
    /// Fewer observations than the formula needs.
    #[error("too_few_observations")]
    TooFewObservations,
    /// The result is not a number.
    #[error("not_a_number")]
    NotANumber,
    /// The result is infinite.
    #[error("infinite")]
    Infinite,
    /// Beyond 30 integer or 40 fraction digits.
    #[error("out_of_range")]
    OutOfRange,
    /// No closed trade.
    #[error("no_trades")]
    NoTrades,
    /// It cannot be derived from what the bundle holds.
    #[error("unsupported")]
    Unsupported,
    /// The expected range is wider than the policy allows: a value inside it would say nothing.
    #[error("too_wide")]
    TooWide,
    /// No other portfolio is LIVE: there is nothing that it could move with.
    #[error("alone")]
    Alone,
}

impl Undefined {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ZeroVariance => "zero_variance",
            Self::ZeroDenominator => "zero_denominator",
            Self::TooFewObservations => "too_few_observations",
            Self::NotANumber => "not_a_number",
            Self::Infinite => "infinite",
            Self::OutOfRange => "out_of_range",
            Self::NoTrades => "no_trades",
            Self::Unsupported => "unsupported",
            Self::TooWide => "too_wide",
            Self::Alone => "alone",
        }
    }
}

/// A metric's value, or why it has none.
pub type MetricResult = Result<f64, Undefined>;

/// `x` as a result: NaN and infinities become [`Undefined`].
///
/// # Errors
/// When `x` is not finite.
pub fn defined(x: f64) -> MetricResult {
    if x.is_nan() {
        Err(Undefined::NotANumber)
    } else if x.is_infinite() {
        Err(Undefined::Infinite)
    } else {
        Ok(x)
    }
}
