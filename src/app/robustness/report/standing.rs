//! What the result stands on: the market's regimes, and how sure the figures are.

use super::Material;
use crate::metrics::min_track_record::min_track_record;
use crate::metrics::monte_carlo::Summary;
use crate::metrics::periods::median_spacing_ms;
use crate::metrics::phase::{Phase, phases};
use crate::metrics::profit_factor::profit_factor_bounds;
use crate::metrics::psr::{Estimate, estimate};
use crate::metrics::quantile_bounds::share_bounds;
use crate::metrics::regime::{self, Regime, labels, look_back};
use crate::metrics::{
    Metric, MetricKey, MetricResult, Sample, Undefined, defined, drawdown, normal, sharpe,
    sharpe_error, total_return, volatility,
};
use crate::render::report::number::number;
use crate::render::report::robustness::{
    BoundRow, HonestySection, RegimeRow, RegimeSection, TrackRow,
};

/// Confidence of track records and bounds.
const CONFIDENCE: f64 = 0.95;

/// The portfolio in each regime of the market.
pub(super) fn regimes(material: &Material<'_>) -> Option<RegimeSection> {
    let backtest = &material.outcome.backtest;
    let window = look_back(median_spacing_ms(&backtest.times)?);
    let phases = phases(&backtest.market, window);
    let labels = labels(&backtest.market, window);
    Some(RegimeSection {
        days: regime::LOOK_BACK_DAYS.unsigned_abs(),
        bars: window as u64,
        // What was too early to say comes last.
        phases: Phase::ALL
            .iter()
            .cycle()
            .skip(1)
            .take(Phase::ALL.len())
            .map(|phase| row(phase.as_str(), material, |t| phases.get(t) == Some(phase)))
            .collect(),
        regimes: Regime::ALL
            .iter()
            .cycle()
            .skip(1)
            .take(Regime::ALL.len())
            .map(|regime| row(regime.as_str(), material, |t| labels.get(t) == Some(regime)))
            .collect(),
    })
}

fn row(name: &str, material: &Material<'_>, inside: impl Fn(usize) -> bool) -> RegimeRow {
    let backtest = &material.outcome.backtest;
    let of = |series: &[f64]| -> Vec<f64> {
        let bars = series.iter().enumerate().filter(|(t, _)| inside(*t));
        bars.map(|(_, r)| *r).collect()
    };
    let (own, market) = (of(&backtest.account.returns), of(&backtest.market));
    let some = |result: MetricResult| match own.is_empty() {
        true => Err(Undefined::TooFewObservations),
        false => result,
    };
    let per_year = material.outcome.periods_per_year;
    RegimeRow {
        name: name.to_owned(),
        bars: own.len() as u64,
        share: own.len() as f64 / backtest.times.len().max(1) as f64,
        total_return: some(total_return::total_return(&own)),
        market_return: some(total_return::total_return(&market)),
        sharpe: match own.len() < regime::BARS_MIN {
            true => Err(Undefined::TooFewObservations),
            false => per_year.and_then(|q| sharpe::sharpe(&own, q, material.risk_free())),
        },
        max_drawdown: some(drawdown::max_drawdown(&own)),
    }
}

/// How sure the figures are.
pub(super) fn honesty(material: &Material<'_>) -> HonestySection {
    let manifest = material.manifest;
    let oos = out_of_sample(material);
    let q = material.outcome.periods_per_year;
    let estimated = q.and_then(|q| estimate(&oos, q, material.risk_free()));
    let bar_days = median_spacing_ms(&material.outcome.backtest.times)
        .ok_or(Undefined::TooFewObservations)
        .map(|ms| ms as f64 / crate::kernel::time::DAY_MS as f64);
    let floor = material.policy.conventions.mc_sharpe_floor.to_f64();
    let track = |benchmark: f64, words: String| {
        let bars = estimated.and_then(|e| {
            let per_bar = defined(benchmark / libm::sqrt(q?))?;
            min_track_record(&e, per_bar, CONFIDENCE)
        });
        TrackRow {
            benchmark,
            words,
            bars,
            days: bars.and_then(|bars| Ok(bars * bar_days?)),
        }
    };
    HonestySection {
        trials: u64::try_from(manifest.trials.count).unwrap_or(0).max(1),
        unregistered: manifest.trials.unregistered,
        psr: material.stated(Metric::Psr, Sample::Oos),
        dsr: material.stated(Metric::Dsr, Sample::Oos),
        pbo: material.stated(Metric::Pbo, Sample::Oos),
        track_bars: oos.len() as u64,
        track_days: material.stated(Metric::HistoryDays, Sample::Oos),
        tracks: vec![
            track(0.0, "any skill at all".to_owned()),
            track(
                floor,
                format!("the floor of the profile {}", material.policy.profile),
            ),
        ],
        bounds: bounds(material, estimated),
    }
}

