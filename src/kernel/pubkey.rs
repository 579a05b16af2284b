//! Ed25519 public keys in OpenSSH spelling, and the only signature check that decides anything.
//!
//! `verify_strict` is used everywhere, and weak (small-order) keys are refused when a key is read:
//! with the identity point as key, the plain `verify` of several libraries accepts any message.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};

use super::digest::Digest;

/// The only key type there is.
pub const KEY_TYPE: &str = "ssh-ed25519";

/// An Ed25519 public key that is not weak. Written as OpenSSH writes it: `ssh-ed25519 AAAA…`.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct PublicKey([u8; 32]);

/// `SHA256:` and 43 base64 digits, as `ssh-keygen -l` prints it.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Fingerprint(String);

/// Why a text or bytes are not an acceptable key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// Not `ssh-ed25519 BASE64 [comment]`.
    #[error("not an OpenSSH Ed25519 public key: `ssh-ed25519 AAAA…` is wanted")]
    Spelling,
    /// Another kind of key.
    #[error("key type `{0}` is not accepted: only ssh-ed25519")]
    Kind(String),
    /// Not a point, or a small-order point under which anyone could sign.
    #[error("weak or malformed Ed25519 key")]
    Weak,
}

impl PublicKey {
    /// Wraps 32 bytes.
    ///
    /// # Errors
    /// When they are not a point, or a weak one.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, PublicKeyError> {
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| PublicKeyError::Weak)?;
        if key.is_weak() {
            Err(PublicKeyError::Weak)
        } else {
            Ok(Self(bytes))
        }
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The OpenSSH wire form: string `ssh-ed25519`, string key.
    #[must_use]
    pub fn to_wire(&self) -> Vec<u8> {
        let mut wire = Vec::with_capacity(51);
        for part in [KEY_TYPE.as_bytes(), &self.0] {
            wire.extend_from_slice(&u32::try_from(part.len()).unwrap_or(0).to_be_bytes());
            wire.extend_from_slice(part);
        }
        wire
    }

    /// Reads the OpenSSH wire form.
    ///
    /// # Errors
    /// When it is of another kind, malformed, weak or has trailing bytes.
    pub fn from_wire(wire: &[u8]) -> Result<Self, PublicKeyError> {
        let (kind, rest) = super::sshsig::take_string(wire).ok_or(PublicKeyError::Spelling)?;
        if kind != KEY_TYPE.as_bytes() {
            let shown = super::text::visible(&String::from_utf8_lossy(kind), 40);
            return Err(PublicKeyError::Kind(shown));
        }
        let (key, rest) = super::sshsig::take_string(rest).ok_or(PublicKeyError::Spelling)?;
        let bytes = <[u8; 32]>::try_from(key).map_err(|_| PublicKeyError::Spelling)?;
        if rest.is_empty() {
            Self::from_bytes(bytes)
        } else {
            Err(PublicKeyError::Spelling)
        }
    }

    /// The key as stock tools take it: PEM of a SubjectPublicKeyInfo (RFC 8410).
    #[must_use]
    pub fn to_pem(&self) -> String {
        // SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING } around the 32 bytes.
        let mut der = vec![
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
        ];
        der.extend_from_slice(&self.0);
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der)
        )
    }

    /// The fingerprint that names this key everywhere.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let digest = Digest::of(&self.to_wire());
        Fingerprint(format!(
            "SHA256:{}",
            STANDARD_NO_PAD.encode(digest.as_bytes())
        ))
    }

    /// True when `signature` is this key's over `message`, by the strict rules only.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| {
            key.verify_strict(message, &Signature::from_bytes(signature))
                .is_ok()
        })
    }
}

impl Fingerprint {
    /// The fingerprint as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{KEY_TYPE} {}", STANDARD.encode(self.to_wire()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint())
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;
    fn from_str(line: &str) -> Result<Self, PublicKeyError> {
        let mut words = line.split_ascii_whitespace();
        let kind = words.next().ok_or(PublicKeyError::Spelling)?;
        if kind != KEY_TYPE {
            return Err(PublicKeyError::Kind(super::text::visible(kind, 40)));
        }
        let blob = words.next().ok_or(PublicKeyError::Spelling)?;
        let wire = STANDARD
            .decode(blob)
            .map_err(|_| PublicKeyError::Spelling)?;
        Self::from_wire(&wire)
    }
}

impl TryFrom<String> for PublicKey {
    type Error = PublicKeyError;
    fn try_from(line: String) -> Result<Self, PublicKeyError> {
        let key: Self = line.parse()?;
        // Stored keys have no comment and one spelling.
        if key.to_string() == line {
            Ok(key)
        } else {
            Err(PublicKeyError::Spelling)
        }
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> String {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_keys_are_refused() {
        let mut identity = [0_u8; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::from_bytes(identity), Err(PublicKeyError::Weak));
        assert_eq!(PublicKey::from_bytes([0; 32]), Err(PublicKeyError::Weak));
    }

    #[test]
    fn rfc_8410_example() {
        // RFC 8410, section 10.1: the example public key.
        let bytes = hex::decode("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1")
            .unwrap();
        let key = PublicKey::from_bytes(bytes.try_into().unwrap()).unwrap();
        assert_eq!(
            key.to_pem(),
            "-----BEGIN PUBLIC KEY-----\n\
             MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
             -----END PUBLIC KEY-----\n"
        );
    }

    #[test]
    fn rfc_8032_test_2() {
        // RFC 8032, section 7.1, TEST 2: message 0x72.
        let hex32 = |s: &str| <[u8; 32]>::try_from(hex::decode(s).unwrap()).unwrap();
        let key = PublicKey::from_bytes(hex32(
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        ))
        .unwrap();
        let signature = <[u8; 64]>::try_from(
            hex::decode(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                 085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            )
            .unwrap(),
        )
        .unwrap();
        assert!(key.verify(&[0x72], &signature));
        assert!(!key.verify(&[0x73], &signature));
        assert_eq!(key.to_string().parse::<PublicKey>().unwrap(), key);
    }
}
