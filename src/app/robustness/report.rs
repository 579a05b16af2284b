//! The report of a robustness run, as a value.
//!
//! Metrics come from the built manifest, so that the report says what the gate will derive; what
//! only the producer ran (Monte-Carlo and stress with the user's flags, windows, trades per
//! strategy) is worked out here from the outcome.

use super::remarks;
use crate::evidence::manifest::Manifest;
use crate::governance::policy::model::Policy;
use crate::kernel::decimal::Decimal;
use crate::metrics::monte_carlo::Summary;
use crate::metrics::{
    Metric, MetricKey, MetricResult, Sample, Undefined, correlation, drawdown, hit_ratio,
    profit_factor, risk, sharpe, total_return,
};
use crate::render::report::robustness::{
    DataRow, MetricRow, MonteCarloSection, QuantileRow, Reproducibility, RiskSection,
    RobustnessReport, StrategyRow, StressRow, TradeRow, WalkForwardSection, WindowRow, WorstBar,
};
use crate::research::portfolio::account::Trade;
use crate::research::portfolio::configuration::{Configuration, StrategyConfiguration};
use crate::research::robustness::outcome::{Outcome, Wanted};
use crate::research::robustness::parts::oos_kind;

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// What was run.
    pub configuration: &'a Configuration,
    /// What the user asked for.
    pub wanted: &'a Wanted,
    /// What came out.
    pub outcome: &'a Outcome,
    /// The manifest with the gate's metrics.
    pub manifest: &'a Manifest,
    /// The policy of the profile.
    pub policy: &'a Policy,
    /// The command line that repeats it.
    pub command: &'a str,
    /// The drawdown that the preset means to stay within, fraction.
    pub max_drawdown_target: Option<&'a Decimal>,
}

const HEADLINE: [(Metric, Sample); 21] = [
    (Metric::Sharpe, Sample::Oos),
    (Metric::TotalReturn, Sample::Oos),
    (Metric::MaxDrawdown, Sample::Oos),
    (Metric::Trades, Sample::Oos),
    (Metric::Cagr, Sample::Full),
    (Metric::TotalReturn, Sample::Full),
    (Metric::Volatility, Sample::Full),
    (Metric::Sharpe, Sample::Full),
    (Metric::Sortino, Sample::Full),
    (Metric::Calmar, Sample::Full),
    (Metric::MaxDrawdown, Sample::Full),
    (Metric::DrawdownDays, Sample::Full),
    (Metric::HitRatio, Sample::Full),
    (Metric::ProfitFactor, Sample::Full),
    (Metric::Trades, Sample::Full),
    (Metric::TradesPerMonth, Sample::Full),
    (Metric::HistoryDays, Sample::Full),
    (Metric::CrashDrawdown, Sample::Stress),
    (Metric::StressDrawdownWorst, Sample::Stress),
    (Metric::McSharpeP05, Sample::Mc),
    (Metric::McMaxDrawdownP95, Sample::Mc),
];

/// The report.
#[must_use]
pub fn report(material: &Material<'_>) -> RobustnessReport {
    let Material {
        configuration,
        outcome,
        manifest,
        ..
    } = *material;
    let account = &outcome.backtest.account;
    RobustnessReport {
        title: format!("Robustness of {}", configuration.portfolio),
        portfolio: configuration.portfolio.to_string(),
        profile: configuration.profile.to_string(),
        synthetic: manifest.data.iter().any(|d| d.synthetic),
        data: manifest.data.iter().map(data_row).collect(),
        strategies: configuration.strategies.iter().map(strategy_row).collect(),
        conventions: conventions(configuration, manifest),
        headline: HEADLINE
            .into_iter()
            .map(|(metric, sample)| MetricRow {
                key: MetricKey::new(metric, sample),
                value: stated(manifest, metric, sample),
            })
            .collect(),
        walk_forward: walk_forward(configuration, outcome),
        monte_carlo: monte_carlo(material),
        stress: stress(material),
        risk: risk_section(configuration, outcome),
        trades: trades(configuration, outcome),
        equity: outcome
            .backtest
            .times
            .iter()
            .copied()
            .zip(account.equity.iter().copied())
            .collect(),
        equity_unit: quote(configuration),
        drawdown_lines: drawdown_lines(material.policy),
        reproducibility: Reproducibility {
            engine: format!(
                "{} {} (commit {})",
                manifest.engine.name, manifest.engine.version, manifest.engine.commit
            ),
            seed: manifest.seed,
            rng: manifest.rng.clone(),
            strategy_sha256: manifest.strategy_sha256,
            limits_sha256: Some(manifest.limits_sha256),
            result_sha256: Some(manifest.result_sha256),
            command: Some(material.command.to_owned()),
        },
        notes: notes(material),
    }
}

