//! Issue and revocation of tokens: the guards, and what they change.
//!
//! A token is issued by ops, for a portfolio that is LIVE with nothing missing, to the enrolled
//! instance that the approvals named. What it claims follows from the ledger and from the
//! statement, and is derived here for the maker and for every later reader alike; the statement
//! carries its digest. The token itself is never stored.

use crate::evidence::limits::Limits;
use crate::governance::audit::entry::Head;
use crate::governance::policy::roles::Role;
use crate::governance::stage::Target;
use crate::governance::token::claims::{
    Claims, LEASE_SECONDS, SESSION_MAX_SECONDS, TTL_MINUTES_MAX,
};
use crate::governance::token::environment::Environment;
use crate::governance::token::refusal::TokenRefusal;
use crate::kernel::id::{InstanceId, PortfolioId};
use crate::kernel::text::FREE_TEXT_MAX_BYTES;
use crate::kernel::time::UtcTime;

use super::super::event::Signed;
use super::super::guard::{self, Moment};
use super::super::refusal::Refusal;
use super::super::state::{Mark, State};
use super::acts::{InstanceCard, Place, TokenIssue, TokenRevocation};
use super::missing_token::{live_decision, missing_token};
use super::{Token, not_revoked};

/// A token as it is wished for.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'w> {
    /// Its number.
    pub jti: &'w str,
    /// For which portfolio.
    pub portfolio: &'w PortfolioId,
    /// For which instance.
    pub instance: &'w InstanceId,
    /// Minutes in which it can be redeemed.
    pub ttl_minutes: i64,
    /// Execution limits.
    pub limits: &'w Limits,
}

/// The enrolled instance of this name whose key still counts.
///
/// # Errors
/// When there is none.
pub fn instance<'s>(state: &'s State, name: &InstanceId) -> Result<&'s InstanceCard, Refusal> {
    let unknown = || Refusal::UnknownInstance {
        instance: name.clone(),
    };
    let held = state.access.instances.get(name).ok_or_else(unknown)?;
    not_revoked(state, &held.card.public_key.fingerprint())?;
    Ok(&held.card)
}

/// The environment that live sessions of this ledger trade in.
#[must_use]
pub fn live_environment(state: &State) -> Environment {
    if state.genesis.sandbox {
        Environment::Simulated
    } else {
        Environment::Production
    }
}

/// What the token of `wish` claims when its issuer saw `head` and signs at `issued_at`; everything
/// that has to hold is asked for at `now`, when the ledger takes it.
///
/// # Errors
/// What is missing, or does not fit.
pub fn claims(
    state: &State,
    wish: Wish<'_>,
    head: Head,
    (issued_at, now): (UtcTime, UtcTime),
) -> Result<Claims, Refusal> {
    let Wish {
        portfolio,
        instance: name,
        ttl_minutes,
        ..
    } = wish;
    let missing = missing_token(state, portfolio, now);
    if !missing.is_empty() {
        return Err(Refusal::Pending { missing });
    }
    let decided = live_decision(state, portfolio);
    let record = state.history(portfolio).find(|record| {
        decided.is_some_and(|d| record.end.as_ref().and_then(|e| e.by.as_ref()) == Some(&d.mark))
    });
    let (Some(decided), Some(record)) = (decided, record) else {
        return Err(Refusal::Pending { missing });
    };
    let card = instance(state, name)?;
    let unfit = |why: String| Refusal::InstanceUnfit {
        instance: name.clone(),
        why,
    };
    if record.request.instance.as_ref() != Some(name) {
        return Err(unfit("the approvals name another one".to_owned()));
    }
    let environment = live_environment(state);
    if card.environment != environment {
        let text = format!("it trades in {}, not in {environment}", card.environment);
        return Err(unfit(text));
    }
    if !(1..=TTL_MINUTES_MAX).contains(&ttl_minutes) {
        return Err(Refusal::StatementDiffers {
            field: "ttl_minutes",
        });
    }
    let differs = |field| Refusal::StatementDiffers { field };
    let limits_sha256 = wish.limits.digest().map_err(|_| differs("limits"))?;
    if limits_sha256 != record.request.limits_sha256 {
        return Err(differs("limits"));
    }
    Ok(Claims {
        approvals: decided.approvals.clone(),
        decision: Place {
            seq: decided.mark.seq,
            leaf: decided.mark.leaf,
        },
        environment,
        exp: issued_at.plus_millis(ttl_minutes.saturating_mul(60_000)),
        halt_epochs: state.halt_epochs(portfolio),
        head,
        iat: issued_at,
        instance: name.clone(),
        instance_key: card.public_key,
        jti: wish.jti.to_owned(),
        lease_seconds: LEASE_SECONDS,
        ledger: state.fingerprint,
        limits: wish.limits.clone(),
        limits_sha256,
        nbf: issued_at,
        policy_sha256: state.policy.digest(),
        portfolio: portfolio.clone(),
        session_max_seconds: SESSION_MAX_SECONDS,
        strategy_sha256: record.request.strategy_sha256,
    })
}

