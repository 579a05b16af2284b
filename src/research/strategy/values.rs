//! Resolved parameters: every parameter of a kind has a value that was checked.
//!
//! In: the kind's declarations and what was given. Out: [`Values`], or the first mistake. The typed
//! readers at the end are for the kinds; a name that a kind does not declare reads as zero, which a
//! test over all kinds excludes.

use std::collections::BTreeMap;

use super::kind::{Kind, Spec, Takes};
use super::registry::{RegistryError, Rule};
use crate::kernel::decimal::Decimal;
use crate::research::portfolio::configuration::{ComponentParameter, Parameter, Word};

/// Most components of a composite.
pub const COMPONENTS_MAX: usize = 16;

/// The parameters of a rule, all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values(BTreeMap<String, Parameter>);

impl Values {
    /// Resolves `given` for `kind`.
    ///
    /// # Errors
    /// An unknown name, a wrong type, a value out of range, one without default missing, a condition
    /// between parameters that does not hold.
    pub fn resolve(
        kind: &'static Kind,
        given: &BTreeMap<String, Parameter>,
    ) -> Result<Self, RegistryError> {
        for name in given.keys() {
            spec_of(kind, name)?;
        }
        let mut values = BTreeMap::new();
        for spec in kind.specs {
            let value = match given.get(spec.name) {
                Some(value) => checked(spec, value)?,
                None => default(spec).ok_or(RegistryError::Missing {
                    kind: kind.name,
                    name: spec.name,
                })?,
            };
            values.insert(spec.name.to_owned(), value);
        }
        let values = Self(values);
        let broken = kind.conditions.iter().find(|c| !(c.holds)(&values));
        match broken {
            Some(condition) => Err(RegistryError::Value {
                name: condition.parameter,
                wanted: condition.wanted.to_owned(),
            }),
            None => Ok(values),
        }
    }

    /// Checks one value alone.
    pub(super) fn check(
        kind: &'static Kind,
        name: &str,
        value: &Parameter,
    ) -> Result<(), RegistryError> {
        checked(spec_of(kind, name)?, value).map(drop)
    }

    /// All of them, by name.
    #[must_use]
    pub fn all(&self) -> &BTreeMap<String, Parameter> {
        &self.0
    }

    /// A number, exactly as written.
    #[must_use]
    pub fn decimal(&self, name: &str) -> Decimal {
        match self.0.get(name) {
            Some(Parameter::Number(number)) => number.clone(),
            _ => Decimal::zero(),
        }
    }

    /// A number.
    #[must_use]
    pub fn number(&self, name: &str) -> f64 {
        self.decimal(name).to_f64()
    }

    /// A whole number, such as a look-back in bars.
    #[must_use]
    pub fn whole(&self, name: &str) -> usize {
        self.decimal(name).to_string().parse().unwrap_or(0)
    }

    /// A flag.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Parameter::Flag(true)))
    }

    /// A word.
    #[must_use]
    pub fn word(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(Parameter::Word(word)) => word.as_str(),
            _ => "",
        }
    }

    /// Components, with their rules.
    #[must_use]
    pub fn components(&self, name: &str) -> Vec<(Decimal, Rule)> {
        let Some(Parameter::Components(components)) = self.0.get(name) else {
            return Vec::new();
        };
        let rule = |part: &ComponentParameter| {
            let rule = Rule::new(&part.kind, &part.parameters).ok()?;
            Some((part.weight.clone(), rule))
        };
        components.iter().filter_map(rule).collect()
    }
}

fn spec_of(kind: &'static Kind, name: &str) -> Result<&'static Spec, RegistryError> {
    let mut specs = kind.specs.iter();
    specs.find(|spec| spec.name == name).ok_or_else(|| {
        let all: Vec<&str> = kind.specs.iter().map(|spec| spec.name).collect();
        RegistryError::Unknown {
            kind: kind.name,
            name: name.to_owned(),
            known: all.join(", "),
        }
    })
}

/// The value of a parameter that is not given.
fn default(spec: &Spec) -> Option<Parameter> {
    match &spec.takes {
        Takes::Flag { default } => Some(Parameter::Flag(*default)),
        Takes::Whole { default, .. } => {
            default.map(|n| Parameter::Number(Decimal::from_int(i64::from(n))))
        }
        Takes::Number { default, .. } => default
            .and_then(|text| text.parse().ok())
            .map(Parameter::Number),
        Takes::Word { default, .. } => Word::new(default).map(Parameter::Word),
        Takes::Components => None,
    }
}

/// `value`, when `spec` takes it; components with every parameter of theirs.
fn checked(spec: &Spec, value: &Parameter) -> Result<Parameter, RegistryError> {
    let within = |n: &Decimal, from: &str, to: &str| {
        let bound = |text: &str| text.parse::<Decimal>().unwrap_or_else(|_| Decimal::zero());
        *n >= bound(from) && *n <= bound(to)
    };
    let fits = match (&spec.takes, value) {
        (Takes::Flag { .. }, Parameter::Flag(_)) => true,
        (Takes::Whole { from, to, .. }, Parameter::Number(n)) => n
            .to_string()
            .parse::<u32>()
            .is_ok_and(|n| (*from..=*to).contains(&n)),
        (Takes::Number { from, to, .. }, Parameter::Number(n)) => within(n, from, to),
        (Takes::Word { of, .. }, Parameter::Word(word)) => of.contains(&word.as_str()),
        (Takes::Components, Parameter::Components(parts)) => return components(spec, parts),
        _ => false,
    };
    if fits {
        return Ok(value.clone());
    }
    Err(RegistryError::Value {
        name: spec.name,
        wanted: spec.wanted(),
    })
}

fn components(spec: &Spec, parts: &[ComponentParameter]) -> Result<Parameter, RegistryError> {
    let wrong = || RegistryError::Value {
        name: spec.name,
        wanted: spec.wanted(),
    };
    if !(2..=COMPONENTS_MAX).contains(&parts.len()) {
        return Err(wrong());
    }
    let one = Decimal::from_int(1);
    let mut resolved = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let fits = part.weight.signum() > 0 && part.weight <= one;
        // Composites of composites would let a file nest without end.
        if !fits || part.kind == super::composite::KIND.name {
            return Err(wrong());
        }
        let rule =
            Rule::new(&part.kind, &part.parameters).map_err(|error| RegistryError::Component {
                name: spec.name,
                number: index + 1,
                error: Box::new(error),
            })?;
        resolved.push(ComponentParameter {
            kind: rule.kind().to_owned(),
            weight: part.weight.clone(),
            parameters: rule.parameters(),
        });
    }
    Ok(Parameter::Components(resolved))
}
