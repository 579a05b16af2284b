//! Identifiers, checked once at the edge and trusted inside.
//!
//! Every identifier is `[a-z0-9][a-z0-9_-]{0,63}`: it can stand in a file name, a URL, SQL, HTML
//! or a terminal without escaping, and no two of them look alike by Unicode trickery.

use std::fmt;
use std::str::FromStr;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{shown}` is not a valid {what}: use 1 to 64 of a-z, 0-9, `_`, `-`, not starting with `_` or `-`"
)]
pub struct IdError {
    what: &'static str,
    shown: String,
}

/// True when `text` is `[a-z0-9][a-z0-9_-]{0,63}`.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    let first = bytes
        .next()
        .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    first
        && text.len() <= 64
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks `text` and wraps it.
            ///
            /// # Errors
            /// When `text` is not `[a-z0-9][a-z0-9_-]{0,63}`.
            pub fn new(text: &str) -> Result<Self, IdError> {
                if is_identifier(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { what: $what, shown: super::text::visible(text, 64) })
                }
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

identifier!(
    /// A portfolio, the thing that is promoted. Its name is also the preset's name.
    PortfolioId,
    "portfolio name"
);
identifier!(
    /// A person. Keys belong to persons, and separation of duties counts persons.
    PersonId,
    "person id"
);
identifier!(
    /// A request for promotion: `PORTFOLIO-0001` and so on, numbered per portfolio.
    RequestId,
    "request id"
);
identifier!(
    /// A session: `PORTFOLIO-s0001` and so on, numbered per portfolio.
    SessionId,
    "session id"
);
identifier!(
    /// A risk profile: conservative, moderate, aggressive in the shipped policy set.
    ProfileId,
    "risk profile"
);
identifier!(
    /// An instance: one installation that may run sessions, with a key of its own.
    InstanceId,
    "instance name"
);
identifier!(
    /// One criterion of a policy.
    CriterionId,
    "criterion id"
);
identifier!(
    /// Name of a checklist item.
    ItemId,
    "checklist item"
);
identifier!(
    /// One configured strategy of a portfolio, such as `rsi_reversion_btc_conservative`.
    StrategyId,
    "strategy id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traversal_and_look_alikes_are_refused() {
        for bad in [
            "",
            "../x",
            "a/b",
            "A",
            "-a",
            "_a",
            "ä",
            "a b",
            "a\u{202e}b",
            "a.b",
            "а",
        ] {
            assert!(PortfolioId::new(bad).is_err(), "{bad:?}");
        }
        assert!(PortfolioId::new(&"a".repeat(65)).is_err());
        assert!(PortfolioId::new(&"a".repeat(64)).is_ok());
        assert!(PortfolioId::new("rsi_reversion-2").is_ok());
    }
}
