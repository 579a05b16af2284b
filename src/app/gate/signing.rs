//! Statements: composed from the present state, signed here or elsewhere, brought back.
//!
//! What is signed is exactly the buffer that is shown. With `--statement-out` the bytes go to a
//! file for `ssh-keygen -Y sign`, with `--signature` they come back.

use std::path::PathBuf;

use super::desk::Desk;
use super::failures;
use crate::adapters::host::Entropy;
use crate::adapters::keys::{read_identity, read_public_key};
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

/// How a statement is to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// With this private key file.
    Key(PathBuf),
    /// By the owner of this public key, elsewhere: write the statement to a file.
    Out {
        /// Public (or private) key file of the signer.
        key: PathBuf,
        /// Where the statement goes.
        file: PathBuf,
    },
    /// Elsewhere, done: the statement and its signature.
    Back {
        /// The statement.
        statement: PathBuf,
        /// The signature, as `ssh-keygen -Y sign` wrote it.
        signature: PathBuf,
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

/// The enrolled person behind a key.
///
/// # Errors
/// Exit 4 when the key is nobody's here.
pub fn person_of(state: &State, key: &Fingerprint) -> Result<PersonId, Failure> {
    state
        .keys
        .get(key)
        .map(|k| k.person.clone())
        .ok_or_else(|| failures::refused(&Refusal::UnknownKey { key: key.clone() }))
}

/// The public key that will sign, where it is known before the statement is made.
///
/// # Errors
/// When the key file cannot be used.
pub fn public_of(how: &How) -> Result<Option<PublicKey>, Failure> {
    match how {
        How::Key(file) => read_identity(file, None)
            .map(|identity| Some(identity.public()))
            .map_err(|e| failures::key(&e)),
        How::Out { key, .. } => {
            // A private key file is as good as its public half here.
            let public = read_public_key(key)
                .or_else(|e| read_identity(key, None).map(|i| i.public()).map_err(|_| e));
            public.map(Some).map_err(|e| failures::key(&e))
        }
        How::Back { .. } => Ok(None),
    }
}

/// Composes the statement of `act` by the owner of `key` in `role`.
///
/// # Errors
/// When the key is nobody's, or randomness fails.
pub fn compose(
    desk: &Desk,
    act: Act,
    key: &PublicKey,
    role: &str,
    entropy: &mut dyn Entropy,
) -> Result<Statement, Failure> {
    let key = key.fingerprint();
    let person = person_of(&desk.state, &key)?;
    let head = desk.head();
    // Sandboxes give the same bytes for the same commands; real ledgers draw the nonce.
    let nonce = if desk.state.genesis.sandbox {
        let said = serde_json::to_string(&act)
            .map_err(|e| Failure::from_error(Exit::Internal, "json", "", &e))?;
        nonce(
            &[&desk.state.ledger, &said, person.as_str(), key.as_str()],
            &head,
        )
    } else {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes).map_err(|e| {
            Failure::from_error(Exit::Internal, "entropy", "could not draw a nonce", &e)
        })?;
        hex::encode(bytes)
    };
    Ok(Statement {
        act,
        ledger: desk.state.ledger.clone(),
        head,
        signer: Signer {
            person,
            role: role.to_owned(),
            key,
        },
        issued_at: desk.now,
        expires_at: desk.now.plus_millis(SUBMIT_HOURS * 3_600_000),
        nonce,
    })
}

/// Signs a composed statement, or writes it out to be signed elsewhere. `show` is given the exact
/// bytes before they are signed.
///
/// # Errors
/// When a file cannot be read or written, or a text may not be stored.
pub fn make(statement: &Statement, how: &How, show: &mut dyn FnMut(&str)) -> Result<Made, Failure> {
    let bytes = statement
        .to_bytes()
        .map_err(|e| Failure::from_error(Exit::Invalid, "statement.unstorable", "", &e))?;
    show(&String::from_utf8_lossy(&bytes));
    let namespace = statement.act.namespace();
    match how {
        How::Key(file) => {
            let identity = read_identity(file, None).map_err(|e| failures::key(&e))?;
            join(&bytes, &identity.sign(&namespace, &bytes))
        }
        How::Out { file, .. } => {
            crate::adapters::host::durable::write_file(file, &bytes)
                .map_err(|e| failure::io("write", file, &e))?;
            Ok(Made::Written {
                file: file.clone(),
                namespace,
            })
        }
        How::Back {
            statement,
            signature,
        } => read_back(statement, signature),
    }
}

/// Reads a statement and its signature back from files.
///
/// # Errors
/// When a file cannot be read, or is not what it should be.
pub fn read_back(
    statement: &std::path::Path,
    signature: &std::path::Path,
) -> Result<Made, Failure> {
    let read = |path: &std::path::Path| {
        let bytes = std::fs::read(path).map_err(|e| failure::io("read", path, &e))?;
        if bytes.len() > 128 * 1024 {
            return Err(Failure::new(
                Exit::Invalid,
                "statement.too-large",
                "too large",
            ));
        }
        Ok(bytes)
    };
    let bytes = read(statement)?;
    let armor = read(signature)?;
    let envelope = Envelope::from_armor(&String::from_utf8_lossy(&armor)).map_err(|e| {
        Failure::from_error(Exit::Invalid, "signature.malformed", "", &e)
            .hint("sign with `ssh-keygen -Y sign -f KEY -n NAMESPACE FILE`")
    })?;
    join(&bytes, &envelope)
}

fn join(bytes: &[u8], envelope: &Envelope) -> Result<Made, Failure> {
    Signed::join(bytes, std::slice::from_ref(envelope))
        .map(|signed| Made::Signed(Box::new(signed)))
        .map_err(|e| failures::refused(&e))
}
