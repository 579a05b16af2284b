//! Enrolment: a person gets a role and a key, signed by the root threshold and by the new key.
//!
//! The statement is composed here or comes from a file that was written before; signatures come
//! from key files at hand and from signature files made elsewhere, in any order. Whoever has the
//! last one submits. Nothing is recorded before all of them are there.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::desk::{Desk, When};
use super::failures;
use super::sandbox_keys;
use super::signing::{SUBMIT_HOURS, nonce_for};
use crate::adapters::host::{Entropy, durable};
use crate::adapters::keys::{Identity, read_identity, read_passphrase, read_public_key};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::governance::policy::roles::Role;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::statement::{Act, Enrolment, Signer, Statement};
use crate::kernel::canonical::ENTRY_MAX_BYTES;
use crate::kernel::digest::Digest;
use crate::kernel::id::PersonId;
use crate::kernel::pubkey::{Fingerprint, PublicKey};
use crate::kernel::sshsig::Envelope;
use crate::kernel::time::UtcTime;

const SIGNERS_HINT: &str = "the root threshold signs with --key or --signature, the new key with \
     --possession or --signature";

/// Who is to be enrolled.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub role: Role,
    /// File of the person's public key.
    pub public_key: PathBuf,
    /// Who made sure that the key is this person's, in words.
    pub verified_by: String,
    /// When the role ends by itself.
    pub until: Option<UtcTime>,
}

/// Where the statement comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Composed now.
    New(Newcomer),
    /// Written before.
    File(PathBuf),
}

/// Where the signatures come from.
#[derive(Debug, Clone, Default)]
pub struct Signers {
    /// Root key files.
    pub roots: Vec<PathBuf>,
    /// The new person's private key file.
    pub possession: Option<PathBuf>,
    /// Signature files, as `ssh-keygen -Y sign` writes them.
    pub signatures: Vec<PathBuf>,
    /// File with the passphrase of encrypted key files.
    pub passphrase: Option<PathBuf>,
}

/// `promote/enrolment/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct EnrolmentJson {
    schema: &'static str,
    /// True when it is recorded; false when the statement waits for signatures.
    pub recorded: bool,
    /// Who.
    pub person: PersonId,
    /// As what.
    pub role: Role,
    /// The person's key.
    pub key: Fingerprint,
    /// When the role ends by itself.
    pub until: Option<UtcTime>,
    /// Namespace that signatures are for.
    pub namespace: String,
    /// Position of the entry.
    pub seq: Option<u64>,
    /// Its leaf hash.
    pub leaf: Option<Digest>,
}

/// Writes the statement of `newcomer` to `file`, for its signers. `first` is the root key that the
/// statement names; it must be among them.
///
/// # Errors
/// When the ledger or a key file cannot be read, or the file cannot be written.
pub async fn write_out(
    ledger: &Path,
    when: When,
    newcomer: &Newcomer,
    (roots, file): (&Signers, &Path),
    entropy: &mut dyn Entropy,
) -> Result<EnrolmentJson, Failure> {
    let desk = Desk::read(ledger, when).await?;
    let root = match Identities::read(roots)?.roots.first() {
        Some(root) => root.public(),
        None => first_root(&desk)?,
    };
    let statement = compose(&desk, newcomer, &root, entropy)?;
    desk.close().await?;
    durable::write_file(file, &bytes_of(&statement)?)
        .map_err(|e| failure::io("write", file, &e))?;
    answer(&statement, None)
}

/// Signs, checks and records an enrolment.
///
/// # Errors
/// When a signature is missing or wrong, a rule forbids it, or it cannot be recorded.
pub async fn enrol(
    ledger: &Path,
    when: When,
    (source, signers): (&Source, &Signers),
    entropy: &mut dyn Entropy,
    show: &mut dyn FnMut(&str),
) -> Result<EnrolmentJson, Failure> {
    let mut desk = Desk::write(ledger, when).await?;
    desk.not_behind()?;
    let keys = Identities::read(signers)?;
    let bytes = match source {
        Source::File(file) => read_statement(file)?,
        Source::New(newcomer) => {
            let root = match keys.roots.first() {
                Some(root) => root.public(),
                None => first_root(&desk)?,
            };
            bytes_of(&compose(&desk, newcomer, &root, entropy)?)?
        }
    };
    let statement = Statement::from_bytes(&bytes)
        .map_err(|e| Failure::from_error(Exit::Invalid, "statement.malformed", "", &e))?;
    let Act::Enrolment(enrolment) = &statement.act else {
        let text = format!("the statement is a {}, no enrolment", statement.act.kind());
        return Err(Failure::new(Exit::Invalid, "statement.kind", text));
    };
    sandbox_keys::check_act(&desk.state, &statement.act)?;
    show(&String::from_utf8_lossy(&bytes));
    let mut envelopes = keys.sign(&statement.act.namespace(), &bytes);
    for file in &signers.signatures {
        envelopes.push(read_signature(file)?);
    }
    let envelopes = in_order(envelopes, &enrolment.public_key);
    let signed = Signed::join(&bytes, &envelopes).map_err(|e| failures::refused(&e))?;
    let mut chain = desk.chain();
    chain.submit(signed).map_err(|e| {
        let failure = failures::chain(&e);
        match failure.exit {
            Exit::NotAuthorised => failure.hint(SIGNERS_HINT),
            _ => failure,
        }
    })?;
    let written = desk.append(chain, &[]).await?;
    desk.close().await?;
    answer(
        &statement,
        written.first().map(|entry| (entry.seq, entry.leaf_hash)),
    )
}

