//! The end of a document of results: what made it, when, and how it is made again.

use serde::Serialize;

use crate::evidence::manifest::Engine;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;

/// What made a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Made {
    /// Digest of everything that the results follow from.
    pub run_sha256: Digest,
    /// What computed it.
    pub engine: Engine,
    /// When.
    pub produced_at: UtcTime,
    /// The command that repeats it.
    pub command: String,
    /// Where it was written; on stdout only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}
