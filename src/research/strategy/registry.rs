//! The registry: which kinds of strategies exist, with which parameters.
//!
//! In: a kind and parameters by name, as a recipe or `strategy.json` gives them. Out: a [`Rule`] with
//! every parameter typed and in range. An unknown name is an error, never ignored: a misspelt
//! parameter would otherwise make a sweep of identical runs.

use std::collections::BTreeMap;

use super::Strategy;
use super::rsi_reversion::{RsiReversion, RsiReversionParameters};
use crate::kernel::decimal::Decimal;
use crate::kernel::text::visible;
use crate::research::portfolio::configuration::Parameter;

/// A kind with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// `rsi_reversion`.
    RsiReversion(RsiReversionParameters),
}

/// Why there is no such rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// No such kind.
    #[error("unknown kind `{0}`; known: {known}", known = KINDS.join(", "))]
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
}

impl RegistryError {
    /// The parameter that is wrong, where it is one.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::Kind(_) | Self::Missing { .. } => None,
            Self::Unknown { name, .. } => Some(name),
            Self::Value { name, .. } => Some(name),
        }
    }
}

/// Every kind.
pub const KINDS: [&str; 1] = [RSI_REVERSION];
const RSI_REVERSION: &str = "rsi_reversion";
const RSI_REVERSION_PARAMETERS: [&str; 8] = [
    "rsi_window",
    "lower",
    "upper",
    "exit_lower",
    "exit_upper",
    "use_trend_filter",
    "trend_ma_window",
    "use_wilder",
];
const WINDOW_MAX: u32 = 10_000;

impl Rule {
    /// The rule `kind` with `given`; what is not given has its documented default.
    ///
    /// # Errors
    /// An unknown kind or name, a wrong type, a value out of range, one without default missing.
    pub fn new(kind: &str, given: &BTreeMap<String, Parameter>) -> Result<Self, RegistryError> {
        if kind != RSI_REVERSION {
            return Err(RegistryError::Kind(visible(kind, 40)));
        }
        let mut unknown = given
            .keys()
            .filter(|name| !RSI_REVERSION_PARAMETERS.contains(&name.as_str()));
        if let Some(name) = unknown.next() {
            return Err(RegistryError::Unknown {
                kind: RSI_REVERSION,
                name: name.clone(),
                known: RSI_REVERSION_PARAMETERS.join(", "),
            });
        }
        let given = Given {
            kind: RSI_REVERSION,
            values: given,
        };
        let middle = Decimal::from_int(50);
        let parameters = RsiReversionParameters {
            window: given.window("rsi_window", None)?,
            lower: given.level("lower", None)?,
            upper: given.level("upper", None)?,
            exit_lower: given.level("exit_lower", Some(&middle))?,
            exit_upper: given.level("exit_upper", Some(&middle))?,
            use_trend_filter: given.flag("use_trend_filter", false)?,
            trend_ma_window: given.window("trend_ma_window", Some(50))?,
            use_wilder: given.flag("use_wilder", true)?,
        };
        let order = [
            (
                "exit_lower",
                "at least `lower`",
                parameters.exit_lower >= parameters.lower,
            ),
            (
                "exit_upper",
                "at most `upper`",
                parameters.exit_upper <= parameters.upper,
            ),
            (
                "upper",
                "above `lower`",
                parameters.upper > parameters.lower,
            ),
        ];
        match order.into_iter().find(|(_, _, holds)| !holds) {
            Some((name, wanted, _)) => Err(value_error(name, wanted)),
            None => Ok(Self::RsiReversion(parameters)),
        }
    }

