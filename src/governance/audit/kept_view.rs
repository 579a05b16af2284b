//! Kept views: a file beside the ledger with what `status` and `inbox` show at one head, so that
//! they need not fold every entry.
//!
//! ```text
//! promote/view/v1
//! 0.1.0
//! desk.example/promote
//! 3
//! aebebff6… (64 digits)
//! 44136fa3… (64 digits)
//! BASE64(SSHSIG blob)
//!
//! {"ledger":"desk.example/promote",…}
//! ```
//!
//! Format, version of the program, origin, size, root, SHA-256 of everything behind the blank line;
//! then the log key's signature over these six lines, a blank line, the view. It is a cache: nothing
//! is decided on it, a file that does not open is as good as none, and `ledger verify` holds it
//! against the entries.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::entry::Head;
use crate::kernel::digest::Digest;
use crate::kernel::pubkey::PublicKey;
use crate::kernel::sshsig::Envelope;

const FORMAT: &str = "promote/view/v1";
const NAMESPACE: &str = "view-v1@promote";
/// The program that wrote it; another one may show other things.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A view that the log key signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptView {
    /// Version of the program that wrote it.
    pub version: String,
    /// The head at which it was true.
    pub head: Head,
    /// The view.
    pub body: Vec<u8>,
}

/// Why a file is no view of this ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeptViewError {
    /// Not of the one spelling.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// Of another ledger.
    #[error("it is of another ledger")]
    Origin,
    /// Not signed by the log key.
    #[error("the log key has not signed it")]
    Signature,
    /// The bytes behind the signed lines are others.
    #[error("its content is not what was signed")]
    Content,
}

fn lines(version: &str, origin: &str, head: &Head, content: Digest) -> String {
    let Head { size, root } = head;
    format!("{FORMAT}\n{version}\n{origin}\n{size}\n{root}\n{content}\n")
}

/// The whole file; `sign` signs with the log key, namespace and message in.
#[must_use]
pub fn seal(
    origin: &str,
    head: &Head,
    body: &[u8],
    sign: impl FnOnce(&str, &[u8]) -> Envelope,
) -> Vec<u8> {
    let mut text = lines(VERSION, origin, head, Digest::of(body));
    let envelope = sign(NAMESPACE, text.as_bytes());
    text.push_str(&STANDARD.encode(envelope.encode()));
    text.push_str("\n\n");
    let mut file = text.into_bytes();
    file.extend_from_slice(body);
    file
}

/// Reads a file and verifies that `key` signed it for the ledger `origin`.
///
/// # Errors
/// When it is malformed, of another ledger, not signed by `key`, or changed.
pub fn open(file: &[u8], origin: &str, key: &PublicKey) -> Result<KeptView, KeptViewError> {
    use KeptViewError::Malformed;
    let mut rest = file;
    let mut line = || {
        let end = rest.iter().position(|b| *b == b'\n');
        let (line, more) = end.and_then(|end| rest.split_at_checked(end))?;
        rest = more.get(1..)?;
        std::str::from_utf8(line).ok()
    };
    let mut next = || line().ok_or(Malformed("cut short"));
    let (format, version, found) = (next()?, next()?, next()?);
    let (size, root, content) = (next()?, next()?, next()?);
    let (signature, blank) = (next()?, next()?);
    if format != FORMAT || !blank.is_empty() {
        return Err(Malformed("format"));
    }
    if found != origin {
        return Err(KeptViewError::Origin);
    }
    let head = Head {
        size: size.parse().map_err(|_| Malformed("size"))?,
        root: root.parse().map_err(|_| Malformed("root"))?,
    };
    let content: Digest = content.parse().map_err(|_| Malformed("digest"))?;
    let blob = STANDARD.decode(signature).ok();
    let envelope = blob.and_then(|blob| Envelope::decode(&blob).ok());
    let envelope = envelope.ok_or(Malformed("signature"))?;
    let signed = lines(version, origin, &head, content);
    if envelope.key != *key || envelope.verify(NAMESPACE, signed.as_bytes()).is_err() {
        return Err(KeptViewError::Signature);
    }
    if Digest::of(rest) != content {
        return Err(KeptViewError::Content);
    }
    Ok(KeptView {
        version: version.to_owned(),
        head,
        body: rest.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;
    use crate::kernel::sshsig::signed_bytes;

    fn sealed(secret: u8, origin: &str) -> (Vec<u8>, PublicKey) {
        let signing = SigningKey::from_bytes(&[secret; 32]);
        let key = PublicKey::from_bytes(signing.verifying_key().to_bytes()).unwrap();
        let head = Head {
            size: 3,
            root: Digest::of(b"root"),
        };
        let file = seal(origin, &head, b"{}", |namespace, message| Envelope {
            key,
            namespace: namespace.to_owned(),
            signature: signing.sign(&signed_bytes(namespace, message)).to_bytes(),
        });
        (file, key)
    }

    #[test]
    fn every_bit_and_every_byte_of_the_file_counts() {
        let (file, key) = sealed(7, "desk");
        let kept = open(&file, "desk", &key).unwrap();
        assert_eq!(
            (kept.head.size, kept.body.as_slice()),
            (3, b"{}".as_slice())
        );
        assert_eq!(kept.version, VERSION);
        for at in 0..file.len() {
            assert!(open(&file[..at], "desk", &key).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut other = file.clone();
                other[at] ^= 1 << bit;
                assert!(
                    open(&other, "desk", &key).is_err(),
                    "bit {bit} of byte {at}"
                );
            }
        }
        let longer = [file.as_slice(), b" "].concat();
        assert_eq!(open(&longer, "desk", &key), Err(KeptViewError::Content));
    }

    #[test]
    fn another_ledger_and_another_key_are_told_apart() {
        let (file, key) = sealed(7, "desk");
        assert_eq!(open(&file, "dusk", &key), Err(KeptViewError::Origin));
        let (_, other) = sealed(8, "desk");
        assert_eq!(open(&file, "desk", &other), Err(KeptViewError::Signature));
    }
}
