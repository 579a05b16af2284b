//! Named sweeps, `config/sweeps.toml`: a kind of strategy, lists of values, and what must hold
//! between them.
//!
//! In: the file's text. Out: [`Sweep`]s, or every mistake with its place. [`Sweep::plan`] lists the
//! combinations that run, in the order of the grid (the last axis turns fastest). Names and types are
//! the registry's; a value that no combination can have is a mistake, while a single combination that
//! the rule does not allow is left out and counted.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use toml::Spanned;

use crate::kernel::decimal::Decimal;
use crate::kernel::id::StrategyId;
use crate::kernel::text::{check_free_text, visible};
use crate::research::portfolio::configuration::{Parameter, Word};
use crate::research::portfolio::recipe::RecipeError;
use crate::research::portfolio::strategy_table::Value;
use crate::research::strategy::registry::{RegistryError, Rule};

/// Most combinations of one grid, constraints not counted: their rows must fit into memory.
pub const COMBINATIONS_MAX: usize = 1_000_000;
/// Axes that are exits of the executor and not parameters of the rule.
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
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Parameter of the kind, or one of [`EXITS`].
    pub name: String,
    /// At least one.
    pub values: Vec<Parameter>,
}

/// `left op right`, between numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    sweep: BTreeMap<Spanned<String>, SweepTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SweepTable {
    kind: Spanned<String>,
    description: Spanned<String>,
    parameters: BTreeMap<Spanned<String>, Spanned<Values>>,
    stop_pct: Option<Spanned<Values>>,
    take_profit_pct: Option<Spanned<Values>>,
    #[serde(default)]
    constraints: Vec<Spanned<String>>,
}

