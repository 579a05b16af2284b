//! Statements: composed from the present state, signed here or elsewhere, brought back.
//!
//! What is signed is exactly the buffer that is shown. With `--statement-out` the bytes go to a
//! file for `ssh-keygen -Y sign`, with `--signature` they come back.

use std::path::{Path, PathBuf};

use super::desk::Desk;
use super::failures;
use crate::adapters::host::{Entropy, durable};
use crate::adapters::keys::{Identity, read_identity, read_passphrase, read_public_key};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::governance::promotion::chain::nonce;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::{Act, Signer, Statement};
use crate::kernel::id::PersonId;
use crate::kernel::pubkey::{Fingerprint, PublicKey};
use crate::kernel::sshsig::Envelope;

/// Hours for which a statement may be submitted.
pub const SUBMIT_HOURS: i64 = 24;

/// How a statement is to be signed. Acts of several signers name several keys or signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// With these private key files, the signer's first.
    Keys {
        /// Key files.
        files: Vec<PathBuf>,
        /// File whose first line opens encrypted key files.
        passphrase: Option<PathBuf>,
    },
    /// By the owners of these public keys, elsewhere: write the statement to a file.
    Out {
        /// Public (or private) key files of the signers.
        keys: Vec<PathBuf>,
        /// Where the statement goes.
        file: PathBuf,
    },
    /// Elsewhere, done: the statement and its signatures, in any order.
    Back {
        /// The statement.
        statement: PathBuf,
        /// The signatures, as `ssh-keygen -Y sign` wrote them.
        signatures: Vec<PathBuf>,
        /// Key files that sign the same bytes here and now.
        files: Vec<PathBuf>,
        /// File whose first line opens encrypted key files.
        passphrase: Option<PathBuf>,
    },
}

/// What came of it.
#[derive(Debug)]
pub enum Made {
    /// Signed: to be submitted.
    Signed(Box<Signed>),
    /// Written to a file: to be signed elsewhere.
    Written {
        /// The file.
        file: PathBuf,
        /// Namespace to sign for.
        namespace: String,
    },
}

/// The enrolled person behind a key; `root` for a root key.
///
/// # Errors
/// Exit 4 when the key is nobody's here.
pub fn person_of(state: &State, key: &Fingerprint) -> Result<PersonId, Failure> {
    let root = || {
        let known = state
            .access
            .roots
            .keys
            .iter()
            .any(|r| r.fingerprint() == *key);
        known.then(|| PersonId::new("root").ok()).flatten()
    };
    state
        .keys
        .get(key)
        .map(|k| k.person.clone())
        .or_else(root)
        .ok_or_else(|| failures::refused(&Refusal::UnknownKey { key: key.clone() }))
}

/// The public keys that will sign, where they are known before the statement is made.
///
/// # Errors
/// When a key file cannot be used.
pub fn publics_of(how: &How) -> Result<Option<Vec<PublicKey>>, Failure> {
    match how {
        How::Keys { files, passphrase } => {
            let held = identities(files, passphrase.as_deref())?;
            Ok(Some(held.iter().map(Identity::public).collect()))
        }
        How::Out { keys, .. } => {
            // A private key file is as good as its public half here.
            let public = |key: &PathBuf| {
                read_public_key(key)
                    .or_else(|e| read_identity(key, None).map(|i| i.public()).map_err(|_| e))
                    .map_err(|e| failures::key(&e))
            };
            keys.iter().map(public).collect::<Result<_, _>>().map(Some)
        }
        How::Back { .. } => Ok(None),
    }
}

/// The one public key that will sign an act of one person.
///
/// # Errors
/// When a key file cannot be used, or there are several.
pub fn public_of(how: &How) -> Result<Option<PublicKey>, Failure> {
    match publics_of(how)?.as_deref() {
        None => Ok(None),
        Some([key]) => Ok(Some(*key)),
        Some(keys) => {
            let text = format!("one person signs this, {} keys were given", keys.len());
            Err(Failure::new(Exit::Usage, "usage.keys", text))
        }
    }
}

fn identities(files: &[PathBuf], passphrase: Option<&Path>) -> Result<Vec<Identity>, Failure> {
    let passphrase = passphrase
        .map(read_passphrase)
        .transpose()
        .map_err(|e| failures::key(&e))?;
    let passphrase = passphrase.as_ref().map(|p| p.as_str());
    files
        .iter()
        .map(|file| read_identity(file, passphrase).map_err(|e| failures::key(&e)))
        .collect()
}

/// A nonce for a statement about `words`. Sandboxes give the same bytes for the same commands; real
/// ledgers draw it.
///
/// # Errors
/// When randomness fails.
pub fn nonce_for(
    desk: &Desk,
    words: &[&str],
    entropy: &mut dyn Entropy,
) -> Result<String, Failure> {
    if desk.state.genesis.sandbox {
        let mut all = vec![desk.state.ledger.as_str()];
        all.extend(words);
        return Ok(nonce(&all, &desk.head()));
    }
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes).map_err(|e| {
        Failure::from_error(Exit::Internal, "entropy", "could not draw a nonce", &e)
    })?;
    Ok(hex::encode(bytes))
}

