//! Findings: what verification saw. Not errors, and never repaired.

use serde::Serialize;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Finding {
    /// The entry concerned, where it is one.
    pub seq: Option<u64>,
    /// Stable code, such as `leaf_hash`.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

impl Finding {
    /// A finding about an entry.
    #[must_use]
    pub fn at(seq: u64, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            seq: Some(seq),
            code,
            message: message.into(),
        }
    }

    /// A finding about the ledger as a whole.
    #[must_use]
    pub fn general(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            seq: None,
            code,
            message: message.into(),
        }
    }
}
