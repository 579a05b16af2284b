//! `stress.json`, `promote/stress/v1`. Numbers are decimals as text, undefined where null.

use serde::Serialize;

use super::compute::{Outcome, Tested};
use crate::app::candidates::figures::Figures;
use crate::app::candidates::{Field, Head};
use crate::app::made::Made;
use crate::app::sweep::summary::{Best, decimal};
use crate::kernel::decimal::Decimal;
use crate::kernel::time::UtcTime;
use crate::research::robustness::options::{StressOptions, StruckBar};

/// The value of `schema`.
pub const SCHEMA: &str = "promote/stress/v1";
/// Why `correlations_to_one` has no figures.
pub const ALONE: &str = "one strategy alone has no correlations: it would stay as it is";

/// `promote/stress/v1`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct StressJson {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// What the candidates stand on.
    pub ground: Head,
    /// What was asked.
    pub asked: AskedJson,
    /// Best first.
    pub candidates: Vec<CandidateJson>,
    /// What made it.
    #[serde(flatten)]
    pub made: Made,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct AskedJson {
    /// How many candidates there are.
    pub candidates: u64,
    /// Scenarios.
    pub scenarios: Vec<&'static str>,
    /// Severity, a fraction.
    pub severity: Decimal,
    /// Window in bars, for scenarios that last.
    pub window: i64,
    /// `start`, `middle`, `end` or `worst`.
    pub position: &'static str,
    /// Recorded; every scenario is deterministic.
    pub seed: i64,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct CandidateJson {
    /// Rank, parameters and figures of the sweep.
    pub best: Best,
    /// The run itself.
    pub baseline: FiguresJson,
    /// In the order in which they were asked for.
    pub scenarios: Vec<ScenarioJson>,
}

/// Figures of a series, absolute.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct FiguresJson {
    /// Fraction.
    pub total_return: Option<Decimal>,
    /// Per year.
    pub sharpe: Option<Decimal>,
    /// Fraction, positive.
    pub max_drawdown: Option<Decimal>,
}

/// One scenario.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct ScenarioJson {
    /// Its name.
    pub scenario: &'static str,
    /// Its length in bars; null for one that has none.
    pub window: Option<i64>,
    /// Where it was told to strike; null for one that finds its own bars.
    pub position: Option<&'static str>,
    /// The bar that it struck; null for one that finds its own bars.
    pub struck: Option<BarJson>,
    /// Figures of the stressed series; null where the scenario has no effect.
    pub stressed: Option<FiguresJson>,
    /// The bar at which it hurts most; null for one that finds its own bars.
    pub worst: Option<WorstJson>,
    /// True when the stressed series falls less deep, or ends higher, than the series itself: no
    /// evidence of robustness.
    pub helps: bool,
    /// True when nothing was held in the bars that were struck, so that the series stays as it is: no
    /// evidence of robustness either.
    pub nothing: bool,
    /// Why the scenario has no effect; null where it has.
    pub no_effect: Option<&'static str>,
}

/// A bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct BarJson {
    /// Its number, from 0.
    pub bar: u64,
    /// When it opens.
    pub time: Option<UtcTime>,
}

/// The worst bar.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct WorstJson {
    /// Its number, from 0.
    pub bar: u64,
    /// When it opens.
    pub time: Option<UtcTime>,
    /// Maximum drawdown of the series stressed there.
    pub max_drawdown: Option<Decimal>,
}

impl AskedJson {
    /// From the options.
    #[must_use]
    pub fn of(options: &StressOptions, candidates: usize) -> Self {
        Self {
            candidates: candidates as u64,
            scenarios: options.scenarios.iter().map(|s| s.as_str()).collect(),
            severity: options.severity.clone(),
            window: options.window,
            position: options.position.as_str(),
            seed: options.seed,
        }
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "severity {}, window {} bars, position {}",
            self.severity, self.window, self.position
        )
    }
}

impl FiguresJson {
    fn of(figures: &Figures) -> Self {
        let number = |value: crate::metrics::MetricResult| value.ok().and_then(decimal);
        Self {
            total_return: number(figures.total_return),
            sharpe: number(figures.sharpe),
            max_drawdown: number(figures.max_drawdown),
        }
    }
}

impl Outcome {
    /// For programs.
    #[must_use]
    pub fn json(&self, field: &Field) -> CandidateJson {
        CandidateJson {
            best: self.best.clone(),
            baseline: FiguresJson::of(&self.own.figures),
            scenarios: self.tested.iter().map(|t| t.json(field)).collect(),
        }
    }
}

impl Tested {
    fn json(&self, field: &Field) -> ScenarioJson {
        let time = |bar: usize| field.series.bars.get(bar).map(|bar| bar.time);
        let effect = self.effect.as_ref();
        ScenarioJson {
            scenario: self.scenario.as_str(),
            window: self.window,
            position: self.position.map(StruckBar::as_str),
            struck: effect.and_then(|e| e.bar).map(|bar| BarJson {
                bar: bar as u64,
                time: time(bar),
            }),
            stressed: effect.map(|e| FiguresJson::of(&e.figures)),
            worst: effect.and_then(|e| e.worst).map(|worst| WorstJson {
                bar: worst.bar as u64,
                time: time(worst.bar),
                max_drawdown: decimal(worst.max_drawdown),
            }),
            helps: effect.is_some_and(|e| e.helps),
            nothing: effect.is_some_and(|e| e.nothing),
            no_effect: if effect.is_none() { Some(ALONE) } else { None },
        }
    }
}