/// Composes the statement of `act` by the owners of the keys in their roles, the signer first.
///
/// # Errors
/// When a key is nobody's, or randomness fails.
pub fn compose(
    desk: &Desk,
    act: Act,
    signers: &[(PublicKey, String)],
    entropy: &mut dyn Entropy,
) -> Result<Statement, Failure> {
    let mut named = Vec::with_capacity(signers.len());
    for (key, role) in signers {
        let key = key.fingerprint();
        named.push(Signer {
            person: person_of(&desk.state, &key)?,
            role: role.clone(),
            key,
        });
    }
    compose_by(desk, act, named, entropy)
}

/// Composes the statement of `act` by `named`, the signer first: persons, roots or an instance.
///
/// # Errors
/// When nobody is named, or randomness fails.
pub fn compose_by(
    desk: &Desk,
    act: Act,
    named: Vec<Signer>,
    entropy: &mut dyn Entropy,
) -> Result<Statement, Failure> {
    let mut named = named.into_iter();
    let signer = named
        .next()
        .ok_or_else(|| Failure::new(Exit::Usage, "usage.key", "no key to sign with"))?;
    let cosigners: Vec<Signer> = named.collect();
    let head = desk.head();
    let said = serde_json::to_string(&act)
        .map_err(|e| Failure::from_error(Exit::Internal, "json", "", &e))?;
    let words = [&said, signer.person.as_str(), signer.key.as_str()];
    let nonce = nonce_for(desk, &words, entropy)?;
    Ok(Statement {
        act,
        ledger: desk.state.ledger.clone(),
        head,
        signer,
        cosigners,
        issued_at: desk.now,
        expires_at: desk.now.plus_millis(SUBMIT_HOURS * 3_600_000),
        nonce,
    })
}

/// The exact bytes of a statement.
///
/// # Errors
/// When a text may not be stored.
pub fn bytes_of(statement: &Statement) -> Result<Vec<u8>, Failure> {
    statement
        .to_bytes()
        .map_err(|e| Failure::from_error(Exit::Invalid, "statement.unstorable", "", &e))
}

/// Signs a composed statement, or writes it out to be signed elsewhere. `show` is given the exact
/// bytes before they are signed.
///
/// # Errors
/// When a file cannot be read or written, or a text may not be stored.
pub fn make(statement: &Statement, how: &How, show: &mut dyn FnMut(&str)) -> Result<Made, Failure> {
    let bytes = bytes_of(statement)?;
    show(&String::from_utf8_lossy(&bytes));
    let namespace = statement.act.namespace();
    match how {
        How::Keys { files, passphrase } => {
            let held = identities(files, passphrase.as_deref())?;
            let envelopes: Vec<Envelope> =
                held.iter().map(|i| i.sign(&namespace, &bytes)).collect();
            join(&bytes, &envelopes)
        }
        How::Out { file, .. } => {
            durable::write_file(file, &bytes).map_err(|e| failure::io("write", file, &e))?;
            Ok(Made::Written {
                file: file.clone(),
                namespace,
            })
        }
        How::Back { .. } => read_back(how),
    }
}

/// Reads a statement and its signatures back from files, puts the signatures into the order of the
/// signers, and signs with the keys at hand what is still unsigned.
///
/// # Errors
/// When a file cannot be read, or is not what it should be.
pub fn read_back(how: &How) -> Result<Made, Failure> {
    let How::Back {
        statement,
        signatures,
        files,
        passphrase,
    } = how
    else {
        return Err(Failure::new(Exit::Usage, "usage", "a key is wanted"));
    };
    let bytes = read_small(statement)?;
    let parsed = Statement::from_bytes(&bytes)
        .map_err(|e| Failure::from_error(Exit::Invalid, "statement.malformed", "", &e))?;
    let mut envelopes = Vec::new();
    for file in signatures {
        let armor = read_small(file)?;
        let envelope = Envelope::from_armor(&String::from_utf8_lossy(&armor)).map_err(|e| {
            Failure::from_error(Exit::Invalid, "signature.malformed", "", &e)
                .hint("sign with `ssh-keygen -Y sign -f KEY -n NAMESPACE FILE`")
        })?;
        envelopes.push(envelope);
    }
    let namespace = parsed.act.namespace();
    for identity in identities(files, passphrase.as_deref())? {
        envelopes.push(identity.sign(&namespace, &bytes));
    }
    let place = |envelope: &Envelope| {
        let key = envelope.key.fingerprint();
        std::iter::once(&parsed.signer)
            .chain(&parsed.cosigners)
            .position(|signer| signer.key == key)
    };
    envelopes.sort_by_key(|envelope| place(envelope).unwrap_or(usize::MAX));
    join(&bytes, &envelopes)
}

fn read_small(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(path).map_err(|e| failure::io("read", path, &e))?;
    if bytes.len() > 128 * 1024 {
        let text = format!("`{}` is too large", path.display());
        return Err(Failure::new(Exit::Invalid, "statement.too-large", text));
    }
    Ok(bytes)
}

fn join(bytes: &[u8], envelopes: &[Envelope]) -> Result<Made, Failure> {
    Signed::join(bytes, envelopes)
        .map(|signed| Made::Signed(Box::new(signed)))
        .map_err(|e| failures::refused(&e))
}
