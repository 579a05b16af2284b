//! Everything that a robustness run computes, before it is written down.
//!
//! In: the resolved configuration, the bars, and what the user asked for. Out: one [`Outcome`]; the
//! same input gives the same outcome on any number of threads. A rerun calls the same function with
//! what a bundle says.

use std::collections::BTreeMap;
use std::ops::Range;

use super::backtest::{Backtest, BacktestError, backtest};
use super::options::{MonteCarloOptions, StressOptions};
use super::stressing::{Stressed, stress_tests};
use super::trials::{block_of, monte_carlo};
use super::windows::{test_windows, window_after};
use crate::metrics::monte_carlo::Replicate;
use crate::metrics::periods::periods_per_year;
use crate::metrics::stress::correlations_to_one::Composition;
use crate::metrics::{MetricResult, Undefined};
use crate::research::market::bar::BarSeries;
use crate::research::market::symbol::Symbol;
use crate::research::portfolio::configuration::Configuration;
use crate::research::portfolio::runnable::{Runnable, RunnableError};

/// What the user asked for besides the backtest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Monte-Carlo.
    pub monte_carlo: Option<MonteCarloOptions>,
    /// Stress tests.
    pub stress: Option<StressOptions>,
}

/// A finished run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The portfolio that ran.
    pub portfolio: Runnable,
    /// Its backtest over the common range.
    pub backtest: Backtest,
    /// Test windows as index ranges of the backtest.
    pub windows: Vec<Range<usize>>,
    /// Periods per year of the bars.
    pub periods_per_year: MetricResult,
    /// Block length of the replicates in bars; 1 where none were asked for.
    pub block: usize,
    /// Replicates; empty when none were asked for.
    pub replicates: Vec<Replicate>,
    /// Stressed series; empty when none were asked for.
    pub stressed: Vec<Stressed>,
}

/// Why there is no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutcomeError {
    /// The configuration cannot run.
    #[error("the configuration cannot run")]
    Configuration(#[source] RunnableError),
    /// The backtest failed.
    #[error("the backtest failed")]
    Backtest(#[source] BacktestError),
    /// Bars of another length than the configuration says.
    #[error("the bars of `{symbol}` are `{found}`, the strategies want `{wanted}`")]
    Timeframe {
        /// Symbol.
        symbol: Symbol,
        /// Bar length found.
        found: String,
        /// Bar length wanted.
        wanted: String,
    },
    /// Monte-Carlo or stress tests on this series have no value.
    #[error("{0} cannot run on this series")]
    Trials(&'static str, #[source] Undefined),
}

/// Runs it all.
///
/// # Errors
/// When the configuration is wrong, bars are missing, or a part cannot run on this series.
pub fn run(
    configuration: &Configuration,
    series: &BTreeMap<Symbol, BarSeries>,
    wanted: &Wanted,
) -> Result<Outcome, OutcomeError> {
    let portfolio = Runnable::new(configuration).map_err(OutcomeError::Configuration)?;
    if let Some(other) = series.values().find(|s| s.timeframe != portfolio.timeframe) {
        return Err(OutcomeError::Timeframe {
            symbol: other.symbol.clone(),
            found: other.timeframe.to_string(),
            wanted: portfolio.timeframe.to_string(),
        });
    }
    let backtest = backtest(&portfolio, series).map_err(OutcomeError::Backtest)?;
    let returns = &backtest.account.returns;
    let periods_per_year = periods_per_year(&backtest.times);
    let block = match &wanted.monte_carlo {
        None => 1,
        Some(options) => block_of(returns, options)
            .map_err(|reason| OutcomeError::Trials("monte-carlo", reason))?,
    };
    let replicates = match &wanted.monte_carlo {
        None => Vec::new(),
        Some(options) => periods_per_year
            .and_then(|q| monte_carlo(returns, q, options))
            .map_err(|reason| OutcomeError::Trials("monte-carlo", reason))?,
    };
    let stressed = match &wanted.stress {
        None => Vec::new(),
        Some(options) => {
            let weights: Vec<f64> = portfolio.members.iter().map(|m| m.weight).collect();
            let strategies = &backtest.account.strategy_returns;
            let strategies: Vec<&[f64]> = strategies.iter().map(Vec::as_slice).collect();
            let composition = Composition {
                weights: &weights,
                strategies: &strategies,
            };
            stress_tests(returns, &composition, options)
                .map_err(|reason| OutcomeError::Trials("stress tests", reason))?
        }
    };
    Ok(Outcome {
        windows: match configuration.developed_until {
            Some(end) => window_after(&backtest.times, end),
            None => test_windows(&backtest.times, configuration.walk_forward),
        },
        portfolio,
        periods_per_year,
        block,
        replicates,
        stressed,
        backtest,
    })
}
