//! From an outcome to the parts of an evidence bundle.
//!
//! Trades keep market prices; slippage and fees stand together in `costs`. An exit inside a bar
//! carries that bar's opening time: when it happened inside is not known; so does a fill at a bar's
//! close. The position that is open after the last bar is closed at its close, with costs, and is a
//! trade like any other. The manifest states slippage and half of the spread together as slippage
//! per side: a spread cannot hide from a policy's minimum, nor from the shadow contract.

use std::collections::BTreeMap;

use super::options::{MonteCarloOptions, StressOptions};
use super::outcome::{Outcome, Wanted};
use crate::evidence::bundle::{Further, OosPart, Parts};
use crate::evidence::limits::Limits;
use crate::evidence::manifest::{
    Conventions, DataSource, Engine, EvidenceKind, MonteCarlo, OosKind, PortfolioRef, Producer,
    StressRun, Trials, Valuation,
};
use crate::evidence::regimes::RegimeSeries;
use crate::evidence::series::{FullSeries, OosSeries, StrategySeries};
use crate::evidence::trades::{self, Trade};
use crate::kernel::decimal::Decimal;
use crate::metrics::bootstrap::Method;
use crate::metrics::periods::median_spacing_ms;
use crate::metrics::{Undefined, regime};
use crate::research::backtest::leg::Side;
use crate::research::market::bar::BarSeries;
use crate::research::market::symbol::Symbol;
use crate::research::portfolio::account;
use crate::research::portfolio::configuration::Configuration;

/// Who and what stands behind a run, besides its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// Who will sign.
    pub producer: Option<Producer>,
    /// What computed it.
    pub engine: Engine,
    /// Execution limits.
    pub limits: Limits,
    /// What the ledger was told about this run.
    pub trials: Trials,
}

