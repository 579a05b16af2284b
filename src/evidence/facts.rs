//! Facts: the metric values that a policy judges, each with where it came from.
//!
//! In: what the gate derived from a bundle (or, in `policy evaluate`, bare metrics). Out: one
//! [`Fact`] per `metric:sample`. A fact is a decimal already rounded half-even to 9 places, or the
//! reason why there is none; a policy never sees an f64.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::decimal::Decimal;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricKey, MetricResult, Sample, Undefined};

/// One judged value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Which metric.
    pub metric: Metric,
    /// On which sample.
    pub sample: Sample,
    /// The value, rounded half-even to 9 decimals; none when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
    /// The unit that the evidence states.
    pub unit: Unit,
    /// Why there is no value; present exactly when `value` is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<Undefined>,
    /// The conventions behind the value deviate from the policy's: nothing better than `fail`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deviates: bool,
    /// File and derivation, such as `series/oos.csv` or `series/full.csv single_crash_bar 0.20`.
    pub source: String,
}

impl Fact {
    /// A fact from a computed metric; the unit is the metric's own.
    #[must_use]
    pub fn computed(key: MetricKey, result: MetricResult, source: &str) -> Self {
        let decimal = result.and_then(|x| Decimal::from_f64(x).map_err(|_| Undefined::OutOfRange));
        Self {
            metric: key.metric,
            sample: key.sample,
            value: decimal.as_ref().ok().map(Decimal::judged),
            unit: key.metric.unit(),
            undefined: decimal.err(),
            deviates: false,
            source: source.to_owned(),
        }
    }

    /// Its `metric:sample`.
    #[must_use]
    pub fn key(&self) -> MetricKey {
        MetricKey::new(self.metric, self.sample)
    }
}

/// All judged values of one evaluation, at most one per `metric:sample`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<MetricKey, Fact>);

/// Two values for one `metric:sample`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is given twice")]
pub struct DuplicateFact(pub String);

impl Facts {
    /// Collects facts.
    ///
    /// # Errors
    /// When two of them have the same `metric:sample`.
    pub fn new(facts: impl IntoIterator<Item = Fact>) -> Result<Self, DuplicateFact> {
        let mut map = BTreeMap::new();
        for fact in facts {
            let key = fact.key();
            if map.insert(key, fact).is_some() {
                return Err(DuplicateFact(key.to_string()));
            }
        }
        Ok(Self(map))
    }

    /// The fact for `key`.
    #[must_use]
    pub fn get(&self, key: MetricKey) -> Option<&Fact> {
        self.0.get(&key)
    }

    /// All facts, ordered by metric and sample.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.0.values()
    }
}
