//! Named sweeps, `config/sweeps.toml`: a kind of strategy, lists of values, and what must hold
//! between them.
//!
//! In: the file's text. Out: [`Sweep`]s, or every mistake with its place. [`Sweep::plan`] lists the
//! combinations that run, in the order of the grid (the last axis turns fastest). Names and types are
//! the registry's; a value that no combination can have is a mistake, while a single combination that
//! the rule does not allow is left out and counted.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::decimal::Decimal;
use crate::kernel::id::StrategyId;
use crate::kernel::text::visible;
use crate::research::backtest::executor::Stops;
use crate::research::portfolio::configuration::Parameter;
use crate::research::strategy::registry::{RegistryError, Rule};

/// Most combinations of one grid, constraints not counted: their rows must fit into memory.
pub const COMBINATIONS_MAX: usize = 1_000_000;
/// Axes beside the parameters of the rule: exits of the executor.
pub const EXITS: [&str; 2] = ["stop_pct", "take_profit_pct"];

/// The sweeps of a file, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweeps(pub BTreeMap<StrategyId, Sweep>);

/// One named sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// Name.
    pub name: StrategyId,
    /// One sentence.
    pub description: String,
    /// Kind of strategy.
    pub kind: String,
    /// What is varied, and what is fixed at one value, by name.
    pub axes: Vec<Axis>,
    /// What must hold for a combination to run.
    pub constraints: Vec<Constraint>,
}

/// One parameter with its values, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// Parameter of the kind, or an exit: `stop_pct`, `take_profit_pct`.
    pub name: String,
    /// True for an exit that is watched besides those of the rule.
    pub exit: bool,
    /// At least one.
    pub values: Vec<Parameter>,
}

/// `left op right`, between numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    text: String,
    left: Term,
    wanted: Wanted,
    right: Term,
}

#[derive(Debug, Clone, PartialEq)]
enum Term {
    Axis(String),
    Number(Decimal),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Less,
    AtMost,
    Greater,
    AtLeast,
    Equal,
    Unequal,
}

/// One combination of a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Combination {
    /// Which value of each axis, from 0.
    pub at: Vec<usize>,
    /// The rule with its parameters.
    pub rule: Rule,
    /// Stop-loss and take-profit, fractions of the entry price.
    pub exits: [Option<Decimal>; 2],
}

/// What runs of a sweep, and what does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Combinations that run, in the order of the grid.
    pub combinations: Vec<Combination>,
    /// All combinations of the grid.
    pub grid: usize,
    /// Left out because a constraint does not hold.
    pub constrained: usize,
    /// Left out because the rule does not allow them.
    pub impossible: usize,
    /// Left out because fewer were asked for.
    pub beyond: usize,
}

impl Plan {
    /// Bars until the indicators of every combination are defined.
    #[must_use]
    pub fn warm_up(&self) -> usize {
        let rules = self.combinations.iter().map(|c| c.rule.warm_up());
        rules.max().unwrap_or(0)
    }
}

/// Why a sweep has no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// More than fit into memory.
    #[error("the grid has {0} combinations, and {COMBINATIONS_MAX} are the most; take values out")]
    TooMany(u128),
    /// Nothing is left to run.
    #[error(
        "no combination is left of {grid}: {constrained} break a constraint, {impossible} are not allowed by the rule"
    )]
    Empty {
        /// All.
        grid: usize,
        /// Break a constraint.
        constrained: usize,
        /// Are not allowed.
        impossible: usize,
    },
}

impl Sweeps {
    /// The sweep `name`, or the names that there are.
    ///
    /// # Errors
    /// A sentence that lists the sweeps.
    pub fn sweep(&self, name: &str) -> Result<&Sweep, String> {
        let id = StrategyId::new(name).ok();
        id.and_then(|id| self.0.get(&id)).ok_or_else(|| {
            let known: Vec<&str> = self.0.keys().map(StrategyId::as_str).collect();
            let shown = visible(name, 64);
            format!("unknown sweep `{shown}`; there are: {}", known.join(", "))
        })
    }
}

impl Constraint {
    /// As it is written, with single blanks.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True when it holds between the values of a combination.
    fn holds(&self, value: impl Fn(&str) -> Option<Decimal>) -> bool {
        let of = |term: &Term| match term {
            Term::Axis(name) => value(name),
            Term::Number(number) => Some(number.clone()),
        };
        let (Some(left), Some(right)) = (of(&self.left), of(&self.right)) else {
            return false;
        };
        let order = left.cmp(&right);
        match self.wanted {
            Wanted::Less => order == Ordering::Less,
            Wanted::AtMost => order != Ordering::Greater,
            Wanted::Greater => order == Ordering::Greater,
            Wanted::AtLeast => order != Ordering::Less,
            Wanted::Equal => order == Ordering::Equal,
            Wanted::Unequal => order != Ordering::Equal,
        }
    }
}

