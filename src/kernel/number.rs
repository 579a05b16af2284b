//! Numbers in configuration files: an integer, a float or a decimal string becomes an exact
//! [`Decimal`].
//!
//! A float is taken as the shortest decimal that reads back to it, which for everything a person
//! types is exactly what was typed. NaN and infinities, which TOML can spell, are refused.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::decimal::Decimal;

/// A number as a person writes it in TOML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(pub Decimal);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<Number, E> {
        Ok(Number(Decimal::from_int(n)))
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Number, E> {
        n.to_string().parse().map(Number).map_err(E::custom)
    }

    fn visit_f64<E: de::Error>(self, x: f64) -> Result<Number, E> {
        Decimal::from_f64(x).map(Number).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
        text.parse().map(Number).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Holder {
        x: Number,
    }

    #[test]
    fn what_was_typed_is_what_is_kept() {
        for (typed, kept) in [("0.05", "0.05"), ("26", "26"), ("\"0.30\"", "0.3")] {
            let holder: Holder = toml::from_str(&format!("x = {typed}")).unwrap();
            assert_eq!(holder.x.0.to_string(), kept);
        }
        for bad in ["nan", "inf", "true", "\"1e3\""] {
            assert!(
                toml::from_str::<Holder>(&format!("x = {bad}")).is_err(),
                "{bad}"
            );
        }
    }
}
