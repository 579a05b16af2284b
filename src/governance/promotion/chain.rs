//! A chain: the entries of one act, built one after the other inside one commit.
//!
//! In: the fold at the ledger's head, the tree's frontier there, the time, and the engine's
//! signature. Out: drafts for one append. Each step is decided on the state after the one before,
//! sealed, and applied: what `apply` would not accept is never appended. The engine's statements
//! name the last signed checkpoint, the head that the chain stands on.

use crate::governance::audit::entry::{Draft, Entry, Head, LEAF_VERSION, Leaf};
use crate::governance::audit::tree::Frontier;
use crate::kernel::canonical::{self, CanonicalError};
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, RequestId};
use crate::kernel::pubkey::PublicKey;
use crate::kernel::sshsig::Envelope;
use crate::kernel::time::UtcTime;

use super::apply::apply;
use super::decide::{Command, Proposal, decide};
use super::event::Signed;
use super::guard::{Moment, authenticate};
use super::refusal::Refusal;
use super::state::{State, Status};
use super::statement::{Act, Refusal as RefusedAct, Signer, Statement};

/// Most refusals that are recorded per person and day.
pub const REFUSALS_PER_DAY: usize = 20;

/// Signs with the engine's key: namespace and message in.
pub type EngineSigner<'a> = &'a dyn Fn(&str, &[u8]) -> Envelope;

/// Why a step was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The rules forbid it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The entry cannot be written.
    #[error("the entry cannot be written")]
    Canonical(#[from] CanonicalError),
    /// `decide` proposed what `apply` does not accept.
    #[error("internal contradiction at entry {seq}: {why}")]
    Contradiction {
        /// Position.
        seq: u64,
        /// Finding.
        why: String,
    },
}

/// Entries of one act.
#[derive(Debug)]
pub struct Chain {
    /// The fold so far.
    pub state: State,
    /// The entries so far, for one append.
    pub drafts: Vec<Draft>,
    frontier: Frontier,
    base: Head,
    now: UtcTime,
}

impl Chain {
    /// A chain on the head of `frontier`, up to which `state` has folded.
    #[must_use]
    pub fn new(state: State, frontier: Frontier, now: UtcTime) -> Self {
        let base = head_of(&frontier);
        Self {
            state,
            drafts: Vec::new(),
            frontier,
            base,
            now,
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            tip: head_of(&self.frontier),
            now: self.now,
        }
    }

    /// Records a person's signed statement.
    ///
    /// # Errors
    /// When it is refused, or cannot be written.
    pub fn submit(&mut self, signed: Signed) -> Result<Entry, ChainError> {
        let command = Command::Submit(Box::new(signed));
        match decide(&self.state, command, &self.moment())? {
            Proposal::Record(signed) => self.push(&signed),
            Proposal::Engine(act) => Err(ChainError::Contradiction {
                seq: self.frontier.size(),
                why: format!("a {} was proposed for a statement", act.kind()),
            }),
        }
    }

    /// Makes and records an act of the engine.
    ///
    /// # Errors
    /// When it is refused, or cannot be written.
    pub fn engine(
        &mut self,
        command: Command,
        key: PublicKey,
        sign: EngineSigner<'_>,
    ) -> Result<Entry, ChainError> {
        match decide(&self.state, command, &self.moment())? {
            Proposal::Engine(act) => self.engine_act(*act, key, sign),
            Proposal::Record(_) => Err(ChainError::Contradiction {
                seq: self.frontier.size(),
                why: "a statement was proposed for an act of the engine".to_owned(),
            }),
        }
    }

