//! Key files in OpenSSH's format: private ones are readable by their owner only.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use ssh_key::private::{Ed25519Keypair, Ed25519PrivateKey, KeypairData, PrivateKey};
use ssh_key::public::Ed25519PublicKey;
use ssh_key::{Cipher, Kdf, LineEnding};
use zeroize::Zeroizing;

use super::identity::Identity;
use crate::adapters::host::Entropy;
use crate::kernel::pubkey::{PublicKey, PublicKeyError};

/// Largest key file that is read, in bytes.
const FILE_MAX_BYTES: u64 = 64 * 1024;
/// More rounds than this are not tried.
const KDF_ROUNDS_MAX: u32 = 2048;
/// Rounds of the key derivation that `ssh-keygen` uses by default.
const KDF_ROUNDS: u32 = 16;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file system.
    #[error("could not {doing} key file `{path}`")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Other users may read a file that holds a secret.
    #[error("`{path}` is open to other users: make it private with chmod 600")]
    Open {
        /// Which file.
        path: PathBuf,
    },
    /// Not an OpenSSH key.
    #[error("`{path}` is not an OpenSSH key file")]
    Format {
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: ssh_key::Error,
    },
    /// Another kind of key.
    #[error("`{path}` is not an Ed25519 key")]
    Kind {
        /// Which file.
        path: PathBuf,
    },
    /// Encrypted, and no passphrase was given.
    #[error("key file `{path}` is encrypted: a passphrase is needed")]
    Encrypted {
        /// Which file.
        path: PathBuf,
    },
    /// The passphrase does not open it.
    #[error("wrong passphrase for key file `{path}`")]
    Passphrase {
        /// Which file.
        path: PathBuf,
    },
    /// A weak or malformed key.
    #[error("`{path}` holds an unacceptable key")]
    Key {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: PublicKeyError,
    },
}

pub(super) fn read_text(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let io = |source| KeyFileError::Io {
        doing: "read",
        path: path.to_owned(),
        source,
    };
    let size = fs::metadata(path).map_err(io)?.len();
    if size > FILE_MAX_BYTES {
        let too_large = std::io::Error::new(std::io::ErrorKind::InvalidData, "too large for a key");
        return Err(io(too_large));
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(io)
}

/// As [`read_text`], for a file that must be readable by its owner only.
fn read_secret(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let text = read_text(path)?;
    let mode = fs::metadata(path).map(|found| found.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o077 == 0) {
        Ok(text)
    } else {
        Err(KeyFileError::Open {
            path: path.to_owned(),
        })
    }
}

/// Reads a passphrase from the first line of a file.
///
/// # Errors
/// When it cannot be read or is open to other users.
pub fn read_passphrase(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let text = read_secret(path)?;
    Ok(Zeroizing::new(
        text.lines().next().unwrap_or_default().to_owned(),
    ))
}

/// Reads a private key file.
///
/// # Errors
/// When it cannot be read, is open to other users, is no Ed25519 key in OpenSSH format, or needs
/// another passphrase.
pub fn read_identity(path: &Path, passphrase: Option<&str>) -> Result<Identity, KeyFileError> {
    let named = || path.to_owned();
    let text = read_secret(path)?;
    let format = |source| KeyFileError::Format {
        path: named(),
        source,
    };
    let mut key = PrivateKey::from_openssh(text.as_str()).map_err(format)?;
    if key.is_encrypted() {
        // Hours of work for one hostile file otherwise.
        if matches!(key.kdf(), Kdf::Bcrypt { rounds, .. } if *rounds > KDF_ROUNDS_MAX) {
            return Err(format(ssh_key::Error::Crypto));
        }
        let passphrase = passphrase.ok_or_else(|| KeyFileError::Encrypted { path: named() })?;
        key = key
            .decrypt(passphrase)
            .map_err(|_| KeyFileError::Passphrase { path: named() })?;
    }
    let pair = key
        .key_data()
        .ed25519()
        .ok_or_else(|| KeyFileError::Kind { path: named() })?;
    let secret = Zeroizing::new(pair.private.to_bytes());
    let identity = Identity::from_secret(&secret).map_err(|source| KeyFileError::Key {
        path: named(),
        source,
    })?;
    if identity.public().as_bytes() == pair.public.as_ref() {
        Ok(identity)
    } else {
        // A file whose halves differ would make signatures that nobody can verify.
        Err(KeyFileError::Key {
            path: named(),
            source: PublicKeyError::Spelling,
        })
    }
}

/// Reads the first key of a `.pub` file.
///
/// # Errors
/// When it cannot be read or is no acceptable Ed25519 key.
pub fn read_public_key(path: &Path) -> Result<PublicKey, KeyFileError> {
    let text = read_text(path)?;
    text.trim().parse().map_err(|source| KeyFileError::Key {
        path: path.to_owned(),
        source,
    })
}

/// Writes the private key to the new file `path` (mode 0600), encrypted when a passphrase is
/// given, and the public key beside it as `path.pub`.
///
/// # Errors
/// When a file exists already or cannot be written.
pub fn write_identity(
    path: &Path,
    identity: &Identity,
    comment: &str,
    passphrase: Option<&str>,
    entropy: &mut dyn Entropy,
) -> Result<(), KeyFileError> {
    let format = |source| KeyFileError::Format {
        path: path.to_owned(),
        source,
    };
    let io = |source| KeyFileError::Io {
        doing: "write",
        path: path.to_owned(),
        source,
    };
    let pair = Ed25519Keypair {
        public: Ed25519PublicKey(*identity.public().as_bytes()),
        private: Ed25519PrivateKey::from_bytes(&identity.secret()),
    };
    let mut key = PrivateKey::new(KeypairData::Ed25519(pair), comment).map_err(format)?;
    if let Some(passphrase) = passphrase {
        let mut random = [0_u8; 20];
        entropy.fill(&mut random).map_err(io)?;
        let [a, b, c, d, salt @ ..] = random;
        let kdf = Kdf::Bcrypt {
            salt: salt.to_vec(),
            rounds: KDF_ROUNDS,
        };
        let check = u32::from_be_bytes([a, b, c, d]);
        key = key
            .encrypt_with(Cipher::Aes256Ctr, kdf, check, passphrase)
            .map_err(format)?;
    }
    let text = key.to_openssh(LineEnding::LF).map_err(format)?;
    write_new(path, text.as_bytes(), 0o600).map_err(io)?;
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    let line = format!("{} {comment}\n", identity.public());
    write_new(Path::new(&name), line.as_bytes(), 0o644).map_err(io)
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
