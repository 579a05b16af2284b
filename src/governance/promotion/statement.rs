//! Statements: what persons and the engine sign, and the only body that ledger entries but the
//! genesis have.
//!
//! A statement is canonical JSON with a `type`, the ledger it is for, the head its signer saw, the
//! signer, a time of issue, an expiry and a nonce; what it does stands beside these. The signed
//! bytes are stored as they are, as text inside the entry, with the SSHSIG blob in base64. One
//! namespace per type keeps a signature from being read as another act.

use serde::{Deserialize, Serialize};

use crate::evidence::facts::Fact;
use crate::evidence::manifest::EvidenceKind;
use crate::governance::audit::entry::Head;
use crate::governance::policy::roles::Role;
use crate::governance::policy::verdict::Outcome;
use crate::governance::stage::{Stage, Target};
use crate::kernel::canonical::{self, CanonicalError, ENTRY_MAX_BYTES};
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PersonId, PortfolioId, ProfileId, RequestId};
use crate::kernel::pubkey::{Fingerprint, PublicKey};
use crate::kernel::time::UtcTime;

use super::access::acts::{
    InstanceEnrolment, KeyRevocation, KeyRotation, RootChange, TokenIssue, TokenRedemption,
    TokenRevocation, Void,
};
use super::oversight::acts::{ChecklistItem, PolicyPublication};
use super::safety::SafetyAct;
use super::tracks::TrackAct;
use super::tracks::beside::Beside;
use super::tracks::grounds::Grounds;
use super::unjudged::EvaluationError;

/// A statement: who says what, about which ledger, having seen which head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What is done; carries `type`.
    #[serde(flatten)]
    pub act: Act,
    /// Origin of the ledger that this is for.
    pub ledger: String,
    /// The signed checkpoint that the signer saw.
    pub head: Head,
    /// Who signs.
    pub signer: Signer,
    /// Who signs beside the signer, in the order of the signatures; most acts have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cosigners: Vec<Signer>,
    /// When it was written.
    pub issued_at: UtcTime,
    /// When it stops being acceptable for submission.
    pub expires_at: UtcTime,
    /// 32 hexadecimal digits; makes every statement unique.
    pub nonce: String,
}

/// The signer as the statement names it; the ledger's enrolments decide whether it is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Person id, `root` for root keys, or `engine`.
    pub person: PersonId,
    /// Role acted in: `research`, `risk`, `ops`, `authoriser`, `root` or `engine`.
    pub role: String,
    /// Key that signs.
    pub key: Fingerprint,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Act {
    /// A person gets a role and a key.
    #[serde(rename = "promote/enrolment/v1")]
    Enrolment(Enrolment),
    /// A promotion is asked for.
    #[serde(rename = "promote/request/v1")]
    Request(Box<Request>),
    /// The engine judged a request.
    #[serde(rename = "promote/evaluation/v1")]
    Evaluation(Box<Evaluation>),
    /// The engine could not judge a request.
    #[serde(rename = "promote/evaluation-error/v1")]
    EvaluationError(Box<EvaluationError>),
    /// A role holder approves.
    #[serde(rename = "promote/approval/v1")]
    Approval(Box<Approval>),
    /// A role holder refuses.
    #[serde(rename = "promote/denial/v1")]
    Denial(Denial),
    /// The requester, or risk, takes a request back.
    #[serde(rename = "promote/withdrawal/v1")]
    Withdrawal(Withdrawal),
    /// The engine grants a stage: the last slot was filled.
    #[serde(rename = "promote/decision/v1")]
    Decision(Decision),
    /// An instance is let in.
    #[serde(rename = "promote/instance-enrolment/v1")]
    InstanceEnrolment(Box<InstanceEnrolment>),
    /// A key stops counting.
    #[serde(rename = "promote/key-revocation/v1")]
    KeyRevocation(KeyRevocation),
    /// A person's key is replaced.
    #[serde(rename = "promote/key-rotation/v1")]
    KeyRotation(KeyRotation),
    /// Other root keys.
    #[serde(rename = "promote/root-change/v1")]
    RootChange(RootChange),
    /// Entries without effect are set aside.
    #[serde(rename = "promote/void/v1")]
    Void(Void),
    /// A token is to be made.
    #[serde(rename = "promote/token-issue/v1")]
    TokenIssue(Box<TokenIssue>),
    /// A token is used.
    #[serde(rename = "promote/token-redemption/v1")]
    TokenRedemption(Box<TokenRedemption>),
    /// A token is taken back.
    #[serde(rename = "promote/token-revocation/v1")]
    TokenRevocation(TokenRevocation),
    /// An item of a checklist is confirmed.
    #[serde(rename = "promote/checklist-item/v1")]
    ChecklistItem(ChecklistItem),
    /// A policy set comes into force.
    #[serde(rename = "promote/policy-publication/v1")]
    PolicyPublication(Box<PolicyPublication>),
    /// The engine records an act that was refused although its signature was valid.
    #[serde(rename = "promote/refusal/v1")]
    Refusal(Refusal),
    /// What lowers risk and what brings a portfolio back; tagged by its own `type`.
    #[serde(untagged)]
    Safety(Box<SafetyAct>),
    /// What work leaves behind: sessions, datasets, reruns, trials; tagged by its own `type`.
    #[serde(untagged)]
    Track(Box<TrackAct>),
}