    /// The kind's name.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RsiReversion(_) => RSI_REVERSION,
        }
    }

    /// Every parameter, also those that were defaults.
    #[must_use]
    pub fn parameters(&self) -> BTreeMap<String, Parameter> {
        let Self::RsiReversion(p) = self;
        let window = |n: u32| Parameter::Number(Decimal::from_int(i64::from(n)));
        [
            ("rsi_window", window(p.window)),
            ("lower", Parameter::Number(p.lower.clone())),
            ("upper", Parameter::Number(p.upper.clone())),
            ("exit_lower", Parameter::Number(p.exit_lower.clone())),
            ("exit_upper", Parameter::Number(p.exit_upper.clone())),
            ("use_trend_filter", Parameter::Flag(p.use_trend_filter)),
            ("trend_ma_window", window(p.trend_ma_window)),
            ("use_wilder", Parameter::Flag(p.use_wilder)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// A fresh running strategy.
    #[must_use]
    pub fn start(&self, allow_short: bool) -> Box<dyn Strategy> {
        match self {
            Self::RsiReversion(parameters) => Box::new(RsiReversion::new(parameters, allow_short)),
        }
    }
}

fn value_error(name: &'static str, wanted: &str) -> RegistryError {
    RegistryError::Value {
        name,
        wanted: wanted.to_owned(),
    }
}

struct Given<'a> {
    kind: &'static str,
    values: &'a BTreeMap<String, Parameter>,
}

impl Given<'_> {
    fn missing(&self, name: &'static str) -> RegistryError {
        RegistryError::Missing {
            kind: self.kind,
            name,
        }
    }

    fn window(&self, name: &'static str, default: Option<u32>) -> Result<u32, RegistryError> {
        let wanted = format!("a whole number from 2 to {WINDOW_MAX}");
        match self.values.get(name) {
            None => default.ok_or_else(|| self.missing(name)),
            Some(Parameter::Number(n)) => n
                .to_string()
                .parse()
                .ok()
                .filter(|n| (2..=WINDOW_MAX).contains(n))
                .ok_or_else(|| value_error(name, &wanted)),
            Some(Parameter::Flag(_)) => Err(value_error(name, &wanted)),
        }
    }

    fn level(
        &self,
        name: &'static str,
        default: Option<&Decimal>,
    ) -> Result<Decimal, RegistryError> {
        match self.values.get(name) {
            None => default.cloned().ok_or_else(|| self.missing(name)),
            Some(Parameter::Number(n)) if n.signum() >= 0 && *n <= Decimal::from_int(100) => {
                Ok(n.clone())
            }
            Some(_) => Err(value_error(name, "a number from 0 to 100")),
        }
    }

    fn flag(&self, name: &'static str, default: bool) -> Result<bool, RegistryError> {
        match self.values.get(name) {
            None => Ok(default),
            Some(Parameter::Flag(flag)) => Ok(*flag),
            Some(Parameter::Number(_)) => Err(value_error(name, "true or false")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, i64)]) -> BTreeMap<String, Parameter> {
        pairs
            .iter()
            .map(|(name, n)| ((*name).to_owned(), Parameter::Number(Decimal::from_int(*n))))
            .collect()
    }

    #[test]
    fn defaults_are_resolved_and_read_back() {
        let rule = Rule::new(
            "rsi_reversion",
            &given(&[("rsi_window", 14), ("lower", 30), ("upper", 70)]),
        )
        .unwrap();
        let all = rule.parameters();
        assert_eq!(all.len(), RSI_REVERSION_PARAMETERS.len());
        assert_eq!(Rule::new(rule.kind(), &all).unwrap(), rule);
    }

    #[test]
    fn what_the_original_silently_ignored_is_an_error() {
        let base = [("rsi_window", 14), ("lower", 30), ("upper", 70)];
        for (extra, wrong) in [
            (("rsi_period", 14), "rsi_period"),
            (("oversold_level", 30), "oversold_level"),
            (("exit_lower", 101), "exit_lower"),
            (("exit_lower", 20), "exit_lower"),
            (("trend_ma_window", 1), "trend_ma_window"),
            (("use_wilder", 1), "use_wilder"),
            (("rsi_window", 1), "rsi_window"),
            (("upper", 30), "exit_upper"),
        ] {
            let mut pairs: Vec<_> = base.iter().filter(|p| p.0 != extra.0).copied().collect();
            pairs.push(extra);
            let error = Rule::new("rsi_reversion", &given(&pairs)).unwrap_err();
            assert_eq!(error.parameter(), Some(wrong), "{error}");
        }
        assert!(matches!(
            Rule::new("rsi_reversion", &given(&base[1..])),
            Err(RegistryError::Missing {
                name: "rsi_window",
                ..
            })
        ));
        assert!(Rule::new("ma_trend\u{1b}[31m", &given(&base)).is_err());
    }
}
