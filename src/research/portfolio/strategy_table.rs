//! `[strategy.NAME]`: one strategy block of a recipes file.
//!
//! In: the table as read. Out: a [`StrategyConfiguration`] with weight 0 (the recipe gives the
//! weight), every parameter resolved by the registry; or the mistake with its place.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use toml::Spanned;

use super::recipe::{RecipeError, one_of};
use crate::kernel::decimal::Decimal;
use crate::kernel::id::{StrategyId, is_identifier};
use crate::kernel::number::Number;
use crate::research::portfolio::configuration::{
    ComponentParameter, Parameter, StrategyConfiguration, Word,
};
use crate::research::strategy::registry::{RegistryError, Rule};

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StrategyTable {
    kind: Spanned<String>,
    symbol: Spanned<String>,
    timeframe: Spanned<String>,
    style: Spanned<String>,
    position_fraction: Spanned<Number>,
    sizing: Option<Spanned<String>>,
    risk_per_trade: Option<Spanned<Number>>,
    stop_pct: Option<Spanned<Number>>,
    take_profit_pct: Option<Spanned<Number>>,
    allow_short: bool,
    parameters: BTreeMap<Spanned<String>, Spanned<Value>>,
}

/// A flag, a number, a word, or components.
#[derive(Debug)]
pub(in crate::research) struct Value(pub(in crate::research) Parameter);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

/// One component as it is written.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentTable {
    kind: String,
    weight: Number,
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, true or false, a word, or a list of components")
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value(Parameter::Flag(flag)))
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<Value, E> {
        Ok(Value(Parameter::Number(Decimal::from_int(n))))
    }

    fn visit_f64<E: de::Error>(self, x: f64) -> Result<Value, E> {
        let number = Decimal::from_f64(x).map_err(E::custom)?;
        Ok(Value(Parameter::Number(number)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        let word = Word::try_from(text.to_owned()).map_err(E::custom)?;
        Ok(Value(Parameter::Word(word)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut components = Vec::new();
        while let Some(part) = list.next_element::<ComponentTable>()? {
            components.push(ComponentParameter {
                kind: part.kind,
                weight: part.weight.0,
                parameters: part.parameters.into_iter().map(|(n, v)| (n, v.0)).collect(),
            });
        }
        Ok(Value(Parameter::Components(components)))
    }
}

/// Checks one block.
pub(super) fn strategy(
    name: &Spanned<String>,
    table: &StrategyTable,
) -> Result<StrategyConfiguration, RecipeError> {
    let id =
        StrategyId::new(name.get_ref()).map_err(|e| RecipeError::at(name.span(), e.to_string()))?;
    let given: BTreeMap<String, Parameter> = table
        .parameters
        .iter()
        .map(|(name, value)| (name.get_ref().clone(), value.get_ref().0.clone()))
        .collect();
    let rule = Rule::new(table.kind.get_ref(), &given)
        .and_then(|rule| rule.check_sides(table.allow_short).map(|()| rule));
    let rule = rule.map_err(|error| {
        let place = table
            .parameters
            .iter()
            .find(|(name, _)| Some(name.get_ref().as_str()) == error.parameter())
            .map_or(table.kind.span(), |(name, value)| {
                if given.contains_key(name.get_ref()) && known(&error) {
                    value.span()
                } else {
                    name.span()
                }
            });
        RecipeError::at(place, error.to_string())
    })?;
    let style = table.style.get_ref();
    if !is_identifier(style) {
        let said = "style must be 1 to 64 of a-z, 0-9, `_`, `-`, such as mean_reversion";
        return Err(RecipeError::at(table.style.span(), said));
    }
    let levels = table.stop_pct.is_some() || rule.stops().nearest().is_some();
    Ok(StrategyConfiguration {
        id,
        kind: rule.kind().to_owned(),
        style: style.clone(),
        symbol: symbol(&table.symbol)?,
        timeframe: timeframe(&table.timeframe)?,
        weight: Decimal::zero(),
        position_fraction: fraction("position_fraction", &table.position_fraction, true)?,
        risk_per_trade: risk_per_trade(table, levels)?,
        stop: optional("stop_pct", &table.stop_pct)?,
        take_profit: optional("take_profit_pct", &table.take_profit_pct)?,
        allow_short: table.allow_short,
        parameters: rule.parameters(),
    })
}

/// How a position is sized; `stops` is true where a stop limits its loss.
fn risk_per_trade(table: &StrategyTable, stops: bool) -> Result<Option<Decimal>, RecipeError> {
    const SIZINGS: [&str; 2] = ["fixed_fraction", "risk_per_trade"];
    let by_risk = match &table.sizing {
        None => None,
        Some(text) => {
            let name = one_of("sizing", text, &SIZINGS)?;
            (name == "risk_per_trade").then(|| text.span())
        }
    };
    match (by_risk, &table.risk_per_trade) {
        (None, None) => Ok(None),
        (None, Some(risk)) => {
            let said = "risk_per_trade has no meaning without sizing = \"risk_per_trade\"";
            Err(RecipeError::at(risk.span(), said))
        }
        (Some(sizing), None) => {
            let said = "sizing by risk needs risk_per_trade, the share that a stop may cost";
            Err(RecipeError::at(sizing, said))
        }
        (Some(sizing), Some(_)) if !stops => {
            let said = "sizing by risk needs a stop: without one the loss has no limit";
            Err(RecipeError::at(sizing, said))
        }
        (Some(_), Some(risk)) => fraction("risk_per_trade", risk, true).map(Some),
    }
}

/// True when the value is wrong, not the name.
fn known(error: &RegistryError) -> bool {
    !matches!(error, RegistryError::Unknown { .. })
}

fn optional(name: &str, given: &Option<Spanned<Number>>) -> Result<Option<Decimal>, RecipeError> {
    given
        .as_ref()
        .map(|given| fraction(name, given, false))
        .transpose()
}

/// A fraction above 0 and below 1, or at most 1 where `whole` is allowed.
fn fraction(name: &str, given: &Spanned<Number>, whole: bool) -> Result<Decimal, RecipeError> {
    let value = &given.get_ref().0;
    let one = Decimal::from_int(1);
    if value.signum() > 0 && (*value < one || whole && *value == one) {
        return Ok(value.clone());
    }
    let top = if whole { "at most" } else { "below" };
    let said = format!("{name} is a fraction above 0 and {top} 1 (0.05 is 5 %)");
    Err(RecipeError::at(given.span(), said))
}

fn symbol(given: &Spanned<String>) -> Result<String, RecipeError> {
    given
        .get_ref()
        .parse::<crate::research::market::symbol::Symbol>()
        .map(|symbol| symbol.to_string())
        .map_err(|e| RecipeError::at(given.span(), e.to_string()))
}

fn timeframe(given: &Spanned<String>) -> Result<String, RecipeError> {
    given
        .get_ref()
        .parse::<crate::research::market::timeframe::Timeframe>()
        .map(|timeframe| timeframe.to_string())
        .map_err(|e| RecipeError::at(given.span(), e.to_string()))
}