fn stated(manifest: &Manifest, metric: Metric, sample: Sample) -> MetricResult {
    let found = manifest
        .metrics
        .iter()
        .find(|m| m.metric == metric && m.sample == sample);
    match found {
        None => Err(Undefined::Unsupported),
        Some(record) => match (&record.value, record.undefined) {
            (Some(value), _) => Ok(value.to_f64()),
            (None, reason) => Err(reason.unwrap_or(Undefined::Unsupported)),
        },
    }
}

fn data_row(source: &crate::evidence::manifest::DataSource) -> DataRow {
    DataRow {
        symbol: source.symbol.clone(),
        timeframe: source.timeframe.clone(),
        first: source.first,
        last: source.last,
        bars: u64::try_from(source.rows).unwrap_or(0),
        sha256: source.sha256,
        synthetic: source.synthetic,
    }
}

fn strategy_row(strategy: &StrategyConfiguration) -> StrategyRow {
    let optional = |value: &Option<Decimal>| match value {
        None => "none".to_owned(),
        Some(value) => value.to_string(),
    };
    let mut parameters: Vec<(String, String)> = strategy
        .parameters
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    parameters.push(("stop".to_owned(), optional(&strategy.stop)));
    parameters.push(("take_profit".to_owned(), optional(&strategy.take_profit)));
    parameters.push((
        "position_fraction".to_owned(),
        strategy.position_fraction.to_string(),
    ));
    if let Some(risk) = &strategy.risk_per_trade {
        parameters.push(("risk_per_trade".to_owned(), risk.to_string()));
    }
    parameters.push(("allow_short".to_owned(), strategy.allow_short.to_string()));
    StrategyRow {
        id: strategy.id.to_string(),
        kind: strategy.kind.clone(),
        style: strategy.style.clone(),
        symbol: strategy.symbol.clone(),
        timeframe: strategy.timeframe.clone(),
        weight: strategy.weight.to_f64(),
        parameters,
    }
}

