//! What a ledger keeps of a bundle, and reading it back.
//!
//! A request keeps the manifest, the producer's signature over it and every judged file as blobs,
//! each under its digest. Views are not kept: nothing judged rests on them. [`blobs_of`] says what
//! to keep, [`open_kept`] gives the checked bundle back from the digests of its manifest and its
//! signature: whose bundle it is never rests on the word of whoever asks.

use super::bundle::{self, BundleError, CheckedBundle, Files, Seal, is_judged};
use super::manifest::{self, Manifest};
use super::path;
use super::result_digest::result_sha256;
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::digest::Digest;

/// Why a kept bundle does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeptError {
    /// A blob is not there.
    #[error("the blob {0} is not kept")]
    Gone(Digest),
    /// A blob has other bytes than its digest says.
    #[error("the blob {0} has other bytes than its digest")]
    Differs(Digest),
    /// The blobs are no bundle.
    #[error("the kept bundle is malformed")]
    Bundle(#[from] BundleError),
}

/// The bytes of a bundle that are kept: manifest, signature and judged files.
#[must_use]
pub fn blobs_of(bundle: &CheckedBundle, files: &Files) -> Vec<Vec<u8>> {
    let judged = bundle.manifest.files.iter().filter(|f| is_judged(f));
    [manifest::FILE_NAME, path::SIGNATURE]
        .into_iter()
        .chain(judged.map(|f| f.path.as_str()))
        .filter_map(|path| files.get(path).cloned())
        .collect()
}

/// Opens the bundle whose manifest has the digest `evidence_sha256` for its numbers alone: whose it
/// is was checked by whoever showed it.
///
/// # Errors
/// When a blob is missing or has other bytes, or they are no bundle.
pub fn open_numbers(
    evidence_sha256: Digest,
    blob: &dyn Fn(&Digest) -> Option<Vec<u8>>,
) -> Result<CheckedBundle, KeptError> {
    open_with(evidence_sha256, blob, |_, _| Ok(None))
}

/// Opens the bundle whose manifest has the digest `evidence_sha256`, signed by the blob
/// `signature_sha256`, or by nobody.
///
/// # Errors
/// When a blob is missing or has other bytes, or they are no bundle, or the signature is not that
/// of the producer whom the manifest names.
pub fn open_kept(
    evidence_sha256: Digest,
    signature_sha256: Option<Digest>,
    blob: &dyn Fn(&Digest) -> Option<Vec<u8>>,
) -> Result<CheckedBundle, KeptError> {
    open_with(evidence_sha256, blob, |manifest, bytes| {
        let signature = signature_sha256.map(|d| fetch(d, blob)).transpose()?;
        let producer = manifest.producer.as_ref();
        Ok(bundle::check_signature(
            producer,
            bytes,
            signature.as_ref(),
        )?)
    })
}

fn fetch(digest: Digest, blob: &dyn Fn(&Digest) -> Option<Vec<u8>>) -> Result<Vec<u8>, KeptError> {
    match blob(&digest) {
        None => Err(KeptError::Gone(digest)),
        Some(bytes) if Digest::of(&bytes) == digest => Ok(bytes),
        Some(_) => Err(KeptError::Differs(digest)),
    }
}

fn open_with(
    evidence_sha256: Digest,
    blob: &dyn Fn(&Digest) -> Option<Vec<u8>>,
    seal_of: impl FnOnce(&Manifest, &[u8]) -> Result<Option<Seal>, KeptError>,
) -> Result<CheckedBundle, KeptError> {
    let fetch = |digest| fetch(digest, blob);
    let bytes = fetch(evidence_sha256)?;
    let manifest: Manifest =
        canonical::decode(&bytes, DOCUMENT_MAX_BYTES).map_err(BundleError::Manifest)?;
    bundle::check_manifest(&manifest)?;
    let seal = seal_of(&manifest, &bytes)?;
    if result_sha256(&manifest).map_err(BundleError::Manifest)? != manifest.result_sha256 {
        return Err(BundleError::Result.into());
    }
    let mut files = Files::new();
    for record in manifest.files.iter().filter(|f| is_judged(f)) {
        let bytes = fetch(record.sha256)?;
        if i64::try_from(bytes.len()).ok() != Some(record.size) {
            return Err(BundleError::Differs(record.path.clone()).into());
        }
        files.insert(record.path.clone(), bytes);
    }
    Ok(bundle::open(manifest, &files, evidence_sha256, seal)?)
}
