//! The guard of a request: who may ask, for which stage, after what happened before.
//!
//! Everything that design calls "checked at the request" stands here; what a stage above SHADOW
//! asks for beyond that stands in [`tracks::rise`].

use std::collections::BTreeSet;

use super::{Moment, raises_risk, stage_before};
use crate::governance::policy::roles::Role;
use crate::governance::promotion::access::fallout::policy_in_doubt;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::risk::in_doubt;
use crate::governance::promotion::state::{Portfolio, RequestRecord, State, Status};
use crate::governance::promotion::statement::{Act, OosRange, Request};
use crate::governance::promotion::tracks::shown::{self, Shown};
use crate::governance::promotion::{access, looks, safety, tracks};
use crate::governance::stage::{Stage, Target};
use crate::kernel::digest::Digest;
use crate::kernel::id::RequestId;
use crate::kernel::text::FREE_TEXT_MAX_BYTES;
use crate::kernel::time::{DAY_MS, UtcTime};

type Checked = Result<(), Refusal>;

/// Checks the request inside `signed`, made in `role`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(state: &State, signed: &Signed, role: Role, at: &Moment) -> Checked {
    let Act::Request(request) = &signed.statement.act else {
        return Err(Refusal::NotAPersonsAct {
            act: signed.statement.act.kind(),
        });
    };
    if role != Role::Research {
        return Err(Refusal::ActNotForRole {
            act: "request",
            role: role.to_string(),
        });
    }
    let held = state.portfolios.get(&request.portfolio);
    check_owner(signed, request, held)?;
    check_words(request)?;
    check_policy(state, request)?;
    safety::rise::check_request(state, request, signed.statement.head.size, at.now)?;
    let seen = signed.statement.head.size;
    shown::check_list(state, &Shown::by(request, seen))?;
    check_order(held, request.strategy_sha256, request.target)?;
    check_fallback(request)?;
    tracks::rise::check_request(
        state,
        request,
        &signed.statement.signer.person,
        seen,
        at.now,
    )?;
    access::check_instance(state, request)?;
    check_open(state, request)?;
    check_number(state, request)?;
    check_revision(state, request)?;
    check_cool_off(state, request, at.now)
}

/// What held when `record` was submitted and may have given way since. Its words, its number, what
/// it revises, the dwell and the sessions that it names were judged by the ledger as it stood then:
/// they do not change, and sessions that went on since are no part of what it shows. What ends an
/// open request (a halt, another policy set, a revoked bundle) has ended it already.
///
/// # Errors
/// The first rule that it breaks at `now`.
pub fn check_again(state: &State, record: &RequestRecord, now: UtcTime) -> Checked {
    let request = &record.request;
    raises_risk(state)?;
    if let Some(seq) = policy_in_doubt(state) {
        return Err(in_doubt(state, seq));
    }
    check_policy(state, request)?;
    safety::rise::check_request(state, request, u64::MAX, now)?;
    let seen = record.mark.seq;
    shown::check_list(state, &Shown::by(request, seen))?;
    let held = state.portfolios.get(&request.portfolio);
    check_order(held, request.strategy_sha256, request.target)?;
    access::check_instance(state, request)?;
    check_cool_off(state, request, now)
}

fn check_owner(signed: &Signed, request: &Request, held: Option<&Portfolio>) -> Checked {
    let person = &signed.statement.signer.person;
    match held {
        Some(held) if held.owner != *person => Err(Refusal::NotOwner {
            person: person.clone(),
            portfolio: request.portfolio.clone(),
            owner: held.owner.clone(),
        }),
        Some(held) if held.profile != request.profile => Err(Refusal::ProfileChanged {
            held: held.profile.clone(),
        }),
        _ => Ok(()),
    }
}

fn check_words(request: &Request) -> Checked {
    let too_long = |text: &String| text.len() > FREE_TEXT_MAX_BYTES;
    for (field, text) in [
        ("summary", &request.summary),
        ("fallback", &request.fallback),
    ] {
        if too_long(text) {
            return Err(Refusal::TextTooLong { field });
        }
    }
    for (field, texts) in [("next", &request.next), ("reports", &request.reports)] {
        if texts.len() > 32 || texts.iter().any(too_long) {
            return Err(Refusal::TextTooLong { field });
        }
    }
    match request.materiality.as_str() {
        "material" | "immaterial" => Ok(()),
        _ => Err(Refusal::MaterialityUnknown),
    }
}

/// What is to run with real money names its way back before anybody decides about it.
///
/// # Errors
/// `fallback-wanted`: the target is LIVE, and the fallback is empty or blank.
pub fn check_fallback(request: &Request) -> Checked {
    match request.target {
        Target::Live if request.fallback.trim().is_empty() => Err(Refusal::FallbackWanted),
        Target::Shadow | Target::Testnet | Target::Live => Ok(()),
    }
}

/// What the command line of a request for `target` names beyond portfolio, target, evidence and
/// summary, with a placeholder: printed commands must not lead into a refusal.
#[must_use]
pub fn further_flags(target: Target) -> &'static str {
    match target {
        Target::Shadow | Target::Testnet => "",
        Target::Live => " --fallback TEXT",
    }
}

