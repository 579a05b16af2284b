//! `strategy.json`: the fully resolved configuration of a portfolio, in canonical bytes.
//!
//! Its SHA-256 is `strategy_sha256`: strategies, parameters, weights, symbols, timeframes, stops,
//! sizing, costs and the split of the samples, with no unresolved default or include. Decimals are
//! strings. The gate reads capital, ids, styles and weights from it; `runnable` turns it into rules
//! that run; a rerun starts from nothing else but this, the seed and the bars.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::canonical::{self, CanonicalError};
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, ProfileId, StrategyId, is_identifier};
use crate::kernel::time::UtcTime;

/// The value of `schema`.
pub const SCHEMA: &str = "promote/strategy/v1";
/// Name of the file inside a bundle.
pub const FILE_NAME: &str = "strategy.json";

/// A resolved portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// [`SCHEMA`].
    pub schema: String,
    /// Portfolio.
    pub portfolio: PortfolioId,
    /// Risk profile: it selects the policy.
    pub profile: ProfileId,
    /// Equity before the first bar, in the quote currency.
    pub capital: Decimal,
    /// Fee per side, fraction of notional.
    pub fee: Decimal,
    /// Slippage per side, fraction of price.
    pub slippage: Decimal,
    /// `next_open`: a signal at the close of a bar is filled at the next bar's open; `same_close`: at
    /// that close.
    pub fill: String,
    /// How the account is run, where that differs from the plain one.
    #[serde(default, skip_serializing_if = "AccountTerms::is_plain")]
    pub account: AccountTerms,
    /// How the out-of-sample part is cut.
    pub walk_forward: WalkForward,
    /// Where development stopped: everything after it is the out-of-sample part, and there are no
    /// walk-forward windows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub developed_until: Option<UtcTime>,
    /// The strategies, in the recipe's order.
    pub strategies: Vec<StrategyConfiguration>,
}

/// How the account is run. What is left out is as on the plain account: no spread, nothing paid for
/// borrowing, any size, no rebalancing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountTerms {
    /// Full quoted spread, fraction of price; every fill pays half of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<Decimal>,
    /// What a short pays per year of 365 days, fraction of its marked notional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub borrow_per_year: Option<Decimal>,
    /// Least notional of an entry or an adjustment, in the quote currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_notional: Option<Decimal>,
    /// `daily`, `weekly` or `monthly`: how often open positions are brought back to their share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebalance: Option<String>,
}

impl AccountTerms {
    /// True when nothing differs from the plain account.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// Rolling windows: `train` days are skipped, then `test` days count, then both move by `test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WalkForward {
    /// Days of a training window.
    pub train_days: i64,
    /// Days of a test window, and the step.
    pub test_days: i64,
}

/// One resolved strategy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StrategyConfiguration {
    /// Name inside the portfolio; the columns `return_ID` and `weight_ID` carry it.
    pub id: StrategyId,
    /// Rule, such as `rsi_reversion`.
    pub kind: String,
    /// Style, such as `mean_reversion`; the styles of a portfolio are counted.
    pub style: String,
    /// Such as `BTC/EUR`.
    pub symbol: String,
    /// Such as `1h`.
    pub timeframe: String,
    /// Share of the portfolio's equity, fraction; the weights add up to 1.
    pub weight: Decimal,
    /// Share of `weight` x equity that one position takes, fraction; at most, where it is sized by
    /// risk.
    pub position_fraction: Decimal,
    /// Sized by risk: the share of `weight` x equity that is lost when the nearest stop is hit,
    /// before costs, fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_per_trade: Option<Decimal>,
    /// Stop-loss distance from the entry, fraction of price.
    pub stop: Option<Decimal>,
    /// Take-profit distance from the entry, fraction of price.
    pub take_profit: Option<Decimal>,
    /// True when the strategy may sell short.
    pub allow_short: bool,
    /// Parameters of the rule, by name.
    pub parameters: BTreeMap<String, Parameter>,
}

