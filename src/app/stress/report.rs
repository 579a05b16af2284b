//! The report of stress tests, as a value.

use super::compute::{Outcome, Tested};
use super::json::{ALONE, StressJson};
use crate::app::candidates::Field;
use crate::app::candidates::figures::Figures;
use crate::app::candidates::report;
use crate::kernel::time::UtcTime;
use crate::render::report::candidates::CandidateHead;
use crate::render::report::stress::{
    CandidatePart, CurvePart, FiguresPart, Outcome as Came, ScenarioPart, StressReport, StruckPart,
};

/// What the scenarios do not cover.
const UNCOVERED: [&str; 2] = [
    "The strategy does not decide again. Its returns are stressed, not the market's: where it was flat it loses nothing in a crash of the market, and yet every scenario here strikes it as if it were invested.",
    "A severity is chosen, not measured. No probability goes with it.",
];

/// The report.
pub(super) fn report(document: &StressJson, field: &Field, outcomes: &[Outcome]) -> StressReport {
    let asked = &document.asked;
    let ground = &document.ground;
    let times = field.series.times();
    let one = |outcome: &Outcome| {
        let head = report::candidate(&outcome.best, &outcome.own, ground);
        candidate(head, outcome, &times)
    };
    StressReport {
        frame: report::frame(
            "Stress tests",
            (ground, &document.made),
            ("Stress", asked.text()),
            format!("{} (every scenario is deterministic)", asked.seed),
            UNCOVERED.map(str::to_owned).into(),
        ),
        candidates: outcomes.iter().map(one).collect(),
    }
}

fn candidate(head: CandidateHead, outcome: &Outcome, times: &[UtcTime]) -> CandidatePart {
    let points = |equity: &Vec<f64>| {
        let pairs = times.iter().copied().zip(equity.iter().copied());
        pairs.collect::<Vec<_>>()
    };
    CandidatePart {
        head,
        baseline: figures(&outcome.own.figures),
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