/// The returns of all test windows, one after the other.
fn out_of_sample(material: &Material<'_>) -> Vec<f64> {
    let returns = &material.outcome.backtest.account.returns;
    let windows = material.outcome.windows.iter();
    let parts = windows.filter_map(|window| returns.get(window.clone()));
    parts.flatten().copied().collect()
}

/// Lower and upper bound.
type Pair = Result<(f64, f64), Undefined>;

/// Bounds of the headline figures.
fn bounds(material: &Material<'_>, oos: Result<Estimate, Undefined>) -> Vec<BoundRow> {
    let q = material.outcome.periods_per_year;
    let returns = &material.outcome.backtest.account.returns;
    let full = q.and_then(|q| estimate(returns, q, material.risk_free()));
    let z = normal::quantile(f64::midpoint(1.0, CONFIDENCE)).map_err(|_| Undefined::OutOfRange);
    let around = |value: MetricResult, error: MetricResult| -> Pair {
        let half = z? * error?;
        Ok((value? - half, value? + half))
    };
    let error = |estimate: Result<Estimate, Undefined>| {
        estimate.and_then(|e| sharpe_error::sharpe_error(&e, q?))
    };
    let stated = |metric| material.stated(metric, Sample::Full);
    let moved = stated(Metric::Volatility);
    let moved_error = full.and_then(|e| volatility::volatility_error(moved?, &e));
    let trades = &material.outcome.backtest.account.trades;
    let pnl: Vec<f64> = trades.iter().map(|t| t.pnl).collect();
    let wins = pnl.iter().filter(|x| **x > 0.0).count();
    let hits = match pnl.iter().filter(|x| x.abs() > 0.0).count() {
        0 => Err(Undefined::NoTrades),
        decided => share_bounds(wins, decided, CONFIDENCE),
    };
    let factor = z.and_then(|z| profit_factor_bounds(&pnl, z));
    let sharpe = around(stated(Metric::Sharpe), error(full));
    let sharpe_oos = around(material.stated(Metric::Sharpe, Sample::Oos), error(oos));
    let moments = "standard error from skewness and kurtosis of the returns";
    let rows = [
        (Metric::Sharpe, Sample::Full, sharpe, moments),
        (Metric::Sharpe, Sample::Oos, sharpe_oos, moments),
        (
            Metric::Volatility,
            Sample::Full,
            around(moved, moved_error),
            "standard error from the kurtosis of the returns",
        ),
        (
            Metric::HitRatio,
            Sample::Full,
            hits,
            "Clopper and Pearson, of winning among decided trades",
        ),
        (
            Metric::ProfitFactor,
            Sample::Full,
            factor,
            "delta method on the logarithm, over the trades",
        ),
    ];
    let rows = rows.into_iter().map(|(metric, sample, pair, how)| {
        let key = MetricKey::new(metric, sample);
        bound(
            material,
            key,
            pair.map_or_else(|e| (Err(e), Err(e)), |(a, b)| (Ok(a), Ok(b))),
            how,
        )
    });
    rows.chain(resampled(material)).collect()
}

/// Bounds that this run's own replicates give: their 2.5 % and 97.5 % quantiles.
fn resampled(material: &Material<'_>) -> Vec<BoundRow> {
    let outcome = material.outcome;
    if outcome.replicates.is_empty() {
        return Vec::new();
    }
    let summary = Summary::new(&outcome.replicates);
    let bars = outcome.backtest.times.len() as f64;
    // A resampled series is as long as the series: its growth per year follows from its growth.
    let per_year = |total: MetricResult| {
        let years = outcome.periods_per_year? / bars;
        defined(libm::pow(1.0 + total?, years) - 1.0)
    };
    let (low, high) = ((1.0 - CONFIDENCE) / 2.0, f64::midpoint(1.0, CONFIDENCE));
    let total = |p: f64| summary.total_return(p);
    let rows = [
        (Metric::Cagr, per_year(total(low)), per_year(total(high))),
        (Metric::TotalReturn, total(low), total(high)),
        (
            Metric::MaxDrawdown,
            summary.max_drawdown(low),
            summary.max_drawdown(high),
        ),
    ];
    let how = format!(
        "quantiles of {} resampled series",
        number(outcome.replicates.len() as f64, Metric::McRuns.unit())
    );
    let row = |(metric, low, high)| {
        bound(
            material,
            MetricKey::new(metric, Sample::Full),
            (low, high),
            &how,
        )
    };
    rows.into_iter().map(row).collect()
}

fn bound(
    material: &Material<'_>,
    key: MetricKey,
    (low, high): (MetricResult, MetricResult),
    how: &str,
) -> BoundRow {
    BoundRow {
        key,
        value: material.stated(key.metric, key.sample),
        low,
        high,
        how: how.to_owned(),
    }
}
