//! Access: instances, revoked keys and tokens, as the ledger's entries add up to.
//!
//! [`acts`] is what is signed. Each other file holds the guard and the effect of its acts; the
//! state of all of them is [`Access`], which `State` carries. A key is judged by positions in the
//! ledger, never by the times that signatures claim.

pub mod acts;
pub mod distrust;
pub mod fallout;
pub mod instance;
pub mod issue;
pub mod missing_token;
pub mod redemption;
pub mod revocation;
pub mod roots;
pub mod rotation;
pub mod supports;
pub mod void;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Quorum;
use crate::governance::token::claims::Claims;
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PersonId, RequestId};
use crate::kernel::pubkey::Fingerprint;

use super::event::Signed;
use super::guard::Moment;
use super::guard::request::further_flags;
use super::missing::Missing;
use super::refusal::Refusal;
use super::state::{Mark, State};
use super::statement::{Act, Decision, Enrolment, Request};
use crate::governance::stage::Target;
use acts::{InstanceCard, Reason};
use roots::Roots;
pub use roots::root_threshold;

/// An instance that was let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// What it said about itself.
    pub card: InstanceCard,
    /// The entry.
    pub mark: Mark,
}

/// One revocation of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Why; none counts as compromised.
    pub reason: Option<Reason>,
    /// Position from which its signatures are not believed any more.
    pub distrust_from: Option<u64>,
    /// The entry.
    pub mark: Mark,
}

impl Revoked {
    /// True when it also kills what was open: slots and tokens.
    #[must_use]
    pub fn kills(&self) -> bool {
        kills(self.reason, self.distrust_from)
    }
}

/// Whether a revocation also kills what was open: only a harmless reason without distrust does not.
#[must_use]
pub fn kills(reason: Option<Reason>, distrust_from: Option<u64>) -> bool {
    let harmless = matches!(
        reason,
        Some(Reason::Left | Reason::Superseded | Reason::Lost)
    );
    !harmless || distrust_from.is_some()
}

/// A token that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// What it claims.
    pub claims: Claims,
    /// Digest of the claims.
    pub claims_sha256: Digest,
    /// The entry, by ops.
    pub mark: Mark,
    /// The entry by which it was used.
    pub redeemed: Option<Mark>,
    /// The entry by which it was taken back.
    pub revoked: Option<Mark>,
}

/// A signature, by its key and the position of its entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The key that stands first.
    pub key: Fingerprint,
    /// Position.
    pub seq: u64,
}

impl From<&Mark> for Signature {
    fn from(mark: &Mark) -> Self {
        Self {
            key: mark.key.clone(),
            seq: mark.seq,
        }
    }
}

/// A decision with what it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The entry.
    pub mark: Mark,
    /// Leaf hashes of the approvals that filled the quorum.
    pub approvals: Vec<Digest>,
    /// The quorum in force then.
    pub quorum: Option<Quorum>,
    /// What else it was granted on: of each group one signature at least has to be believed.
    pub supports: Vec<Vec<Signature>>,
    /// Position of the revocation by which it fell below its quorum.
    pub fallen: Option<u64>,
}

/// Everything that decides who and what may act, beside persons and roles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The root keys in force.
    pub roots: Roots,
    /// Instances by name.
    pub instances: BTreeMap<InstanceId, Instance>,
    /// Revocations by key, in ledger order.
    pub revoked: BTreeMap<Fingerprint, Vec<Revoked>>,
    /// Rotations by the key that went: the key that came, and the position.
    pub rotated: BTreeMap<Fingerprint, (Fingerprint, u64)>,
    /// Keys that signed beside the first one, by the position of the act.
    pub cosigned: BTreeMap<u64, Vec<Fingerprint>>,
    /// Tokens by their number.
    pub tokens: BTreeMap<String, Token>,
    /// Decisions by request.
    pub decisions: BTreeMap<RequestId, Decided>,
}

impl Access {
    /// The first revocation of a key.
    #[must_use]
    pub fn revocation(&self, key: &Fingerprint) -> Option<&Revoked> {
        self.revoked.get(key)?.first()
    }

