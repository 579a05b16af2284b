//! `roles.toml`: who may do what, how many must agree, and how long things last.
//!
//! Part of the policy set: in force is only what is published in the ledger. Every duration is
//! written out with its unit in the key; nothing has a silent default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::governance::stage::Target;
use crate::kernel::id::ProfileId;

/// The roles that persons hold. Nobody holds two of research, risk and ops.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs research and requests promotions.
    Research,
    /// Approves, denies, has the veto.
    Risk,
    /// Operates sessions.
    Ops,
    /// Designated authoriser of the `regulated` preset.
    Authoriser,
    /// Enrols persons and changes roots; nobody's daily role.
    Root,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Research,
        Self::Risk,
        Self::Ops,
        Self::Authoriser,
        Self::Root,
    ];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Research => "research",
            Self::Risk => "risk",
            Self::Ops => "ops",
            Self::Authoriser => "authoriser",
            Self::Root => "root",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Not a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown role `{0}`: research, risk, ops, authoriser or root is wanted")]
pub struct UnknownRole(String);

impl std::str::FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|r| r.as_str() == text)
            .ok_or_else(|| UnknownRole(crate::kernel::text::visible(text, 40)))
    }
}

/// The parsed `roles.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Version of the policy set, for people; the digest decides.
    pub version: String,
    /// Separation of duties.
    pub separation: Separation,
    /// Per quorum preset (`playbook`, `regulated`), per target.
    pub quorum: BTreeMap<String, BTreeMap<Target, Quorum>>,
    /// Per target: how long approvals live and heads stay fresh.
    pub approval: BTreeMap<Target, ApprovalRules>,
    /// Requests.
    pub request: RequestRules,
    /// Per target of the stage: how often it is shown again.
    pub certificate: BTreeMap<Target, CertificateRules>,
    /// The same for single profiles, instead of that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub certificate_profile: BTreeMap<ProfileId, BTreeMap<Target, CertificateRules>>,
    /// Overrides of soft criteria.
    #[serde(rename = "override")]
    pub overrides: OverrideRules,
    /// How far the clock may be off.
    pub clock: ClockRules,
    /// Evidence requirements that begin at a target.
    pub assurance: Assurance,
}

impl Rules {
    /// How often a portfolio of `profile` shows the stage of `target` again.
    #[must_use]
    pub fn certificate_of(&self, profile: &ProfileId, target: Target) -> Option<CertificateRules> {
        let own = self.certificate_profile.get(profile);
        let own = own.and_then(|stages| stages.get(&target));
        own.or_else(|| self.certificate.get(&target)).copied()
    }
}

/// The two rules that a small team may switch off; every export then prints
/// "reduced independence".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Separation {
    /// The requester may not fill a slot.
    pub requester_fills_no_slot: bool,
    /// No person holds two of research, risk, ops.
    pub one_role_per_person: bool,
}

/// How many approvals of which role one target needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// Approvals per role; each at least 1.
    pub slots: BTreeMap<Role, u32>,
    /// Different persons in all; at least the sum of the slots.
    pub persons: u32,
    /// Hours between the last approval and the decision.
    pub time_lock_hours: u32,
    /// Witnesses that must have cosigned.
    pub witnesses: u32,
}

impl Quorum {
    /// Who signs, in words: `1 research and 2 risk (3 persons)`.
    #[must_use]
    pub fn words(&self) -> String {
        let slots = self.slots.iter();
        let slots: Vec<String> = slots.map(|(role, n)| format!("{n} {role}")).collect();
        format!("{} ({} persons)", slots.join(" and "), self.persons)
    }
}

/// Life of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRules {
    /// Hours that an approval lives.
    pub ttl_hours: u32,
    /// Hours after which the ledger head named in it is too old.
    pub head_age_hours_max: u32,
}

/// Life and repetition of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestRules {
    /// Days that a request lives.
    pub ttl_days: u32,
    /// Days after a REJECT before the portfolio may ask again.
    pub cool_off_days: u32,
    /// Looks at the same out-of-sample data before the guard grows.
    pub looks_max: u32,
    /// Days in SHADOW before TESTNET.
    pub shadow_dwell_days: u32,
    /// Days in TESTNET before LIVE.
    pub testnet_dwell_days: u32,
}

/// How often a stage is shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateRules {
    /// Days from the grant, or the last certificate, until the next is overdue.
    pub days: u32,
    /// Days before that from which status warns.
    pub warn_days: u32,
    /// Days after that until the stage falls.
    pub grace_days: u32,
}

/// Life of an override.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideRules {
    /// Most hours for which a request may use one.
    pub hours_max: u32,
    /// Days from the decision that used it until its review is missed.
    pub review_days: u32,
}

/// How far the clock may be off before risk and ops must acknowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockRules {
    /// Hours that it may lie ahead of the last entry; sandboxes choose their time.
    pub ahead_hours_max: u32,
}

/// From which target on the set wants more than the gate's own recomputation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assurance {
    /// An independent rerun.
    pub rerun_from: Target,
    /// Registered data.
    pub registered_data_from: Target,
    /// An independent attestation may stand in for a rerun that nobody can make; every export
    /// then prints "reduced assurance".
    pub reduced_allowed: bool,
}