fn conventions(configuration: &Configuration, manifest: &Manifest) -> Vec<(String, String)> {
    let bp = |fraction: &Decimal| {
        let ten_thousand = Decimal::from_int(10_000);
        format!("{} bp", fraction.times(&ten_thousand))
    };
    [
        ("capital", configuration.capital.to_string()),
        ("fee per side", bp(&configuration.fee)),
        ("slippage per side", bp(&configuration.slippage)),
        ("fills", remarks::fills(configuration).to_owned()),
        (
            "position size",
            "weight x position_fraction x equity at the entry, never more than the free cash"
                .to_owned(),
        ),
        (
            "periods per year",
            manifest.conventions.periods_per_year.to_string(),
        ),
        ("risk-free rate", manifest.conventions.risk_free.to_string()),
    ]
    .into_iter()
    .chain(remarks::terms(configuration))
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn walk_forward(configuration: &Configuration, outcome: &Outcome) -> Option<WalkForwardSection> {
    if outcome.windows.is_empty() {
        return None;
    }
    let account = &outcome.backtest.account;
    let times = &outcome.backtest.times;
    let rule = configuration.walk_forward;
    let rows = outcome.windows.iter().filter_map(|window| {
        let returns = account.returns.get(window.clone())?;
        let first = *times.get(window.start)?;
        let trades = account
            .trades
            .iter()
            .filter(|trade| window.contains(&trade.exit_bar))
            .count();
        let train_first = match configuration.developed_until {
            None => Some(first.plus_days(-rule.train_days)),
            Some(end) => times.first().copied().filter(|begin| *begin <= end),
        };
        Some(WindowRow {
            train_first,
            test_first: first,
            test_last: *times.get(window.end.checked_sub(1)?)?,
            total_return: total_return::total_return(returns),
            sharpe: outcome
                .periods_per_year
                .and_then(|q| sharpe::sharpe(returns, q, 0.0)),
            max_drawdown: drawdown::max_drawdown(returns),
            trades: trades as u64,
        })
    });
    Some(WalkForwardSection {
        kind: oos_kind(configuration),
        train: match configuration.developed_until {
            None => format!("{}d", rule.train_days),
            Some(end) => end.to_string(),
        },
        test: format!("{}d", rule.test_days),
        windows: rows.collect(),
    })
}

fn monte_carlo(material: &Material<'_>) -> Vec<MonteCarloSection> {
    let Some(options) = &material.wanted.monte_carlo else {
        return Vec::new();
    };
    let summary = Summary::new(&material.outcome.replicates);
    let row = |metric: Metric, at: &dyn Fn(f64) -> MetricResult| QuantileRow {
        metric,
        p025: at(0.025),
        p05: at(0.05),
        p50: at(0.5),
        p95: at(0.95),
        p975: at(0.975),
    };
    let floor = material.policy.conventions.mc_sharpe_floor.to_f64();
    vec![MonteCarloSection {
        method: options.method.as_str().to_owned(),
        runs: u64::try_from(options.runs).unwrap_or(0),
        block: u64::try_from(material.manifest.mc.block).unwrap_or(1),
        quantiles: vec![
            row(Metric::Sharpe, &|p| summary.sharpe(p)),
            row(Metric::TotalReturn, &|p| summary.total_return(p)),
            row(Metric::MaxDrawdown, &|p| summary.max_drawdown(p)),
        ],
        above_floor: Some((floor, summary.prob_sharpe_above(floor))),
    }]
}

fn stress(material: &Material<'_>) -> Vec<StressRow> {
    let Some(options) = &material.wanted.stress else {
        return Vec::new();
    };
    let outcome = material.outcome;
    outcome
        .stressed
        .iter()
        .map(|stressed| StressRow {
            scenario: stressed.scenario.as_str().to_owned(),
            severity: options.severity.to_f64(),
            window: u64::try_from(options.window)
                .ok()
                .filter(|_| stressed.scenario.has_window()),
            position: match stressed.scenario.has_place() {
                true => options.position.as_str().to_owned(),
                false => "its own".to_owned(),
            },
            max_drawdown: stressed.max_drawdown,
            total_return: total_return::total_return(&stressed.returns),
            sharpe: outcome
                .periods_per_year
                .and_then(|q| sharpe::sharpe(&stressed.returns, q, 0.0)),
            worst: stressed.worst.map(|worst| WorstBar {
                bar: worst.bar as u64,
                max_drawdown: worst.max_drawdown,
            }),
            helps: stressed.helps,
        })
        .collect()
}

fn risk_section(configuration: &Configuration, outcome: &Outcome) -> Option<RiskSection> {
    let series = &outcome.backtest.account.strategy_returns;
    if series.len() < 2 {
        return None;
    }
    let weights: Vec<f64> = outcome.portfolio.members.iter().map(|m| m.weight).collect();
    let columns: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
    let correlation = columns
        .iter()
        .map(|a| columns.iter().map(|b| correlation::pearson(a, b)).collect())
        .collect();
    let contribution = match risk::decompose(&weights, &columns) {
        Ok(risk) => risk.shares.into_iter().map(Ok).collect(),
        Err(reason) => vec![Err(reason); columns.len()],
    };
    Some(RiskSection {
        strategies: configuration
            .strategies
            .iter()
            .map(|s| s.id.to_string())
            .collect(),
        correlation,
        contribution,
    })
}

fn trades(configuration: &Configuration, outcome: &Outcome) -> Vec<TradeRow> {
    let hours = outcome.portfolio.timeframe.millis() as f64 / 3_600_000.0;
    configuration
        .strategies
        .iter()
        .enumerate()
        .map(|(index, strategy)| {
            let all = &outcome.backtest.account.trades;
            let own: Vec<&Trade> = all.iter().filter(|t| t.strategy == index).collect();
            let pnl: Vec<f64> = own.iter().map(|t| t.pnl).collect();
            let mean = |value: &dyn Fn(&Trade) -> f64| match own.len() {
                0 => Err(Undefined::NoTrades),
                n => Ok(own.iter().map(|t| value(t)).sum::<f64>() / n as f64),
            };
            TradeRow {
                strategy: strategy.id.to_string(),
                trades: own.len() as u64,
                hit_ratio: hit_ratio::hit_ratio(&pnl),
                profit_factor: profit_factor::profit_factor(&pnl),
                mean_return: mean(&|t| t.pnl / (t.quantity * t.entry_price)),
                mean_hours: mean(&|t| (t.exit_bar - t.entry_bar) as f64 * hours),
                costs: Ok(own.iter().map(|t| t.costs).sum()),
            }
        })
        .collect()
}

/// The quote currency, where all strategies have the same one.
fn quote(configuration: &Configuration) -> String {
    let mut quotes: Vec<&str> = configuration
        .strategies
        .iter()
        .filter_map(|s| s.symbol.split_once('/').map(|(_, quote)| quote))
        .collect();
    quotes.sort_unstable();
    quotes.dedup();
    match quotes.as_slice() {
        [one] => (*one).to_owned(),
        _ => "units of quote currency".to_owned(),
    }
}

fn drawdown_lines(policy: &Policy) -> Vec<(String, f64)> {
    let percent = |x: &Decimal| x.times(&Decimal::from_int(100)).to_fixed(0);
    policy
        .criteria
        .iter()
        .filter(|c| c.metric == Metric::MaxDrawdown && c.sample == Sample::Full)
        .flat_map(|c| {
            let target = c.target.iter().map(|t| ("target", t));
            std::iter::once(("floor", &c.floor)).chain(target)
        })
        .map(|(name, edge)| (format!("{name} {} %", percent(edge)), edge.to_f64()))
        .collect()
}

fn notes(material: &Material<'_>) -> Vec<String> {
    let backtest = &material.outcome.backtest;
    let mut notes = vec![
        "Whether the parameters were chosen with knowledge of these bars, no number here can show: \
         only bars that came after the configuration was recorded can."
            .to_owned(),
        "Monte-Carlo and stress tests above are those of this run's flags. What a policy judges \
         is derived again under its own conventions; those values stand in the key figures."
            .to_owned(),
        "vol_spike scales the returns of its window about their own mean, so that it cannot help; \
         its drawdown is never below that of the series itself."
            .to_owned(),
    ];
    for (symbol, dropped) in backtest.dropped.iter().filter(|(_, n)| **n > 0) {
        notes.push(format!(
            "{dropped} bars of {symbol} were left out, because another symbol has none at that \
             time; price moves across them show as gaps."
        ));
    }
    notes.extend(remarks::split_suspects(&backtest.split_suspects));
    notes.extend(remarks::remarks(material.configuration, &backtest.account));
    if let Some(target) = material.max_drawdown_target {
        let full = stated(material.manifest, Metric::MaxDrawdown, Sample::Full);
        notes.push(remarks::against_target(target, full));
    }
    let exposure: Vec<String> = material
        .configuration
        .strategies
        .iter()
        .zip(&backtest.exposure)
        .map(|(strategy, share)| format!("{} {:.1} %", strategy.id, share * 100.0))
        .collect();
    notes.push(format!("Time in the market: {}.", exposure.join(", ")));
    if let (Some(end), true) = (
        material.configuration.developed_until,
        material.outcome.windows.is_empty(),
    ) {
        notes.push(format!(
            "No bar lies after {end}, where development stopped: there is no out-of-sample part."
        ));
    } else if material.outcome.windows.is_empty() {
        notes.push(
            "The history is too short for an out-of-sample part: nothing was tested beyond the \
             first training window."
                .to_owned(),
        );
    }
    notes
}