/// A parameter of a rule. A text is a number where it reads as one, else a word; a word begins with
/// a letter, so that no text is both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Parameter {
    /// On or off.
    Flag(bool),
    /// A number.
    Number(Decimal),
    /// One of the words that the parameter knows.
    Word(Word),
    /// The rules inside a rule.
    Components(Vec<ComponentParameter>),
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Word(word) => f.write_str(word.as_str()),
            Self::Components(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{part}")?;
                }
                Ok(())
            }
        }
    }
}

/// A word: 1 to 64 of a-z, 0-9, `_`, `-`, the first a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Word(String);

impl Word {
    /// The word, if `text` is one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let letter = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        (letter && is_identifier(text)).then(|| Self(text.to_owned()))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Word {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, &'static str> {
        Self::new(&text).ok_or("a word is 1 to 64 of a-z, 0-9, `_`, `-`, the first a letter")
    }
}

impl From<Word> for String {
    fn from(word: Word) -> String {
        word.0
    }
}

/// One rule inside a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComponentParameter {
    /// Rule, such as `ma_trend`.
    pub kind: String,
    /// Its weight beside the others, above 0 and at most 1.
    pub weight: Decimal,
    /// Its parameters, by name.
    pub parameters: BTreeMap<String, Parameter>,
}

impl fmt::Display for ComponentParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {} (", self.weight, self.kind)?;
        for (index, (name, value)) in self.parameters.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{name} = {value}")?;
        }
        f.write_str(")")
    }
}

impl Configuration {
    /// Canonical bytes: the content of `strategy.json`.
    ///
    /// # Errors
    /// When a text in it cannot stand in canonical bytes.
    pub fn encode(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::encode(self)
    }

    /// Reads `strategy.json`.
    ///
    /// # Errors
    /// When the bytes are not canonical, of another schema, or not of this shape.
    pub fn decode(bytes: &[u8]) -> Result<Self, CanonicalError> {
        let read: Self = canonical::decode(bytes, canonical::ENTRY_MAX_BYTES)?;
        if read.schema == SCHEMA {
            return Ok(read);
        }
        let shown = crate::kernel::text::visible(&read.schema, 80);
        Err(CanonicalError::Shape(format!(
            "schema `{shown}`, `{SCHEMA}` is wanted"
        )))
    }

    /// `strategy_sha256`.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        Ok(Digest::of(&self.encode()?))
    }

    /// What every fill loses against the market price: slippage and half of the spread, fraction of
    /// price. It is this that evidence states as slippage, so that no spread hides behind it.
    #[must_use]
    pub fn slippage_per_side(&self) -> Decimal {
        match &self.account.spread {
            None => self.slippage.clone(),
            Some(spread) => self.slippage.plus(&half(spread)),
        }
    }

    /// The different styles, sorted.
    #[must_use]
    pub fn styles(&self) -> Vec<&str> {
        let mut styles: Vec<&str> = self.strategies.iter().map(|s| s.style.as_str()).collect();
        styles.sort_unstable();
        styles.dedup();
        styles
    }
}

