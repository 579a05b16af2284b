//! What the commands about access print.

use serde::Serialize;

use crate::governance::audit::entry::Entry;
use crate::governance::promotion::access::Token;
use crate::governance::promotion::access::acts::InstanceCard;
use crate::governance::promotion::consequences::Consequences;
use crate::governance::promotion::state::State;
use crate::governance::token::claims::Claims;
use crate::governance::token::environment::Environment;
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PortfolioId};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::render;
use crate::render::register::holders::{self, EnrolledInstance, TokenLine};

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
    /// What it brought about; left out where nothing follows from such an act.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consequences: Option<Consequences>,
    /// The next possible command.
    pub next: String,
}

impl AccessJson {
    /// The answer about the recorded `entry`.
    #[must_use]
    pub fn new(
        entry: &Entry,
        subject: String,
        consequences: Option<Consequences>,
        next: String,
    ) -> Self {
        let brought = consequences.iter().flat_map(|brought| &brought.lowered);
        Self {
            schema: "promote/access/v1",
            act: entry.leaf.kind.clone(),
            subject,
            seq: entry.seq,
            leaf: entry.leaf_hash,
            lowered: brought.map(|l| l.portfolio.clone()).collect(),
            consequences,
            next,
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
        match &self.consequences {
            None => {}
            Some(brought) if brought.is_empty() => {
                out.push_str("nothing that is open or granted rests on it\n");
            }
            Some(brought) => out.push_str(&render::consequences::text(brought)),
        }
        out.push_str(&format!("next: {}\n", visible(&self.next, 400)));
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

/// The instances in `state`.
#[must_use]
pub fn instances(state: &State) -> InstancesJson {
    InstancesJson {
        schema: "promote/instances/v1",
        instances: holders::instances(state),
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
            token: holders::token(state, token, now),
            claims: token.claims.clone(),
            claims_sha256: token.claims_sha256,
        }
    }
}

/// The tokens in `state` at `now`.
#[must_use]
pub fn tokens(state: &State, now: UtcTime) -> TokensJson {
    TokensJson {
        schema: "promote/tokens/v1",
        tokens: holders::tokens(state, now),
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
