//! `pipeline.json`, `promote/pipeline/v1`: what every step came to, in short; the folders of the steps
//! hold the rest. Numbers are decimals as text, undefined where null.

use serde::Serialize;

use super::Job;
use super::steps::{Done, MONTE_CARLO, STRESS, SWEEP, WALK_FORWARD};
use crate::app::candidates::Head;
use crate::app::made::Made;
use crate::app::monte_carlo::json as monte_carlo;
use crate::app::stress::json as stress;
use crate::app::sweep::report::json::LineJson;
use crate::app::sweep::summary::{Best, Data, Trials};
use crate::app::walk_forward::document::{OosJson, SummaryJson};
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::StrategyId;

/// The value of `schema`.
pub const SCHEMA: &str = "promote/pipeline/v1";

/// `promote/pipeline/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct PipelineJson {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The sweep.
    pub sweep: StrategyId,
    /// Kind of strategy.
    pub kind: String,
    /// The bars of the sweep.
    pub data: Data,
    /// What the best are ranked by.
    pub metric: String,
    /// The steps that ran, in their order.
    pub steps: Vec<StepJson>,
    /// The best of the sweep, and what the later steps made of each. Steps on invented bars chose
    /// others and are not here.
    pub candidates: Vec<CandidateJson>,
    /// The walk-forward; null where it did not run.
    pub walk_forward: Option<WalkForwardJson>,
    /// Sharpe ratio per year at which the best of all trials is expected without any skill.
    pub sharpe_without_skill: Option<Decimal>,
    /// For whom the runs of the sweep count, and who counted them.
    pub trials: Trials,
    /// What made it.
    #[serde(flatten)]
    pub made: Made,
}

/// A step.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct StepJson {
    /// Its name, and its folder.
    pub step: &'static str,
    /// True when its bars were invented.
    pub synthetic: bool,
    /// Digest of everything that its results follow from.
    pub run_sha256: Digest,
    /// Its first interpretation, where it has one of its own; no verdict.
    pub interpretation: Vec<LineJson>,
}

/// One of the best.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct CandidateJson {
    /// Rank, parameters and figures of the sweep.
    pub best: Best,
    /// 5 % quantile of the Sharpe ratio per year over the Monte-Carlo runs.
    pub mc_sharpe_p05: Option<Decimal>,
    /// 95 % quantile of the maximum drawdown over the Monte-Carlo runs.
    pub mc_max_drawdown_p95: Option<Decimal>,
    /// Deepest maximum drawdown of all stress scenarios.
    pub stress_max_drawdown: Option<Decimal>,
    /// The scenario that did it.
    pub stress_scenario: Option<&'static str>,
}

/// What the walk-forward shows.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct WalkForwardJson {
    /// The test windows one after another.
    pub oos: OosJson,
    /// What all windows show.
    pub summary: SummaryJson,
    /// For whom its runs count, and who counted them.
    pub trials: Trials,
}

/// The document.
#[must_use]
pub(super) fn of(job: &Job<'_>, done: &Done, run_sha256: Digest) -> PipelineJson {
    let sweep = &done.sweep;
    PipelineJson {
        schema: SCHEMA,
        sweep: sweep.sweep.name.clone(),
        kind: sweep.sweep.kind.clone(),
        data: sweep.data.clone(),
        metric: sweep.metric.clone(),
        steps: steps(done),
        candidates: sweep
            .best
            .iter()
            .map(|best| candidate(best, done))
            .collect(),
        walk_forward: done.walk_forward.as_ref().map(|ran| WalkForwardJson {
            oos: ran.document.oos.clone(),
            summary: ran.document.summary.clone(),
            trials: ran.document.trials.clone(),
        }),
        sharpe_without_skill: sweep.sharpe_without_skill.clone(),
        trials: sweep.trials.clone(),
        made: Made {
            run_sha256,
            engine: job.run.engine.clone(),
            produced_at: job.run.now,
            command: job.run.command.clone(),
            path: None,
        },
    }
}

fn steps(done: &Done) -> Vec<StepJson> {
    let walk = done.walk_forward.as_ref().map(|ran| StepJson {
        step: WALK_FORWARD,
        synthetic: ran.document.data.synthetic,
        run_sha256: ran.document.run_sha256,
        interpretation: ran.lines.iter().map(LineJson::of).collect(),
    });
    let look = |step, ground: &Head, made: &Made| StepJson {
        step,
        synthetic: ground.data.synthetic,
        run_sha256: made.run_sha256,
        interpretation: Vec::new(),
    };
    let monte_carlo = done.monte_carlo.as_ref();
    let monte_carlo = monte_carlo.map(|json| look(MONTE_CARLO, &json.ground, &json.made));
    let stress = done.stress.as_ref();
    let stress = stress.map(|json| look(STRESS, &json.ground, &json.made));
    let sweep = StepJson {
        step: SWEEP,
        synthetic: done.sweep.data.synthetic,
        run_sha256: done.sweep.run_sha256,
        interpretation: done.report.interpretation.clone(),
    };
    let later = [walk, monte_carlo, stress].into_iter().flatten();
    std::iter::once(sweep).chain(later).collect()
}

/// One of the best in the later steps; those on other bars chose others.
fn candidate(best: &Best, done: &Done) -> CandidateJson {
    let same_bars = |sha256: Digest| sha256 == done.sweep.data.sha256;
    let drawn = done.monte_carlo.as_ref();
    let drawn = drawn
        .filter(|json| same_bars(json.ground.data.sha256))
        .and_then(|json| json.candidates.iter().find(|c| c.best.run == best.run));
    let quantile = |figure: &str, p: &str| {
        let found = drawn?.figures.iter().find(|f| f.figure == figure)?;
        found.at(p)
    };
    let stressed = done.stress.as_ref();
    let stressed = stressed
        .filter(|json| same_bars(json.ground.data.sha256))
        .and_then(|json| json.candidates.iter().find(|c| c.best.run == best.run))
        .and_then(deepest);
    CandidateJson {
        best: best.clone(),
        mc_sharpe_p05: quantile("sharpe", "0.05"),
        mc_max_drawdown_p95: quantile("max_drawdown", "0.95"),
        stress_max_drawdown: stressed.as_ref().map(|(_, depth)| depth.clone()),
        stress_scenario: stressed.map(|(name, _)| name),
    }
}

/// The scenario that falls deepest, and how deep; of equals the first.
fn deepest(candidate: &stress::CandidateJson) -> Option<(&'static str, Decimal)> {
    let depth = |scenario: &stress::ScenarioJson| {
        let figures = scenario.stressed.as_ref()?;
        Some((scenario.scenario, figures.max_drawdown.clone()?))
    };
    let found = candidate.scenarios.iter().filter_map(depth);
    found.reduce(|deep, next| if next.1 > deep.1 { next } else { deep })
}

impl monte_carlo::DistributionJson {
    /// The quantile `p`, where it has a value.
    #[must_use]
    pub fn at(&self, p: &str) -> Option<Decimal> {
        let found = self.quantiles.iter().find(|q| q.p.to_string() == p)?;
        found.value.clone()
    }
}
