//! What a token claims, in canonical bytes, and how the token is made from it.
//!
//! PASETO v4.public; the footer names the token key, the implicit assertion the ledger and the
//! purpose, so that a signature of the same key over anything else is never a token.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::evidence::limits::Limits;
use crate::governance::audit::entry::Head;
use crate::governance::promotion::access::acts::Place;
use crate::governance::promotion::statement::HaltEpochs;
use crate::kernel::canonical::{self, CanonicalError};
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PortfolioId};
use crate::kernel::paseto;
use crate::kernel::pubkey::PublicKey;
use crate::kernel::time::UtcTime;

use super::environment::Environment;

/// Minutes to redeem a token, unless others are asked for.
pub const TTL_MINUTES: i64 = 15;
/// Most minutes to redeem a token.
pub const TTL_MINUTES_MAX: i64 = 60;
/// Seconds for which a lease lets a session trade without a heartbeat.
pub const LEASE_SECONDS: i64 = 60;
/// Seconds after which a session ends, whatever its heartbeats.
pub const SESSION_MAX_SECONDS: i64 = 7 * 86_400;

/// The claims of a live-session token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Leaf hashes of the approvals that the decision rests on.
    pub approvals: Vec<Digest>,
    /// The decision that made the portfolio LIVE.
    pub decision: Place,
    /// Where it trades.
    pub environment: Environment,
    /// End of the time in which it can be redeemed.
    pub exp: UtcTime,
    /// Halt epochs at the issue.
    pub halt_epochs: HaltEpochs,
    /// Head of the ledger at the issue.
    pub head: Head,
    /// Time of the issue.
    pub iat: UtcTime,
    /// Who may redeem it.
    pub instance: InstanceId,
    /// The key that must prove possession.
    pub instance_key: PublicKey,
    /// Its number: 32 hexadecimal digits.
    pub jti: String,
    /// Seconds between heartbeats.
    pub lease_seconds: i64,
    /// Leaf hash of the genesis entry.
    pub ledger: Digest,
    /// Execution limits.
    pub limits: Limits,
    /// Their digest.
    pub limits_sha256: Digest,
    /// Begin of the time in which it can be redeemed.
    pub nbf: UtcTime,
    /// Digest of the policy set in force.
    pub policy_sha256: Digest,
    /// What may be traded.
    pub portfolio: PortfolioId,
    /// Longest session, in seconds.
    pub session_max_seconds: i64,
    /// Digest of the configuration that was approved.
    pub strategy_sha256: Digest,
}

impl Claims {
    /// Canonical bytes: the message of the token.
    ///
    /// # Errors
    /// When a text in it may not be stored.
    pub fn encode(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::encode(self)
    }

    /// Reads the message of a token.
    ///
    /// # Errors
    /// When the bytes are not canonical or not of this shape.
    pub fn decode(bytes: &[u8]) -> Result<Self, CanonicalError> {
        canonical::decode(bytes, paseto::TOKEN_MAX_BYTES)
    }

    /// Digest of the canonical bytes.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        Ok(Digest::of(&self.encode()?))
    }
}

/// The footer of tokens by `key`.
///
/// # Errors
/// Never: a fingerprint can be stored.
pub fn footer(key: &PublicKey) -> Result<Vec<u8>, CanonicalError> {
    canonical::encode(&json!({ "kid": key.fingerprint().as_str() }))
}

/// The implicit assertion of tokens of the ledger with this fingerprint.
///
/// # Errors
/// Never: a digest can be stored.
pub fn implicit(ledger: &Digest) -> Result<Vec<u8>, CanonicalError> {
    let purpose = json!({ "ledger": ledger.to_string(), "type": "promote/live-token/v1" });
    canonical::encode(&purpose)
}

/// The token of `claims`, signed by `sign`, whose public half is `key`.
///
/// # Errors
/// When the claims cannot be written.
pub fn seal(
    claims: &Claims,
    key: &PublicKey,
    sign: &dyn Fn(&[u8]) -> [u8; 64],
) -> Result<String, CanonicalError> {
    let message = claims.encode()?;
    let (footer, implicit) = (footer(key)?, implicit(&claims.ledger)?);
    Ok(paseto::seal(&message, &footer, &implicit, sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    #[test]
    fn footer_and_implicit_assertion_bind_key_ledger_and_purpose() {
        let key = |n: u8| {
            let key = SigningKey::from_bytes(&[n; 32]).verifying_key();
            PublicKey::from_bytes(key.to_bytes()).unwrap()
        };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let kid = format!(r#"{{"kid":"{}"}}"#, key(1).fingerprint().as_str());
        assert_eq!(text(footer(&key(1)).unwrap()), kid);
        assert_ne!(footer(&key(1)), footer(&key(2)));
        let ledger = Digest::of(b"ledger");
        let bound = format!(r#"{{"ledger":"{ledger}","type":"promote/live-token/v1"}}"#);
        assert_eq!(text(implicit(&ledger).unwrap()), bound);
    }
}
