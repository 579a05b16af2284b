//! Who signs a bundle: a person and the person's key.

use std::path::Path;

use crate::adapters::keys::{Identity, read_identity};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::evidence::bundle::NAMESPACE;
use crate::evidence::manifest::Producer;
use crate::kernel::id::PersonId;
use crate::kernel::text::visible;

/// A person's key, ready to sign.
pub struct Signer {
    person: PersonId,
    identity: Identity,
}

impl Signer {
    /// Reads the key in `path`; `person` defaults to the file's name.
    ///
    /// # Errors
    /// Exit 3 when the file is no key, exit 2 when its name is no person.
    pub fn read(path: &Path, person: Option<PersonId>) -> Result<Self, Failure> {
        let person = match person {
            Some(person) => person,
            None => {
                let stem = path
                    .file_stem()
                    .and_then(|s| s.to_str())
                    .unwrap_or_default();
                PersonId::new(stem).map_err(|_| {
                    let shown = visible(stem, 64);
                    let said = format!("the key file's name `{shown}` is not a person id");
                    Failure::new(Exit::Usage, "usage.person", said)
                        .hint("say whose key it is with --person ID")
                })?
            }
        };
        let identity = read_identity(path, None)
            .map_err(|e| Failure::from_error(Exit::Invalid, "key.unreadable", "", &e))?;
        Ok(Self { person, identity })
    }

    /// The producer that the manifest names.
    #[must_use]
    pub fn producer(&self) -> Producer {
        Producer {
            person: self.person.clone(),
            key: self.identity.public().fingerprint(),
        }
    }

    /// `evidence.json.sig` for the bytes of `evidence.json`.
    #[must_use]
    pub fn sign(&self, manifest: &[u8]) -> Vec<u8> {
        self.identity
            .sign(NAMESPACE, manifest)
            .to_armor()
            .into_bytes()
    }
}
