//! The named sweeps: those of a file, of the workspace, or the shipped ones.

use std::path::Path;

use crate::app::config::read_text;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::mistakes;
use crate::app::workspace::Workspace;
use crate::kernel::text::visible;
use crate::research::sweep::grid::{Plan, PlanError, Sweep, Sweeps};
use crate::research::sweep::ranking::Figure;

/// The shipped sweeps.
pub const EMBEDDED: &str = include_str!("../../../config/sweeps.toml");
/// Where a workspace has them.
pub const PATH: &str = "config/sweeps.toml";

/// The sweeps of `file`, else of the workspace, else the embedded ones, with the file's name.
///
/// # Errors
/// Exit 3 when the file is missing or wrong; every mistake is shown with its place.
pub fn sweeps(
    workspace: Option<&Workspace>,
    file: Option<&Path>,
) -> Result<(Sweeps, String), Failure> {
    let path = match (file, workspace) {
        (Some(file), _) => Some(file.to_owned()),
        (None, Some(workspace)) => Some(workspace.resolve(Path::new(PATH))).filter(|p| p.exists()),
        (None, None) => None,
    };
    let (name, text) = match &path {
        None => ("embedded sweeps.toml".to_owned(), EMBEDDED.to_owned()),
        Some(path) => (visible(&path.display().to_string(), 200), read_text(path)?),
    };
    let sweeps = Sweeps::parse(&text)
        .map_err(|errors| mistakes::failure("sweeps.invalid", &name, &text, &errors))?;
    Ok((sweeps, name))
}

/// What runs of `sweep`.
///
/// # Errors
/// Exit 3 when the grid is too large, or nothing of it is left.
pub fn plan(sweep: &Sweep, max_runs: Option<usize>) -> Result<Plan, Failure> {
    sweep.plan(max_runs).map_err(|e| {
        let (slug, hint) = match e {
            PlanError::TooMany(_) => (
                "sweep.too-many",
                "--max-runs draws from the whole grid: it does not make a grid smaller",
            ),
            PlanError::Empty { .. } => (
                "sweep.empty",
                "loosen the constraints or change the values of the sweep",
            ),
        };
        let doing = format!("sweep `{}` cannot run", sweep.name);
        Failure::from_error(Exit::Invalid, slug, &doing, &e).hint(hint)
    })
}

/// The figure `name`.
///
/// # Errors
/// Exit 2 for one that no combination has.
pub fn figure(name: &str) -> Result<Figure, Failure> {
    Figure::named(name).ok_or_else(|| {
        let known = Figure::ALL.map(Figure::as_str).join(", ");
        let shown = visible(name, 64);
        let said = format!("unknown metric `{shown}`; there are: {known}");
        Failure::new(Exit::Usage, "sweep.metric", said)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_sweep_has_a_plan_without_an_impossible_combination() {
        let (sweeps, _) = sweeps(None, None).unwrap();
        let planned: Vec<(&str, usize)> = sweeps
            .0
            .values()
            .map(|sweep| {
                let plan = plan(sweep, None).unwrap();
                assert_eq!(plan.impossible, 0, "{}", sweep.name);
                (sweep.name.as_str(), plan.combinations.len())
            })
            .collect();
        let wanted = [
            ("bollinger_basic", 16),
            ("breakout_basic", 15),
            ("breakout_fine", 200),
            ("breakout_trailing", 20),
            ("breakout_with_tp", 21),
            ("donchian_basic", 12),
            ("donchian_turtle", 16),
            ("ma_crossover_basic", 13),
            ("ma_crossover_fine", 89),
            ("momentum_basic", 36),
            ("rsi_reversion_aggressive", 54),
            ("rsi_reversion_basic", 27),
            ("rsi_reversion_fine", 720),
            ("vol_regime_atr", 24),
            ("vol_regime_percentile", 30),
        ];
        assert_eq!(planned, wanted);
    }
}
