//! State: what the ledger's entries add up to. Derived, never stored, never the source of truth.
//!
//! In: the genesis entry and the policy set that it publishes; then `apply`, entry by entry. Every
//! part is reachable from (entries, now) alone. Positions are remembered so that a statement can
//! be judged by the ledger as it stood, never by the time that the statement claims.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::governance::audit::entry::{Entry, Head};
use crate::governance::policy::roles::{Quorum, Role, Rules};
use crate::governance::policy::set::PolicySet;
use crate::governance::policy::verdict::Verdict;
use crate::governance::stage::{Stage, Target};
use crate::kernel::digest::Digest;
use crate::kernel::id::{IdError, PersonId, PortfolioId, ProfileId, RequestId};
use crate::kernel::pubkey::{Fingerprint, PublicKey};
use crate::kernel::time::UtcTime;

use super::access::Access;
use super::access::roots::Roots;
use super::expiry::Waiting;
use super::oversight::Oversight;
use super::safety::{self, Safety};
use super::statement::{Evaluation, Genesis, HaltEpochs, Request};
use super::tracks::Tracks;
use super::versions::Versions;

/// Where a request stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Recorded, not judged yet.
    Submitted,
    /// Judged PROMOTE, slots open.
    AwaitingApproval,
    /// Slots filled, time lock running.
    Approved,
    /// The stage was granted.
    Promoted,
    /// Judged REJECT.
    Rejected,
    /// Judged REVISE.
    Revise,
    /// Refused by a role holder.
    Denied,
    /// Taken back.
    Withdrawn,
    /// Lived too long.
    Expired,
    /// Replaced by another request.
    Superseded,
    /// Ended by a halt.
    Invalidated,
}

impl Status {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::AwaitingApproval => "AWAITING_APPROVAL",
            Self::Approved => "APPROVED",
            Self::Promoted => "PROMOTED",
            Self::Rejected => "REJECTED",
            Self::Revise => "REVISE",
            Self::Denied => "DENIED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Expired => "EXPIRED",
            Self::Superseded => "SUPERSEDED",
            Self::Invalidated => "INVALIDATED",
        }
    }

    /// True while the request may still become a promotion.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Submitted | Self::AwaitingApproval | Self::Approved
        )
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A person as enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Roles held.
    pub roles: BTreeSet<Role>,
    /// When a role that is held ends by itself.
    pub until: BTreeMap<Role, UtcTime>,
    /// Roles that ended, and when.
    pub ended: BTreeMap<Role, UtcTime>,
    /// Keys, in the order of enrolment.
    pub keys: Vec<Fingerprint>,
    /// Last position that changed roles or keys.
    pub touched: u64,
}

/// A key and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolledKey {
    /// The key.
    pub key: PublicKey,
    /// Its person.
    pub person: PersonId,
    /// Position of the enrolment.
    pub since: u64,
}

/// A portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portfolio {
    /// Person of the first request.
    pub owner: PersonId,
    /// Risk profile, for good.
    pub profile: ProfileId,
    /// Stage of the version that runs.
    pub stage: Stage,
    /// When the stage was granted.
    pub since: Option<UtcTime>,
    /// Strategy digest that the stage was granted for.
    pub strategy: Option<Digest>,
    /// Changed versions on their way up, below the one that runs.
    pub climbing: Versions,
    /// Its requests, in order.
    pub requests: Vec<RequestId>,
    /// Last position (approvals aside) that touches it.
    pub touched: u64,
}

/// The evaluation of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Position.
    pub seq: u64,
    /// Leaf hash.
    pub leaf: Digest,
    /// Time of the entry.
    pub time: UtcTime,
    /// What the engine recorded.
    pub evaluation: Evaluation,
    /// The verdict, derived again.
    pub verdict: Verdict,
}

/// A signed act on a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Position.
    pub seq: u64,
    /// Leaf hash.
    pub leaf: Digest,
    /// Time of the entry.
    pub time: UtcTime,
    /// Who.
    pub person: PersonId,
    /// Role acted in.
    pub role: String,
    /// Key that signed.
    pub key: Fingerprint,
    /// Reason code of a denial, code of an evaluation error; empty otherwise.
    pub reason: String,
    /// A word to the record.
    pub comment: String,
}

/// An approval that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// Who, when, where.
    pub mark: Mark,
    /// The slot that it fills.
    pub role: Role,
    /// When it stops counting.
    pub valid_until: UtcTime,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When: time of the entry, or the moment of a derived end.
    pub time: UtcTime,
    /// The act that ended it; none for a derived end.
    pub by: Option<Mark>,
}