/// A person, a role, a key. Signed by the root threshold and by the new key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Who.
    pub person: PersonId,
    /// Role granted.
    pub role: Role,
    /// The person's key.
    pub public_key: PublicKey,
    /// Who made sure that the key belongs to this person, in words.
    pub verified_by: String,
    /// When the role ends by itself; never, if absent. A later enrolment replaces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<UtcTime>,
}

/// One bundle that a request rests on.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRef {
    /// Kind of run.
    pub kind: EvidenceKind,
    /// Digest of the manifest's bytes.
    pub evidence_sha256: Digest,
    /// Digest of the reproducible part.
    pub result_sha256: Digest,
}

/// First and last time of the out-of-sample data: what a look and a cool-off count by.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct OosRange {
    /// Time of the first return.
    pub first: UtcTime,
    /// Time of the last return.
    pub last: UtcTime,
}

/// A request for promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its id: `PORTFOLIO-0001` and so on.
    pub request: RequestId,
    /// What is to be promoted.
    pub portfolio: PortfolioId,
    /// Its risk profile, for good.
    pub profile: ProfileId,
    /// Stage asked for.
    pub target: Target,
    /// Bundles, sorted, at most one per kind.
    pub evidence: Vec<EvidenceRef>,
    /// Who produced the bundles, as far as they were signed.
    pub producers: Vec<PersonId>,
    /// Range of the out-of-sample data, if there is any.
    pub oos: Option<OosRange>,
    /// Digest of the resolved configuration.
    pub strategy_sha256: Digest,
    /// Digest of the execution limits.
    pub limits_sha256: Digest,
    /// Digest of the policy set that judges.
    pub policy_sha256: Digest,
    /// Why, in words.
    pub summary: String,
    /// `material` or `immaterial`; recorded, never lowers a requirement.
    pub materiality: String,
    /// What happens if it goes wrong, in words; empty only below LIVE.
    pub fallback: String,
    /// Next steps, in words.
    pub next: Vec<String>,
    /// Report folders, as given.
    pub reports: Vec<String>,
    /// The request that this one revises.
    pub revises: Option<RequestId>,
    /// The open request that this one replaces.
    pub supersedes: Option<RequestId>,
    /// What the evidence rests on beyond its numbers.
    #[serde(default, skip_serializing_if = "Grounds::is_empty")]
    pub grounds: Grounds,
    /// Instance that will run it; LIVE only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceId>,
    /// Digest of the card that it is enrolled with: its key, host, environment and builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_card: Option<Digest>,
    /// State of the workspace.
    pub workspace: WorkspaceState,
}

/// Where the request was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct WorkspaceState {
    /// Git commit of the workspace, if it is a checkout.
    pub git_commit: Option<String>,
    /// True when config/ differs from that commit.
    pub config_differs: bool,
}