fn check_policy(state: &State, request: &Request) -> Checked {
    if request.policy_sha256 != state.policy.digest() {
        return Err(Refusal::PolicyNotInForce);
    }
    if state.policy.policy(&request.profile).is_none() {
        return Err(Refusal::NoPolicy {
            profile: request.profile.clone(),
        });
    }
    match state.quorum(request.target) {
        Some(_) => Ok(()),
        None => Err(Refusal::NoQuorum {
            preset: state.genesis.preset.clone(),
            target: request.target,
        }),
    }
}

/// Stages rise one at a time. A changed strategy climbs from RESEARCH as a new version, while the
/// running version keeps its stage (see [`crate::governance::promotion::versions`]).
///
/// # Errors
/// `stage-order`, `already-granted`.
pub fn check_order(held: Option<&Portfolio>, strategy: Digest, target: Target) -> Checked {
    let order = |from| Err(Refusal::StageOrder { from, target });
    let Some(held) = held else {
        return match target {
            Target::Shadow => Ok(()),
            Target::Testnet | Target::Live => order(Stage::Research),
        };
    };
    if held.stage == Stage::Retired {
        return order(Stage::Retired);
    }
    match (held.stage_of(strategy), target) {
        (Stage::Research, Target::Shadow)
        | (Stage::Shadow, Target::Testnet)
        | (Stage::Testnet, Target::Live) => Ok(()),
        (stage, target) if stage == target.stage() => Err(Refusal::AlreadyGranted { stage }),
        // Another version stands where this one would have to come from.
        (Stage::Research, Target::Testnet | Target::Live)
            if held.version_at(stage_before(target)).is_some() =>
        {
            Err(Refusal::StrategyChanged)
        }
        // Nothing of this version was granted: told from where the portfolio stands.
        (Stage::Research, Target::Testnet | Target::Live) => order(held.stage),
        (stage @ (Stage::Shadow | Stage::Testnet | Stage::Live | Stage::Retired), _) => {
            order(stage)
        }
    }
}

fn check_open(state: &State, request: &Request) -> Checked {
    let open = state.open_request(&request.portfolio);
    match (open, &request.supersedes) {
        (None, None) => Ok(()),
        (Some(open), Some(named)) if open.request.request == *named => Ok(()),
        (_, Some(named)) => Err(Refusal::SupersedesNothing {
            request: named.clone(),
        }),
        (Some(open), None) => Err(Refusal::OpenRequest {
            request: open.request.request.clone(),
        }),
    }
}

fn check_number(state: &State, request: &Request) -> Checked {
    match state.next_request_id(&request.portfolio) {
        Ok(next) if next == request.request => Ok(()),
        Ok(next) => Err(Refusal::RequestIdNotNext {
            wanted: next.to_string(),
        }),
        Err(_) => Err(Refusal::RequestIdNotNext {
            wanted: "none: the portfolio's name is longer than 59 characters".to_owned(),
        }),
    }
}

/// After a REVISE the next request for that target names what it revises.
fn check_revision(state: &State, request: &Request) -> Checked {
    let judged = |r: &&RequestRecord| {
        r.request.target == request.target
            && matches!(
                r.status,
                Status::Revise | Status::Rejected | Status::Promoted
            )
    };
    let last = state.history(&request.portfolio).filter(judged).last();
    let wanted = last
        .filter(|r| r.status == Status::Revise)
        .map(|r| &r.request.request);
    match (wanted, &request.revises) {
        (None, None) => Ok(()),
        (Some(wanted), Some(named)) if wanted == named => Ok(()),
        (_, Some(named)) => Err(Refusal::RevisesNothing {
            request: named.clone(),
        }),
        (Some(wanted), None) => Err(Refusal::MustRevise {
            request: wanted.clone(),
        }),
    }
}

/// After a REJECT: a pause, and something new. It follows the portfolio, those that it continues
/// and the strategy digest, so that another name does not help.
fn check_cool_off(state: &State, request: &Request, now: UtcTime) -> Checked {
    let days = state.rules().request.cool_off_days;
    let same = state.by_strategy.get(&request.strategy_sha256);
    let declared = &request.grounds.predecessors;
    let lineage = looks::lineage(state, &request.portfolio, declared, u64::MAX);
    let held = lineage.iter().filter_map(|id| state.portfolios.get(id));
    let own = held.flat_map(|held| &held.requests);
    let ids: BTreeSet<&RequestId> = same.into_iter().flatten().chain(own).collect();
    let records = ids.into_iter().filter_map(|id| state.requests.get(id));
    for record in records.filter(|record| record.status == Status::Rejected) {
        let ended = record.end.as_ref().map_or(record.mark.time, |e| e.time);
        let until = ended.plus_days(i64::from(days));
        let id = record.request.request.clone();
        if now < until {
            return Err(Refusal::CoolOff { request: id, until });
        }
        let same = record.request.strategy_sha256 == request.strategy_sha256;
        if same && !is_longer(record.request.oos, request.oos, days) {
            return Err(Refusal::NothingNew { request: id, days });
        }
    }
    Ok(())
}

/// Longer by `days`, at its end: earlier history added in front is not new data.
fn is_longer(before: Option<OosRange>, after: Option<OosRange>, days: u32) -> bool {
    let Some(after) = after else { return false };
    let Some(before) = before else { return true };
    let days = i64::from(days).saturating_mul(DAY_MS);
    let length = |r: OosRange| r.last.millis_since(r.first);
    after.last.millis_since(before.last) >= days && length(after) - length(before) >= days
}
