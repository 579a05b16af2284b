//! Figures that ask whether a backtest is luck: psr, dsr, pbo, the worst regime, the cost break-even.
//!
//! psr and dsr come from `series/oos.csv`, the number of trials from the ledger or the manifest and
//! their variance from `trials/blocks.csv`, pbo from the same table, the worst regime from
//! `series/full.csv` with `series/regime.csv`, the cost break-even from all of `trades.csv`. What
//! rests on a part that contradicts itself, or is not there, is `unsupported`.

use super::bundle::CheckedBundle;
use super::consistency::Trust;
use super::given::Given;
use super::measure::Measured;
use super::path;
use crate::kernel::text::of;
use crate::metrics::pbo::{pbo, sharpe_variance};
use crate::metrics::psr::{Estimate, estimate};
use crate::metrics::regime::regime_sharpe_min;
use crate::metrics::{
    Metric, MetricKey, MetricResult, Sample, Undefined, cost_breakeven, dsr, periods,
};

/// Trials behind `bundle`: the larger of what the ledger and the manifest count, at least 1.
#[must_use]
pub fn trials_of(bundle: &CheckedBundle, given: &Given<'_>) -> u64 {
    let stated = u64::try_from(bundle.manifest.trials.count).unwrap_or(0);
    stated.max(given.trials.unwrap_or(0)).max(1)
}

/// Measures all of them; `risk_free` is an annual fraction.
#[must_use]
pub fn measure(
    bundle: &CheckedBundle,
    trust: Trust,
    risk_free: f64,
    given: &Given<'_>,
) -> Vec<Measured> {
    let trials = trials_of(bundle, given);
    let estimated = estimated(bundle, trust, risk_free);
    let blocks = bundle.further.blocks.as_deref();
    let variance = blocks.and_then(|blocks| sharpe_variance(blocks).ok());
    let overfitted = blocks.ok_or(Undefined::Unsupported).and_then(pbo);
    let worst = worst_regime(bundle, trust, risk_free);
    let regime = worst.map_or(String::new(), |(_, regime)| {
        format!(" in {}", regime.as_str())
    });
    let row = |metric, sample, result, source: String| Measured {
        key: MetricKey::new(metric, sample),
        result,
        source,
    };
    vec![
        row(
            Metric::Psr,
            Sample::Oos,
            estimated
                .and_then(|e| e.probability_above(0.0))
                .map(writable),
            path::OOS.to_owned(),
        ),
        row(
            Metric::Dsr,
            Sample::Oos,
            estimated
                .and_then(|e| dsr::dsr(&e, trials, variance))
                .map(writable),
            format!("{} after {}", path::OOS, of(trials, "trial")),
        ),
        row(
            Metric::Pbo,
            Sample::Oos,
            overfitted,
            path::BLOCKS.to_owned(),
        ),
        row(
            Metric::RegimeSharpeMin,
            Sample::Full,
            worst.map(|(value, _)| value),
            format!("{} with {}{regime}", path::FULL, path::REGIME),
        ),
        row(
            Metric::CostBreakeven,
            Sample::Full,
            breakeven(bundle, trust),
            path::TRADES.to_owned(),
        ),
    ]
}

/// A probability that the decimal grammar can hold: one below 1e-23 is 0, and so still a number that
/// a policy can reject.
fn writable(probability: f64) -> f64 {
    if probability < 1e-23 {
        0.0
    } else {
        probability
    }
}

fn estimated(bundle: &CheckedBundle, trust: Trust, risk_free: f64) -> Result<Estimate, Undefined> {
    let oos = bundle.oos.as_ref().filter(|_| trust.oos);
    let oos = oos.ok_or(Undefined::Unsupported)?;
    let q = periods::periods_per_year(&oos.times)?;
    estimate(&oos.returns, q, risk_free)
}

fn worst_regime(
    bundle: &CheckedBundle,
    trust: Trust,
    risk_free: f64,
) -> Result<(f64, crate::metrics::regime::Regime), Undefined> {
    let regimes = bundle.further.regimes.as_ref().filter(|_| trust.regimes);
    let regimes = regimes.ok_or(Undefined::Unsupported)?;
    let q = periods::periods_per_year(&bundle.full.times)?;
    regime_sharpe_min(&bundle.full.returns, &regimes.labels, q, risk_free)
}

fn breakeven(bundle: &CheckedBundle, trust: Trust) -> MetricResult {
    let trades = bundle.trades.as_ref().filter(|_| trust.trades);
    let trades = trades.ok_or(Undefined::Unsupported)?;
    let results: Vec<(f64, f64)> = trades.iter().map(|t| (t.pnl, t.costs)).collect();
    cost_breakeven::cost_breakeven(&results)
}
