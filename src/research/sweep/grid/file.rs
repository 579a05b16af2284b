//! How a sweeps file is read: every mistake with its place.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use toml::Spanned;

use super::{Axis, COMBINATIONS_MAX, Constraint, EXITS, Sweep, Sweeps, Term, Wanted};
use crate::kernel::decimal::Decimal;
use crate::kernel::id::StrategyId;
use crate::kernel::text::{check_free_text, visible};
use crate::research::portfolio::configuration::{Parameter, Word};
use crate::research::portfolio::recipe::RecipeError;
use crate::research::portfolio::strategy_table::Value;
use crate::research::strategy::registry::{RegistryError, Rule};

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
    let mut axes: Vec<Axis> = rule
        .map(|(name, values)| axis(name, values, false))
        .collect();
    for (name, values) in exits {
        check_exit(name, values)?;
        if axes.iter().any(|axis| axis.name == name) {
            let said = format!("`{name}` is a parameter of this sweep already: say it once");
            return Err(at(values.span(), said));
        }
        axes.push(axis(name, values, true));
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

fn axis(name: &str, values: &Spanned<Values>, exit: bool) -> Axis {
    Axis {
        name: name.to_owned(),
        exit,
        values: values.get_ref().0.clone(),
    }
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
        text: words.join(" "),
        left: term(left)?,
        wanted,
        right: term(right)?,
    })
}

/// Known combinations that a value is tried in before all others are.
const KNOWN_MOST: usize = 64;

impl Sweep {
    /// Every value must be possible in some combination; else it says what is wrong with it.
    ///
    /// Almost every value fits into a combination that another value was found possible in, so that few
    /// are tried, whatever the size of the grid. Only for one that fits into none of these are the
    /// others searched, and of those only the ones that differ in a parameter that must fit another.
    fn check_values(&self, table: &SweepTable) -> Result<(), RecipeError> {
        let wrong = |error: &RegistryError| {
            let names = &mut table.parameters.keys();
            let named = names.find(|name| Some(name.get_ref().as_str()) == error.parameter());
            let place = named.map_or(table.kind.span(), Spanned::span);
            RecipeError::at(place, error.to_string())
        };
        for axis in self.axes.iter().filter(|axis| !axis.exit) {
            for value in &axis.values {
                Rule::check_value(&self.kind, &axis.name, value).map_err(|e| wrong(&e))?;
            }
        }
        let mut known: Vec<Vec<usize>> = Vec::new();
        for (number, axis) in self.axes.iter().enumerate() {
            for index in 0..axis.values.len() {
                if known.iter().any(|at| at.get(number) == Some(&index)) {
                    continue;
                }
                let at = self
                    .possible(number, index, &known)
                    .map_err(|e| wrong(&e))?;
                if known.len() < KNOWN_MOST {
                    known.push(at);
                }
            }
        }
        Ok(())
    }

    /// A combination that has value `index` of axis `number`; or what is wrong with the last one that
    /// was tried.
    fn possible(
        &self,
        number: usize,
        index: usize,
        known: &[Vec<usize>],
    ) -> Result<Vec<usize>, RegistryError> {
        let with = |mut at: Vec<usize>| {
            if let Some(place) = at.get_mut(number) {
                *place = index;
            }
            at
        };
        let tried = known.iter().map(|at| with(at.clone()));
        if let Some(at) = tried
            .into_iter()
            .find(|at| self.combination(at.clone()).is_ok())
        {
            return Ok(at);
        }
        let related = Rule::related(&self.kind);
        let varied: Vec<(usize, usize)> = self
            .axes
            .iter()
            .enumerate()
            .filter(|(other, axis)| *other != number && related.contains(&axis.name.as_str()))
            .map(|(other, axis)| (other, axis.values.len()))
            .collect();
        let count = varied
            .iter()
            .fold(1_usize, |count, (_, values)| count.saturating_mul(*values));
        let first = with(vec![0; self.axes.len()]);
        let mut last = self.combination(first.clone()).map(|_| first.clone());
        for combination in 1..count.min(COMBINATIONS_MAX) {
            if last.is_ok() {
                break;
            }
            let (mut rest, mut at) = (combination, first.clone());
            for (other, values) in varied.iter().rev() {
                if let Some(place) = at.get_mut(*other) {
                    *place = rest % values;
                }
                rest /= values;
            }
            last = self.combination(at.clone()).map(|_| at);
        }
        last
    }
}
