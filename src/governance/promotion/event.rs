//! Events: entries whose bytes were read as signed statements.
//!
//! In: an [`Entry`] behind the genesis. Out: the statement, its digest and its signature envelopes,
//! all from the stored bytes. Nothing is believed yet: `guard` checks signer, head and time,
//! `decide` says whether the act is allowed.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::governance::audit::entry::{Actor, Draft, Entry};
use crate::kernel::digest::Digest;
use crate::kernel::sshsig::Envelope;
use crate::kernel::time::UtcTime;

use super::refusal::Refusal;
use super::statement::{SignedBody, Statement};

/// A signed body, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The body as stored.
    pub body: SignedBody,
    /// The statement.
    pub statement: Statement,
    /// Digest of the statement's bytes.
    pub digest: Digest,
    /// The signatures, decoded.
    pub envelopes: Vec<Envelope>,
}

impl Signed {
    /// Reads a body.
    ///
    /// # Errors
    /// When the statement's bytes are not canonical or of unknown shape, or a signature blob is
    /// malformed.
    pub fn read(body: SignedBody) -> Result<Self, Refusal> {
        let statement = Statement::from_bytes(body.statement.as_bytes())
            .map_err(|e| Refusal::NotAStatement { why: e.to_string() })?;
        let digest = Digest::of(body.statement.as_bytes());
        let envelopes = body
            .signatures
            .iter()
            .map(|text| decode_envelope(text))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            body,
            statement,
            digest,
            envelopes,
        })
    }

    /// Joins a statement's bytes and their signatures.
    ///
    /// # Errors
    /// As [`Signed::read`].
    pub fn join(bytes: &[u8], envelopes: &[Envelope]) -> Result<Self, Refusal> {
        let statement = String::from_utf8(bytes.to_vec()).map_err(|_| Refusal::NotAStatement {
            why: "not UTF-8".to_owned(),
        })?;
        Self::read(SignedBody {
            statement,
            signatures: envelopes
                .iter()
                .map(|e| STANDARD.encode(e.encode()))
                .collect(),
        })
    }

    /// The one signature of an act that one person or the engine signs, checked over the stored
    /// bytes.
    ///
    /// # Errors
    /// When there is not exactly one, it is for another namespace, by another key than the
    /// statement names, or does not fit.
    pub fn check_single_signature(&self) -> Result<&Envelope, Refusal> {
        self.check_signatures()?;
        self.single()
    }

    /// The one signature of an act that one person signs, not checked yet.
    ///
    /// # Errors
    /// When there is not exactly one.
    pub fn single(&self) -> Result<&Envelope, Refusal> {
        match self.envelopes.as_slice() {
            [envelope] => Ok(envelope),
            more => Err(Refusal::BadSignature {
                why: format!("one signature is wanted, {} found", more.len()),
            }),
        }
    }

    /// Every signature of an act: the signer's, then the cosigners' in their order, each by
    /// another key, all checked over the stored bytes.
    ///
    /// # Errors
    /// When there are more or fewer than the statement names signers, one is for another
    /// namespace, by another key than named, by a key that signs twice, or does not fit.
    pub fn check_signatures(&self) -> Result<&[Envelope], Refusal> {
        let refuse = |why: &str| Refusal::BadSignature { why: why.into() };
        let Statement {
            signer, cosigners, ..
        } = &self.statement;
        let wanted = cosigners.len() + 1;
        if self.envelopes.len() != wanted {
            let found = self.envelopes.len();
            return Err(refuse(&format!(
                "{wanted} signatures are wanted, {found} found"
            )));
        }
        let namespace = self.statement.act.namespace();
        let bytes = self.body.statement.as_bytes();
        let mut seen = BTreeSet::new();
        let signers = std::iter::once(signer).chain(cosigners);
        for (signer, envelope) in signers.zip(&self.envelopes) {
            if envelope.key.fingerprint() != signer.key {
                return Err(refuse("made by another key than the statement names"));
            }
            if !seen.insert(&signer.key) {
                return Err(refuse("one key signs twice"));
            }
            envelope
                .verify(&namespace, bytes)
                .map_err(|e| refuse(&e.to_string()))?;
        }
        Ok(&self.envelopes)
    }

    /// The entry that carries this body at `time`.
    #[must_use]
    pub fn to_draft(&self, time: UtcTime) -> Draft {
        let signer = &self.statement.signer;
        Draft {
            actor: Actor {
                id: signer.person.to_string(),
                key: Some(signer.key.clone()),
                role: signer.role.clone(),
            },
            kind: self.statement.act.kind().to_owned(),
            body: serde_json::json!({
                "statement": self.body.statement,
                "signatures": self.body.signatures,
            }),
            time,
        }
    }
}

fn decode_envelope(text: &str) -> Result<Envelope, Refusal> {
    let refuse = |why: String| Refusal::BadSignature { why };
    let blob = STANDARD
        .decode(text)
        .map_err(|_| refuse("not base64".into()))?;
    // One spelling of one signature: a second one would be a second entry with the same meaning.
    if STANDARD.encode(&blob) != text {
        return Err(refuse("not base64".into()));
    }
    Envelope::decode(&blob).map_err(|e| refuse(e.to_string()))
}

/// Reads the body of `entry` and holds it against the entry's own fields.
///
/// # Errors
/// When the body is no signed statement, or kind or actor say something else than the statement.
pub fn read(entry: &Entry) -> Result<Signed, Refusal> {
    let body: SignedBody =
        serde_json::from_value(entry.leaf.body.clone()).map_err(|e| Refusal::NotAStatement {
            why: crate::kernel::text::visible(&e.to_string(), 200),
        })?;
    let signed = Signed::read(body)?;
    let wanted = signed.to_draft(entry.leaf.time);
    if wanted.kind != entry.leaf.kind || wanted.actor != entry.leaf.actor {
        return Err(Refusal::NotAStatement {
            why: "kind or actor of the entry is not what the statement says".to_owned(),
        });
    }
    if !entry.leaf.private.is_empty() {
        return Err(Refusal::NotAStatement {
            why: "commitments are not known to this version".to_owned(),
        });
    }
    Ok(signed)
}
