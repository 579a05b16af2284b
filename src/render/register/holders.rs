//! Who holds what: persons with their roles and keys, instances, tokens, as lines of registers and
//! lists.

use serde::Serialize;

use crate::governance::policy::roles::Role;
use crate::governance::promotion::access::Token;
use crate::governance::promotion::state::{Person, State};
use crate::governance::token::environment::Environment;
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PersonId, PortfolioId};
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;

/// A person with roles and keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct PersonLine {
    /// Who.
    pub person: PersonId,
    /// What the person may do.
    pub roles: Vec<HeldRole>,
    /// Keys, in the order of enrolment.
    pub keys: Vec<HeldKey>,
}

/// A role that a person holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct HeldRole {
    /// The role.
    pub role: Role,
    /// When it ends by itself; null for never.
    pub until: Option<UtcTime>,
}

/// A key of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct HeldKey {
    /// The key.
    pub key: Fingerprint,
    /// Position of its enrolment.
    pub since: u64,
    /// Position of its revocation.
    pub revoked: Option<u64>,
}

/// The persons in `state`, by name.
#[must_use]
pub fn persons(state: &State) -> Vec<PersonLine> {
    let key = |key: &Fingerprint| {
        let held = state.keys.get(key)?;
        Some(HeldKey {
            key: key.clone(),
            since: held.since,
            revoked: state.access.revocation(key).map(|r| r.mark.seq),
        })
    };
    let all = state.persons.iter();
    let role = |held: &Person, role: Role| HeldRole {
        role,
        until: held.until.get(&role).copied(),
    };
    all.map(|(person, held)| PersonLine {
        person: person.clone(),
        roles: held.roles.iter().map(|r| role(held, *r)).collect(),
        keys: held.keys.iter().filter_map(key).collect(),
    })
    .collect()
}

/// One enrolled instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
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

/// The instances in `state`, by name.
#[must_use]
pub fn instances(state: &State) -> Vec<EnrolledInstance> {
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
    each.collect()
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
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

/// The line about `token` at `now`.
#[must_use]
pub fn token(state: &State, token: &Token, now: UtcTime) -> TokenLine {
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

/// The tokens in `state` at `now`, in the order of their issue.
#[must_use]
pub fn tokens(state: &State, now: UtcTime) -> Vec<TokenLine> {
    let all = state.access.tokens.values();
    let mut lines: Vec<TokenLine> = all.map(|held| token(state, held, now)).collect();
    lines.sort_by_key(|line| line.seq);
    lines
}
