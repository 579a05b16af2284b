//! `promote/written/v1` and `promote/demo/v1`: what a command wrote beside stdout, for whoever asked
//! for JSON.

use serde::Serialize;

use crate::kernel::digest::Digest;
use crate::kernel::text::visible;

/// `promote/written/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct WrittenJson {
    schema: &'static str,
    /// The folder or file that was named.
    pub path: String,
    /// The files that were written, below the folder or the file itself.
    pub files: Vec<WrittenFile>,
    /// Fingerprint of the ledger that a pack is checked with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Digest>,
}

/// A file that was written.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct WrittenFile {
    /// Its path as it was named, or inside the folder.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

impl WrittenFile {
    /// What was written to `path`.
    #[must_use]
    pub fn new(path: &str, bytes: &[u8]) -> Self {
        Self {
            path: visible(path, 400),
            sha256: Digest::of(bytes),
        }
    }
}

impl WrittenJson {
    /// The files that were written to `path`.
    #[must_use]
    pub fn new(path: &str, files: Vec<WrittenFile>) -> Self {
        Self {
            schema: "promote/written/v1",
            path: visible(path, 400),
            files,
            fingerprint: None,
        }
    }

    /// Names the ledger's fingerprint.
    #[must_use]
    pub fn of_ledger(mut self, fingerprint: Digest) -> Self {
        self.fingerprint = Some(fingerprint);
        self
    }
}

/// `promote/demo/v1`: the story ended as it should.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct DemoJson {
    schema: &'static str,
    /// The folder that was kept; null when it is gone.
    pub kept: Option<String>,
    /// Commands that ran, each with the exit code that the story expects.
    pub commands: usize,
}

impl DemoJson {
    /// The story after `commands` commands.
    #[must_use]
    pub fn new(kept: Option<String>, commands: usize) -> Self {
        Self {
            schema: "promote/demo/v1",
            kept,
            commands,
        }
    }
}
