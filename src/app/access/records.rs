//! What the commands about access print.

use serde::Serialize;

use crate::governance::audit::entry::Entry;
use crate::governance::promotion::access::Token;
use crate::governance::promotion::access::acts::InstanceCard;
use crate::governance::promotion::state::State;
use crate::governance::token::claims::Claims;
use crate::governance::token::environment::Environment;
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PersonId, PortfolioId};
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;

/// `promote/access/v1`: an act that was recorded.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct AccessJson {
    schema: &'static str,
    /// What was done, such as `key-revocation`.
    pub act: String,
    /// To what: a fingerprint, an instance, a token's number.
    pub subject: String,
    /// Position of the entry.
    pub seq: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// Portfolios whose stage it lowered.
    pub lowered: Vec<PortfolioId>,
}

impl AccessJson {
    /// The answer about the recorded `entry`.
    #[must_use]
    pub fn new(entry: &Entry, subject: String, lowered: Vec<PortfolioId>) -> Self {
        Self {
            schema: "promote/access/v1",
            act: entry.leaf.kind.clone(),
            subject,
            seq: entry.seq,
            leaf: entry.leaf_hash,
            lowered,
        }
    }

    /// The same as text.
    #[must_use]
    pub fn text(&self) -> String {
        let Self {
            act,
            subject,
            seq,
            leaf,
            ..
        } = self;
        let mut out = format!("{act} recorded for {subject}: seq {seq}, leaf {leaf}\n");
        for portfolio in &self.lowered {
            out.push_str(&format!(
                "`{portfolio}` was lowered: a decision fell below its quorum\n"
            ));
        }
        out
    }
}

/// `promote/instance/v1`: an instance that was made and waits for its enrolment.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct InstanceJson {
    pub(super) schema: &'static str,
    /// Its key file.
    pub key_file: String,
    /// Its card, signed by its key: what risk and ops enrol.
    pub card_file: String,
    /// What the card says.
    pub card: InstanceCard,
}

/// `promote/instances/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct InstancesJson {
    schema: &'static str,
    /// Enrolled instances by name.
    pub instances: Vec<EnrolledInstance>,
}

/// One enrolled instance.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct EnrolledInstance {
    /// Its name.
    pub instance: InstanceId,
    /// Its host.
    pub host: String,
    /// Where it trades.
    pub environment: Environment,
    /// Its key.
    pub key: Fingerprint,
    /// Programs that may act for it.
    pub builds: Vec<Digest>,
    /// Position of its enrolment.
    pub since: u64,
    /// Position of the revocation of its key.
    pub revoked: Option<u64>,
}

/// The instances in `state`.
#[must_use]
pub fn instances(state: &State) -> InstancesJson {
    let each = state.access.instances.values().map(|instance| {
        let card = &instance.card;
        let key = card.public_key.fingerprint();
        let revoked = state.access.revocation(&key).map(|r| r.mark.seq);
        EnrolledInstance {
            instance: card.instance.clone(),
            host: card.host.clone(),
            environment: card.environment,
            key,
            builds: card.builds.clone(),
            since: instance.mark.seq,
            revoked,
        }
    });
    InstancesJson {
        schema: "promote/instances/v1",
        instances: each.collect(),
    }
}

/// `promote/token/v1`: a token that was issued. The one place where it is printed.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TokenJson {
    pub(super) schema: &'static str,
    /// The token.
    pub token: String,
    /// Its number.
    pub jti: String,
    /// End of the time in which it can be redeemed.
    pub expires_at: UtcTime,
    /// For which portfolio.
    pub portfolio: PortfolioId,
    /// For which instance.
    pub instance: InstanceId,
    /// Execution limits that it carries.
    pub limits: crate::evidence::limits::Limits,
    /// Position of the entry.
    pub seq: u64,
    /// Its leaf hash.
    pub leaf: Digest,
}

