//! DSSE: the envelope in which supply-chain tools read signed statements, as the Dead Simple
//! Signing Envelope protocol 1.0.0 defines it.
//!
//! Signed are the bytes PAE(type, body) = `DSSEv1 LEN(type) type LEN(body) body`, with single
//! spaces and decimal lengths; never the envelope itself. The envelope is a JSON object with
//! `payload` and `sig` in base64. Only the one spelling that [`Envelope::encode`] writes is read,
//! and only Ed25519 by the strict rules counts. `keyid` is a hint and decides nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::pubkey::PublicKey;

/// Longest envelope that is read, in bytes.
pub const ENVELOPE_MAX_BYTES: usize = 4 * 1024 * 1024;

/// Why bytes are no envelope, or not one of this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DsseError {
    /// Longer than [`ENVELOPE_MAX_BYTES`].
    #[error("longer than {ENVELOPE_MAX_BYTES} bytes")]
    TooLong,
    /// Not a JSON object with `payload`, `payloadType` and `signatures`.
    #[error("not a DSSE envelope")]
    Shape,
    /// Parses, but is not spelled as this program writes it.
    #[error("not in the one spelling of an envelope")]
    Spelling,
    /// No signature of this key over payload and type.
    #[error("no signature of the wanted key fits")]
    Signature,
}

/// One signature of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name of the key: a hint, not believed.
    pub keyid: String,
    /// Raw Ed25519 signature.
    pub sig: [u8; 64],
}

/// An envelope taken apart, not believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What the payload is.
    pub payload_type: String,
    /// The signed bytes.
    pub payload: Vec<u8>,
    /// Who signed.
    pub signatures: Vec<Signature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature {
    keyid: String,
    sig: String,
}

/// Pre-authentication encoding: the bytes that are signed for `body` of type `payload_type`.
#[must_use]
pub fn pre_authentication(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        body.len()
    )
    .into_bytes();
    out.extend_from_slice(body);
    out
}

impl Envelope {
    /// An envelope around `payload` with one signature; `sign` makes the Ed25519 signature over the
    /// bytes that it is given.
    #[must_use]
    pub fn seal(
        payload_type: &str,
        payload: Vec<u8>,
        key: &PublicKey,
        sign: &dyn Fn(&[u8]) -> [u8; 64],
    ) -> Self {
        let sig = sign(&pre_authentication(payload_type, &payload));
        Self {
            payload_type: payload_type.to_owned(),
            payload,
            signatures: vec![Signature {
                keyid: key.fingerprint().to_string(),
                sig,
            }],
        }
    }

    /// The envelope as JSON, one line with a line feed.
    #[must_use]
    pub fn encode(&self) -> String {
        let signature = |s: &Signature| WireSignature {
            keyid: s.keyid.clone(),
            sig: STANDARD.encode(s.sig),
        };
        let wire = Wire {
            payload: STANDARD.encode(&self.payload),
            payload_type: self.payload_type.clone(),
            signatures: self.signatures.iter().map(signature).collect(),
        };
        // Three texts and a list of texts: nothing in it that JSON cannot say.
        let mut text = serde_json::to_string(&wire).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Takes an envelope apart.
    ///
    /// # Errors
    /// When it is too long, no envelope, or spelled in another way.
    pub fn decode(bytes: &[u8]) -> Result<Self, DsseError> {
        if bytes.len() > ENVELOPE_MAX_BYTES {
            return Err(DsseError::TooLong);
        }
        let wire: Wire = serde_json::from_slice(bytes).map_err(|_| DsseError::Shape)?;
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| DsseError::Shape);
        let signature = |s: &WireSignature| {
            Ok(Signature {
                keyid: s.keyid.clone(),
                sig: <[u8; 64]>::try_from(decode(&s.sig)?).map_err(|_| DsseError::Shape)?,
            })
        };
        let envelope = Self {
            payload: decode(&wire.payload)?,
            payload_type: wire.payload_type,
            signatures: wire
                .signatures
                .iter()
                .map(signature)
                .collect::<Result<_, _>>()?,
        };
        if envelope.encode().as_bytes() == bytes {
            Ok(envelope)
        } else {
            Err(DsseError::Spelling)
        }
    }