    /// Decides every open request that has nothing missing any more, whatever the entries before
    /// were about: the last slot was filled, the last rerun came, a time lock ended.
    ///
    /// # Errors
    /// When a decision cannot be written. A request that may not be decided now is left as it is.
    pub fn decide_ready(
        &mut self,
        key: PublicKey,
        sign: EngineSigner<'_>,
    ) -> Result<(), ChainError> {
        let open = self.state.requests.iter();
        let filled = open.filter(|(_, record)| record.status == Status::Approved);
        let filled: Vec<RequestId> = filled.map(|(id, _)| id.clone()).collect();
        for request in filled {
            match self.engine(Command::Decide { request }, key, sign) {
                Ok(_) | Err(ChainError::Refused(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Records that an authentic statement was refused, unless its person has had too many.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn refuse(
        &mut self,
        signed: &Signed,
        refusal: &Refusal,
        key: PublicKey,
        sign: EngineSigner<'_>,
    ) -> Result<Option<Entry>, ChainError> {
        // The owner of the key, not the name in the statement, which may be somebody else's.
        let person = &authenticate(&self.state, signed)?.person;
        let day = self.now.plus_days(-1);
        let recent = self
            .state
            .refusals
            .get(person)
            .map_or(0, |times| times.iter().filter(|t| **t > day).count());
        if recent >= REFUSALS_PER_DAY {
            return Ok(None);
        }
        let act = Act::Refusal(RefusedAct {
            statement: signed.body.statement.clone(),
            signatures: signed.body.signatures.clone(),
            reason: refusal.slug().to_owned(),
        });
        match self.engine_act(act, key, sign) {
            // A statement so long that it does not fit into another one is not recorded.
            Err(ChainError::Canonical(CanonicalError::TooLarge { .. })) => Ok(None),
            other => other.map(Some),
        }
    }

    fn engine_act(
        &mut self,
        act: Act,
        key: PublicKey,
        sign: EngineSigner<'_>,
    ) -> Result<Entry, ChainError> {
        let tip = head_of(&self.frontier);
        let engine = |_| CanonicalError::Shape("engine".to_owned());
        let namespace = act.namespace();
        let statement = Statement {
            ledger: self.state.ledger.clone(),
            head: self.base,
            signer: Signer {
                person: PersonId::new("engine").map_err(engine)?,
                role: "engine".to_owned(),
                key: key.fingerprint(),
            },
            cosigners: Vec::new(),
            issued_at: self.now,
            expires_at: self.now.plus_days(1),
            nonce: nonce(&[&self.state.ledger, act.kind()], &tip),
            act,
        };
        let bytes = statement.to_bytes()?;
        let envelope = sign(&namespace, &bytes);
        let signed = Signed::join(&bytes, &[envelope])?;
        self.push(&signed)
    }

    fn push(&mut self, signed: &Signed) -> Result<Entry, ChainError> {
        let draft = signed.to_draft(self.now);
        let leaf = Leaf {
            actor: draft.actor.clone(),
            body: draft.body.clone(),
            kind: draft.kind.clone(),
            ledger: self.state.ledger.clone(),
            prev_root: self.frontier.root(),
            private: Vec::new(),
            seq: self.frontier.size(),
            time: draft.time,
            v: LEAF_VERSION,
        };
        let entry = Entry::read(canonical::encode(&leaf)?)?;
        self.frontier.append(entry.leaf_hash);
        self.drafts.push(draft);
        if apply(&mut self.state, &entry) {
            return Ok(entry);
        }
        Err(ChainError::Contradiction {
            seq: entry.seq,
            why: self
                .state
                .findings
                .last()
                .map(|f| f.message.clone())
                .unwrap_or_default(),
        })
    }
}

fn head_of(frontier: &Frontier) -> Head {
    Head {
        size: frontier.size(),
        root: frontier.root(),
    }
}

/// A nonce that follows from what it is for: `words` and the head that it stands on.
#[must_use]
pub fn nonce(words: &[&str], head: &Head) -> String {
    let mut text = format!("promote-nonce/v1 {} {}", head.size, head.root);
    for word in words {
        text.push('\n');
        text.push_str(word);
    }
    Digest::of(text.as_bytes())
        .to_string()
        .chars()
        .take(32)
        .collect()
}