/// A request and all that happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// The request and its signer.
    pub mark: Mark,
    /// What was asked.
    pub request: Request,
    /// Where it stands.
    pub status: Status,
    /// Attempts to judge it that failed, in ledger order: the error's code and text.
    pub unjudged: Vec<Mark>,
    /// The evaluation.
    pub judged: Option<Judged>,
    /// Approvals, in ledger order.
    pub approvals: Vec<Approved>,
    /// The request that replaced it.
    pub superseded_by: Option<RequestId>,
    /// How it ended.
    pub end: Option<End>,
}

/// An entry without effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoEffect {
    /// Position.
    pub seq: u64,
    /// Leaf hash.
    pub leaf: Digest,
    /// Slug of the reason.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

/// Why a genesis entry cannot be a beginning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// Not the first entry, or another kind.
    #[error("the first entry is no genesis entry")]
    NotFirst,
    /// Malformed.
    #[error("the genesis entry is malformed: {0}")]
    Shape(String),
    /// The policy set handed in is another one.
    #[error("the policy set does not have the digest that the genesis entry publishes")]
    OtherPolicy,
}

/// The fold of a ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Origin of the ledger.
    pub ledger: String,
    /// Leaf hash of the genesis entry: the ledger's fingerprint.
    pub fingerprint: Digest,
    /// The genesis facts.
    pub genesis: Genesis,
    /// The published policy set.
    pub policy: Arc<PolicySet>,
    /// Position from which it is in force.
    pub policy_touched: u64,
    /// Root before each entry, and its time.
    pub positions: Vec<(Digest, UtcTime)>,
    /// Persons.
    pub persons: BTreeMap<PersonId, Person>,
    /// Keys.
    pub keys: BTreeMap<Fingerprint, EnrolledKey>,
    /// Portfolios.
    pub portfolios: BTreeMap<PortfolioId, Portfolio>,
    /// Requests.
    pub requests: BTreeMap<RequestId, RequestRecord>,
    /// Requests by their strategy digest, in ledger order.
    pub by_strategy: BTreeMap<Digest, Vec<RequestId>>,
    /// Nonces that were used, by the key of the first signer.
    pub nonces: BTreeMap<Fingerprint, BTreeSet<String>>,
    /// Digests of accepted statements.
    pub statements: BTreeSet<Digest>,
    /// Refused acts recorded per person, with their times.
    pub refusals: BTreeMap<PersonId, Vec<UtcTime>>,
    /// Halts, incidents, certificates, overrides.
    pub safety: Safety,
    /// Sessions, datasets, reruns, trials.
    pub tracks: Tracks,
    /// Instances, revoked keys, tokens.
    pub access: Access,
    /// Checklists, and the policy sets in force by position.
    pub oversight: Oversight,
    /// Entries without effect.
    pub findings: Vec<NoEffect>,
    /// Entries without effect that the root threshold set aside.
    pub voided: Vec<NoEffect>,
    /// What time alone may still change.
    pub waiting: Waiting,
}

impl State {
    /// The state after the genesis entry.
    ///
    /// # Errors
    /// When `entry` is no genesis entry, or `policy` is not the set that it publishes.
    pub fn begin(entry: &Entry, policy: PolicySet) -> Result<Self, GenesisError> {
        let leaf = &entry.leaf;
        let empty = Digest::of(b"");
        if entry.seq != 0 || leaf.kind != "genesis" || leaf.prev_root != empty {
            return Err(GenesisError::NotFirst);
        }
        let genesis: Genesis = serde_json::from_value(leaf.body.clone())
            .map_err(|e| GenesisError::Shape(crate::kernel::text::visible(&e.to_string(), 200)))?;
        if genesis.schema != "promote/genesis/v1" {
            return Err(GenesisError::Shape("unknown schema".to_owned()));
        }
        if policy.digest() != genesis.policy_sha256 {
            return Err(GenesisError::OtherPolicy);
        }
        let policy = Arc::new(policy);
        Ok(Self {
            ledger: leaf.ledger.clone(),
            fingerprint: entry.leaf_hash,
            access: Access {
                roots: Roots::begin(&genesis),
                ..Access::default()
            },
            genesis,
            policy_touched: 0,
            positions: vec![(empty, leaf.time)],
            persons: BTreeMap::new(),
            keys: BTreeMap::new(),
            portfolios: BTreeMap::new(),
            requests: BTreeMap::new(),
            by_strategy: BTreeMap::new(),
            nonces: BTreeMap::new(),
            statements: BTreeSet::new(),
            refusals: BTreeMap::new(),
            safety: Safety {
                vouched: Some(leaf.time),
                ..Safety::default()
            },
            tracks: Tracks::default(),
            oversight: Oversight::begin(Arc::clone(&policy)),
            policy,
            findings: Vec::new(),
            voided: Vec::new(),
            waiting: Waiting::default(),
        })
    }

