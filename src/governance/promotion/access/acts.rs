//! What is signed about keys, instances and tokens.
//!
//! Every shape here is the body of a statement (`statement::Act`); who must sign it stands in the
//! guard of the same name beside this file.

use serde::{Deserialize, Serialize};

use crate::evidence::limits::Limits;
use crate::governance::token::environment::Environment;
use crate::kernel::canonical::{self, CanonicalError};
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PersonId, PortfolioId};
use crate::kernel::pubkey::{Fingerprint, PublicKey};

/// SSHSIG namespace of the signature by which an instance shows that it holds its key.
pub const POSSESSION_NAMESPACE: &str = "instance-possession-v1@promote";

/// What an instance says about itself, and signs with its own key before anybody enrols it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceCard {
    /// Its name.
    pub instance: InstanceId,
    /// Its key.
    pub public_key: PublicKey,
    /// Name of the host that it runs on.
    pub host: String,
    /// Where it trades.
    pub environment: Environment,
    /// SHA-256 of the programs that may act as this instance; sorted, at least one.
    pub builds: Vec<Digest>,
    /// Origin of the ledger that it is for.
    pub ledger: String,
}

impl InstanceCard {
    /// The bytes that the instance signs.
    ///
    /// # Errors
    /// When a text in it may not be stored.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::encode(self)
    }

    /// Digest of these bytes: what a request for LIVE and its approvals name. None where they
    /// cannot be written, which no enrolled card is.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        self.to_bytes().ok().map(|bytes| Digest::of(&bytes))
    }
}

/// An instance is let in. Signed by risk and ops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceEnrolment {
    /// What the instance says about itself.
    pub card: InstanceCard,
    /// Its signature over the card, base64 of the SSHSIG blob.
    pub possession: String,
}

/// Why a key is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Its holder has left.
    Left,
    /// Another key took its place.
    Superseded,
    /// It cannot be used any more, by nobody.
    Lost,
    /// Somebody else may hold it.
    Compromised,
}

impl Reason {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Superseded => "superseded",
            Self::Lost => "lost",
            Self::Compromised => "compromised",
        }
    }
}

impl std::str::FromStr for Reason {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Left, Self::Superseded, Self::Lost, Self::Compromised]
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .ok_or_else(|| "use left, superseded, lost or compromised".to_owned())
    }
}

/// A key stops counting. Signed by its own person, by risk and ops, or by the root threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRevocation {
    /// Which: a person's or an instance's.
    pub revoked: Fingerprint,
    /// Why; none counts as compromised.
    pub reason: Option<Reason>,
    /// Position from which its signatures are not believed, afterwards; not by the key's own
    /// person.
    pub distrust_from_seq: Option<u64>,
    /// A word to the record; may be empty.
    pub comment: String,
}

/// A person's key is replaced. Signed by the old key, then by the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRotation {
    /// Whose.
    pub person: PersonId,
    /// The key that goes.
    pub old: Fingerprint,
    /// The key that comes.
    pub new: PublicKey,
}

/// An entry by position and leaf hash.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Position.
    pub seq: u64,
    /// Leaf hash.
    pub leaf: Digest,
}

/// Other root keys come into force. Signed by the threshold of the old set and that of the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootChange {
    /// The new keys.
    pub roots: Vec<PublicKey>,
    /// How many of them sign together.
    pub threshold: u32,
    /// Why, in words.
    pub reason: String,
}

/// Entries without effect are set aside. Signed by the root threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Void {
    /// Which.
    pub entries: Vec<Place>,
    /// Why, in words.
    pub reason: String,
}

/// A token is to be made. Signed by ops; everything else that the token claims follows from the
/// ledger, and `claims_sha256` says that it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenIssue {
    /// Number of the token: 32 hexadecimal digits.
    pub jti: String,
    /// For which portfolio.
    pub portfolio: PortfolioId,
    /// For which instance.
    pub instance: InstanceId,
    /// Minutes in which it can be redeemed.
    pub ttl_minutes: i64,
    /// Execution limits, those that were approved.
    pub limits: Limits,
    /// Digest of the claims in canonical bytes.
    pub claims_sha256: Digest,
}

/// A token is used, once. Signed by the instance's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRedemption {
    /// Number of the token.
    pub jti: String,
    /// Digest of its claims.
    pub claims_sha256: Digest,
    /// Who redeems.
    pub instance: InstanceId,
    /// Host that it runs on.
    pub host: String,
    /// Environment of the endpoint that it will trade at.
    pub environment: Environment,
    /// SHA-256 of the running program.
    pub build: Digest,
    /// Portfolio that it will trade.
    pub portfolio: PortfolioId,
    /// Digest of the configuration that it will run from.
    pub strategy_sha256: Digest,
    /// Digest of the limits that it will keep.
    pub limits_sha256: Digest,
}

/// A token is taken back. Signed by ops or risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRevocation {
    /// Number of the token.
    pub jti: String,
    /// A word to the record; may be empty.
    pub comment: String,
}
