//! Measuring: every metric that a bundle's judged files support, under the policy's conventions.
//!
//! Series metrics come from `series/full.csv` and `series/oos.csv`; stress from the full series
//! with the policy's severities (crash bar in the middle and at its worst bar, volatility spike at
//! start, middle and end); Monte-Carlo from the full series with the policy's method, block rule and
//! runs, seeded by the digest of `series/full.csv`; trade metrics from `trades.csv` once it
//! reconciles; portfolio figures from the strategies' columns, at their mean weights; what asks
//! for luck, and the figures of sessions, as [`statistics`] and [`session_figures`] say. What rests
//! on a part that contradicts itself, or is not there, is `unsupported`.

use super::bundle::{CheckedBundle, is_research};
use super::consistency::{Trust, examine};
use super::conventions::GateConventions;
use super::finding::Finding;
use super::given::Given;
use super::manifest::MetricRecord;
use super::parts::sample_of;
use super::path;
use super::trades::Trade;
use super::windows::Windows;
use super::{session_figures, statistics};
use crate::kernel::decimal::Decimal;
use crate::kernel::time::UtcTime;
use crate::metrics::bootstrap::{Method, Resampling, Seed, block_cube_root};
use crate::metrics::correlation::{Styled, correlations};
use crate::metrics::dispersion::mean;
use crate::metrics::monte_carlo::{MonteCarlo, Summary};
use crate::metrics::stress::{self, Position, Scenarios};
use crate::metrics::{
    Metric, MetricKey, MetricResult, Sample, Undefined, cagr, calmar, drawdown, history_days,
    hit_ratio, periods, profit_factor, risk, sharpe, sortino, total_return, trades_per_month,
    volatility,
};

/// One measured value at full precision.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Metric and sample.
    pub key: MetricKey,
    /// Value, or why there is none.
    pub result: MetricResult,
    /// File and derivation.
    pub source: String,
}

/// Everything that was measured, and what was seen on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// Values, sorted by metric and sample.
    pub values: Vec<Measured>,
    /// Contradictions.
    pub findings: Vec<Finding>,
}

impl Measures {
    /// The values as they stand in a manifest. The number of trials is left out: the ledger counts
    /// it, and a rerun, which writes no trial, must reach the same result.
    #[must_use]
    pub fn records(&self) -> Vec<MetricRecord> {
        let record = |m: &Measured| {
            let value = m
                .result
                .and_then(|x| Decimal::from_f64(x).map_err(|_| Undefined::OutOfRange));
            MetricRecord {
                metric: m.key.metric,
                sample: m.key.sample,
                unit: value.is_ok().then(|| m.key.metric.unit()),
                undefined: value.as_ref().err().copied(),
                value: value.ok(),
                source: m.source.clone(),
            }
        };
        let stated = self
            .values
            .iter()
            .filter(|m| m.key.metric != Metric::Trials);
        stated.map(record).collect()
    }
}

/// Measures a checked bundle at the instant `now` (only the age of the data depends on it).
#[must_use]
pub fn measure(
    bundle: &CheckedBundle,
    gate: &GateConventions,
    now: UtcTime,
    given: &Given<'_>,
) -> Measures {
    let (trust, findings) = examine(bundle);
    let mut sheet = Sheet {
        bundle,
        gate,
        trust,
        values: Vec::new(),
    };
    sheet.series(now);
    if is_research(bundle.manifest.kind) {
        sheet.out_of_sample(now);
        sheet.stress();
        sheet.monte_carlo();
        sheet.portfolio();
        sheet.counts(statistics::trials_of(bundle, given));
        let luck = statistics::measure(bundle, trust, sheet.risk_free(), given);
        sheet.values.extend(luck);
    } else {
        let sample = sample_of(bundle.manifest.kind);
        let session = session_figures::measure(bundle, trust, sample, given);
        sheet.values.extend(session);
    }
    let mut values = sheet.values;
    values.sort_by_key(|m| m.key);
    Measures { values, findings }
}

struct Sheet<'a> {
    bundle: &'a CheckedBundle,
    gate: &'a GateConventions,
    trust: Trust,
    values: Vec<Measured>,
}

