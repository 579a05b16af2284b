//! Tokens: issued by ops, looked at, taken back.
//!
//! Before one is issued the whole ledger is verified, blobs and verdicts included. The ledger keeps
//! its number and the digest of its claims; the token leaves this process after the commit, once.

use std::path::Path;

use super::records::TokenJson;
use super::signing::{number, record, record_if, refused, signers};
use crate::app::audit::verify_ledger;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::World;
use crate::app::gate::desk::Desk;
use crate::app::gate::signing::{How, Made};
use crate::evidence::limits::Limits;
use crate::governance::audit::entry::Entry;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::access::acts::{TokenIssue, TokenRevocation};
use crate::governance::promotion::access::issue::{Wish, claims};
use crate::governance::promotion::access::missing_token::{live_decision, missing_token};
use crate::governance::promotion::access::{Token, only_instance};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::Act;
use crate::governance::token::claims::seal;
use crate::governance::token::redeem::open;
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PortfolioId};
use crate::kernel::pubkey::PublicKey;
use crate::kernel::text::visible;

/// A token as it is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// For which portfolio.
    pub portfolio: PortfolioId,
    /// For which instance; the only enrolled one by default.
    pub instance: Option<InstanceId>,
    /// Minutes in which it can be redeemed.
    pub ttl_minutes: i64,
}

/// Refuses a ledger that does not verify, all of it.
///
/// # Errors
/// Exit 9 with the first finding.
pub async fn verified(ledger: &Path) -> Result<(), Failure> {
    let seen = verify_ledger(ledger).await?;
    match seen.findings.first() {
        None => Ok(()),
        Some(first) => {
            let count = seen.findings.len();
            let text = format!(
                "the ledger does not verify ({count} findings): {}",
                first.message
            );
            Err(Failure::new(Exit::Integrity, "ledger.findings", text)
                .hint("`promote ledger verify` shows every finding"))
        }
    }
}

/// Issues a token. With a statement to be signed elsewhere nothing is recorded yet.
///
/// # Errors
/// Exit 8 with what is missing, exit 4 when the signer or the instance does not fit.
pub async fn issue(
    desk: &mut Desk,
    ask: &Ask,
    how: &How,
    world: World<'_>,
) -> Result<(Made, Option<TokenJson>), Failure> {
    desk.raises_risk()?;
    let missing = missing_token(&desk.state, &ask.portfolio, desk.now);
    if !missing.is_empty() {
        return Err(refused(&Refusal::Pending { missing }));
    }
    let key = desk.token_key()?;
    let instance = match &ask.instance {
        Some(name) => name.clone(),
        None => only_instance(&desk.state).ok_or_else(which_instance)?,
    };
    let limits = approved_limits(desk, &ask.portfolio).await?;
    let World { entropy, show } = world;
    let words = ["token", ask.portfolio.as_str(), instance.as_str()];
    let jti = number(desk, &words, entropy)?;
    let act = {
        let wish = Wish {
            jti: &jti,
            portfolio: &ask.portfolio,
            instance: &instance,
            ttl_minutes: ask.ttl_minutes,
            limits: &limits,
        };
        let times = (desk.now, desk.now);
        let derived = claims(&desk.state, wish, desk.head(), times).map_err(|e| refused(&e))?;
        let digest = derived
            .digest()
            .map_err(|e| Failure::from_error(Exit::Internal, "token.claims", "", &e))?;
        Act::TokenIssue(Box::new(TokenIssue {
            jti,
            portfolio: ask.portfolio.clone(),
            instance: instance.clone(),
            ttl_minutes: ask.ttl_minutes,
            limits,
            claims_sha256: digest,
        }))
    };
    let fits = |found: &Act| match found {
        Act::TokenIssue(found) => {
            found.portfolio == ask.portfolio
                && found.instance == instance
                && found.ttl_minutes == ask.ttl_minutes
        }
        _ => false,
    };
    let named = |state: &State, keys: &[PublicKey]| signers(state, keys, &[Role::Ops]);
    let world = World { entropy, show };
    let (made, written) = record_if(desk, || Ok(act), fits, named, how, world).await?;
    let Some(entry) = written.first() else {
        return Ok((made, None));
    };
    let mut tokens = desk.state.access.tokens.values();
    let token = tokens.find(|token| token.mark.leaf == entry.leaf_hash);
    let claims = &token.ok_or_else(unknown)?.claims;
    let sign = |bytes: &[u8]| key.sign_raw(bytes);
    let text = seal(claims, &key.public(), &sign)
        .map_err(|e| Failure::from_error(Exit::Internal, "token.claims", "", &e))?;
    let json = TokenJson {
        schema: "promote/token/v1",
        token: text,
        jti: claims.jti.clone(),
        expires_at: claims.exp,
        portfolio: claims.portfolio.clone(),
        instance: claims.instance.clone(),
        limits: claims.limits.clone(),
        seq: entry.seq,
        leaf: entry.leaf_hash,
    };
    Ok((made, Some(json)))
}

