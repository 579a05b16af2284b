//! SSHSIG: the envelope in which people sign, as OpenSSH's PROTOCOL.sshsig defines it.
//!
//! Blob: `SSHSIG`, uint32 version 1, string public key, string namespace, string reserved (empty),
//! string hash algorithm (`sha512`), string signature (string `ssh-ed25519`, string 64 bytes). The
//! signed bytes are `SSHSIG`, string namespace, string reserved, string hash algorithm, string
//! SHA-512(message). One namespace per statement type keeps a signature from being read as another
//! act. `ssh-keygen -Y verify` accepts what [`Envelope::verify`] accepts, and the other way round
//! for the one key type and hash that we allow.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};

use super::pubkey::{KEY_TYPE, PublicKey, PublicKeyError};

const MAGIC: &[u8] = b"SSHSIG";
const HASH: &[u8] = b"sha512";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";

/// A parsed signature envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The key that claims to have signed.
    pub key: PublicKey,
    /// What the signature is for.
    pub namespace: String,
    /// Raw Ed25519 signature.
    pub signature: [u8; 64],
}

/// Why a signature envelope is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SshsigError {
    /// Not one armored SSH SIGNATURE block.
    #[error("not an SSH signature: one `{BEGIN}` block is wanted")]
    Armor,
    /// The blob is malformed.
    #[error("malformed SSH signature: {0}")]
    Malformed(&'static str),
    /// The key inside is not acceptable.
    #[error("SSH signature by an unacceptable key")]
    Key(#[from] PublicKeyError),
    /// Signed for another purpose.
    #[error("SSH signature is for `{found}`, wanted `{wanted}`")]
    Namespace {
        /// Namespace wanted.
        wanted: String,
        /// Namespace found.
        found: String,
    },
    /// The signature does not fit the message and key.
    #[error("signature does not match the signed bytes")]
    Mismatch,
}

/// Takes one length-prefixed SSH string off the front of `bytes`.
#[must_use]
pub fn take_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)
}

fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// The bytes that Ed25519 signs for `message` under `namespace`.
#[must_use]
pub fn signed_bytes(namespace: &str, message: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    put_string(&mut out, namespace.as_bytes());
    put_string(&mut out, b"");
    put_string(&mut out, HASH);
    put_string(&mut out, &Sha512::digest(message));
    out
}

impl Envelope {
    /// The binary blob.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut signature = Vec::new();
        put_string(&mut signature, KEY_TYPE.as_bytes());
        put_string(&mut signature, &self.signature);
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&1_u32.to_be_bytes());
        put_string(&mut out, &self.key.to_wire());
        put_string(&mut out, self.namespace.as_bytes());
        put_string(&mut out, b"");
        put_string(&mut out, HASH);
        put_string(&mut out, &signature);
        out
    }

    /// Reads the binary blob; only version 1, sha512, an empty reserved field, `ssh-ed25519`, and
    /// nothing behind it.
    ///
    /// # Errors
    /// When any of this does not hold.
    pub fn decode(blob: &[u8]) -> Result<Self, SshsigError> {
        let malformed = SshsigError::Malformed;
        let next = |bytes| take_string(bytes).ok_or(malformed("cut short"));
        let rest = blob.strip_prefix(MAGIC).ok_or(malformed("magic"))?;
        let rest = rest
            .strip_prefix(&1_u32.to_be_bytes())
            .ok_or(malformed("version"))?;
        let (key, rest) = next(rest)?;
        let (namespace, rest) = next(rest)?;
        let (reserved, rest) = next(rest)?;
        let (hash, rest) = next(rest)?;
        let (signature, rest) = next(rest)?;
        if !rest.is_empty() {
            return Err(malformed("trailing bytes"));
        }
        if !reserved.is_empty() {
            return Err(malformed("reserved field not empty"));
        }
        if hash != HASH {
            return Err(malformed("hash algorithm is not sha512"));
        }
        let key = PublicKey::from_wire(key)?;
        let namespace = std::str::from_utf8(namespace).map_err(|_| malformed("namespace"))?;
        if namespace.is_empty() || !namespace.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(malformed("namespace"));
        }
        let (kind, signature) = next(signature)?;
        let (raw, rest) = next(signature)?;
        let raw = <[u8; 64]>::try_from(raw).map_err(|_| malformed("signature length"))?;
        if kind != KEY_TYPE.as_bytes() || !rest.is_empty() {
            return Err(malformed("signature type"));
        }
        Ok(Self {
            key,
            namespace: namespace.to_owned(),
            signature: raw,
        })
    }

    /// The armored text that `ssh-keygen -Y sign` writes.
    #[must_use]
    pub fn to_armor(&self) -> String {
        let encoded = STANDARD.encode(self.encode());
        let mut out = format!("{BEGIN}\n");
        for line in encoded.as_bytes().chunks(70) {
            out.push_str(&String::from_utf8_lossy(line));
            out.push('\n');
        }
        out.push_str(END);
        out.push('\n');
        out
    }

    /// Reads exactly one armored block.
    ///
    /// # Errors
    /// When the text is anything else, or the blob inside is malformed.
    pub fn from_armor(text: &str) -> Result<Self, SshsigError> {
        let body = text
            .trim_end_matches('\n')
            .strip_prefix(BEGIN)
            .and_then(|t| t.strip_suffix(END))
            .ok_or(SshsigError::Armor)?;
        if body.contains(['\r', '-', ' ', '\t']) {
            return Err(SshsigError::Armor);
        }
        let blob = STANDARD
            .decode(body.replace('\n', ""))
            .map_err(|_| SshsigError::Armor)?;
        Self::decode(&blob)
    }

    /// Checks that this envelope signs `message` for `namespace`.
    ///
    /// # Errors
    /// When the namespace is another or the signature does not fit.
    pub fn verify(&self, namespace: &str, message: &[u8]) -> Result<(), SshsigError> {
        if self.namespace != namespace {
            return Err(SshsigError::Namespace {
                wanted: namespace.to_owned(),
                found: self.namespace.clone(),
            });
        }
        if self
            .key
            .verify(&signed_bytes(namespace, message), &self.signature)
        {
            Ok(())
        } else {
            Err(SshsigError::Mismatch)
        }
    }
}
