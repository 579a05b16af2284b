//! Who signs a bundle, and how: with a key at hand, elsewhere, or nobody.
//!
//! What is signed is the manifest, in the namespace of evidence. Written out, it is a file for
//! `ssh-keygen -Y sign`; brought back, the same command builds the bundle again at the time that the
//! manifest states, and takes it only if it comes out byte for byte.

use std::path::{Path, PathBuf};

use crate::adapters::host::durable;
use crate::adapters::keys::{Identity, read_identity, read_passphrase, read_public_key};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::evidence::bundle::{Built, NAMESPACE};
use crate::evidence::manifest::{Manifest, Producer, Trials};
use crate::evidence::path::SIGNATURE;
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::id::PersonId;
use crate::kernel::sshsig::Envelope;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

/// How a bundle is to be signed.
pub enum Sealing {
    /// By nobody: sandboxes only.
    Unsigned,
    /// With a private key.
    Key {
        /// Whose it is.
        person: PersonId,
        /// The key.
        identity: Box<Identity>,
    },
    /// Elsewhere: the manifest goes to a file.
    Out {
        /// Who will sign.
        producer: Producer,
        /// Where the manifest goes.
        file: PathBuf,
    },
    /// Elsewhere, done.
    Back {
        /// The manifest that was signed.
        manifest: Box<Manifest>,
        /// Its bytes.
        bytes: Vec<u8>,
        /// The signature.
        signature: Envelope,
    },
}

/// A bundle that is ready to be written, or waits for its signature.
pub enum Sealed {
    /// Every file of it.
    Files {
        /// Paths and bytes.
        files: Vec<(String, Vec<u8>)>,
        /// True when it is signed.
        signed: bool,
    },
    /// Nothing but the manifest was written, to this file.
    Waiting(PathBuf),
}

impl Sealing {
    /// Signs with the private key in `key`, whose person defaults to the file's name.
    ///
    /// # Errors
    /// Exit 3 when the file is no key, exit 2 when its name is no person.
    pub fn with_key(
        key: &Path,
        person: Option<PersonId>,
        passphrase: Option<&Path>,
    ) -> Result<Self, Failure> {
        let unreadable =
            |e: &dyn std::error::Error| Failure::from_error(Exit::Invalid, "key.unreadable", "", e);
        let person = person_of(key, person)?;
        let passphrase = passphrase
            .map(read_passphrase)
            .transpose()
            .map_err(|e| unreadable(&e))?;
        let passphrase = passphrase.as_ref().map(|p| p.as_str());
        let identity = read_identity(key, passphrase).map_err(|e| unreadable(&e))?;
        Ok(Self::Key {
            person,
            identity: Box::new(identity),
        })
    }

    /// Writes the manifest to `file` for the owner of the public (or private) key in `key`.
    ///
    /// # Errors
    /// As [`Sealing::with_key`].
    pub fn written_out(
        key: &Path,
        person: Option<PersonId>,
        file: PathBuf,
    ) -> Result<Self, Failure> {
        let person = person_of(key, person)?;
        let public = read_public_key(key)
            .or_else(|e| read_identity(key, None).map(|i| i.public()).map_err(|_| e))
            .map_err(|e| Failure::from_error(Exit::Invalid, "key.unreadable", "", &e))?;
        let key = public.fingerprint();
        Ok(Self::Out {
            producer: Producer { person, key },
            file,
        })
    }

    /// Takes a manifest that was written out and its signature.
    ///
    /// # Errors
    /// Exit 3 when a file cannot be read or is not what it should be.
    pub fn brought_back(manifest: &Path, signature: &Path) -> Result<Self, Failure> {
        let invalid = |slug, e: &dyn std::error::Error| {
            Failure::from_error(Exit::Invalid, slug, "", e)
                .hint("sign with `ssh-keygen -Y sign -f KEY -n evidence-v1@promote FILE`")
        };
        let bytes = std::fs::read(manifest).map_err(|e| failure::io("read", manifest, &e))?;
        let armor = std::fs::read(signature).map_err(|e| failure::io("read", signature, &e))?;
        let manifest = canonical::decode(&bytes, DOCUMENT_MAX_BYTES)
            .map_err(|e| invalid("evidence.manifest", &e))?;
        let signature = Envelope::from_armor(&String::from_utf8_lossy(&armor))
            .map_err(|e| invalid("signature.malformed", &e))?;
        Ok(Self::Back {
            manifest: Box::new(manifest),
            bytes,
            signature,
        })
    }

