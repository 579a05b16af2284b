//! Checkpoints: a signed statement of size and root, as C2SP tlog-checkpoint and signed-note define
//! them.
//!
//! ```text
//! desk.example/promote
//! 3
//! rr+8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc=
//!
//! — desk.example/promote BASE64(keyid4 || signature64)
//! ```
//!
//! Origin, decimal size, base64 root, a blank line, one signature line. The key id is the first
//! four bytes of SHA-256(name || 0x0A || 0x01 || public key). Only this one spelling is read: what
//! is parsed and written again must give the same bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::entry::Head;
use crate::kernel::digest::Digest;
use crate::kernel::pubkey::PublicKey;

/// Signature type of an Ed25519 log key.
const ED25519: u8 = 0x01;
/// Longest note that is read, in bytes.
pub const NOTE_MAX_BYTES: usize = 4096;

/// Why a note is not this ledger's checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not of the one spelling.
    #[error("malformed checkpoint: {0}")]
    Malformed(&'static str),
    /// For another log.
    #[error("checkpoint of `{found}`, wanted `{wanted}`")]
    Origin {
        /// Origin wanted.
        wanted: String,
        /// Origin found.
        found: String,
    },
    /// Not signed by this key.
    #[error("checkpoint signature does not verify")]
    Signature,
}

/// True when `text` can name a log: not empty, no white space, no `+`, no control character.
#[must_use]
pub fn is_origin(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && !text
            .chars()
            .any(|c| c == '+' || c.is_whitespace() || crate::kernel::text::is_forbidden(c))
}

/// The text that is signed.
#[must_use]
pub fn body(origin: &str, head: &Head) -> String {
    format!(
        "{origin}\n{}\n{}\n",
        head.size,
        STANDARD.encode(head.root.as_bytes())
    )
}

/// The whole note from its body's signature.
#[must_use]
pub fn note(origin: &str, head: &Head, key: &PublicKey, signature: &[u8; 64]) -> String {
    let mut blob = key_id(origin, key).to_vec();
    blob.extend_from_slice(signature);
    format!(
        "{}\n— {origin} {}\n",
        body(origin, head),
        STANDARD.encode(blob)
    )
}

/// First four bytes of SHA-256(name || 0x0A || 0x01 || public key).
#[must_use]
pub fn key_id(name: &str, key: &PublicKey) -> [u8; 4] {
    let digest = Digest::of_parts(&[name.as_bytes(), b"\n", &[ED25519], key.as_bytes()]);
    let [a, b, c, d, ..] = *digest.as_bytes();
    [a, b, c, d]
}

/// The verifier key that C2SP tools take: `name+hash+base64(0x01 || key)`.
#[must_use]
pub fn verifier_key(name: &str, key: &PublicKey) -> String {
    let mut encoded = vec![ED25519];
    encoded.extend_from_slice(key.as_bytes());
    format!(
        "{name}+{}+{}",
        hex::encode(key_id(name, key)),
        STANDARD.encode(encoded)
    )
}

/// Reads and verifies a note.
///
/// # Errors
/// When it is malformed, for another origin, or not signed by `key`.
pub fn open(note_bytes: &[u8], origin: &str, key: &PublicKey) -> Result<Head, CheckpointError> {
    use CheckpointError::Malformed;
    if note_bytes.len() > NOTE_MAX_BYTES {
        return Err(Malformed("too long"));
    }
    let text = std::str::from_utf8(note_bytes).map_err(|_| Malformed("not UTF-8"))?;
    let mut lines = text.split('\n');
    let mut next = || lines.next().ok_or(Malformed("cut short"));
    let (found, size, root, blank, line) = (next()?, next()?, next()?, next()?, next()?);
    if found != origin {
        return Err(CheckpointError::Origin {
            wanted: origin.to_owned(),
            found: crate::kernel::text::visible(found, 80),
        });
    }
    let size: u64 = size.parse().map_err(|_| Malformed("size"))?;
    let root = STANDARD.decode(root).map_err(|_| Malformed("root"))?;
    let root = Digest::try_from(root.as_slice()).map_err(|_| Malformed("root"))?;
    let signed = line.strip_prefix("— ").and_then(|l| l.strip_prefix(origin));
    let blob = signed
        .and_then(|l| l.strip_prefix(' '))
        .ok_or(Malformed("signature line"))?;
    let blob = STANDARD.decode(blob).map_err(|_| Malformed("signature"))?;
    let (id, signature) = blob.split_at_checked(4).ok_or(Malformed("signature"))?;
    let signature = <[u8; 64]>::try_from(signature).map_err(|_| Malformed("signature"))?;
    let head = Head { size, root };
    if !blank.is_empty() || note(origin, &head, key, &signature).as_bytes() != note_bytes {
        return Err(if id == key_id(origin, key) {
            Malformed("spelling")
        } else {
            CheckpointError::Signature
        });
    }
    if key.verify(body(origin, &head).as_bytes(), &signature) {
        Ok(head)
    } else {
        Err(CheckpointError::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_note_verifies() {
        // C2SP signed-note / golang.org/x/mod/sumdb/note: the PeterNeumann example key and note.
        let key: [u8; 32] = STANDARD
            .decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .unwrap()[1..]
            .try_into()
            .unwrap();
        let key = PublicKey::from_bytes(key).unwrap();
        assert_eq!(
            verifier_key("PeterNeumann", &key),
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        );
        let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let blob = STANDARD
            .decode("x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=")
            .unwrap();
        assert_eq!(blob[..4], key_id("PeterNeumann", &key));
        assert!(key.verify(text.as_bytes(), blob[4..].try_into().unwrap()));
    }
}
