//! What a request for TESTNET or LIVE has to bring, checked when it is made.
//!
//! Dwell counts by the smaller of entry time and of what sessions cover; predecessors are the
//! owner's own; what the evidence itself has to be stands in [`super::shown`]. A dwell below the
//! usual length is no refusal: see [`remark`].

use crate::governance::stage::{Stage, Target};
use crate::kernel::time::{DAY_MS, HOUR_MS, UtcTime};

use super::super::refusal::Refusal;
use super::super::state::{Portfolio, State};
use super::super::statement::Request;
use super::Checked;
use super::covered::{Interval, union_ms};
use super::session::of_stay;
use super::shown::{self, Shown};
use crate::kernel::id::PersonId;

/// Usual length of SHADOW and of TESTNET in days; shorter ones are remarked.
pub const USUAL_DAYS: [(Stage, u32); 2] = [(Stage::Shadow, 14), (Stage::Testnet, 28)];

/// Everything that a request by `owner` has to keep beyond order and evidence list.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_request(
    state: &State,
    request: &Request,
    owner: &PersonId,
    size: u64,
    now: UtcTime,
) -> Checked {
    check_predecessors(state, request, owner)?;
    let held = state.portfolios.get(&request.portfolio);
    if let (Target::Testnet | Target::Live, Some(held)) = (request.target, held) {
        check_dwell(state, request, held, now)?;
    }
    shown::check_grounds(state, &Shown::by(request, size))
}

/// Milliseconds that the sessions of the portfolio's present stay cover.
#[must_use]
pub fn covered_ms(state: &State, request: &Request) -> i64 {
    let sessions = of_stay(state, &request.portfolio, request.strategy_sha256);
    let all: Vec<Interval> = sessions.flat_map(|s| s.covered.iter().copied()).collect();
    union_ms(&all)
}

/// Days that a version stays in `stage` at least.
#[must_use]
pub fn dwell_days(state: &State, stage: Stage) -> u32 {
    let rules = &state.rules().request;
    match stage {
        Stage::Shadow => rules.shadow_dwell_days,
        _ => rules.testnet_dwell_days,
    }
}

fn check_dwell(state: &State, request: &Request, held: &Portfolio, now: UtcTime) -> Checked {
    let stage = held.stage_of(request.strategy_sha256);
    let since = held.since_of(request.strategy_sha256);
    let days = dwell_days(state, stage);
    let until = since.unwrap_or(now).plus_days(i64::from(days));
    if now < until {
        return Err(Refusal::DwellNotOver { stage, days, until });
    }
    let covered = covered_ms(state, request);
    if covered < i64::from(days).saturating_mul(DAY_MS) {
        let covered = covered / HOUR_MS;
        return Err(Refusal::SessionTimeShort {
            stage,
            days,
            covered,
        });
    }
    Ok(())
}

/// Predecessors are other portfolios of the same owner, sorted, each once.
fn check_predecessors(state: &State, request: &Request, owner: &PersonId) -> Checked {
    let refuse = |why| Err(Refusal::PredecessorsRefused { why });
    let named = &request.grounds.predecessors;
    if !named.is_sorted_by(|a, b| a < b) {
        return refuse("they are sorted and named once");
    }
    if named.contains(&request.portfolio) {
        return refuse("a portfolio does not precede itself");
    }
    for id in named {
        match state.portfolios.get(id) {
            None => return refuse("one of them is no portfolio of this ledger"),
            Some(held) if held.owner != *owner => {
                return Err(Refusal::PredecessorNotOwned {
                    person: owner.clone(),
                    portfolio: id.clone(),
                    owner: held.owner.clone(),
                });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// A remark on a stay that was shorter than usual; none when it was not.
#[must_use]
pub fn remark(state: &State, request: &Request, now: UtcTime) -> Option<String> {
    if request.target == Target::Shadow {
        return None;
    }
    let held = state.portfolios.get(&request.portfolio)?;
    let stage = held.stage_of(request.strategy_sha256);
    let (stage, usual) = USUAL_DAYS.into_iter().find(|(s, _)| *s == stage)?;
    let entry = now.millis_since(held.since_of(request.strategy_sha256)?);
    let dwell = entry.min(covered_ms(state, request));
    (dwell < i64::from(usual) * DAY_MS).then(|| {
        let days = dwell / DAY_MS;
        format!("{stage} lasted {days} days, {usual} are usual")
    })
}
