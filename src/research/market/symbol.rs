//! What is traded: `BTC/EUR`, or a single ticker such as `BRK.B`.
//!
//! In: text from a person or a file. Out: one checked spelling, upper case, and a file-name form
//! (`BTC-EUR`) that maps back one to one, because neither half may hold `-` or `/`. Nothing that
//! passes here can leave a folder.

use std::fmt;
use std::str::FromStr;

use crate::kernel::text::visible;

/// Longest half of a symbol, in characters.
const PART_MAX: usize = 20;

/// A symbol: a base and, for a pair, the currency it is quoted in.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Symbol {
    base: String,
    quote: Option<String>,
}

/// A text that is no symbol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a symbol: BASE/QUOTE or a ticker is wanted, each 1 to {PART_MAX} of A-Z, 0-9 and `.`, beginning with a letter or digit"
)]
pub struct SymbolError(String);

impl Symbol {
    /// What is bought and sold, such as `BTC`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What it is paid with, such as `EUR`; none for a ticker.
    #[must_use]
    pub fn quote(&self) -> Option<&str> {
        self.quote.as_deref()
    }

    /// The spelling in file names: `BTC-EUR`.
    #[must_use]
    pub fn file_name(&self) -> String {
        self.to_string().replace('/', "-")
    }

    /// Reads the spelling of a file name back.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_file_name(text: &str) -> Result<Self, SymbolError> {
        if text.contains('/') {
            return Err(SymbolError(visible(text, 64)));
        }
        text.replacen('-', "/", 1).parse()
    }

    /// True when `text` names this symbol in any of the spellings that exchanges write into their
    /// files: `BTC/EUR`, `BTC-EUR`, `BTC_EUR`, `BTCEUR`, in either case.
    #[must_use]
    pub fn is_spelled(&self, text: &str) -> bool {
        let bare = |c: &char| !matches!(c, '/' | '-' | '_');
        let mine = self
            .base
            .chars()
            .chain(self.quote.iter().flat_map(|q| q.chars()));
        text.trim()
            .chars()
            .filter(bare)
            .map(|c| c.to_ascii_uppercase())
            .eq(mine)
    }
}

fn is_part(text: &str) -> bool {
    let upper_or_digit = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    (1..=PART_MAX).contains(&text.len())
        && text.bytes().next().is_some_and(upper_or_digit)
        && text.bytes().all(|b| upper_or_digit(b) || b == b'.')
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.quote {
            Some(quote) => f.pad(&format!("{}/{quote}", self.base)),
            None => f.pad(&self.base),
        }
    }
}

impl FromStr for Symbol {
    type Err = SymbolError;
    fn from_str(text: &str) -> Result<Self, SymbolError> {
        let (base, quote) = match text.split_once('/') {
            Some((base, quote)) => (base, Some(quote)),
            None => (text, None),
        };
        if is_part(base) && quote.is_none_or(is_part) {
            Ok(Self {
                base: base.to_owned(),
                quote: quote.map(str::to_owned),
            })
        } else {
            Err(SymbolError(visible(text, 64)))
        }
    }
}

impl TryFrom<String> for Symbol {
    type Error = SymbolError;
    fn try_from(text: String) -> Result<Self, SymbolError> {
        text.parse()
    }
}

impl From<Symbol> for String {
    fn from(symbol: Symbol) -> String {
        symbol.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_map_back_and_traversal_is_refused() {
        for good in ["BTC/EUR", "BTC/USDT", "SPY", "BRK.B", "1INCH/EUR"] {
            let symbol: Symbol = good.parse().unwrap();
            assert_eq!(symbol.to_string(), good);
            assert_eq!(Symbol::from_file_name(&symbol.file_name()).unwrap(), symbol);
        }
        for bad in [
            "",
            "/",
            "BTC/",
            "/EUR",
            "../../x",
            "../../X",
            "..",
            ".X",
            "BTC/../EUR",
            "BTC/EUR/X",
            "btc/eur",
            "BTC-EUR",
            "BTC EUR",
            "BTC/\u{202e}EUR",
            "ВТС/EUR",
            "A\0B",
        ] {
            assert!(bad.parse::<Symbol>().is_err(), "{bad:?}");
        }
        assert!("A".repeat(21).parse::<Symbol>().is_err());
    }

    #[test]
    fn spellings_of_exchanges() {
        let symbol: Symbol = "BTC/EUR".parse().unwrap();
        for same in ["BTC/EUR", "BTCEUR", "btc-eur", "BTC_EUR", " BTC/EUR "] {
            assert!(symbol.is_spelled(same), "{same}");
        }
        for other in ["ETH/EUR", "BTCEURX", "BTC", ""] {
            assert!(!symbol.is_spelled(other), "{other}");
        }
    }
}