/// Half of `value`.
fn half(value: &Decimal) -> Decimal {
    let half = "0.5".parse().unwrap_or_else(|_| Decimal::zero());
    value.times(&half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Configuration {
        Configuration {
            schema: SCHEMA.to_owned(),
            portfolio: PortfolioId::new("p").unwrap(),
            profile: ProfileId::new("conservative").unwrap(),
            capital: Decimal::from_int(10_000),
            fee: "0.0026".parse().unwrap(),
            slippage: "0.0005".parse().unwrap(),
            fill: "next_open".to_owned(),
            account: AccountTerms::default(),
            walk_forward: WalkForward {
                train_days: 90,
                test_days: 30,
            },
            developed_until: None,
            strategies: vec![StrategyConfiguration {
                id: StrategyId::new("a").unwrap(),
                kind: "rsi_reversion".to_owned(),
                style: "mean_reversion".to_owned(),
                symbol: "BTC/EUR".to_owned(),
                timeframe: "1h".to_owned(),
                weight: Decimal::from_int(1),
                position_fraction: "0.5".parse().unwrap(),
                risk_per_trade: None,
                stop: Some("0.05".parse().unwrap()),
                take_profit: None,
                allow_short: false,
                parameters: BTreeMap::from([
                    ("lower".to_owned(), Parameter::Number(Decimal::from_int(25))),
                    ("use_trend_filter".to_owned(), Parameter::Flag(false)),
                ]),
            }],
        }
    }

    #[test]
    fn bytes_read_back_and_every_change_changes_the_digest() {
        let one = example();
        let bytes = one.encode().unwrap();
        assert_eq!(Configuration::decode(&bytes).unwrap(), one);
        let mut other = example();
        other.strategies[0].allow_short = true;
        assert_ne!(one.digest().unwrap(), other.digest().unwrap());
        let mut wrong = example();
        wrong.schema = "promote/strategy/v2".to_owned();
        assert!(Configuration::decode(&wrong.encode().unwrap()).is_err());
    }

    /// The bytes of a configuration as they were before words and components: they must not change,
    /// bundles name their digest.
    #[test]
    fn the_bytes_of_flags_and_numbers_stay() {
        let bytes = example().encode().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let parameters = r#""parameters":{"lower":"25","use_trend_filter":false}"#;
        assert!(text.contains(parameters), "{text}");
    }

    /// What is left as it was does not stand in the bytes; what is asked for reads back.
    #[test]
    fn further_terms_stand_in_the_bytes_only_where_they_are_asked_for() {
        let plain = example();
        let text = String::from_utf8(plain.encode().unwrap()).unwrap();
        for key in ["account", "developed_until", "risk_per_trade"] {
            assert!(!text.contains(key), "{text}");
        }
        let mut other = example();
        other.account.spread = Some("0.0004".parse().unwrap());
        other.account.rebalance = Some("monthly".to_owned());
        other.developed_until = Some(UtcTime::parse_loose("2024-01-01").unwrap());
        other.strategies[0].risk_per_trade = Some("0.01".parse().unwrap());
        let bytes = other.encode().unwrap();
        assert_eq!(Configuration::decode(&bytes).unwrap(), other);
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.starts_with(r#"{"account":{"rebalance":"monthly","spread":"0.0004"},"capital""#),
            "{text}"
        );
        assert_eq!(plain.slippage_per_side().to_string(), "0.0005");
        assert_eq!(other.slippage_per_side().to_string(), "0.0007");
    }

    #[test]
    fn words_and_components_read_back() {
        let word = |text: &str| Parameter::Word(Word::new(text).unwrap());
        let part = ComponentParameter {
            kind: "vol_regime_filter".to_owned(),
            weight: "0.5".parse().unwrap(),
            parameters: BTreeMap::from([("vol_method".to_owned(), word("std"))]),
        };
        let mut one = example();
        one.strategies[0].parameters = BTreeMap::from([
            ("components".to_owned(), Parameter::Components(vec![part])),
            ("mode".to_owned(), word("voting")),
            (
                "threshold".to_owned(),
                Parameter::Number("0.3".parse().unwrap()),
            ),
        ]);
        let bytes = one.encode().unwrap();
        assert_eq!(Configuration::decode(&bytes).unwrap(), one);
        let shown: Vec<String> = one.strategies[0]
            .parameters
            .values()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            shown,
            [
                "0.5 x vol_regime_filter (vol_method = std)",
                "voting",
                "0.3"
            ]
        );
    }

    #[test]
    fn no_number_is_a_word() {
        for bad in ["", "1", "-1", "1e5", "0.5", "Voting", "a b", "-a", "\u{e4}"] {
            assert_eq!(Word::new(bad), None, "{bad}");
        }
        let read = |text: &str| serde_json::from_str::<Parameter>(text);
        assert!(matches!(read("\"1\"").unwrap(), Parameter::Number(_)));
        assert!(matches!(read("\"nan\"").unwrap(), Parameter::Word(_)));
        assert!(read("\"1.\"").is_err() && read("1").is_err() && read("{}").is_err());
    }
}
