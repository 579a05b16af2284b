//! Grids for a kind of strategy without a named sweep: coarse, medium or fine.
//!
//! In: a kind and a [`Granularity`]. Out: a [`Sweep`] called `KIND_grid_GRANULARITY`, always the same. The
//! values stand in `grids.toml` beside this file, nine per parameter that matters; a coarser grid is
//! part of a finer one. `composite` has none: what it consists of must be said.

use super::grid::{Axis, Sweep, Sweeps};
use crate::kernel::id::StrategyId;
use crate::kernel::text::visible;

/// The grids, in the format of a sweeps file.
const GRIDS: &str = include_str!("grids.toml");

/// How close the values of a grid stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granularity {
    /// Three values.
    Coarse,
    /// Five values.
    Medium,
    /// Nine values.
    Fine,
}

impl Granularity {
    /// Every granularity.
    pub const ALL: [Self; 3] = [Self::Coarse, Self::Medium, Self::Fine];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Coarse => "coarse",
            Self::Medium => "medium",
            Self::Fine => "fine",
        }
    }

    /// Every so many of the nine values.
    fn step(self) -> usize {
        match self {
            Self::Coarse => 4,
            Self::Medium => 2,
            Self::Fine => 1,
        }
    }
}

/// The grid of `kind`.
///
/// # Errors
/// A sentence that lists the kinds that have one.
pub fn sweep_of(kind: &str, granularity: Granularity) -> Result<Sweep, String> {
    let grids = Sweeps::parse(GRIDS).map_err(|errors| {
        let said = errors.first().map_or("", |error| error.message.as_str());
        format!("the shipped grids are wrong: {said}")
    })?;
    let known = || {
        let names: Vec<&str> = grids.0.keys().map(StrategyId::as_str).collect();
        format!(
            "no grid for the kind `{}`; there are grids for: {}",
            visible(kind, 64),
            names.join(", ")
        )
    };
    let found = StrategyId::new(kind).ok();
    let grid = found.and_then(|id| grids.0.get(&id)).ok_or_else(known)?;
    let name = format!("{kind}_grid_{}", granularity.as_str());
    let thinned = |axis: &Axis| Axis {
        values: axis
            .values
            .iter()
            .step_by(granularity.step())
            .cloned()
            .collect(),
        ..axis.clone()
    };
    Ok(Sweep {
        name: StrategyId::new(&name).map_err(|e| e.to_string())?,
        axes: grid.axes.iter().map(thinned).collect(),
        ..grid.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::portfolio::configuration::Parameter;
    use crate::research::strategy::registry::KINDS;

    #[test]
    fn every_kind_has_three_grids_each_part_of_the_next() {
        for kind in KINDS.iter().filter(|kind| kind.name != "composite") {
            let mut before: Vec<Vec<usize>> = Vec::new();
            for (granularity, wanted) in Granularity::ALL.into_iter().zip([3, 5, 9]) {
                let sweep = sweep_of(kind.name, granularity).unwrap();
                assert_eq!(
                    sweep.name.as_str(),
                    format!("{}_grid_{}", kind.name, granularity.as_str())
                );
                let sizes: Vec<usize> = sweep.axes.iter().map(|a| a.values.len()).collect();
                assert!(sizes.iter().all(|n| [1, wanted].contains(n)), "{sizes:?}");
                assert!(sizes.contains(&wanted));
                let plan = sweep.plan(None).unwrap();
                assert_eq!(plan.impossible, 0, "{}", sweep.name);
                before.push(sizes);
            }
            assert!(before.is_sorted());
        }
        let none = sweep_of("composite", Granularity::Fine).unwrap_err();
        assert!(none.contains("rsi_reversion"), "{none}");
        assert!(sweep_of("../x", Granularity::Fine).is_err());
    }

    #[test]
    fn the_default_stands_in_the_middle() {
        for kind in KINDS.iter().filter(|kind| kind.name != "composite") {
            let sweep = sweep_of(kind.name, Granularity::Fine).unwrap();
            for axis in sweep.axes.iter().filter(|axis| axis.values.len() == 9) {
                let spec = kind.specs.iter().find(|spec| spec.name == axis.name);
                // A stop of 0 is none, and no grid has it in its middle.
                let default = spec.and_then(|spec| spec.default());
                let default = default.filter(|text| text != "0" || axis.name == "exit_threshold");
                if let Some(default) = default {
                    assert_eq!(axis.values[4].to_string(), default, "{}", axis.name);
                }
                let numbers: Vec<_> = axis
                    .values
                    .iter()
                    .map(|value| match value {
                        Parameter::Number(number) => number.clone(),
                        other => panic!("{other}"),
                    })
                    .collect();
                assert!(numbers.is_sorted(), "{}", axis.name);
            }
        }
    }
}
