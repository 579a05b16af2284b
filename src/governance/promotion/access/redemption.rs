//! Redemption as the ledger sees it: the guard of the entry by which a token is used, and what it
//! changes.
//!
//! The instance signs what it is about to run, over a nonce and the head it saw: that is its proof
//! of possession. A number is used once, whoever comes second is refused. What the host alone knows
//! (the token's bytes, its trust file) is checked by `token::redeem` before this.

use crate::governance::token::refusal::TokenRefusal;
use crate::governance::token::standing;

use super::super::event::Signed;
use super::super::guard::{self, Moment};
use super::super::refusal::Refusal;
use super::super::state::{Mark, State};
use super::acts::TokenRedemption;

/// Checks the redemption inside `signed`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(
    state: &State,
    signed: &Signed,
    act: &TokenRedemption,
    at: &Moment,
) -> Result<(), Refusal> {
    let no = |reason| Refusal::Token { reason };
    standing::redeemable(state, act, at.now).map_err(no)?;
    check_proof(state, signed, act).map_err(no)?;
    guard::frame(state, signed, at)
}

/// The statement is signed by the enrolled key of the instance that it names.
///
/// # Errors
/// When it is not.
pub fn check_proof(
    state: &State,
    signed: &Signed,
    act: &TokenRedemption,
) -> Result<(), TokenRefusal> {
    let unproven = |why: String| TokenRefusal::NoPossession { why };
    let envelope = signed
        .check_single_signature()
        .map_err(|e| unproven(e.to_string()))?;
    let signer = &signed.statement.signer;
    let card = state.access.instances.get(&act.instance).map(|i| &i.card);
    let own = card.is_some_and(|card| card.public_key == envelope.key);
    if own && signer.role == "instance" && signer.person.as_str() == act.instance.as_str() {
        Ok(())
    } else {
        Err(unproven("it is not by the instance's key".to_owned()))
    }
}

/// Notes that the token was used.
pub fn effect(state: &mut State, act: &TokenRedemption, mark: Mark) {
    if let Some(token) = state.access.tokens.get_mut(&act.jti) {
        token.redeemed = Some(mark);
    }
}