    /// The payload, once a signature of `key` over it and `payload_type` is found.
    ///
    /// # Errors
    /// When the payload is of another type or no signature is `key`'s.
    pub fn open(&self, payload_type: &str, key: &PublicKey) -> Result<&[u8], DsseError> {
        if self.payload_type != payload_type {
            return Err(DsseError::Shape);
        }
        let signed = pre_authentication(&self.payload_type, &self.payload);
        let fits = |s: &Signature| key.verify(&signed, &s.sig);
        if self.signatures.iter().any(fits) {
            Ok(&self.payload)
        } else {
            Err(DsseError::Signature)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    fn key(byte: u8) -> (SigningKey, PublicKey) {
        let key = SigningKey::from_bytes(&[byte; 32]);
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes()).unwrap();
        (key, public)
    }

    fn sealed(byte: u8) -> (Envelope, PublicKey) {
        let (key, public) = key(byte);
        let sign = |bytes: &[u8]| key.sign(bytes).to_bytes();
        let body = b"hello world".to_vec();
        let envelope = Envelope::seal("http://example.com/HelloWorld", body, &public, &sign);
        (envelope, public)
    }

    #[test]
    fn the_published_encoding() {
        // secure-systems-lab/dsse, protocol.md, test vectors: type, body and their PAE.
        assert_eq!(
            pre_authentication("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
        // Lengths count bytes, not characters; empty parts keep their spaces.
        assert_eq!(pre_authentication("ä", b""), "DSSEv1 2 ä 0 ".as_bytes());
    }

    #[test]
    fn what_is_sealed_opens_for_its_key_only() {
        let (envelope, public) = sealed(1);
        let kind = envelope.payload_type.clone();
        let text = envelope.encode();
        let again = Envelope::decode(text.as_bytes()).unwrap();
        assert_eq!(again, envelope);
        assert_eq!(again.open(&kind, &public), Ok(b"hello world".as_slice()));
        let (_, other) = key(2);
        assert_eq!(again.open(&kind, &other), Err(DsseError::Signature));
        assert_eq!(
            again.open("text/plain", &public).unwrap_err(),
            DsseError::Shape
        );
        // The type is signed too.
        let mut retyped = again.clone();
        retyped.payload_type = "text/plain".to_owned();
        assert_eq!(
            retyped.open("text/plain", &public),
            Err(DsseError::Signature)
        );
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let (envelope, public) = sealed(3);
        let kind = envelope.payload_type.clone();
        let text = envelope.encode().into_bytes();
        let keyid = String::from_utf8(text.clone()).unwrap();
        let keyid = keyid.find("SHA256:").unwrap()..keyid.find("\",\"sig\"").unwrap();
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut changed = text.clone();
                changed[at] ^= 1 << bit;
                let opened = Envelope::decode(&changed)
                    .is_ok_and(|found| found.open(&kind, &public).is_ok());
                // The name of the key is a hint and is not signed.
                assert!(!opened || keyid.contains(&at), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let (envelope, _) = sealed(4);
        let text = envelope.encode();
        for (changed, error) in [
            (text.replacen(':', ": ", 1), DsseError::Spelling),
            (text.trim_end().to_owned(), DsseError::Spelling),
            (
                text.replacen('{', "{\"payload\":\"\",", 1),
                DsseError::Shape,
            ),
            (
                text.replacen("\"keyid\"", "\"x\":1,\"keyid\"", 1),
                DsseError::Shape,
            ),
            (text.replacen("==", "", 1), DsseError::Shape),
            ("[]".to_owned(), DsseError::Shape),
        ] {
            assert_eq!(
                Envelope::decode(changed.as_bytes()),
                Err(error),
                "{changed}"
            );
        }
        let long = vec![b' '; ENVELOPE_MAX_BYTES + 1];
        assert_eq!(Envelope::decode(&long), Err(DsseError::TooLong));
    }
}
