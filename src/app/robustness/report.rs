//! The report of a robustness run, as a value.
//!
//! Metrics come from the built manifest, so that the report says what the gate will derive; what
//! only the producer ran (Monte-Carlo and stress with the user's flags, windows, trades per
//! strategy) is worked out here from the outcome, by the same functions of `metrics`.

mod chance;
mod curves;
mod standing;
mod together;
mod trading;

use super::remarks;
use crate::evidence::manifest::Manifest;
use crate::governance::policy::model::Policy;
use crate::kernel::decimal::Decimal;
use crate::metrics::{
    Metric, MetricKey, MetricResult, Sample, Undefined, drawdown, sharpe, total_return,
};
use crate::render::report::robustness::{
    DataRow, MetricRow, Reproducibility, RobustnessReport, StrategyRow, StressRow,
    WalkForwardSection, WindowRow, WorstBar,
};
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

impl Material<'_> {
    /// What the manifest states for a metric: what the gate will derive.
    fn stated(&self, metric: Metric, sample: Sample) -> MetricResult {
        stated(self.manifest, metric, sample)
    }

    /// The policy's risk-free rate, an annual fraction.
    fn risk_free(&self) -> f64 {
        self.policy.conventions.risk_free.to_f64()
    }

    fn strategy_ids(&self) -> Vec<String> {
        let strategies = self.configuration.strategies.iter();
        strategies.map(|s| s.id.to_string()).collect()
    }
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
    RobustnessReport {
        title: format!("Robustness of {}", configuration.portfolio),
        portfolio: configuration.portfolio.to_string(),
        profile: configuration.profile.to_string(),
        synthetic: manifest.data.iter().any(|d| d.synthetic),
        data: manifest.data.iter().map(data_row).collect(),
        strategies: configuration.strategies.iter().map(strategy_row).collect(),
        conventions: conventions(configuration, manifest),
        headline: headline(manifest),
        walk_forward: walk_forward(material),
        monte_carlo: chance::monte_carlo(material),
        stress: stress(material),
        portfolio_level: together::figures(material, trading::turnover_of_all(outcome)),
        risk: together::risk_section(material),
        trades: trading::trades(material),
        costs: trading::costs(material),
        regimes: standing::regimes(material),
        honesty: Some(standing::honesty(material)),
        equity: curves::equity(material),
        market: curves::market(material),
        years: curves::years(material),
        rolling_sharpe: curves::rolling(material),
        equity_unit: quote(configuration),
        drawdown_lines: chance::thresholds(material.policy, Metric::MaxDrawdown, Sample::Full),
        reproducibility: Reproducibility {
            engine: manifest.engine.to_string(),
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

/// The metrics that are shown first.
#[must_use]
pub fn headline(manifest: &Manifest) -> Vec<MetricRow> {
    let row = |(metric, sample)| MetricRow {
        key: MetricKey::new(metric, sample),
        value: stated(manifest, metric, sample),
    };
    HEADLINE.into_iter().map(row).collect()
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
        (
            "capital",
            format!("{} {}", configuration.capital, quote(configuration)),
        ),
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

fn walk_forward(material: &Material<'_>) -> Option<WalkForwardSection> {
    let (configuration, outcome) = (material.configuration, material.outcome);
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
                .and_then(|q| sharpe::sharpe(returns, q, material.risk_free())),
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
                .and_then(|q| sharpe::sharpe(&stressed.returns, q, material.risk_free())),
            worst: stressed.worst.map(|worst| WorstBar {
                bar: worst.bar as u64,
                max_drawdown: worst.max_drawdown,
            }),
            helps: stressed.helps,
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