/// What the engine found when it judged a request. The criteria are not stored: they follow from
/// the facts, the policy set and `now`, and `apply` derives them again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The request judged.
    pub request: RequestId,
    /// Leaf hash of the request's entry.
    pub request_leaf: Digest,
    /// The policy set.
    pub policy_sha256: Digest,
    /// Every judged value.
    pub facts: Vec<Fact>,
    /// Trials counted, and the contract that SHADOW fixes.
    #[serde(default, skip_serializing_if = "Beside::is_empty")]
    pub beside: Beside,
    /// Guard in force where it differs from the policy's, because of too many looks.
    pub guard: Option<Decimal>,
    /// The time at which ages were taken.
    pub now: UtcTime,
    /// Outcome.
    pub outcome: Outcome,
    /// Digest of the canonical decision record.
    pub decision_sha256: Digest,
}

/// An approval: everything that the approver saw, by digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The request.
    pub request: RequestId,
    /// Leaf hash of the request's entry.
    pub request_leaf: Digest,
    /// Portfolio, for the reader.
    pub portfolio: PortfolioId,
    /// Stage before.
    pub from: Stage,
    /// Stage granted.
    pub to: Stage,
    /// The evaluation approved.
    pub decision_sha256: Digest,
    /// Digest of the contract that sessions will be held to; SHADOW only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_sha256: Option<Digest>,
    /// Bundles.
    pub evidence: Vec<EvidenceRef>,
    /// Policy set.
    pub policy_sha256: Digest,
    /// Configuration.
    pub strategy_sha256: Digest,
    /// Execution limits.
    pub limits_sha256: Digest,
    /// Instance that will run it; none below LIVE.
    pub instance: Option<InstanceId>,
    /// Digest of the card that it is enrolled with; none below LIVE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_card: Option<Digest>,
    /// Halt epochs seen: global, profile, portfolio.
    pub halt_epochs: HaltEpochs,
    /// A word to the record; may be empty.
    pub comment: String,
}

/// Counters of halts per scope.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct HaltEpochs {
    /// All portfolios.
    pub global: u64,
    /// The portfolio's profile.
    pub profile: u64,
    /// The portfolio.
    pub portfolio: u64,
}

/// A refusal by a role holder; ends the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// The request.
    pub request: RequestId,
    /// Leaf hash of the request's entry.
    pub request_leaf: Digest,
    /// Reason code, an identifier such as `overfit`.
    pub reason: String,
    /// A word to the record; may be empty.
    pub comment: String,
}

/// A request taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// The request.
    pub request: RequestId,
    /// Leaf hash of the request's entry.
    pub request_leaf: Digest,
}

/// A stage granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The request.
    pub request: RequestId,
    /// Leaf hash of the request's entry.
    pub request_leaf: Digest,
    /// Portfolio.
    pub portfolio: PortfolioId,
    /// Stage before.
    pub from: Stage,
    /// Stage granted.
    pub to: Stage,
    /// The evaluation that it rests on.
    pub decision_sha256: Digest,
    /// Digest of the book that was judged with it; none while nothing else was LIVE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book_sha256: Option<Digest>,
    /// Digest of the contract that sessions are held to from here on; SHADOW only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_sha256: Option<Digest>,
    /// Leaf hashes of the approvals that make the quorum, in ledger order.
    pub approvals: Vec<Digest>,
}

/// A refused act, for the record; it has no other effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The refused statement, as text.
    pub statement: String,
    /// Its signatures, base64 of the SSHSIG blobs.
    pub signatures: Vec<String>,
    /// Reason slug.
    pub reason: String,
}

/// Body of every entry but the genesis: exact statement bytes and signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedBody {
    /// The signed bytes, as text.
    pub statement: String,
    /// Base64 SSHSIG blobs: the signer's, then the cosigners' in their order; of an enrolment the
    /// root keys' first, the new key's last.
    pub signatures: Vec<String>,
}