/// Why parts cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum PartsError {
    /// Configuration or limits cannot be written as JSON.
    #[error("could not write the configuration as JSON")]
    Json(#[source] serde_json::Error),
    /// The bars have no place in the table of periods per year.
    #[error("the spacing of the bars has no number of periods per year")]
    Periods(#[source] Undefined),
    /// A series without bars.
    #[error("no bars for `{0}`")]
    Empty(Symbol),
}

/// The parts of a robustness bundle, without reports.
///
/// # Errors
/// When the configuration cannot be written, or the bars are none or of an unusual spacing.
pub fn parts(
    configuration: &Configuration,
    series: &BTreeMap<Symbol, BarSeries>,
    wanted: &Wanted,
    outcome: &Outcome,
    origin: &Origin,
) -> Result<Parts, PartsError> {
    let periods = outcome.periods_per_year.map_err(PartsError::Periods)?;
    let used = outcome.portfolio.symbols();
    let data = series.values().filter(|s| used.contains(&&s.symbol));
    let seeds = (&wanted.monte_carlo, &wanted.stress);
    Ok(Parts {
        kind: EvidenceKind::Robustness,
        producer: origin.producer.clone(),
        portfolio: PortfolioRef {
            id: configuration.portfolio.clone(),
            profile: configuration.profile.clone(),
        },
        strategy: serde_json::to_value(configuration).map_err(PartsError::Json)?,
        limits: serde_json::to_value(&origin.limits).map_err(PartsError::Json)?,
        engine: origin.engine.clone(),
        data: data.map(data_source).collect::<Result<_, _>>()?,
        seed: match seeds {
            (Some(mc), _) => mc.seed,
            (None, Some(stress)) => stress.seed,
            (None, None) => MonteCarloOptions::default().seed,
        },
        full: full_series(configuration, outcome),
        oos: oos_part(configuration, outcome),
        trades: Some(
            outcome
                .backtest
                .account
                .trades
                .iter()
                .enumerate()
                .filter_map(|(index, trade)| trade_row(index, trade, configuration, outcome))
                .collect(),
        ),
        conventions: Conventions {
            periods_per_year: Decimal::from_f64(periods).unwrap_or_else(|_| Decimal::zero()),
            risk_free: Decimal::zero(),
            ddof: 1,
            fill: configuration.fill.clone(),
            fee: configuration.fee.clone(),
            slippage: configuration.slippage_per_side(),
            valuation: Valuation::Market,
        },
        stress: stress_runs(wanted.stress.as_ref(), outcome),
        mc: monte_carlo(wanted.monte_carlo.as_ref(), outcome),
        replicates: outcome.replicates.clone(),
        trials: origin.trials.clone(),
        claimed: Vec::new(),
        views: Vec::new(),
    })
}

/// The further tables of a robustness bundle: the market regime of every bar.
///
/// # Errors
/// When the bars have no spacing.
pub fn further(outcome: &Outcome) -> Result<Further, PartsError> {
    let times = &outcome.backtest.times;
    let bar_ms =
        median_spacing_ms(times).ok_or(PartsError::Periods(Undefined::TooFewObservations))?;
    let labels = regime::labels(&outcome.backtest.market, regime::look_back(bar_ms));
    Ok(Further {
        regimes: Some(RegimeSeries {
            times: times.clone(),
            labels,
        }),
        ..Further::default()
    })
}

fn data_source(series: &BarSeries) -> Result<DataSource, PartsError> {
    let (first, last) = series
        .span()
        .ok_or_else(|| PartsError::Empty(series.symbol.clone()))?;
    Ok(DataSource {
        symbol: series.symbol.to_string(),
        timeframe: series.timeframe.to_string(),
        first,
        last,
        rows: i64::try_from(series.bars.len()).unwrap_or(i64::MAX),
        sha256: series.sha256(),
        synthetic: series.synthetic,
        registered: false,
    })
}

fn full_series(configuration: &Configuration, outcome: &Outcome) -> FullSeries {
    let account = &outcome.backtest.account;
    let strategies = configuration
        .strategies
        .iter()
        .zip(&outcome.portfolio.members)
        .zip(&account.strategy_returns)
        .map(|((strategy, member), returns)| StrategySeries {
            id: strategy.id.clone(),
            returns: returns.clone(),
            weights: vec![member.weight; returns.len()],
        })
        .collect();
    FullSeries::new(
        outcome.backtest.times.clone(),
        account.returns.clone(),
        strategies,
    )
}

fn oos_part(configuration: &Configuration, outcome: &Outcome) -> Option<OosPart> {
    let mut series = OosSeries {
        times: Vec::new(),
        returns: Vec::new(),
        windows: Vec::new(),
    };
    for (number, window) in outcome.windows.iter().enumerate() {
        let times = outcome.backtest.times.get(window.clone())?;
        let returns = outcome.backtest.account.returns.get(window.clone())?;
        series.times.extend(times);
        series.returns.extend(returns);
        let number = u32::try_from(number).ok()?;
        series.windows.extend(times.iter().map(|_| number));
    }
    (!series.times.is_empty()).then_some(OosPart {
        kind: oos_kind(configuration),
        series,
    })
}

/// How the out-of-sample part of `configuration` comes about.
#[must_use]
pub fn oos_kind(configuration: &Configuration) -> OosKind {
    match configuration.developed_until {
        Some(_) => OosKind::DevelopedUntil,
        None => OosKind::FixedParameters,
    }
}

fn trade_row(
    index: usize,
    trade: &account::Trade,
    configuration: &Configuration,
    outcome: &Outcome,
) -> Option<Trade> {
    let strategy = configuration.strategies.get(trade.strategy)?;
    let times = &outcome.backtest.times;
    Some(Trade {
        id: format!("t{:06}", index + 1),
        strategy: strategy.id.clone(),
        symbol: strategy.symbol.clone(),
        side: match trade.side {
            Side::Long => trades::Side::Long,
            Side::Short => trades::Side::Short,
        },
        entry_time: *times.get(trade.entry_bar)?,
        exit_time: Some(*times.get(trade.exit_bar)?),
        quantity: trade.quantity,
        entry_price: trade.entry_price,
        exit_price: trade.exit_price,
        costs: trade.costs,
        pnl: trade.pnl,
        // The builder sets `oos` where a window holds the exit.
        sample: crate::metrics::Sample::Full,
    })
}

fn stress_runs(options: Option<&StressOptions>, outcome: &Outcome) -> Vec<(StressRun, Vec<f64>)> {
    let Some(options) = options else {
        return Vec::new();
    };
    outcome
        .stressed
        .iter()
        .map(|stressed| {
            let run = StressRun {
                name: stressed.scenario.as_str().to_owned(),
                severity: options.severity.clone(),
                window: options.window,
                position: options.position.as_str().to_owned(),
                seed: options.seed,
            };
            (run, stressed.returns.clone())
        })
        .collect()
}

fn monte_carlo(options: Option<&MonteCarloOptions>, outcome: &Outcome) -> MonteCarlo {
    match options {
        None => MonteCarlo {
            method: "none".to_owned(),
            runs: 0,
            block: 1,
        },
        Some(options) => MonteCarlo {
            method: options.method.as_str().to_owned(),
            runs: options.runs,
            block: match options.method {
                Method::Simple => 1,
                Method::MovingBlock | Method::Stationary => {
                    i64::try_from(outcome.block).unwrap_or(i64::MAX)
                }
            },
        },
    }
}
