//! Redeeming: the one place where a live session is let in.
//!
//! In: the settled state of a verified ledger, the token's bytes, what the session presents, what
//! the host believes, the time. Out: a redemption, with the statement that becomes the entry, or
//! one reason why not. Nothing is granted here: the lease begins when the entry is committed.

use crate::governance::promotion::access::acts::TokenRedemption;
use crate::governance::promotion::access::redemption::check_proof;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::guard::{self, Moment};
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::Act;
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PortfolioId};
use crate::kernel::paseto::Sealed;
use crate::kernel::time::UtcTime;

use super::claims::{Claims, footer, implicit};
use super::environment::Environment;
use super::lease::Lease;
use super::refusal::TokenRefusal;
use super::standing;
use super::trust::Trust;

/// What a session presents beside the token.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'p> {
    /// Portfolio that it will trade.
    pub portfolio: &'p PortfolioId,
    /// The exact bytes of the configuration that it will run from.
    pub configuration: &'p [u8],
    /// The exact bytes of the limits that it will keep.
    pub limits: &'p [u8],
    /// Environment of the endpoint that it will trade at.
    pub environment: Environment,
    /// The instance that it is.
    pub instance: &'p InstanceId,
    /// Name of this host.
    pub host: &'p str,
    /// SHA-256 of the running program.
    pub build: Digest,
}

impl Presented<'_> {
    /// What the instance signs about this, for the token with these claims.
    ///
    /// # Errors
    /// When the claims cannot be written, which no decoded claims are.
    pub fn act(&self, claims: &Claims) -> Result<TokenRedemption, TokenRefusal> {
        let digest = claims.digest().map_err(|e| malformed(&e))?;
        Ok(TokenRedemption {
            jti: claims.jti.clone(),
            claims_sha256: digest,
            instance: self.instance.clone(),
            host: self.host.to_owned(),
            environment: self.environment,
            build: self.build,
            portfolio: self.portfolio.clone(),
            strategy_sha256: Digest::of(self.configuration),
            limits_sha256: Digest::of(self.limits),
        })
    }
}

/// A token that may be used now: what is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    /// What the token claims.
    pub claims: Claims,
    /// The instance's statement.
    pub signed: Signed,
}

impl Redemption {
    /// The lease that the session is given once the entry is committed at `time`.
    #[must_use]
    pub fn lease(&self, time: UtcTime) -> Lease {
        Lease::begin(self.claims.clone(), time)
    }
}

fn malformed(error: &dyn std::fmt::Display) -> TokenRefusal {
    TokenRefusal::Malformed {
        why: crate::kernel::text::visible(&error.to_string(), 200),
    }
}

/// What a token of this ledger claims, its signature checked; nothing else is.
///
/// # Errors
/// When it is no token, of another ledger, or not signed by the token key.
pub fn open(state: &State, token: &[u8]) -> Result<Claims, TokenRefusal> {
    let sealed = Sealed::parse(token).map_err(|e| malformed(&e))?;
    let claimed = Claims::decode(sealed.claimed());
    if claimed
        .as_ref()
        .is_ok_and(|c| c.ledger != state.fingerprint)
    {
        return Err(TokenRefusal::ForeignLedger);
    }
    let key = &state.genesis.token_key;
    let implicit = implicit(&state.fingerprint).map_err(|e| malformed(&e))?;
    let (_, foot) = sealed
        .open(key, &implicit)
        .map_err(|_| TokenRefusal::BadSignature)?;
    if foot != footer(key).map_err(|e| malformed(&e))? {
        return Err(TokenRefusal::BadSignature);
    }
    claimed.map_err(|e| malformed(&e))
}

/// Whether this host opens sessions there, as this instance; that it trusts this ledger was asked
/// before the token was opened.
fn trusted(state: &State, presented: &Presented<'_>, trust: &Trust) -> Result<(), TokenRefusal> {
    let sandbox = state.genesis.sandbox;
    match trust {
        Trust::Sandbox if !sandbox => return Err(TokenRefusal::NoTrust),
        Trust::Named(file) if file.instance != *presented.instance => {
            return Err(TokenRefusal::WrongInstance {
                claimed: file.instance.to_string(),
                found: presented.instance.to_string(),
            });
        }
        Trust::Named(file) if file.witnesses > 0 => {
            let text = format!(
                "the trust file wants {} witnesses; this version records none",
                file.witnesses
            );
            return Err(TokenRefusal::Missing { text });
        }
        Trust::Sandbox | Trust::Named(_) => {}
    }
    let found = presented.environment;
    if sandbox && found != Environment::Simulated {
        return Err(TokenRefusal::SandboxElsewhere { found });
    }
    Ok(())
}

/// What has to hold before the instance signs anything: all but its proof of possession.
///
/// # Errors
/// The first reason why not.
pub fn examine(
    state: &State,
    token: &[u8],
    presented: &Presented<'_>,
    trust: &Trust,
    now: UtcTime,
) -> Result<Claims, TokenRefusal> {
    // Before the token: a host that trusts another ledger has no business with this one.
    if let Trust::Named(file) = trust
        && file.ledger != state.fingerprint
    {
        return Err(TokenRefusal::ForeignLedger);
    }
    let claims = open(state, token)?;
    trusted(state, presented, trust)?;
    standing::redeemable(state, &presented.act(&claims)?, now)?;
    Ok(claims)
}

/// Redeems `token` for what is `presented`, with the instance's `proof` of possession.
///
/// # Errors
/// The first reason why not; each has its own.
pub fn redeem(
    state: &State,
    token: &[u8],
    presented: &Presented<'_>,
    proof: &Signed,
    trust: &Trust,
    at: &Moment,
) -> Result<Redemption, TokenRefusal> {
    let claims = examine(state, token, presented, trust, at.now)?;
    let unproven = |why: String| TokenRefusal::NoPossession { why };
    let Act::TokenRedemption(act) = &proof.statement.act else {
        return Err(unproven("it is no redemption".to_owned()));
    };
    if **act != presented.act(&claims)? {
        return Err(unproven("it is about something else".to_owned()));
    }
    check_proof(state, proof, act)?;
    guard::frame(state, proof, at).map_err(|e| unproven(e.to_string()))?;
    Ok(Redemption {
        claims,
        signed: proof.clone(),
    })
}