/// Private keys at hand.
struct Identities {
    roots: Vec<Identity>,
    possession: Option<Identity>,
}

impl Identities {
    fn read(signers: &Signers) -> Result<Self, Failure> {
        let passphrase = signers
            .passphrase
            .as_deref()
            .map(read_passphrase)
            .transpose()
            .map_err(|e| failures::key(&e))?;
        let passphrase = passphrase.as_ref().map(|p| p.as_str());
        let read = |file: &PathBuf| read_identity(file, passphrase).map_err(|e| failures::key(&e));
        Ok(Self {
            roots: signers.roots.iter().map(read).collect::<Result<_, _>>()?,
            possession: signers.possession.as_ref().map(read).transpose()?,
        })
    }

    fn sign(&self, namespace: &str, bytes: &[u8]) -> Vec<Envelope> {
        let keys = self.roots.iter().chain(&self.possession);
        keys.map(|key| key.sign(namespace, bytes)).collect()
    }
}

/// Root signatures first, the new key's last, each key once.
fn in_order(envelopes: Vec<Envelope>, new_key: &PublicKey) -> Vec<Envelope> {
    let mut ordered: Vec<Envelope> = Vec::new();
    let (new, roots): (Vec<_>, Vec<_>) = envelopes.into_iter().partition(|e| e.key == *new_key);
    for envelope in roots.into_iter().chain(new) {
        if ordered.iter().all(|have| have.key != envelope.key) {
            ordered.push(envelope);
        }
    }
    ordered
}

fn first_root(desk: &Desk) -> Result<PublicKey, Failure> {
    let roots = &desk.state.access.roots.keys;
    roots.first().copied().ok_or_else(|| {
        let text = "the ledger has no root key: nobody can be enrolled";
        Failure::new(Exit::NotAuthorised, "enrolment.no-root", text)
    })
}

fn compose(
    desk: &Desk,
    newcomer: &Newcomer,
    root: &PublicKey,
    entropy: &mut dyn Entropy,
) -> Result<Statement, Failure> {
    let public_key = read_public_key(&newcomer.public_key).map_err(|e| failures::key(&e))?;
    if !desk.state.genesis.sandbox {
        sandbox_keys::check_file(&newcomer.public_key, &public_key)?;
    }
    crate::kernel::text::check_free_text("verified_by", &newcomer.verified_by)
        .map_err(|e| Failure::from_error(Exit::Usage, "usage.text", "", &e))?;
    let head = desk.head();
    let key = public_key.fingerprint();
    let (name, role) = (newcomer.person.as_str(), newcomer.role.as_str());
    let words = ["enrolment", name, role, key.as_str()];
    let nonce = nonce_for(desk, &words, entropy)?;
    let person = PersonId::new("root")
        .map_err(|e| Failure::from_error(Exit::Internal, "enrolment.root", "", &e))?;
    Ok(Statement {
        act: Act::Enrolment(Enrolment {
            person: newcomer.person.clone(),
            role: newcomer.role,
            public_key,
            verified_by: newcomer.verified_by.clone(),
            until: newcomer.until,
        }),
        ledger: desk.state.ledger.clone(),
        head,
        signer: Signer {
            person,
            role: "root".to_owned(),
            key: root.fingerprint(),
        },
        cosigners: Vec::new(),
        issued_at: desk.now,
        expires_at: desk.now.plus_millis(SUBMIT_HOURS * 3_600_000),
        nonce,
    })
}

fn bytes_of(statement: &Statement) -> Result<Vec<u8>, Failure> {
    statement
        .to_bytes()
        .map_err(|e| Failure::from_error(Exit::Invalid, "statement.unstorable", "", &e))
}

fn read_statement(file: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(file).map_err(|e| failure::io("read", file, &e))?;
    if bytes.len() <= ENTRY_MAX_BYTES {
        return Ok(bytes);
    }
    let text = "the statement file is too large";
    Err(Failure::new(Exit::Invalid, "statement.too-large", text))
}

fn read_signature(file: &Path) -> Result<Envelope, Failure> {
    let bytes = read_statement(file)?;
    Envelope::from_armor(&String::from_utf8_lossy(&bytes)).map_err(|e| {
        Failure::from_error(Exit::Invalid, "signature.malformed", "", &e)
            .hint("sign with `ssh-keygen -Y sign -f KEY -n enrolment-v1@promote FILE`")
    })
}

fn answer(statement: &Statement, entry: Option<(u64, Digest)>) -> Result<EnrolmentJson, Failure> {
    let Act::Enrolment(enrolment) = &statement.act else {
        let text = "the statement is no enrolment";
        return Err(Failure::new(Exit::Invalid, "statement.kind", text));
    };
    Ok(EnrolmentJson {
        schema: "promote/enrolment/v1",
        recorded: entry.is_some(),
        person: enrolment.person.clone(),
        role: enrolment.role,
        key: enrolment.public_key.fingerprint(),
        until: enrolment.until,
        namespace: statement.act.namespace(),
        seq: entry.map(|(seq, _)| seq),
        leaf: entry.map(|(_, leaf)| leaf),
    })
}
