//! Blobs: what entries name by digest and the ledger keeps.
//!
//! In: a digest, a request, a bundle. Out: bytes that fit their name; what is not kept is left out.

use std::collections::BTreeMap;

use super::Desk;
use crate::app::failure::Failure;
use crate::app::gate::failures;
use crate::evidence::bundle::is_judged;
use crate::evidence::manifest::Manifest;
use crate::governance::promotion::statement::Request;
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::digest::Digest;

/// Blobs by digest.
pub type Kept = BTreeMap<Digest, Vec<u8>>;

impl Desk {
    /// A kept blob.
    ///
    /// # Errors
    /// When the database cannot be read or the blob does not fit its name.
    pub async fn blob(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, Failure> {
        self.ledger
            .blob(digest)
            .await
            .map_err(|e| failures::ledger(&e))
    }

    /// The blobs behind a request: manifests, their signatures, their judged files, limits.
    ///
    /// # Errors
    /// When the database cannot be read or a blob does not fit its name.
    pub async fn kept(&mut self, request: &Request) -> Result<Kept, Failure> {
        let mut kept = Kept::new();
        self.fetch(&request.limits_sha256, &mut kept).await?;
        for evidence in &request.evidence {
            if let Some(signature) = request.grounds.signature_of(&evidence.evidence_sha256) {
                self.fetch(&signature, &mut kept).await?;
            }
            self.bundle_blobs(&evidence.evidence_sha256, &mut kept)
                .await?;
        }
        Ok(kept)
    }

    /// Adds a bundle's manifest and its judged files to `kept`.
    ///
    /// # Errors
    /// When the database cannot be read or a blob does not fit its name.
    pub async fn bundle_blobs(
        &mut self,
        evidence: &Digest,
        kept: &mut Kept,
    ) -> Result<(), Failure> {
        let manifest = self.fetch(evidence, kept).await?;
        let manifest =
            manifest.and_then(|b| canonical::decode::<Manifest>(&b, DOCUMENT_MAX_BYTES).ok());
        let files = manifest.map(|m| m.files).unwrap_or_default();
        for file in files.iter().filter(|f| is_judged(f)) {
            self.fetch(&file.sha256, kept).await?;
        }
        Ok(())
    }

    /// A kept blob, also added to `kept`.
    ///
    /// # Errors
    /// When the database cannot be read or the blob does not fit its name.
    pub async fn fetch(
        &mut self,
        digest: &Digest,
        kept: &mut Kept,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let blob = self
            .ledger
            .blob(digest)
            .await
            .map_err(|e| failures::ledger(&e))?;
        if let Some(bytes) = &blob {
            kept.insert(*digest, bytes.clone());
        }
        Ok(blob)
    }
}
