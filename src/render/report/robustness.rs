//! The value behind a robustness report (and, with empty sections, behind a portfolio report).
//!
//! Plain numbers with fixed units: fractions are shares of one, drawdowns positive fractions,
//! times UTC. A section whose list is empty or none is left out of the report. Every text may come
//! from a user's file; rendering escapes all of it.

mod chance;
mod curves;
mod standing;
mod together;
mod trading;

pub use chance::{Distribution, MonteCarloSection, QuantileRow};
pub use curves::{Market, RollingSharpe};
pub use standing::{BoundRow, HonestySection, RegimeRow, RegimeSection, TrackRow};
pub use together::{Figure, PairRow, RiskSection, RollingCorrelation};
pub use trading::{CostRow, CostSection, TradeRow};

use crate::evidence::manifest::OosKind;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;
use crate::metrics::calendar::Year;
use crate::metrics::{MetricKey, MetricResult};

/// Everything that a robustness report says.
#[derive(Debug, Clone, PartialEq)]
pub struct RobustnessReport {
    /// Heading, such as `Robustness of rsi_reversion_conservative`.
    pub title: String,
    /// Portfolio, which is also the preset's name.
    pub portfolio: String,
    /// Risk profile: `conservative`, `moderate`, `aggressive`, or one of the user's own.
    pub profile: String,
    /// Any of the bars were invented: the report carries a banner.
    pub synthetic: bool,
    /// The bars.
    pub data: Vec<DataRow>,
    /// The strategies.
    pub strategies: Vec<StrategyRow>,
    /// Assumptions, such as (`fee per side`, `26 bp`), in the order in which they are shown.
    pub conventions: Vec<(String, String)>,
    /// The metrics to show first, each on its sample. The first interpretation is made from those
    /// on sample full; Sharpe on sample oos as well.
    pub headline: Vec<MetricRow>,
    /// Out of sample: the windows and what they mean.
    pub walk_forward: Option<WalkForwardSection>,
    /// One section per resampling method.
    pub monte_carlo: Vec<MonteCarloSection>,
    /// Stress scenarios; none ran when empty.
    pub stress: Vec<StressRow>,
    /// Figures of the portfolio as a whole.
    pub portfolio_level: Vec<Figure>,
    /// Correlation between strategies, and shares of risk.
    pub risk: Option<RiskSection>,
    /// Trades of each strategy, and of all where there are several.
    pub trades: Vec<TradeRow>,
    /// What higher costs would leave.
    pub costs: Option<CostSection>,
    /// The portfolio in each regime of the market.
    pub regimes: Option<RegimeSection>,
    /// How sure the figures are.
    pub honesty: Option<HonestySection>,
    /// Equity at the close of each bar, in the account's currency or starting at 1.
    pub equity: Vec<(UtcTime, f64)>,
    /// The market that it is held against.
    pub market: Option<Market>,
    /// Returns by month, UTC.
    pub years: Vec<Year>,
    /// The Sharpe ratio over a moving window; none where the history is shorter than it.
    pub rolling_sharpe: Option<RollingSharpe>,
    /// Unit of `equity` for the axis, such as `EUR`.
    pub equity_unit: String,
    /// Horizontal lines in the drawdown chart, as (`floor 20 %`, `0.20`).
    pub drawdown_lines: Vec<(String, f64)>,
    /// What makes the result repeatable.
    pub reproducibility: Reproducibility,
    /// Remarks, one paragraph each.
    pub notes: Vec<String>,
}

/// One series of bars.
#[derive(Debug, Clone, PartialEq)]
pub struct DataRow {
    /// Symbol, such as `BTC/EUR`.
    pub symbol: String,
    /// Timeframe, such as `1h`.
    pub timeframe: String,
    /// First bar used.
    pub first: UtcTime,
    /// Last bar used.
    pub last: UtcTime,
    /// Bars used.
    pub bars: u64,
    /// Digest of the bars.
    pub sha256: Digest,
    /// Invented, not traded.
    pub synthetic: bool,
}

/// One strategy with its resolved parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct StrategyRow {
    /// Id, such as `rsi_reversion_btc_conservative`.
    pub id: String,
    /// Kind, such as `rsi_reversion`.
    pub kind: String,
    /// Style, such as `mean_reversion`.
    pub style: String,
    /// Symbol.
    pub symbol: String,
    /// Timeframe.
    pub timeframe: String,
    /// Share of the portfolio, a fraction.
    pub weight: f64,
    /// Parameters with their values as text, stops and take-profit among them.
    pub parameters: Vec<(String, String)>,
}

/// One metric on one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricRow {
    /// Which metric on which sample; its unit is the metric's own.
    pub key: MetricKey,
    /// The value, or why there is none.
    pub value: MetricResult,
}

/// The out-of-sample part.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkForwardSection {
    /// What out of sample means here.
    pub kind: OosKind,
    /// Length of a training window as given, such as `90d`; where the kind is `developed_until`, the
    /// time at which development stopped.
    pub train: String,
    /// Length of a test window as given, such as `30d`.
    pub test: String,
    /// The windows, in order.
    pub windows: Vec<WindowRow>,
}

/// One test window.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowRow {
    /// First bar of the training window, if there is one.
    pub train_first: Option<UtcTime>,
    /// First bar of the test window.
    pub test_first: UtcTime,
    /// Last bar of the test window.
    pub test_last: UtcTime,
    /// Return over the test window, a fraction.
    pub total_return: MetricResult,
    /// Annualised Sharpe ratio of the test window.
    pub sharpe: MetricResult,
    /// Maximum drawdown of the test window, a positive fraction.
    pub max_drawdown: MetricResult,
    /// Trades closed in the test window.
    pub trades: u64,
}

/// One stress scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct StressRow {
    /// Scenario, such as `single_crash_bar`.
    pub scenario: String,
    /// Severity, a fraction.
    pub severity: f64,
    /// Length in bars, where the scenario has one.
    pub window: Option<u64>,
    /// `start`, `middle`, `end` or `worst`.
    pub position: String,
    /// Maximum drawdown of the stressed series itself (absolute, not the difference), a positive
    /// fraction.
    pub max_drawdown: MetricResult,
    /// Return of the stressed series, a fraction.
    pub total_return: MetricResult,
    /// Sharpe ratio of the stressed series.
    pub sharpe: MetricResult,
    /// Where the scenario would hurt most; none where it finds its own bars.
    pub worst: Option<WorstBar>,
    /// True when the stressed series falls less deep, or ends higher, than the series itself.
    pub helps: bool,
}

/// The bar at which a scenario hurts most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorstBar {
    /// Number of the bar, from 0.
    pub bar: u64,
    /// Maximum drawdown of the series stressed there, a positive fraction.
    pub max_drawdown: f64,
}

/// What makes the result repeatable.
#[derive(Debug, Clone, PartialEq)]
pub struct Reproducibility {
    /// Program and version, such as `promote 0.1.0 (commit unknown)`.
    pub engine: String,
    /// Seed.
    pub seed: i64,
    /// Random generator, such as `chacha8`.
    pub rng: String,
    /// Digest of the resolved configuration.
    pub strategy_sha256: Digest,
    /// Digest of the execution limits.
    pub limits_sha256: Option<Digest>,
    /// Digest that reruns must reproduce.
    pub result_sha256: Option<Digest>,
    /// The command line that repeats it, without machine paths.
    pub command: Option<String>,
}