    /// True when `key` was revoked, after position `seq`, in a way that kills what was open.
    #[must_use]
    pub fn killed_after(&self, key: &Fingerprint, seq: u64) -> bool {
        let list = self.revoked.get(key).map(Vec::as_slice).unwrap_or_default();
        list.iter().any(|r| r.kills() && r.mark.seq > seq)
    }

    /// True when what `key` signed at position `seq` is not believed any more.
    #[must_use]
    pub fn distrusted(&self, key: &Fingerprint, seq: u64) -> bool {
        let list = self.revoked.get(key).map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .any(|r| r.distrust_from.is_some_and(|from| from <= seq))
    }

    /// Remembers who signed an act of several persons.
    pub fn note(&mut self, signed: &Signed, seq: u64) {
        let cosigners = &signed.statement.cosigners;
        if !cosigners.is_empty() {
            let keys = cosigners.iter().map(|signer| signer.key.clone());
            self.cosigned.insert(seq, keys.collect());
        }
    }

    /// True when one of those who signed is not believed at that position any more.
    #[must_use]
    pub fn is_disbelieved(&self, signature: &Signature) -> bool {
        let seq = signature.seq;
        self.keys_of(signature).any(|key| self.distrusted(key, seq))
    }

    /// True when an act counts for nothing that is still open: it is not believed, or a key that signed it
    /// was revoked since then in a way that kills.
    #[must_use]
    pub fn is_dead(&self, mark: &Mark) -> bool {
        let seq = mark.seq;
        self.keys_of(&Signature::from(mark))
            .any(|key| self.killed_after(key, seq) || self.distrusted(key, seq))
    }

    fn keys_of<'s>(&'s self, signature: &'s Signature) -> impl Iterator<Item = &'s Fingerprint> {
        let more = self.cosigned.get(&signature.seq).into_iter().flatten();
        std::iter::once(&signature.key).chain(more)
    }
}

/// True for the acts whose guards and effects stand in this folder.
#[must_use]
pub fn is_ours(act: &Act) -> bool {
    matches!(
        act,
        Act::InstanceEnrolment(_)
            | Act::KeyRevocation(_)
            | Act::KeyRotation(_)
            | Act::RootChange(_)
            | Act::Void(_)
            | Act::TokenIssue(_)
            | Act::TokenRedemption(_)
            | Act::TokenRevocation(_)
    )
}

/// The guard of an act about keys, instances or tokens.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(state: &State, signed: &Signed, at: &Moment) -> Result<(), Refusal> {
    match &signed.statement.act {
        Act::InstanceEnrolment(act) => instance::check(state, signed, act, at),
        Act::KeyRevocation(act) => revocation::check(state, signed, act, at),
        Act::KeyRotation(act) => rotation::check(state, signed, act, at),
        Act::RootChange(act) => roots::check(state, signed, act, at),
        Act::Void(act) => void::check(state, signed, act, at),
        Act::TokenIssue(act) => issue::check(state, signed, act, at),
        Act::TokenRedemption(act) => redemption::check(state, signed, act, at),
        Act::TokenRevocation(act) => issue::check_revocation(state, signed, act, at),
        other => Err(Refusal::NotAPersonsAct { act: other.kind() }),
    }
}

/// What such an act changes.
pub fn effect(state: &mut State, signed: &Signed, mark: Mark) {
    match &signed.statement.act {
        Act::InstanceEnrolment(act) => instance::effect(state, act, mark),
        Act::KeyRevocation(act) => revocation::effect(state, act, mark),
        Act::KeyRotation(act) => rotation::effect(state, act, mark),
        Act::RootChange(act) => roots::effect(state, act, mark.seq),
        Act::Void(act) => void::effect(state, act),
        Act::TokenIssue(act) => issue::effect(state, signed, act, mark),
        Act::TokenRedemption(act) => redemption::effect(state, act, mark),
        Act::TokenRevocation(act) => issue::revoke(state, act, mark),
        _ => {}
    }
}

