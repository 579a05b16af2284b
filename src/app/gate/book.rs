//! The book for commands: the blobs behind every LIVE portfolio, read where a candidate is judged.
//!
//! In: a desk and the candidate's name, or the digest of a book that was kept. Out: [`Book`], with
//! the bytes that an evaluation has to keep.

use super::desk::{Desk, Kept};
use super::failures;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::promotion::book::{self, Opened, Snapshot};
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;

/// What is LIVE beside a candidate.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Book {
    /// Digest of the snapshot; none while nothing else is LIVE.
    pub digest: Option<Digest>,
    /// The snapshot, and what its portfolios stand on.
    pub kept: Kept,
}

impl Book {
    /// What is LIVE now beside `candidate`.
    ///
    /// # Errors
    /// When the database cannot be read or a blob does not fit its name.
    pub async fn now(desk: &mut Desk, candidate: &PortfolioId) -> Result<Self, Failure> {
        let Some(snapshot) = book::snapshot(&desk.state, candidate) else {
            return Ok(Self::default());
        };
        let bytes = snapshot
            .to_bytes()
            .map_err(|e| Failure::from_error(Exit::Internal, "book", "", &e))?;
        Self::of(desk, bytes).await
    }

    /// The book with that digest, as it was kept.
    ///
    /// # Errors
    /// When the database cannot be read or a blob does not fit its name.
    pub async fn kept(desk: &mut Desk, digest: Option<Digest>) -> Result<Self, Failure> {
        let bytes = match digest {
            Some(digest) => desk.blob(&digest).await?,
            None => None,
        };
        match bytes {
            Some(bytes) => Self::of(desk, bytes).await,
            None => Ok(Self {
                digest,
                kept: Kept::new(),
            }),
        }
    }

    async fn of(desk: &mut Desk, bytes: Vec<u8>) -> Result<Self, Failure> {
        let digest = Digest::of(&bytes);
        // Whoever opens it says what is no snapshot.
        let snapshot = canonical::decode::<Snapshot>(&bytes, DOCUMENT_MAX_BYTES).ok();
        let mut kept = Kept::from([(digest, bytes)]);
        for position in snapshot.map(|s| s.live).unwrap_or_default() {
            desk.bundle_blobs(&position.evidence_sha256, &mut kept)
                .await?;
            desk.fetch(&position.limits_sha256, &mut kept).await?;
        }
        Ok(Self {
            digest: Some(digest),
            kept,
        })
    }

    /// The snapshot's bytes: what an evaluation keeps.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        self.kept.get(self.digest.as_ref()?).cloned()
    }

    /// Its portfolios.
    ///
    /// # Errors
    /// Exit 9 when what a LIVE portfolio stands on is not kept.
    pub fn open(&self) -> Result<Vec<Opened>, Failure> {
        book::open(self.digest, &|digest| self.kept.get(digest).cloned())
            .map_err(|e| failures::recheck(&e))
    }
}