fn which_instance() -> Failure {
    let text = "which instance? there is not exactly one that is enrolled";
    Failure::new(Exit::Usage, "usage.instance", text)
        .hint("name it with --instance NAME; `promote instance list` shows them")
}

fn unknown() -> Failure {
    Failure::new(Exit::Internal, "token.unknown", "the token was not noted")
}

/// The limits that the approvals of the LIVE decision name, from the ledger's blobs.
async fn approved_limits(desk: &mut Desk, portfolio: &PortfolioId) -> Result<Limits, Failure> {
    let decided = live_decision(&desk.state, portfolio).map(|d| d.mark.leaf);
    let digest = desk.state.history(portfolio).find_map(|record| {
        let by = record.end.as_ref()?.by.as_ref()?;
        (Some(by.leaf) == decided).then_some(record.request.limits_sha256)
    });
    let gone = || {
        let text = "the ledger does not keep the execution limits that were approved";
        Failure::new(Exit::Integrity, "limits.gone", text)
    };
    let digest: Digest = digest.ok_or_else(gone)?;
    let bytes = desk.blob(&digest).await?.ok_or_else(gone)?;
    Limits::decode(&bytes).map_err(|e| {
        let doing = "the approved execution limits cannot be enforced";
        Failure::from_error(Exit::Invalid, "limits.invalid", doing, &e)
    })
}

/// The token that `which` names: its number, or the token itself, which is checked then.
///
/// # Errors
/// When it is no token of this ledger.
pub fn named<'s>(state: &'s State, which: &str) -> Result<&'s Token, Failure> {
    let jti = if which.starts_with("v4.") {
        let token = which.trim_end_matches(['\r', '\n']);
        open(state, token.as_bytes())
            .map_err(|reason| crate::app::gate::failures::token(&reason))?
            .jti
    } else {
        which.to_owned()
    };
    state.access.tokens.get(&jti).ok_or_else(|| {
        let text = format!("the ledger issues no token `{}`", visible(&jti, 40));
        Failure::new(Exit::Integrity, "token-unknown", text).hint("`promote token list` shows them")
    })
}

/// Takes a token back.
///
/// # Errors
/// When it is refused.
pub async fn revoke(
    desk: &mut Desk,
    jti: &str,
    comment: &str,
    how: &How,
    world: World<'_>,
) -> Result<(Made, Vec<Entry>), Failure> {
    crate::kernel::text::check_free_text("comment", comment)
        .map_err(|e| Failure::from_error(Exit::Usage, "usage.text", "", &e))?;
    let act = Act::TokenRevocation(TokenRevocation {
        jti: jti.to_owned(),
        comment: comment.to_owned(),
    });
    let roles = [Role::Ops, Role::Risk];
    record(
        desk,
        act,
        |state, keys| signers(state, keys, &roles),
        how,
        world,
    )
    .await
}
