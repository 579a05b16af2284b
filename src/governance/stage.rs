//! Stages of a portfolio, and the targets that a request may name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::metrics::Sample;

/// How far a portfolio has been promoted.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stage {
    /// Nothing granted.
    Research,
    /// Runs passively.
    Shadow,
    /// Trades on a testnet.
    Testnet,
    /// May trade with money.
    Live,
    /// Out of service for good.
    Retired,
}

/// What a request asks for: the next stage.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// `PROMOTE_TO_SHADOW`.
    Shadow,
    /// `PROMOTE_TO_TESTNET`.
    Testnet,
    /// `PROMOTE_TO_LIVE`.
    Live,
}

impl Stage {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Research => "RESEARCH",
            Self::Shadow => "SHADOW",
            Self::Testnet => "TESTNET",
            Self::Live => "LIVE",
            Self::Retired => "RETIRED",
        }
    }

    /// The one target that may be requested from here.
    #[must_use]
    pub fn next_target(self) -> Option<Target> {
        match self {
            Self::Research => Some(Target::Shadow),
            Self::Shadow => Some(Target::Testnet),
            Self::Testnet => Some(Target::Live),
            Self::Live | Self::Retired => None,
        }
    }
}

impl Target {
    /// Every target, lowest first.
    pub const ALL: [Self; 3] = [Self::Shadow, Self::Testnet, Self::Live];

    /// The spelling on the command line and in policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Testnet => "testnet",
            Self::Live => "live",
        }
    }

    /// The status that grants it.
    #[must_use]
    pub fn promotion(self) -> &'static str {
        match self {
            Self::Shadow => "PROMOTE_TO_SHADOW",
            Self::Testnet => "PROMOTE_TO_TESTNET",
            Self::Live => "PROMOTE_TO_LIVE",
        }
    }

    /// The stage that it grants.
    #[must_use]
    pub fn stage(self) -> Stage {
        match self {
            Self::Shadow => Stage::Shadow,
            Self::Testnet => Stage::Testnet,
            Self::Live => Stage::Live,
        }
    }

    /// The sample of the session that must precede it, if any.
    #[must_use]
    pub fn session_sample(self) -> Option<Sample> {
        match self {
            Self::Shadow => None,
            Self::Testnet => Some(Sample::Shadow),
            Self::Live => Some(Sample::Testnet),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Not `shadow`, `testnet` or `live`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown target `{0}`: shadow, testnet or live is wanted")]
pub struct UnknownTarget(String);

impl FromStr for Target {
    type Err = UnknownTarget;
    fn from_str(text: &str) -> Result<Self, UnknownTarget> {
        Self::ALL
            .into_iter()
            .find(|t| t.as_str() == text)
            .ok_or_else(|| UnknownTarget(crate::kernel::text::visible(text, 40)))
    }
}