    /// Makes policy sets known whose files are kept: entries publish sets by digest.
    #[must_use]
    pub fn knowing(mut self, sets: impl IntoIterator<Item = Arc<PolicySet>>) -> Self {
        let named = sets.into_iter().map(|set| (set.digest(), set));
        self.oversight.known.extend(named);
        self
    }

    /// Number of entries folded.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.positions.len() as u64
    }

    /// Time of the last entry.
    #[must_use]
    pub fn last_time(&self) -> UtcTime {
        self.positions.last().map_or(UtcTime::EPOCH, |(_, t)| *t)
    }

    /// The published rules.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        self.policy.rules()
    }

    /// True when `head` is a prefix of this ledger, whose present head is `tip`.
    #[must_use]
    pub fn is_prefix(&self, head: &Head, tip: &Head) -> bool {
        if head.size == tip.size {
            return head.root == tip.root;
        }
        let at = usize::try_from(head.size).ok();
        head.size > 0
            && at
                .and_then(|at| self.positions.get(at))
                .is_some_and(|(root, _)| *root == head.root)
    }

    /// When the head of `size` entries stopped being the present one; none while it is.
    #[must_use]
    pub fn replaced_at(&self, size: u64) -> Option<UtcTime> {
        let at = usize::try_from(size).ok()?;
        self.positions.get(at).map(|(_, time)| *time)
    }

    /// The quorum of the ledger's preset for `target`; none when there is none or it asks for
    /// nobody, which grants nothing.
    #[must_use]
    pub fn quorum(&self, target: Target) -> Option<&Quorum> {
        let quorum = self
            .rules()
            .quorum
            .get(&self.genesis.preset)?
            .get(&target)?;
        let usable = quorum.persons > 0
            && !quorum.slots.is_empty()
            && quorum.slots.values().all(|count| *count > 0);
        usable.then_some(quorum)
    }

    /// A portfolio's open request.
    #[must_use]
    pub fn open_request(&self, portfolio: &PortfolioId) -> Option<&RequestRecord> {
        self.history(portfolio).find(|r| r.status.is_open())
    }

    /// A portfolio's requests, in order.
    pub fn history(&self, portfolio: &PortfolioId) -> impl Iterator<Item = &RequestRecord> {
        self.portfolios
            .get(portfolio)
            .into_iter()
            .flat_map(|p| p.requests.iter())
            .filter_map(|id| self.requests.get(id))
    }

    /// The id of the portfolio's next request.
    ///
    /// # Errors
    /// When the portfolio's name is too long to be followed by a number.
    pub fn next_request_id(&self, portfolio: &PortfolioId) -> Result<RequestId, IdError> {
        let count = self
            .portfolios
            .get(portfolio)
            .map_or(0, |p| p.requests.len());
        RequestId::new(&format!("{portfolio}-{:04}", count + 1))
    }

    /// Owner, requester, evidence producers of a request, and who proposed the policy set in
    /// force: nobody of them fills a risk or authoriser slot.
    #[must_use]
    pub fn author_set(&self, record: &RequestRecord) -> BTreeSet<PersonId> {
        let request = &record.request;
        let mut set = self.authors(&request.portfolio, &request.producers);
        set.insert(record.mark.person.clone());
        set
    }

    /// The authors of what is shown for a portfolio: its owner, the producers of the evidence,
    /// and the proposers of the policy set that judges it.
    #[must_use]
    pub fn authors(&self, portfolio: &PortfolioId, producers: &[PersonId]) -> BTreeSet<PersonId> {
        let mut set: BTreeSet<PersonId> = producers.iter().cloned().collect();
        set.extend(self.portfolios.get(portfolio).map(|p| p.owner.clone()));
        set.extend(self.oversight.proposers().cloned());
        set
    }

    /// Halt epochs in force for a portfolio.
    #[must_use]
    pub fn halt_epochs(&self, portfolio: &PortfolioId) -> HaltEpochs {
        safety::halt::epochs(self, portfolio)
    }

    /// True when the two rules of separation are both in force.
    #[must_use]
    pub fn full_independence(&self) -> bool {
        let separation = self.rules().separation;
        separation.requester_fills_no_slot && separation.one_role_per_person
    }
}