    /// The producer that the manifest names.
    #[must_use]
    pub fn producer(&self) -> Option<Producer> {
        match self {
            Self::Unsigned => None,
            Self::Key { person, identity } => Some(Producer {
                person: person.clone(),
                key: identity.public().fingerprint(),
            }),
            Self::Out { producer, .. } => Some(producer.clone()),
            Self::Back { manifest, .. } => manifest.producer.clone(),
        }
    }

    /// The trials of a manifest that comes back signed: it was one run, not two.
    #[must_use]
    pub fn trials(&self) -> Option<Trials> {
        match self {
            Self::Back { manifest, .. } => Some(manifest.trials.clone()),
            Self::Unsigned | Self::Key { .. } | Self::Out { .. } => None,
        }
    }

    /// When the bundle is produced: now, or when the signed manifest says.
    #[must_use]
    pub fn produced_at(&self, now: UtcTime) -> UtcTime {
        match self {
            Self::Back { manifest, .. } => manifest.produced_at.min(now),
            Self::Unsigned | Self::Key { .. } | Self::Out { .. } => now,
        }
    }

    /// Seals a built bundle.
    ///
    /// # Errors
    /// Exit 9 when the bundle is not the one whose manifest was signed, or the signature is not the
    /// producer's; exit 1 when the manifest cannot be written out.
    pub fn seal(&self, built: &Built) -> Result<Sealed, Failure> {
        let sealed = |signature: Option<Envelope>| {
            let mut files = built.files.clone();
            let signed = signature.is_some();
            files.extend(signature.map(|s| (SIGNATURE.to_owned(), s.to_armor().into_bytes())));
            Ok(Sealed::Files { files, signed })
        };
        match self {
            Self::Unsigned => sealed(None),
            Self::Key { identity, .. } => {
                sealed(Some(identity.sign(NAMESPACE, built.manifest_bytes())))
            }
            Self::Out { file, .. } => {
                durable::write_file(file, built.manifest_bytes())
                    .map_err(|e| failure::io("write", file, &e))?;
                Ok(Sealed::Waiting(file.clone()))
            }
            Self::Back {
                bytes, signature, ..
            } => {
                let other = |text: &str| {
                    Failure::new(Exit::Integrity, "evidence.other-manifest", text.to_owned())
                        .hint("repeat the command that wrote the manifest, with the same files")
                };
                if bytes.as_slice() != built.manifest_bytes() {
                    return Err(other("this run gives another manifest than the signed one"));
                }
                signature.verify(NAMESPACE, bytes).map_err(|e| {
                    Failure::from_error(Exit::Integrity, "signature.refused", "", &e)
                })?;
                let key = signature.key.fingerprint();
                if self.producer().is_none_or(|producer| producer.key != key) {
                    return Err(other("the signature is not by the producer's key"));
                }
                sealed(Some(signature.clone()))
            }
        }
    }
}

/// The person whose key lies in `path`: as told, or the file's name.
fn person_of(path: &Path, told: Option<PersonId>) -> Result<PersonId, Failure> {
    if let Some(person) = told {
        return Ok(person);
    }
    let stem = path
        .file_stem()
        .and_then(|s| s.to_str())
        .unwrap_or_default();
    PersonId::new(stem).map_err(|_| {
        let shown = visible(stem, 64);
        let said = format!("the key file's name `{shown}` is not a person id");
        Failure::new(Exit::Usage, "usage.person", said).hint("say whose key it is with --person ID")
    })
}
