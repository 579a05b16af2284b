//! PASETO v4.public: a signed message as one printable token, as the PASETO specification
//! (version 4, purpose public) defines it.
//!
//! Token: `v4.public.` + base64url(message || signature) + (`.` + base64url(footer)). Signed are
//! the bytes PAE("v4.public.", message, footer, implicit assertion): Ed25519, strict rules only.
//! One spelling per token: no padding, no other alphabet, no stray bits, no empty footer after a
//! dot. Nothing inside is believed before [`Sealed::open`] has checked the signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::pubkey::PublicKey;

/// Version and purpose, with the dot behind them.
pub const HEADER: &str = "v4.public.";
/// Longest token that is read, in bytes.
pub const TOKEN_MAX_BYTES: usize = 64 * 1024;

const SIGNATURE_BYTES: usize = 64;

/// Why a text is no token, or not one of this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasetoError {
    /// Longer than [`TOKEN_MAX_BYTES`].
    #[error("longer than {TOKEN_MAX_BYTES} bytes")]
    TooLong,
    /// Another version or purpose, or no token at all.
    #[error("it does not begin with `{HEADER}`")]
    Header,
    /// More than one footer, or an empty one behind a dot.
    #[error("wrong number of parts")]
    Parts,
    /// Not base64url without padding in its one spelling.
    #[error("not base64url without padding")]
    Base64,
    /// No room for a signature.
    #[error("shorter than a signature")]
    Short,
    /// The signature is not this key's over message, footer and implicit assertion.
    #[error("the signature does not fit")]
    Signature,
}

/// A token taken apart, not believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    message: Vec<u8>,
    footer: Vec<u8>,
    signature: [u8; SIGNATURE_BYTES],
}

/// Pre-authentication encoding: the number of parts, then each length and part, lengths as 64 bits
/// in little-endian order with the highest bit clear.
#[must_use]
pub fn pre_authentication(parts: &[&[u8]]) -> Vec<u8> {
    let length = |n: usize| (n as u64 & (u64::MAX >> 1)).to_le_bytes();
    let mut out = length(parts.len()).to_vec();
    for part in parts {
        out.extend_from_slice(&length(part.len()));
        out.extend_from_slice(part);
    }
    out
}

/// The token of `message` with `footer`, bound to `implicit`; `sign` makes the Ed25519 signature
/// over the bytes that it is given.
#[must_use]
pub fn seal(
    message: &[u8],
    footer: &[u8],
    implicit: &[u8],
    sign: &dyn Fn(&[u8]) -> [u8; SIGNATURE_BYTES],
) -> String {
    let signed = pre_authentication(&[HEADER.as_bytes(), message, footer, implicit]);
    let mut body = message.to_vec();
    body.extend_from_slice(&sign(&signed));
    let mut token = format!("{HEADER}{}", URL_SAFE_NO_PAD.encode(body));
    if !footer.is_empty() {
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(footer));
    }
    token
}

fn decode(text: &[u8]) -> Result<Vec<u8>, PasetoError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| PasetoError::Base64)?;
    // The decoder refuses padding and stray bits; this keeps it so.
    if URL_SAFE_NO_PAD.encode(&bytes).as_bytes() == text {
        Ok(bytes)
    } else {
        Err(PasetoError::Base64)
    }
}

impl Sealed {
    /// Takes a token apart.
    ///
    /// # Errors
    /// When it is not a `v4.public` token in its one spelling.
    pub fn parse(token: &[u8]) -> Result<Self, PasetoError> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(PasetoError::TooLong);
        }
        let rest = token
            .strip_prefix(HEADER.as_bytes())
            .ok_or(PasetoError::Header)?;
        let mut parts = rest.split(|b| *b == b'.');
        let body = decode(parts.next().unwrap_or_default())?;
        let footer = match (parts.next(), parts.next()) {
            (None, _) => Vec::new(),
            (Some(footer), None) if !footer.is_empty() => decode(footer)?,
            (Some(_), _) => return Err(PasetoError::Parts),
        };
        let (message, signature) = body
            .split_last_chunk::<SIGNATURE_BYTES>()
            .ok_or(PasetoError::Short)?;
        Ok(Self {
            message: message.to_vec(),
            footer,
            signature: *signature,
        })
    }

    /// The message and the footer, once the signature over both and `implicit` is checked.
    ///
    /// # Errors
    /// When it is not `key`'s.
    pub fn open(&self, key: &PublicKey, implicit: &[u8]) -> Result<(&[u8], &[u8]), PasetoError> {
        let header = HEADER.as_bytes();
        let signed = pre_authentication(&[header, &self.message, &self.footer, implicit]);
        if key.verify(&signed, &self.signature) {
            Ok((&self.message, &self.footer))
        } else {
            Err(PasetoError::Signature)
        }
    }

    /// The message, not authenticated: good for telling whose token it claims to be, nothing else.
    #[must_use]
    pub fn claimed(&self) -> &[u8] {
        &self.message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_encodings() {
        // PASETO specification, "Common implementation details", PAE examples.
        assert_eq!(pre_authentication(&[]), [0; 8]);
        assert_eq!(
            pre_authentication(&[b""]),
            b"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        );
        assert_eq!(
            pre_authentication(&[b"test"]),
            b"\x01\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00test"
        );
    }

    #[test]
    fn other_spellings_and_versions_are_no_tokens() {
        let token = seal(b"{}", b"f", b"", &|_| [7; 64]);
        let parsed = Sealed::parse(token.as_bytes()).unwrap();
        assert_eq!(parsed.claimed(), b"{}");
        let body = token.strip_prefix(HEADER).unwrap();
        for (bad, why) in [
            (String::new(), PasetoError::Header),
            (format!("v3.public.{body}"), PasetoError::Header),
            (format!("v4.local.{body}"), PasetoError::Header),
            (format!("V4.public.{body}"), PasetoError::Header),
            (format!(" {token}"), PasetoError::Header),
            (format!("{token}="), PasetoError::Base64),
            (format!("{token}\n"), PasetoError::Base64),
            (format!("{token}.Zg"), PasetoError::Parts),
            (
                token.rsplit_once('.').unwrap().0.to_owned() + ".",
                PasetoError::Parts,
            ),
            (token.replacen("BwcH", "+/+/", 1), PasetoError::Base64),
            // The last digit carries four bits that must be zero.
            (
                token.rsplit_once('.').unwrap().0.to_owned() + ".Zh",
                PasetoError::Base64,
            ),
            ("v4.public.".to_owned(), PasetoError::Short),
            ("v4.public.AAAA".to_owned(), PasetoError::Short),
            (
                format!("v4.public.{}", "A".repeat(TOKEN_MAX_BYTES)),
                PasetoError::TooLong,
            ),
        ] {
            assert_eq!(Sealed::parse(bad.as_bytes()), Err(why), "{bad:.80}");
        }
    }
}
