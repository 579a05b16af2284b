//! What the ledger's state says about a token: may it still be redeemed, may its session go on?
//!
//! In: a settled state, a token's number or a redemption, the time. Out: the token as issued, or
//! the one reason why not. The guard of the entry, the redemption on the host and every renewal of
//! a lease ask here.

use crate::governance::promotion::access::acts::TokenRedemption;
use crate::governance::promotion::access::missing_token::{
    FINDINGS, HALTED, OVERDUE, STAGE, live_decision, lost_approver, missing_token,
};
use crate::governance::promotion::access::{Instance, Token};
use crate::governance::promotion::state::State;
use crate::kernel::digest::Digest;
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;

use super::claims::Claims;
use super::refusal::TokenRefusal;

type Checked = Result<(), TokenRefusal>;

/// The issued token with this number and digest.
///
/// # Errors
/// When the ledger does not issue it, or took it back.
pub fn issued<'s>(
    state: &'s State,
    jti: &str,
    claims_sha256: &Digest,
) -> Result<&'s Token, TokenRefusal> {
    let token = state.access.tokens.get(jti);
    let token = token
        .filter(|token| token.claims_sha256 == *claims_sha256)
        .ok_or(TokenRefusal::Unknown)?;
    match token.revoked {
        Some(_) => Err(TokenRefusal::Revoked),
        None => Ok(token),
    }
}

/// The enrolled instance of a token.
///
/// # Errors
/// When it is not enrolled with the key that the token names.
pub fn instance<'s>(state: &'s State, claims: &Claims) -> Result<&'s Instance, TokenRefusal> {
    let held = state.access.instances.get(&claims.instance);
    held.filter(|i| i.card.public_key == claims.instance_key)
        .ok_or_else(|| TokenRefusal::KeyRevoked {
            key: claims.instance_key.fingerprint(),
        })
}

/// Why a key does not count: revoked, or distrusted from some position on.
fn gone(state: &State, key: &Fingerprint) -> TokenRefusal {
    let key = key.clone();
    let mut revoked = state.access.revoked.get(&key).into_iter().flatten();
    match revoked.any(|r| r.distrust_from.is_some()) {
        true => TokenRefusal::KeyDistrusted { key },
        false => TokenRefusal::KeyRevoked { key },
    }
}

/// Every key that the token rests on still counts: its instance's, its issuer's, its approvers'.
fn keys(state: &State, token: &Token) -> Checked {
    let refuse = |key: &Fingerprint| Err(gone(state, key));
    let own = token.claims.instance_key.fingerprint();
    if state.access.revocation(&own).is_some() {
        return refuse(&own);
    }
    let since = token.mark.seq;
    let dead = |key: &Fingerprint| state.access.killed_after(key, since);
    if dead(&token.mark.key) {
        return refuse(&token.mark.key);
    }
    let records = state.history(&token.claims.portfolio);
    let mut approvals = records.flat_map(|r| &r.approvals);
    let fallen =
        approvals.find(|a| token.claims.approvals.contains(&a.mark.leaf) && dead(&a.mark.key));
    // Before the issue too: no token was to be made then.
    let lost = lost_approver(state, &token.claims.portfolio);
    let key = fallen.map(|approval| &approval.mark.key).or(lost);
    key.map_or(Ok(()), refuse)
}

/// Halts, stage, certificate and policy set are as they were when the token was issued.
///
/// # Errors
/// The first thing that is not.
pub fn unchanged(state: &State, claims: &Claims, now: UtcTime) -> Checked {
    if claims.policy_sha256 != state.policy.digest() {
        return Err(TokenRefusal::PolicyChanged);
    }
    let missing = missing_token(state, &claims.portfolio, now);
    if let Some(first) = missing.into_iter().next() {
        let text = first.text;
        return Err(match first.code.as_str() {
            FINDINGS => TokenRefusal::Findings { text },
            HALTED => TokenRefusal::Halted { text },
            OVERDUE => TokenRefusal::Overdue { text },
            STAGE => TokenRefusal::NotLive { text },
            _ => TokenRefusal::Missing { text },
        });
    }
    let decision = live_decision(state, &claims.portfolio);
    if decision.is_none_or(|d| d.mark.leaf != claims.decision.leaf) {
        let text = "another decision is in force than the token names".to_owned();
        return Err(TokenRefusal::NotLive { text });
    }
    if state.halt_epochs(&claims.portfolio) != claims.halt_epochs {
        let text = "there was a halt since the token was issued".to_owned();
        return Err(TokenRefusal::Halted { text });
    }
    Ok(())
}

/// Whether the token may be redeemed as `act` says, at `now`.
///
/// # Errors
/// The first reason why not.
pub fn redeemable<'s>(
    state: &'s State,
    act: &TokenRedemption,
    now: UtcTime,
) -> Result<&'s Token, TokenRefusal> {
    let token = issued(state, &act.jti, &act.claims_sha256)?;
    let claims = &token.claims;
    if let Some(used) = &token.redeemed {
        return Err(TokenRefusal::UsedTwice { seq: used.seq });
    }
    if now < claims.nbf {
        return Err(TokenRefusal::NotYetValid { nbf: claims.nbf });
    }
    if now >= claims.exp {
        return Err(TokenRefusal::Expired { exp: claims.exp });
    }
    keys(state, token)?;
    presented(state, claims, act)?;
    unchanged(state, claims, now)?;
    Ok(token)
}

/// What is presented is what was approved, where it was approved.
fn presented(state: &State, claims: &Claims, act: &TokenRedemption) -> Checked {
    if act.portfolio != claims.portfolio {
        return Err(TokenRefusal::WrongPortfolio {
            claimed: claims.portfolio.to_string(),
            wanted: act.portfolio.to_string(),
        });
    }
    if act.environment != claims.environment {
        return Err(TokenRefusal::WrongEnvironment {
            claimed: claims.environment,
            found: act.environment,
        });
    }
    if act.instance != claims.instance {
        return Err(TokenRefusal::WrongInstance {
            claimed: claims.instance.to_string(),
            found: act.instance.to_string(),
        });
    }
    let card = &instance(state, claims)?.card;
    if act.host != card.host {
        return Err(TokenRefusal::WrongHost {
            enrolled: card.host.clone(),
            found: crate::kernel::text::visible(&act.host, 80),
        });
    }
    if !card.builds.contains(&act.build) {
        return Err(TokenRefusal::WrongBuild);
    }
    if act.strategy_sha256 != claims.strategy_sha256 {
        return Err(TokenRefusal::ConfigurationChanged);
    }
    if act.limits_sha256 != claims.limits_sha256 {
        return Err(TokenRefusal::LimitsChanged);
    }
    Ok(())
}

/// Whether everything that the token rests on still stands: keys, and what was in force.
///
/// # Errors
/// The first thing that does not.
pub fn rests(state: &State, token: &Token, now: UtcTime) -> Checked {
    keys(state, token)?;
    instance(state, &token.claims)?;
    unchanged(state, &token.claims, now)
}

/// Whether the session that redeemed the token may go on at `now`.
///
/// # Errors
/// The first reason why not.
pub fn goes_on(state: &State, claims: &Claims, now: UtcTime) -> Checked {
    let digest = claims.digest().map_err(|_| TokenRefusal::Unknown)?;
    let token = issued(state, &claims.jti, &digest)?;
    if token.redeemed.is_none() {
        return Err(TokenRefusal::Unknown);
    }
    rests(state, token, now)
}