/// The claims of the token that `signed` issues.
fn claims_of(
    state: &State,
    signed: &Signed,
    act: &TokenIssue,
    now: UtcTime,
) -> Result<Claims, Refusal> {
    let wish = Wish {
        jti: &act.jti,
        portfolio: &act.portfolio,
        instance: &act.instance,
        ttl_minutes: act.ttl_minutes,
        limits: &act.limits,
    };
    let statement = &signed.statement;
    claims(state, wish, statement.head, (statement.issued_at, now))
}

/// Checks the issue of a token inside `signed`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(state: &State, signed: &Signed, act: &TokenIssue, at: &Moment) -> Result<(), Refusal> {
    let signers = guard::signers(state, signed)?;
    guard::frame(state, signed, at)?;
    match signers.as_slice() {
        [(_, Role::Ops)] => {}
        _ => {
            return Err(Refusal::SignersWanted {
                act: "token-issue",
                wanted: "ops".to_owned(),
            });
        }
    }
    guard::raises_risk(state)?;
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if act.jti.len() != 32 || !act.jti.bytes().all(hex) {
        return Err(Refusal::StatementDiffers { field: "jti" });
    }
    if state.access.tokens.contains_key(&act.jti) {
        return Err(Refusal::StatementReplayed);
    }
    let claims = claims_of(state, signed, act, at.now)?;
    if at.now >= claims.exp {
        return Err(Refusal::StatementExpired {
            expires_at: claims.exp,
        });
    }
    let digest = claims.digest().map_err(|_| Refusal::StatementDiffers {
        field: "claims_sha256",
    })?;
    if digest != act.claims_sha256 {
        return Err(Refusal::StatementDiffers {
            field: "claims_sha256",
        });
    }
    guard::fresh(state, signed, Target::Live, &act.portfolio, at)
}

/// Notes the token.
pub fn effect(state: &mut State, signed: &Signed, act: &TokenIssue, mark: Mark) {
    // The guard derived the same claims from the same state.
    let Ok(claims) = claims_of(state, signed, act, mark.time) else {
        return;
    };
    let token = Token {
        claims,
        claims_sha256: act.claims_sha256,
        mark,
        redeemed: None,
        revoked: None,
    };
    state.access.tokens.insert(act.jti.clone(), token);
}

/// Checks the revocation of a token inside `signed`: one signature by ops or risk, always
/// acceptable.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_revocation(
    state: &State,
    signed: &Signed,
    act: &TokenRevocation,
    at: &Moment,
) -> Result<(), Refusal> {
    let signers = guard::signers(state, signed)?;
    guard::frame(state, signed, at)?;
    if act.comment.len() > FREE_TEXT_MAX_BYTES {
        return Err(Refusal::TextTooLong { field: "comment" });
    }
    match signers.as_slice() {
        [(_, Role::Ops | Role::Risk)] => {}
        _ => {
            return Err(Refusal::SignersWanted {
                act: "token-revocation",
                wanted: "ops or risk".to_owned(),
            });
        }
    }
    let reason = match state.access.tokens.get(&act.jti) {
        None => TokenRefusal::Unknown,
        Some(token) if token.revoked.is_some() => TokenRefusal::Revoked,
        Some(_) => return Ok(()),
    };
    Err(Refusal::Token { reason })
}

/// Takes the token back: it cannot be redeemed, and its lease is not renewed.
pub fn revoke(state: &mut State, act: &TokenRevocation, mark: Mark) {
    if let Some(token) = state.access.tokens.get_mut(&act.jti) {
        token.revoked = Some(mark);
    }
}
