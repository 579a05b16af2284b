//! An identity: a private Ed25519 key and what it can sign.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use zeroize::Zeroizing;

use crate::adapters::host::Entropy;
use crate::kernel::pubkey::{PublicKey, PublicKeyError};
use crate::kernel::sshsig::{self, Envelope};

/// A private key. Wiped from memory when dropped; its Debug form shows the public half only.
pub struct Identity {
    key: SigningKey,
    public: PublicKey,
}

impl Identity {
    /// The identity of a secret of 32 bytes.
    ///
    /// # Errors
    /// When its public key is weak, which no random secret's is.
    pub fn from_secret(secret: &[u8; 32]) -> Result<Self, PublicKeyError> {
        let key = SigningKey::from_bytes(secret);
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes())?;
        Ok(Self { key, public })
    }

    /// A new identity.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn generate(entropy: &mut dyn Entropy) -> std::io::Result<Self> {
        let mut secret = Zeroizing::new([0_u8; 32]);
        entropy.fill(secret.as_mut())?;
        Self::from_secret(&secret).map_err(std::io::Error::other)
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs `message` for `namespace` as `ssh-keygen -Y sign` does.
    #[must_use]
    pub fn sign(&self, namespace: &str, message: &[u8]) -> Envelope {
        let signature = self
            .key
            .sign(&sshsig::signed_bytes(namespace, message))
            .to_bytes();
        Envelope {
            key: self.public,
            namespace: namespace.to_owned(),
            signature,
        }
    }

    /// Signs `message` itself, as checkpoints want it.
    #[must_use]
    pub fn sign_raw(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }

    pub(super) fn secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.public.fingerprint())
    }
}