impl Sheet<'_> {
    fn put(&mut self, metric: Metric, sample: Sample, result: MetricResult, source: &str) {
        let key = MetricKey::new(metric, sample);
        self.values.push(Measured {
            key,
            result,
            source: source.to_owned(),
        });
    }

    fn put_all(
        &mut self,
        sample: Sample,
        source: &str,
        trusted: bool,
        all: &[(Metric, MetricResult)],
    ) {
        for (metric, result) in all {
            let result = if trusted {
                *result
            } else {
                Err(Undefined::Unsupported)
            };
            self.put(*metric, sample, result, source);
        }
    }

    fn risk_free(&self) -> f64 {
        self.gate.risk_free.to_f64()
    }

    fn series(&mut self, now: UtcTime) {
        let sample = sample_of(self.bundle.manifest.kind);
        let full = &self.bundle.full;
        let days = history_days::history_days(&full.times);
        let metrics = series_metrics(&full.returns, &full.times, self.risk_free());
        self.put_all(sample, path::FULL, self.trust.full, &metrics);
        self.put_all(
            sample,
            path::FULL,
            self.trust.full,
            &ages(&full.times, days, now),
        );
        let trades = self.bundle.trades.iter().flatten();
        let closed: Vec<&Trade> = trades.filter(|t| t.exit_time.is_some()).collect();
        let metrics = trade_metrics(&closed, days);
        self.put_all(sample, path::TRADES, self.trust.trades, &metrics);
    }

    fn out_of_sample(&mut self, now: UtcTime) {
        let Some(oos) = &self.bundle.oos else {
            let none = Err(Undefined::Unsupported);
            let all = series_metrics(&[], &[], 0.0)
                .into_iter()
                .chain(trade_metrics(&[], none));
            let all: Vec<_> = all.map(|(metric, _)| (metric, none)).collect();
            return self.put_all(Sample::Oos, path::OOS, false, &all);
        };
        let windows = Windows::of(&self.bundle.full, oos);
        let days = Ok(windows.days());
        let metrics = series_metrics(&oos.returns, &oos.times, self.risk_free());
        self.put_all(Sample::Oos, path::OOS, self.trust.oos, &metrics);
        self.put_all(
            Sample::Oos,
            path::OOS,
            self.trust.oos,
            &ages(&oos.times, days, now),
        );
        let trades = self.bundle.trades.iter().flatten();
        let closed: Vec<&Trade> = trades.filter(|t| windows.hold(t)).collect();
        let trusted = self.trust.trades && self.trust.oos;
        self.put_all(
            Sample::Oos,
            path::TRADES,
            trusted,
            &trade_metrics(&closed, days),
        );
    }

    fn stress(&mut self) {
        let returns = &self.bundle.full.returns;
        let severity = self.gate.crash_severity.to_f64();
        let middle = stress::crash_drawdown(returns, severity, Position::Middle);
        let worst = stress::crash_drawdown_worst(returns, severity);
        let scenarios = Scenarios {
            crash_severity: severity,
            spike_severity: self.gate.vol_spike_severity.to_f64(),
            spike_window: usize::try_from(self.gate.vol_spike_window).unwrap_or(usize::MAX),
        };
        let all = stress::stress_drawdown_worst(returns, &scenarios);
        let crash = format!(
            "{} single_crash_bar {}",
            path::FULL,
            self.gate.crash_severity
        );
        let spike = format!(
            "vol_spike {} over {} bars",
            self.gate.vol_spike_severity, self.gate.vol_spike_window
        );
        let at_worst = worst.map_or(String::new(), |(_, bar)| format!(" at bar {bar}"));
        let rows = [
            (Metric::CrashDrawdown, middle, format!("{crash} middle")),
            (
                Metric::CrashDrawdownWorst,
                worst.map(|(dd, _)| dd),
                format!("{crash}{at_worst}"),
            ),
            (
                Metric::StressDrawdownWorst,
                all,
                format!("{crash}{at_worst} and {spike} at start, middle and end"),
            ),
        ];
        for (metric, result, source) in rows {
            self.put_all(
                Sample::Stress,
                &source,
                self.trust.full,
                &[(metric, result)],
            );
        }
    }

    fn monte_carlo(&mut self) {
        let full = &self.bundle.full;
        let block = block_cube_root(full.returns.len());
        let source = format!(
            "{} {} {} block {block} runs {}",
            path::FULL,
            self.gate.mc_method,
            self.gate.mc_block,
            self.gate.mc_runs
        );
        let summary = self.resample(block);
        let of =
            |f: &dyn Fn(&Summary) -> MetricResult| summary.as_ref().map_err(|e| *e).and_then(f);
        let floor = self.gate.mc_sharpe_floor.to_f64();
        let rows = [
            (Metric::McSharpeP025, of(&|s| s.sharpe(0.025))),
            (Metric::McSharpeP05, of(&|s| s.sharpe(0.05))),
            (Metric::McSharpeP50, of(&|s| s.sharpe(0.5))),
            (Metric::McSharpeP95, of(&|s| s.sharpe(0.95))),
            (Metric::McSharpeP975, of(&|s| s.sharpe(0.975))),
            (Metric::McMaxDrawdownP95, of(&|s| s.max_drawdown(0.95))),
            (
                Metric::McProbSharpeAboveFloor,
                of(&|s| s.prob_sharpe_above(floor)),
            ),
        ];
        self.put_all(Sample::Mc, &source, self.trust.full, &rows);
        let runs = self.bundle.manifest.mc.runs as f64;
        self.put(
            Metric::McRuns,
            Sample::Mc,
            Ok(runs),
            "evidence.json mc.runs",
        );
    }

    fn resample(&self, block: usize) -> Result<Summary, Undefined> {
        let full = &self.bundle.full;
        let method: Method = self
            .gate
            .mc_method
            .parse()
            .map_err(|_| Undefined::Unsupported)?;
        let digest = self.bundle.full_sha256().ok_or(Undefined::Unsupported)?;
        if !self.trust.full || self.gate.mc_block != "cube_root" {
            return Err(Undefined::Unsupported);
        }
        let resampling = Resampling {
            method,
            block,
            seed: Seed::from_digest(&digest),
        };
        let q = periods::periods_per_year(&full.times)?;
        let prepared = MonteCarlo::new(&full.returns, q, self.risk_free(), resampling)?;
        Ok(Summary::new(&prepared.replicates(self.gate.mc_runs)))
    }

    fn portfolio(&mut self) {
        let strategies = &self.bundle.full.strategies;
        let configured = &self.bundle.configuration.strategies;
        let styled: Vec<Styled<'_>> = strategies
            .iter()
            .filter_map(|s| {
                let style = &configured.iter().find(|c| c.id == s.id)?.style;
                Some(Styled {
                    style,
                    returns: &s.returns,
                })
            })
            .collect();
        let pairs = correlations(&styled);
        let returns: Vec<&[f64]> = strategies.iter().map(|s| &s.returns[..]).collect();
        let weights: Result<Vec<f64>, Undefined> =
            strategies.iter().map(|s| mean(&s.weights)).collect();
        let split = weights.and_then(|weights| risk::decompose(&weights, &returns));
        let of = |f: &dyn Fn(&risk::Risk) -> f64| split.as_ref().map(f).map_err(|e| *e);
        let rows = [
            (Metric::CorrelationMax, pairs.max),
            (Metric::CorrelationMean, pairs.mean),
            (
                Metric::DiversificationRatio,
                of(&|r| r.diversification_ratio),
            ),
            (Metric::EffectiveBets, of(&|r| r.effective_bets)),
            (
                Metric::RiskContributionMax,
                of(&|r| r.risk_contribution_max),
            ),
        ];
        self.put_all(Sample::Full, path::FULL, self.trust.strategies, &rows);
    }

    fn counts(&mut self, trials: u64) {
        let configuration = &self.bundle.configuration;
        let count = |n: usize| Ok(n as f64);
        let strategies = count(configuration.strategies.len());
        let trials = Ok(trials as f64);
        self.put(
            Metric::Styles,
            Sample::Full,
            count(configuration.styles()),
            path::STRATEGY,
        );
        self.put(Metric::Strategies, Sample::Full, strategies, path::STRATEGY);
        self.put(
            Metric::Trials,
            Sample::Full,
            trials,
            "evidence.json trials.count",
        );
    }
}

