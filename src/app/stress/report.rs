//! The report of stress tests, as a value.

use super::compute::{Figures, Outcome, Tested};
use super::json::{ALONE, StressJson};
use crate::app::candidates::{Field, parameters_text};
use crate::kernel::time::UtcTime;
use crate::metrics::{Metric, MetricKey, MetricResult, Sample};
use crate::render::report::robustness::MetricRow;
use crate::render::report::stress::{
    CandidatePart, CurvePart, FiguresPart, Outcome as Came, ScenarioPart, StressReport, StruckPart,
};

/// The report.
pub(super) fn report(document: &StressJson, field: &Field, outcomes: &[Outcome]) -> StressReport {
    let ground = &document.ground;
    let asked = &document.asked;
    let mut facts = ground.facts();
    facts.push((
        "Stress".to_owned(),
        format!(
            "severity {}, window {} bars, position {}",
            asked.severity, asked.window, asked.position
        ),
    ));
    let mut reproducibility = ground.reproducibility();
    let engine = &document.engine;
    reproducibility.extend([
        (
            "Engine".to_owned(),
            format!(
                "{} {} (commit {})",
                engine.name, engine.version, engine.commit
            ),
        ),
        (
            "Seed".to_owned(),
            format!("{} (every scenario is deterministic)", asked.seed),
        ),
        ("Run, SHA-256".to_owned(), document.run_sha256.to_string()),
        ("Command".to_owned(), document.command.clone()),
    ]);
    let times = field.times();
    let chosen = ground.chosen_text();
    StressReport {
        title: format!("Stress tests of {}", ground.sweep),
        synthetic: ground.data.synthetic,
        facts,
        candidates: outcomes
            .iter()
            .map(|o| candidate(o, &chosen, &times))
            .collect(),
        uncovered: uncovered(document),
        reproducibility,
    }
}

fn uncovered(document: &StressJson) -> Vec<String> {
    let mut said = vec![
        "The strategy does not decide again. Its returns are stressed, not the market's: where it was flat it loses nothing in a crash of the market, and yet every scenario here strikes it as if it were invested.".to_owned(),
        "A severity is chosen, not measured. No probability goes with it.".to_owned(),
    ];
    if document.ground.data.synthetic {
        said.push("The bars were invented: nothing here says anything about a market.".to_owned());
    }
    said
}

fn candidate(outcome: &Outcome, chosen: &str, times: &[UtcTime]) -> CandidatePart {
    let row = |metric: Metric, value: MetricResult| MetricRow {
        key: MetricKey::new(metric, Sample::Full),
        value,
    };
    let [cagr, hit_ratio, profit_factor] = outcome.further;
    let points = |equity: &Vec<f64>| {
        let pairs = times.iter().copied().zip(equity.iter().copied());
        pairs.collect::<Vec<_>>()
    };
    CandidatePart {
        title: format!("Candidate {}", outcome.best.rank),
        parameters: format!(
            "Combination {} of the sweep: {}.",
            outcome.best.run,
            parameters_text(&outcome.best)
        ),
        headline: vec![
            row(Metric::Cagr, cagr),
            row(Metric::Sharpe, outcome.own.sharpe),
            row(Metric::HitRatio, hit_ratio),
            row(Metric::ProfitFactor, profit_factor),
        ],
        chosen: chosen.to_owned(),
        baseline: figures(&outcome.own),
        scenarios: outcome.tested.iter().map(|t| scenario(t, times)).collect(),
        curves: outcome
            .curves
            .iter()
            .map(|(name, equity)| CurvePart {
                name: (*name).to_owned(),
                points: points(equity),
            })
            .collect(),
    }
}

fn figures(figures: &Figures) -> FiguresPart {
    FiguresPart {
        max_drawdown: figures.max_drawdown,
        total_return: figures.total_return,
        sharpe: figures.sharpe,
    }
}

fn scenario(tested: &Tested, times: &[UtcTime]) -> ScenarioPart {
    let struck = |bar: usize, max_drawdown: Option<f64>| StruckPart {
        bar: bar as u64,
        time: times.get(bar).copied(),
        max_drawdown,
    };
    let effect = tested.effect.as_ref();
    ScenarioPart {
        name: tested.scenario.as_str().to_owned(),
        window: tested.window.and_then(|w| u64::try_from(w).ok()),
        struck: effect.and_then(|e| e.bar).map(|bar| struck(bar, None)),
        stressed: effect.map(|e| figures(&e.figures)),
        worst: effect
            .and_then(|e| e.worst)
            .map(|worst| struck(worst.bar, Some(worst.max_drawdown))),
        outcome: match effect {
            Some(effect) if effect.helps => Came::Helps,
            Some(effect) if effect.nothing => Came::Nothing,
            _ => Came::Hurts,
        },
        no_effect: effect.is_none().then(|| ALONE.to_owned()),
    }
}