/// Where a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Can be redeemed.
    Issued,
    /// Was used.
    Redeemed,
    /// Was taken back.
    Revoked,
    /// Its time is over.
    Expired,
    /// Cannot be redeemed as things stand; `reason` says why.
    Dead,
}

/// One token of a list.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TokenLine {
    /// Its number.
    pub jti: String,
    /// For which portfolio.
    pub portfolio: PortfolioId,
    /// For which instance.
    pub instance: InstanceId,
    /// Where it stands.
    pub standing: Standing,
    /// Why it is dead.
    pub reason: Option<String>,
    /// When it was issued.
    pub issued_at: UtcTime,
    /// By whom.
    pub issued_by: PersonId,
    /// End of the time in which it can be redeemed.
    pub expires_at: UtcTime,
    /// Position of its issue.
    pub seq: u64,
    /// Position of its use.
    pub redeemed: Option<u64>,
    /// Position of its revocation.
    pub revoked: Option<u64>,
}

/// `promote/tokens/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TokensJson {
    schema: &'static str,
    /// Tokens in the order of their issue.
    pub tokens: Vec<TokenLine>,
}

/// `promote/token-record/v1`: what a token claims and where it stands.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TokenRecordJson {
    schema: &'static str,
    /// Where it stands.
    pub token: TokenLine,
    /// What it claims.
    pub claims: Claims,
    /// Digest of the claims.
    pub claims_sha256: Digest,
}

impl TokenRecordJson {
    /// The record of `token` at `now`.
    #[must_use]
    pub fn new(state: &State, token: &Token, now: UtcTime) -> Self {
        Self {
            schema: "promote/token-record/v1",
            token: line(state, token, now),
            claims: token.claims.clone(),
            claims_sha256: token.claims_sha256,
        }
    }
}

fn line(state: &State, token: &Token, now: UtcTime) -> TokenLine {
    let claims = &token.claims;
    let dead = crate::governance::token::standing::rests(state, token, now).err();
    let standing = if token.redeemed.is_some() {
        Standing::Redeemed
    } else if token.revoked.is_some() {
        Standing::Revoked
    } else if now >= claims.exp {
        Standing::Expired
    } else if dead.is_some() {
        Standing::Dead
    } else {
        Standing::Issued
    };
    TokenLine {
        jti: claims.jti.clone(),
        portfolio: claims.portfolio.clone(),
        instance: claims.instance.clone(),
        standing,
        reason: dead
            .filter(|_| standing == Standing::Dead)
            .map(|reason| reason.to_string()),
        issued_at: claims.iat,
        issued_by: token.mark.person.clone(),
        expires_at: claims.exp,
        seq: token.mark.seq,
        redeemed: token.redeemed.as_ref().map(|m| m.seq),
        revoked: token.revoked.as_ref().map(|m| m.seq),
    }
}

/// The tokens in `state` at `now`.
#[must_use]
pub fn tokens(state: &State, now: UtcTime) -> TokensJson {
    let mut tokens: Vec<TokenLine> = state
        .access
        .tokens
        .values()
        .map(|token| line(state, token, now))
        .collect();
    tokens.sort_by_key(|token| token.seq);
    TokensJson {
        schema: "promote/tokens/v1",
        tokens,
    }
}

/// `promote/live-start/v1`: a session that may begin.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct LiveStartJson {
    pub(super) schema: &'static str,
    /// What it trades.
    pub portfolio: PortfolioId,
    /// Who trades.
    pub instance: InstanceId,
    /// Where.
    pub environment: Environment,
    /// Number of the token that was used.
    pub jti: String,
    /// Position of the entry.
    pub seq: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// When the lease ends without a heartbeat.
    pub lease_until: UtcTime,
    /// When the session ends, whatever its heartbeats.
    pub session_until: UtcTime,
    /// Digest of the configuration that it runs from.
    pub strategy_sha256: Digest,
    /// Digest of the limits that it keeps.
    pub limits_sha256: Digest,
}
