//! Blobs: larger things that entries name by digest, stored compressed, never twice.
//!
//! Two digests: of the content, by which it is named, and of the stored bytes, so that a changed
//! byte is found even where the compression would swallow it.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::connection::Ledger;
use super::error::LedgerError;
use crate::kernel::digest::Digest;

/// Largest content, in bytes.
pub(super) const BLOB_MAX_BYTES: usize = 64 * 1024 * 1024;

const INSERT_SQL: &str = "INSERT INTO blob (sha256, stored_sha256, stored) SELECT ?1, ?2, ?3 \
    WHERE NOT EXISTS (SELECT 1 FROM blob WHERE sha256 = ?1)";

impl Ledger {
    /// The content named `sha256`, checked; none when it is not there.
    ///
    /// # Errors
    /// When the stored bytes do not give the content of that name.
    pub async fn blob(&mut self, sha256: &Digest) -> Result<Option<Vec<u8>>, LedgerError> {
        let row = sqlx::query("SELECT stored_sha256, stored FROM blob WHERE sha256 = ?1")
            .bind(sha256.as_bytes().as_slice())
            .fetch_optional(
                self.connection
                    .get()
                    .map_err(LedgerError::database("read a blob"))?,
            )
            .await
            .map_err(LedgerError::database("read a blob"))?;
        let Some(row) = row else { return Ok(None) };
        let (stored_sha256, stored): (&[u8], &[u8]) = (|| Ok((row.try_get(0)?, row.try_get(1)?)))()
            .map_err(LedgerError::database("read a blob"))?;
        check(sha256, stored_sha256, stored)
            .map(Some)
            .map_err(LedgerError::Integrity)
    }
}

/// A blob as it is stored.
pub(super) struct Packed {
    sha256: Digest,
    stored_sha256: Digest,
    stored: Vec<u8>,
}

/// Compresses `bytes`.
pub(super) fn pack(bytes: &[u8]) -> Result<Packed, LedgerError> {
    if bytes.len() > BLOB_MAX_BYTES {
        return Err(LedgerError::Unstorable(format!(
            "a blob of {} bytes, the limit is {BLOB_MAX_BYTES}",
            bytes.len()
        )));
    }
    let unstorable = |e: std::io::Error| LedgerError::Unstorable(e.to_string());
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).map_err(unstorable)?;
    let stored = encoder.finish().map_err(unstorable)?;
    Ok(Packed {
        sha256: Digest::of(bytes),
        stored_sha256: Digest::of(&stored),
        stored,
    })
}

/// Stores a blob unless it is there.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    packed: &Packed,
) -> Result<(), LedgerError> {
    sqlx::query(INSERT_SQL)
        .bind(packed.sha256.as_bytes().to_vec())
        .bind(packed.stored_sha256.as_bytes().to_vec())
        .bind(packed.stored.clone())
        .execute(connection)
        .await
        .map_err(LedgerError::database("store a blob"))?;
    Ok(())
}

/// The content of a blob row, or what is wrong with it.
pub(super) fn check(
    sha256: &Digest,
    stored_sha256: &[u8],
    stored: &[u8],
) -> Result<Vec<u8>, String> {
    if Digest::of(stored).as_bytes().as_slice() != stored_sha256 {
        return Err(format!(
            "blob {sha256}: the stored bytes have another digest"
        ));
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(BLOB_MAX_BYTES).unwrap_or(u64::MAX) + 1;
    ZlibDecoder::new(stored)
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|e| format!("blob {sha256}: cannot be read: {e}"))?;
    if Digest::of(&bytes) == *sha256 {
        Ok(bytes)
    } else {
        Err(format!("blob {sha256}: the content has another digest"))
    }
}