type Rows = Vec<(Metric, MetricResult)>;

fn series_metrics(returns: &[f64], times: &[UtcTime], risk_free: f64) -> Rows {
    let q = periods::periods_per_year(times);
    let per_year = |f: &dyn Fn(f64) -> MetricResult| q.and_then(f);
    vec![
        (
            Metric::Sharpe,
            per_year(&|q| sharpe::sharpe(returns, q, risk_free)),
        ),
        (Metric::Sortino, per_year(&|q| sortino::sortino(returns, q))),
        (Metric::Calmar, per_year(&|q| calmar::calmar(returns, q))),
        (Metric::Cagr, per_year(&|q| cagr::cagr(returns, q))),
        (Metric::TotalReturn, total_return::total_return(returns)),
        (
            Metric::Volatility,
            per_year(&|q| volatility::volatility(returns, q)),
        ),
        (Metric::MaxDrawdown, drawdown::max_drawdown(returns)),
        (
            Metric::DrawdownDays,
            drawdown::drawdown_days(returns, times),
        ),
    ]
}

fn ages(times: &[UtcTime], days: MetricResult, now: UtcTime) -> Rows {
    let last = times.last().copied().ok_or(Undefined::TooFewObservations);
    vec![
        (Metric::HistoryDays, days),
        (
            Metric::DataAgeDays,
            last.and_then(|last| history_days::age_days(last, now)),
        ),
    ]
}

fn trade_metrics(closed: &[&Trade], days: MetricResult) -> Rows {
    let pnl: Vec<f64> = closed.iter().map(|t| t.pnl).collect();
    let monthly = days.and_then(|days| trades_per_month::trades_per_month(closed.len(), days));
    vec![
        (Metric::Trades, Ok(closed.len() as f64)),
        (Metric::TradesPerMonth, monthly),
        (Metric::HitRatio, hit_ratio::hit_ratio(&pnl)),
        (Metric::ProfitFactor, profit_factor::profit_factor(&pnl)),
    ]
}
