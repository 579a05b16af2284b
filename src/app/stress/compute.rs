//! A candidate under every scenario that can do something to it.

use crate::app::candidates::figures::{Figures, Own};
use crate::app::candidates::{Candidate, Field};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::sweep::summary::Best;
use crate::metrics::stress::correlations_to_one::Composition;
use crate::research::robustness::options::{Scenario, StressOptions, StruckBar};
use crate::research::robustness::stressing::{Stressed, Worst, stress_tests};

/// Name of the unstressed curve.
pub const BASELINE: &str = "baseline";

/// A scenario with what it did.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// Which.
    pub scenario: Scenario,
    /// Length in bars, where it has one.
    pub window: Option<i64>,
    /// Where it was told to strike; none for one that finds its own bars.
    pub position: Option<StruckBar>,
    /// What came of it; none where it has no effect on a single strategy.
    pub effect: Option<Effect>,
}

/// What a scenario did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The bar that it struck; none for one that finds its own bars.
    pub bar: Option<usize>,
    /// Of the stressed series, not differences.
    pub figures: Figures,
    /// The bar at which it hurts most.
    pub worst: Option<Worst>,
    /// The stressed series falls less deep, or ends higher, than the series itself.
    pub helps: bool,
    /// The stressed series is the series itself: nothing was held in the bars that were struck.
    pub nothing: bool,
}

/// What came of a candidate.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Rank, parameters and figures of the sweep.
    pub best: Best,
    /// The run itself.
    pub own: Own,
    /// Every scenario that was asked for.
    pub tested: Vec<Tested>,
    /// Equity after each bar: the baseline, then each scenario with an effect.
    pub curves: Vec<(&'static str, Vec<f64>)>,
}

/// False for a scenario that does nothing to a single strategy.
#[must_use]
pub fn has_effect(scenario: Scenario) -> bool {
    scenario != Scenario::CorrelationsToOne
}

/// Puts `candidate` under stress.
///
/// # Errors
/// Exit 3 when a scenario has no meaning on its series.
pub fn outcome(
    field: &Field,
    candidate: &Candidate,
    options: &StressOptions,
) -> Result<Outcome, Failure> {
    let returns = candidate.account.returns.as_slice();
    let with_effect = StressOptions {
        scenarios: options
            .scenarios
            .iter()
            .copied()
            .filter(|s| has_effect(*s))
            .collect(),
        ..options.clone()
    };
    let alone = Composition {
        weights: &[1.0],
        strategies: &[returns],
    };
    let stressed = stress_tests(returns, &alone, &with_effect).map_err(|reason| {
        let said = format!(
            "candidate {} cannot be put under stress: {reason}",
            candidate.best.rank
        );
        Failure::new(Exit::Invalid, "stress.series", said)
    })?;
    let mut curves = vec![(BASELINE, equity(returns))];
    for one in &stressed {
        curves.push((one.scenario.as_str(), equity(&one.returns)));
    }
    Ok(Outcome {
        best: candidate.best.clone(),
        own: Own::of(field, candidate),
        tested: options
            .scenarios
            .iter()
            .map(|scenario| tested(field, *scenario, (returns, &stressed), options))
            .collect(),
        curves,
    })
}

fn tested(
    field: &Field,
    scenario: Scenario,
    (returns, stressed): (&[f64], &[Stressed]),
    options: &StressOptions,
) -> Tested {
    let place = scenario.has_place();
    let effect = stressed
        .iter()
        .find(|one| one.scenario == scenario)
        .map(|one| Effect {
            bar: match options.position {
                _ if !place => None,
                StruckBar::At(position) => Some(position.index(one.returns.len())),
                StruckBar::Worst => one.worst.map(|worst| worst.bar),
            },
            figures: Figures::of(field, &one.returns, one.max_drawdown),
            worst: one.worst,
            helps: one.helps,
            nothing: one.returns == returns,
        });
    Tested {
        scenario,
        window: scenario.has_window().then_some(options.window),
        position: place.then_some(options.position),
        effect,
    }
}

fn equity(returns: &[f64]) -> Vec<f64> {
    let grow = |equity: &mut f64, r: &f64| {
        *equity *= 1.0 + r;
        Some(*equity)
    };
    returns.iter().scan(1.0, grow).collect()
}