/// Remembers what a decision stands on.
pub fn decided(state: &mut State, act: &Decision, mark: &Mark) {
    let target = state.requests.get(&act.request).map(|r| r.request.target);
    let quorum = target.and_then(|target| state.quorum(target).cloned());
    let decided = Decided {
        mark: mark.clone(),
        approvals: act.approvals.clone(),
        quorum,
        supports: supports::of(state, &act.request, mark.time),
        fallen: None,
    };
    state.access.decisions.insert(act.request.clone(), decided);
}

/// A request for LIVE names an enrolled instance, any other names none.
///
/// # Errors
/// When it does not.
pub fn check_instance(state: &State, request: &Request) -> Result<(), Refusal> {
    match (request.target, &request.instance) {
        (Target::Live, Some(name)) => {
            let card = issue::instance(state, name)?;
            let wanted = issue::live_environment(state);
            let unfit = |why: String| {
                let instance = name.clone();
                Err(Refusal::InstanceUnfit { instance, why })
            };
            if card.environment != wanted {
                return unfit(format!(
                    "it trades in {}, not in {wanted}",
                    card.environment
                ));
            }
            // Another key, host or build under the same name is another instance.
            if request.instance_card.is_none() || request.instance_card != card.digest() {
                return unfit("it is enrolled with another card than the request names".to_owned());
            }
            Ok(())
        }
        (Target::Shadow | Target::Testnet, None) if request.instance_card.is_none() => Ok(()),
        _ => Err(Refusal::InstanceWanted),
    }
}

/// What keeps the instance of a request for LIVE from running it; none for any other request.
#[must_use]
pub fn instance_missing(state: &State, request: &Request) -> Option<Missing> {
    let refusal = check_instance(state, request).err()?;
    let text = format!("{refusal}: ask again for the instance that is enrolled now");
    let command = format!(
        "promote request {} --target live --evidence DIR --summary TEXT{} --key KEY",
        request.portfolio,
        further_flags(Target::Live)
    );
    Some(Missing::new(
        "instance",
        Some("research"),
        text,
        Some(command),
    ))
}

/// The only enrolled instance whose key still counts; none when there are several.
#[must_use]
pub fn only_instance(state: &State) -> Option<InstanceId> {
    let usable = |name: &&InstanceId| issue::instance(state, name).is_ok();
    let mut names = state.access.instances.keys().filter(usable);
    match (names.next(), names.next()) {
        (Some(name), None) => Some(name.clone()),
        _ => None,
    }
}

/// A key that is enrolled for a person was never revoked, and is no instance's.
///
/// # Errors
/// In words, when it was or is.
pub fn check_new_key(state: &State, enrolment: &Enrolment) -> Result<(), String> {
    let key = &enrolment.public_key;
    if state.access.revocation(&key.fingerprint()).is_some() {
        return Err("the key was revoked".to_owned());
    }
    let mut instances = state.access.instances.values();
    if instances.any(|i| i.card.public_key == *key) {
        return Err("the key is an instance's".to_owned());
    }
    Ok(())
}

/// Refuses a revoked key.
///
/// # Errors
/// When it is.
pub fn not_revoked(state: &State, key: &Fingerprint) -> Result<(), Refusal> {
    match state.access.revocation(key) {
        None => Ok(()),
        Some(revoked) => Err(Refusal::KeyRevoked {
            key: key.clone(),
            seq: revoked.mark.seq,
        }),
    }
}

/// True when a person holds a key that still counts.
#[must_use]
pub fn can_sign(state: &State, person: &PersonId) -> bool {
    state.persons.get(person).is_some_and(|held| {
        let counts = |key: &Fingerprint| state.access.revocation(key).is_none();
        held.keys.iter().any(counts)
    })
}

/// True when the key is named for something already: a person, an instance, a root, a machine.
#[must_use]
pub fn is_taken(state: &State, key: &crate::kernel::pubkey::PublicKey) -> bool {
    let genesis = &state.genesis;
    let machine = [&genesis.log_key, &genesis.engine_key, &genesis.token_key];
    let fingerprint = key.fingerprint();
    let mut instances = state.access.instances.values();
    machine.contains(&key)
        || state.access.roots.ever.contains(&fingerprint)
        || state.keys.contains_key(&fingerprint)
        || state.access.revoked.contains_key(&fingerprint)
        || instances.any(|i| i.card.public_key == *key)
}
