//! The Monte-Carlo part of a report: this run's own replicates, with the policy's thresholds.

use super::Material;
use crate::governance::policy::model::Policy;
use crate::kernel::decimal::Decimal;
use crate::kernel::unit::Unit;
use crate::metrics::monte_carlo::{Replicate, Summary};
use crate::metrics::{Metric, MetricResult, Sample};
use crate::render::report::robustness::{Distribution, MonteCarloSection, QuantileRow};

/// One section, or none where no runs were asked for.
pub(super) fn monte_carlo(material: &Material<'_>) -> Vec<MonteCarloSection> {
    let Some(options) = &material.wanted.monte_carlo else {
        return Vec::new();
    };
    let replicates = &material.outcome.replicates;
    let summary = Summary::new(replicates);
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
        distributions: vec![
            Distribution {
                metric: Metric::Sharpe,
                values: values(replicates, |r| r.sharpe),
                limits: thresholds(material.policy, Metric::Sharpe, Sample::Oos),
            },
            Distribution {
                metric: Metric::MaxDrawdown,
                values: values(replicates, |r| r.max_drawdown),
                limits: thresholds(material.policy, Metric::MaxDrawdown, Sample::Full),
            },
        ],
    }]
}

fn values(replicates: &[Replicate], of: impl Fn(&Replicate) -> MetricResult) -> Vec<f64> {
    let number = |r: &Replicate| of(r).unwrap_or(f64::NAN);
    replicates.iter().map(number).collect()
}

/// Floor and target of the policy's criterion for `metric`, as (`floor 20 %`, 0.2).
pub(super) fn thresholds(policy: &Policy, metric: Metric, sample: Sample) -> Vec<(String, f64)> {
    let shown = |x: &Decimal| match metric.unit() {
        Unit::Fraction => format!("{} %", x.times(&Decimal::from_int(100)).to_fixed(0)),
        Unit::Ratio | Unit::Count | Unit::Days => x.to_string(),
    };
    policy
        .criteria
        .iter()
        .filter(|c| c.metric == metric && c.sample == sample)
        .flat_map(|c| {
            let target = c.target.iter().map(|t| ("target", t));
            std::iter::once(("floor", &c.floor)).chain(target)
        })
        .map(|(name, edge)| (format!("{name} {}", shown(edge)), edge.to_f64()))
        .collect()
}