impl Combination {
    /// The combination of the grid of `axes` that takes value `at` of each.
    ///
    /// # Errors
    /// When the rule does not allow it.
    pub fn of(kind: &str, axes: &[Axis], at: Vec<usize>) -> Result<Self, RegistryError> {
        let values: Vec<(&Axis, &Parameter)> = values(axes, &at).collect();
        let parameters = values
            .iter()
            .filter(|(axis, _)| !axis.exit)
            .map(|(axis, value)| (axis.name.clone(), (*value).clone()))
            .collect();
        let rule = Rule::new(kind, &parameters)?;
        rule.check_sides(false)?;
        let exit = |name: &str| {
            let mut exits = values.iter().filter(|(axis, _)| axis.exit);
            exits.find_map(|(axis, value)| match value {
                Parameter::Number(number) if axis.name == name => Some(number.clone()),
                _ => None,
            })
        };
        Ok(Self {
            rule,
            exits: EXITS.map(exit),
            at,
        })
    }

    /// The exits of the grid and those of the rule; the nearer counts.
    #[must_use]
    pub fn stops(&self) -> Stops {
        let [stop, take_profit] = &self.exits;
        let fraction = |value: &Option<Decimal>| value.as_ref().map(Decimal::to_f64);
        Stops {
            stop: fraction(stop),
            take_profit: fraction(take_profit),
            trailing: None,
        }
        .and(self.rule.stops())
    }
}

impl Sweep {
    /// How many combinations the grid has.
    #[must_use]
    pub fn grid(&self) -> u128 {
        let sizes = self.axes.iter().map(|axis| axis.values.len() as u128);
        sizes.fold(1, u128::saturating_mul)
    }

    /// What runs, at most `max_runs` of it: then an even sample of the grid.
    ///
    /// # Errors
    /// More combinations than fit into memory, or none.
    pub fn plan(&self, max_runs: Option<usize>) -> Result<Plan, PlanError> {
        let size = self.grid();
        let grid = usize::try_from(size)
            .ok()
            .filter(|grid| *grid <= COMBINATIONS_MAX)
            .ok_or(PlanError::TooMany(size))?;
        let (mut combinations, mut constrained, mut impossible) = (Vec::new(), 0, 0);
        for number in 0..grid {
            let at = self.place(number);
            if self
                .constraints
                .iter()
                .any(|c| !c.holds(|name| self.number(&at, name)))
            {
                constrained += 1;
                continue;
            }
            match self.combination(at) {
                Ok(combination) => combinations.push(combination),
                Err(_) => impossible += 1,
            }
        }
        if combinations.is_empty() {
            return Err(PlanError::Empty {
                grid,
                constrained,
                impossible,
            });
        }
        let all = combinations.len();
        let wanted = max_runs.unwrap_or(all).clamp(1, all);
        if wanted < all {
            let mut chosen = (0..wanted).map(|run| run * all / wanted).peekable();
            let mut index = 0;
            combinations.retain(|_| {
                let keep = chosen.next_if_eq(&index).is_some();
                index += 1;
                keep
            });
        }
        Ok(Plan {
            combinations,
            grid,
            constrained,
            impossible,
            beyond: all - wanted,
        })
    }

    /// Which value of each axis combination `number` has.
    fn place(&self, number: usize) -> Vec<usize> {
        let mut rest = number;
        let mut at: Vec<usize> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let index = rest % axis.values.len();
                rest /= axis.values.len();
                index
            })
            .collect();
        at.reverse();
        at
    }

    fn number(&self, at: &[usize], name: &str) -> Option<Decimal> {
        values(&self.axes, at).find_map(|(axis, value)| match value {
            Parameter::Number(number) if axis.name == name => Some(number.clone()),
            _ => None,
        })
    }

    fn combination(&self, at: Vec<usize>) -> Result<Combination, RegistryError> {
        Combination::of(&self.kind, &self.axes, at)
    }
}

/// Every axis with the value that `at` names.
fn values<'s>(
    axes: &'s [Axis],
    at: &'s [usize],
) -> impl Iterator<Item = (&'s Axis, &'s Parameter)> {
    let axes = axes.iter().zip(at);
    axes.filter_map(|(axis, index)| Some((axis, axis.values.get(*index)?)))
}

mod file;

#[cfg(test)]
mod tests;