impl Act {
    /// Entry kind, and the SSHSIG namespace without its suffix.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Enrolment(_) => "enrolment",
            Self::Request(_) => "request",
            Self::Evaluation(_) => "evaluation",
            Self::EvaluationError(_) => "evaluation-error",
            Self::Approval(_) => "approval",
            Self::Denial(_) => "denial",
            Self::Withdrawal(_) => "withdrawal",
            Self::Decision(_) => "decision",
            Self::InstanceEnrolment(_) => "instance-enrolment",
            Self::KeyRevocation(_) => "key-revocation",
            Self::KeyRotation(_) => "key-rotation",
            Self::RootChange(_) => "root-change",
            Self::Void(_) => "void",
            Self::TokenIssue(_) => "token-issue",
            Self::TokenRedemption(_) => "token-redemption",
            Self::TokenRevocation(_) => "token-revocation",
            Self::ChecklistItem(_) => "checklist-item",
            Self::PolicyPublication(_) => "policy-publication",
            Self::Refusal(_) => "refusal",
            Self::Safety(act) => act.kind(),
            Self::Track(act) => act.kind(),
        }
    }

    /// SSHSIG namespace, such as `approval-v1@promote`.
    #[must_use]
    pub fn namespace(&self) -> String {
        format!("{}-v1@promote", self.kind())
    }
}

impl Statement {
    /// The bytes to sign.
    ///
    /// # Errors
    /// When a text inside may not be stored.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::encode(self)
    }

    /// Reads signed bytes; every byte must be accounted for, so unknown fields are refused.
    ///
    /// # Errors
    /// When the bytes are not canonical, not a statement, or hold unknown fields.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CanonicalError> {
        let statement: Self = canonical::decode(bytes, ENTRY_MAX_BYTES)?;
        let again = statement.to_bytes()?;
        if again == bytes {
            return Ok(statement);
        }
        let at = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        Err(CanonicalError::NotCanonical(at))
    }
}

/// Body of entry 0: what the ledger is, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// `promote/genesis/v1`.
    pub schema: String,
    /// True for sandboxes, for good.
    pub sandbox: bool,
    /// Fewer roots than the rule allows; every export says so.
    pub small_team: bool,
    /// Quorum preset: `playbook` or `regulated`.
    pub preset: String,
    /// Root keys.
    pub roots: Vec<PublicKey>,
    /// How many of them must sign.
    pub root_threshold: u32,
    /// Key that signs checkpoints.
    pub log_key: PublicKey,
    /// Key that signs evaluations and decisions.
    pub engine_key: PublicKey,
    /// Key that signs live-session tokens.
    pub token_key: PublicKey,
    /// The published policy set: raw files by digest, kept as blobs.
    pub policy_files: Vec<PolicyFile>,
    /// Digest over the policy set.
    pub policy_sha256: Digest,
    /// Digest of the database schema.
    pub schema_sha256: Digest,
}

/// One file of a policy set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    /// Name, such as `conservative.toml`.
    pub path: String,
    /// Digest of its bytes.
    pub sha256: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_and_other_spellings_are_refused() {
        let text = format!(
            concat!(
                r#"{{"head":{{"root":"{zero}","size":1}},"issued_at":"2025-12-15T08:00:00.000Z","#,
                r#""expires_at":"2025-12-16T08:00:00.000Z","ledger":"sandbox","nonce":"00","request":"p-0001","#,
                r#""request_leaf":"{zero}","signer":{{"key":"SHA256:x","person":"ann","role":"risk"}},"#,
                r#""type":"promote/withdrawal/v1"}}"#
            ),
            zero = "0".repeat(64)
        );
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let bytes = canonical::encode(&value).unwrap();
        let statement = Statement::from_bytes(&bytes).unwrap();
        assert_eq!(statement.act.namespace(), "withdrawal-v1@promote");
        assert_eq!(statement.to_bytes().unwrap(), bytes);
        let mut more = value;
        more["extra"] = "x".into();
        let bytes = canonical::encode(&more).unwrap();
        // The place where the bytes part: before the name that is too much.
        let at = String::from_utf8(bytes.clone())
            .unwrap()
            .find("extra")
            .unwrap();
        let refused = Statement::from_bytes(&bytes).unwrap_err();
        assert!(
            matches!(refused, CanonicalError::NotCanonical(n) if n == at),
            "{refused:?}"
        );
    }
}