/// One value, or a list of them.
#[derive(Debug)]
struct Values(Vec<Parameter>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a list of values")
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Values, E> {
        Ok(Values(vec![Parameter::Flag(flag)]))
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<Values, E> {
        Ok(Values(vec![Parameter::Number(Decimal::from_int(n))]))
    }

    fn visit_f64<E: de::Error>(self, x: f64) -> Result<Values, E> {
        let number = Decimal::from_f64(x).map_err(E::custom)?;
        Ok(Values(vec![Parameter::Number(number)]))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Values, E> {
        let word = Word::try_from(text.to_owned()).map_err(E::custom)?;
        Ok(Values(vec![Parameter::Word(word)]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values, A::Error> {
        let mut values: Vec<Parameter> = Vec::new();
        while let Some(value) = list.next_element::<Value>()? {
            if values.contains(&value.0) {
                return Err(de::Error::custom(format!("`{}` stands twice", value.0)));
            }
            values.push(value.0);
        }
        if values.is_empty() {
            return Err(de::Error::custom("at least one value is wanted"));
        }
        Ok(Values(values))
    }
}

impl Sweeps {
    /// Reads a sweeps file.
    ///
    /// # Errors
    /// Every mistake that was found; at least one.
    pub fn parse(text: &str) -> Result<Self, Vec<RecipeError>> {
        let file: File = toml::from_str(text).map_err(|e| {
            vec![RecipeError {
                message: e.message().to_owned(),
                span: e.span(),
            }]
        })?;
        let (mut sweeps, mut errors) = (BTreeMap::new(), Vec::new());
        for (name, table) in &file.sweep {
            match sweep(name, table) {
                Ok(sweep) => {
                    sweeps.insert(sweep.name.clone(), sweep);
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            Ok(Self(sweeps))
        } else {
            Err(errors)
        }
    }

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

fn sweep(name: &Spanned<String>, table: &SweepTable) -> Result<Sweep, RecipeError> {
    let at = RecipeError::at;
    let id = StrategyId::new(name.get_ref()).map_err(|e| at(name.span(), e.to_string()))?;
    let description = table.description.get_ref();
    check_free_text("description", description)
        .map_err(|e| at(table.description.span(), e.to_string()))?;
    let rule = table.parameters.iter();
    let rule = rule.map(|(name, values)| (name.get_ref().as_str(), values));
    let exits = EXITS
        .into_iter()
        .zip([&table.stop_pct, &table.take_profit_pct]);
    let exits = exits.filter_map(|(name, values)| Some((name, values.as_ref()?)));
    let mut axes = Vec::new();
    for (name, values) in exits.clone() {
        check_exit(name, values)?;
    }
    for (name, values) in rule.chain(exits) {
        axes.push(Axis {
            name: name.to_owned(),
            values: values.get_ref().0.clone(),
        });
    }
    let sweep = Sweep {
        name: id,
        description: description.clone(),
        kind: table.kind.get_ref().clone(),
        constraints: table
            .constraints
            .iter()
            .map(|text| constraint(text.get_ref(), &axes).map_err(|said| at(text.span(), said)))
            .collect::<Result<_, _>>()?,
        axes,
    };
    sweep.check_values(table)?;
    Ok(sweep)
}

fn check_exit(name: &str, values: &Spanned<Values>) -> Result<(), RecipeError> {
    let one = Decimal::from_int(1);
    let is_fraction =
        |value: &Parameter| matches!(value, Parameter::Number(n) if n.signum() > 0 && *n < one);
    if values.get_ref().0.iter().all(is_fraction) {
        return Ok(());
    }
    let said = format!("{name} takes fractions above 0 and below 1 (0.05 is 5 %)");
    Err(RecipeError::at(values.span(), said))
}

fn constraint(text: &str, axes: &[Axis]) -> Result<Constraint, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [left, op, right] = words.as_slice() else {
        return Err("a constraint is `left op right`, such as `fast < slow`".to_owned());
    };
    let wanted = match *op {
        "<" => Wanted::Less,
        "<=" => Wanted::AtMost,
        ">" => Wanted::Greater,
        ">=" => Wanted::AtLeast,
        "==" => Wanted::Equal,
        "!=" => Wanted::Unequal,
        _ => return Err("between left and right stands one of: < <= > >= == !=".to_owned()),
    };
    let term = |word: &str| match word.parse() {
        Ok(number) => Ok(Term::Number(number)),
        Err(_) => {
            let is_number = |v: &Parameter| matches!(v, Parameter::Number(_));
            let axis = axes.iter().find(|axis| axis.name == word);
            match axis {
                Some(axis) if axis.values.iter().all(is_number) => Ok(Term::Axis(word.to_owned())),
                _ => Err(format!(
                    "`{}` is neither a number nor a parameter of this sweep that is one",
                    visible(word, 40)
                )),
            }
        }
    };
    Ok(Constraint {
        left: term(left)?,
        wanted,
        right: term(right)?,
    })
}

impl Constraint {
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

    fn values<'s>(&'s self, at: &'s [usize]) -> impl Iterator<Item = (&'s str, &'s Parameter)> {
        let axes = self.axes.iter().zip(at);
        axes.filter_map(|(axis, index)| Some((axis.name.as_str(), axis.values.get(*index)?)))
    }

    fn number(&self, at: &[usize], name: &str) -> Option<Decimal> {
        self.values(at).find_map(|(axis, value)| match value {
            Parameter::Number(number) if axis == name => Some(number.clone()),
            _ => None,
        })
    }

    fn combination(&self, at: Vec<usize>) -> Result<Combination, RegistryError> {
        let parameters = self
            .values(&at)
            .filter(|(name, _)| !EXITS.contains(name))
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect();
        let rule = Rule::new(&self.kind, &parameters)?;
        rule.check_sides(false)?;
        Ok(Combination {
            rule,
            exits: EXITS.map(|name| self.number(&at, name)),
            at,
        })
    }

    /// Every value must be possible in some combination; else it says what is wrong with it.
    fn check_values(&self, table: &SweepTable) -> Result<(), RecipeError> {
        let mut possible: Vec<Vec<bool>> = self
            .axes
            .iter()
            .map(|axis| vec![false; axis.values.len()])
            .collect();
        let mut last = None;
        let grid = self.grid().min(COMBINATIONS_MAX as u128);
        for number in 0..usize::try_from(grid).unwrap_or(COMBINATIONS_MAX) {
            if possible.iter().flatten().all(|possible| *possible) {
                break;
            }
            let at = self.place(number);
            let is_new = possible
                .iter()
                .zip(&at)
                .any(|(axis, index)| axis.get(*index) == Some(&false));
            if !is_new {
                continue;
            }
            match self.combination(at.clone()) {
                Ok(_) => {
                    for (axis, index) in possible.iter_mut().zip(at) {
                        axis.get_mut(index)
                            .into_iter()
                            .for_each(|seen| *seen = true);
                    }
                }
                Err(error) => last = Some(error),
            }
        }
        let all = possible.iter().flatten().all(|possible| *possible);
        match last {
            Some(error) if !all => {
                let named = table
                    .parameters
                    .iter()
                    .find(|(name, _)| Some(name.get_ref().as_str()) == error.parameter());
                let place = named.map_or(table.kind.span(), |(name, _)| name.span());
                Err(RecipeError::at(place, error.to_string()))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
