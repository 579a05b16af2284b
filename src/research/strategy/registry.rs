//! The registry: which kinds of strategies exist, and how a [`Rule`] comes from a kind and
//! parameters.
//!
//! In: a kind and parameters by name, as a recipe or `strategy.json` gives them. Out: a [`Rule`] with
//! every parameter typed and in range. An unknown name is an error, never ignored: a misspelt
//! parameter would otherwise make a sweep of identical runs.

use std::collections::BTreeMap;
use std::fmt;

use super::columns::Columns;
use super::form::Form;
use super::kind::{Condition, Kind};
use super::values::Values;
use super::{Signal, Strategy};
use super::{
    bollinger, breakout, composite, donchian, ma_crossover, macd, mean_reversion, momentum,
    rsi_reversion, trend_following, vol_regime_filter,
};
use crate::kernel::text::visible;
use crate::research::backtest::executor::Stops;
use crate::research::portfolio::configuration::Parameter;

/// Every kind, in the order in which they are explained.
pub static KINDS: [&Kind; 12] = [
    &rsi_reversion::KIND,
    &ma_crossover::CROSSOVER,
    &ma_crossover::TREND,
    &trend_following::KIND,
    &momentum::KIND,
    &macd::KIND,
    &bollinger::KIND,
    &mean_reversion::KIND,
    &breakout::KIND,
    &donchian::KIND,
    &vol_regime_filter::KIND,
    &composite::KIND,
];

/// A kind with its parameters.
#[derive(Clone)]
pub struct Rule {
    kind: &'static Kind,
    values: Values,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name)?;
        f.debug_map()
            .entries(self.values.all().iter().map(|(n, v)| (n, v.to_string())))
            .finish()
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.kind.name == other.kind.name && self.values == other.values
    }
}

impl Eq for Rule {}

/// Why there is no such rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// No such kind.
    #[error("unknown kind `{0}`; known: {known}", known = names())]
    Kind(String),
    /// The kind has no such parameter.
    #[error("kind `{kind}` has no parameter `{name}`; known: {known}")]
    Unknown {
        /// Kind.
        kind: &'static str,
        /// Parameter.
        name: String,
        /// What there is.
        known: String,
    },
    /// A parameter that has no default is not given.
    #[error("kind `{kind}` needs the parameter `{name}`")]
    Missing {
        /// Kind.
        kind: &'static str,
        /// Parameter.
        name: &'static str,
    },
    /// Wrong type or out of range.
    #[error("parameter `{name}` must be {wanted}")]
    Value {
        /// Parameter.
        name: &'static str,
        /// What it may be.
        wanted: String,
    },
    /// A component of a composite is wrong.
    #[error("component {number} of `{name}`: {error}")]
    Component {
        /// Parameter.
        name: &'static str,
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        error: Box<RegistryError>,
    },
    /// The rule can only be short, and may not.
    #[error("`mode = \"any_short\"` never buys: it needs `allow_short = true`")]
    OnlyShort,
}

impl RegistryError {
    /// The parameter that is wrong, where it is one.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::Kind(_) | Self::Missing { .. } => None,
            Self::Unknown { name, .. } => Some(name),
            Self::Value { name, .. } | Self::Component { name, .. } => Some(name),
            Self::OnlyShort => Some("mode"),
        }
    }
}

fn known(kind: &str) -> Result<&'static Kind, RegistryError> {
    KINDS
        .into_iter()
        .find(|known| known.name == kind)
        .ok_or_else(|| RegistryError::Kind(visible(kind, 40)))
}

fn names() -> String {
    KINDS.map(|kind| kind.name).join(", ")
}

impl Rule {
    /// The rule `kind` with `given`; what is not given has its documented default.
    ///
    /// # Errors
    /// An unknown kind or name, a wrong type, a value out of range, one without default missing.
    pub fn new(kind: &str, given: &BTreeMap<String, Parameter>) -> Result<Self, RegistryError> {
        let kind = known(kind)?;
        Ok(Self {
            kind,
            values: Values::resolve(kind, given)?,
        })
    }

    /// Checks one value alone, whatever the other parameters are.
    ///
    /// # Errors
    /// An unknown kind or name, a wrong type, a value out of range.
    pub fn check_value(kind: &str, name: &str, value: &Parameter) -> Result<(), RegistryError> {
        known(kind).and_then(|kind| Values::check(kind, name, value))
    }

    /// The parameters of a kind whose values must fit others, without order.
    #[must_use]
    pub fn related(kind: &str) -> Vec<&'static str> {
        let conditions = known(kind).map_or(&[] as &[Condition], |kind| kind.conditions);
        conditions
            .iter()
            .flat_map(|condition| [condition.parameter, condition.other])
            .collect()
    }

    /// Checks that the rule can trade at all when shorts are allowed or not.
    ///
    /// # Errors
    /// When it only ever sells short and may not.
    pub fn check_sides(&self, allow_short: bool) -> Result<(), RegistryError> {
        let only_short =
            self.kind.name == composite::KIND.name && self.values.word("mode") == "any_short";
        if only_short && !allow_short {
            return Err(RegistryError::OnlyShort);
        }
        Ok(())
    }

    /// The kind's name.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind.name
    }

    /// Every parameter, also those that were defaults.
    #[must_use]
    pub fn parameters(&self) -> BTreeMap<String, Parameter> {
        self.values.all().clone()
    }

    /// Bars until all indicators are defined; the signal of the earlier ones is flat.
    #[must_use]
    pub fn warm_up(&self) -> usize {
        (self.kind.warm_up)(&self.values)
    }

    /// Levels that belong to the rule; they are watched besides those of its strategy block.
    #[must_use]
    pub fn stops(&self) -> Stops {
        (self.kind.stops)(&self.values)
    }

    /// The rule without shorts, as comparisons of columns.
    #[must_use]
    pub fn form(&self) -> Form {
        (self.kind.form)(&self.values)
    }

    /// A fresh running strategy.
    #[must_use]
    pub fn start(&self, allow_short: bool) -> Box<dyn Strategy> {
        (self.kind.start)(&self.values, allow_short)
    }

    /// The signal of every bar: what a fresh running strategy says, computed for all bars at once.
    #[must_use]
    pub fn signals(&self, allow_short: bool, columns: &Columns<'_>) -> Vec<Signal> {
        (self.kind.signals)(&self.values, allow_short, columns)
    }
}

#[cfg(test)]
mod tests;
